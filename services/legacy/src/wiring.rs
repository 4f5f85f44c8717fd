//! What the incumbent modules hear, and how they are started.

use std::process::ExitCode;

use bus::{Identity, subjects};
use domain::Module;

use crate::position_monitor::PositionMonitor;

/// Their name in heartbeats and logs.
pub const SERVICE: &str = "legacy";
/// The monitor's name among them.
pub const INSTANCE: &str = "position_monitor";

/// The subjects that the position monitor listens to.
#[must_use]
pub fn patterns() -> Vec<String> {
    vec![
        subjects::all_positions().as_str().into(),
        subjects::all_marks().as_str().into(),
        subjects::all_events().as_str().into(),
        subjects::denied_to(&Module::PositionMonitor)
            .as_str()
            .into(),
        subjects::all_health().as_str().into(),
        subjects::mode().as_str().into(),
        subjects::kill().as_str().into(),
    ]
}

/// Runs the service until a stop is asked for.
#[must_use]
pub fn run() -> ExitCode {
    runtime::serve(SERVICE, Identity::PositionMonitor, patterns(), |node| {
        // Each incumbent heartbeats in its own name: the only one that the bus allows it.
        let mut named = node.clone();
        named.instance = INSTANCE.into();
        Ok(PositionMonitor::new(node.flags, node.boot).with_pulse(named.pulse()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bus_lets_it_hear_everything_that_it_asks_for() {
        for pattern in patterns() {
            assert!(
                bus::map::may_hear(Identity::PositionMonitor, &pattern),
                "{pattern}"
            );
        }
    }
}
