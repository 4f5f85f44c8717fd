//! What the planner hears, and how it is started.

use std::process::ExitCode;

use bus::{Identity, subjects};

use crate::actor::Planner;

/// Its name in heartbeats and logs.
pub const SERVICE: &str = "planner";

/// The subjects that it listens to.
#[must_use]
pub fn patterns() -> Vec<String> {
    vec![
        subjects::all_positions().as_str().into(),
        subjects::all_marks().as_str().into(),
        subjects::all_contexts().as_str().into(),
        subjects::all_rl().as_str().into(),
        subjects::risk().as_str().into(),
        subjects::mode().as_str().into(),
        subjects::all_plan_requests().as_str().into(),
    ]
}

/// Runs the service until a stop is asked for.
#[must_use]
pub fn run() -> ExitCode {
    runtime::serve(SERVICE, Identity::Planner, patterns(), |node| {
        let policy = runtime::policy::in_force(&node.config.policy)?;
        let planner = Planner::new(&node.instance, node.flags, node.boot, policy);
        Ok(planner.with_pulse(node.pulse()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bus_lets_it_hear_everything_that_it_asks_for() {
        for pattern in patterns() {
            assert!(bus::map::may_hear(Identity::Planner, &pattern), "{pattern}");
        }
    }
}
