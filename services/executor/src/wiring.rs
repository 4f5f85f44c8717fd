//! Which subjects the executor hears, and how it is started.

use std::process::ExitCode;

use bus::{Identity, subjects};
use domain::ids::Module;
use domain::mode::Mode;
use runtime::{BEAT, Node};
use tracing::{info, warn};

use crate::{Executor, ExecutorConfig};

const SERVICE: &str = "executor";
const TAG: &str = "EXIT_BRAIN_EXECUTOR";

/// Everything that a decision may look at, and what is said to the executor itself.
#[must_use]
pub fn patterns() -> Vec<String> {
    let denied = subjects::denied_to(&Module::ExitExecutor);
    [
        subjects::all_first_marks().as_str(),
        subjects::all_marks().as_str(),
        subjects::all_contexts().as_str(),
        subjects::risk().as_str(),
        subjects::all_positions().as_str(),
        subjects::all_plans().as_str(),
        subjects::all_events().as_str(),
        denied.as_str(),
        subjects::mode().as_str(),
        subjects::kill().as_str(),
        subjects::flatten().as_str(),
        subjects::all_health().as_str(),
    ]
    .map(String::from)
    .to_vec()
}

/// Runs the service until a stop is asked for.
#[must_use]
pub fn run() -> ExitCode {
    runtime::serve(SERVICE, Identity::Executor, patterns(), |node| {
        let policy = runtime::policy::in_force(&node.config.policy)?;
        let mode = node.flags.resolve();
        if node.flags.is_exit_executor_live_mode() && mode == Mode::Shadow {
            warn!(
                tag = TAG,
                executor_mode = %node.flags.executor_mode,
                rollout = %node.flags.rollout,
                "EXIT_EXECUTOR_MODE=LIVE but not all flags align. Forcing SHADOW mode for safety."
            );
        }
        announce(node, mode);
        let instance = node.instance.clone();
        let executor = Executor::new(ExecutorConfig {
            instance,
            flags: node.flags,
            boot: node.boot,
            holder: node.holder(),
            policy,
        });
        Ok(executor.with_pulse(node.pulse()))
    })
}

/// What the owner's operators look for at a start.
fn announce(node: &Node, mode: Mode) {
    let flags = &node.flags;
    info!(
        tag = TAG,
        effective_mode = %mode,
        exit_mode = %flags.exit_mode,
        exit_executor_mode = %flags.executor_mode,
        exit_brain_v3_live_rollout = %flags.rollout,
        "initialized"
    );
    if mode == Mode::Live {
        warn!(tag = TAG, "LIVE MODE ACTIVE");
    }
    let interval = format!("{}.{}s", BEAT.as_secs(), BEAT.subsec_millis() / 100);
    info!(tag = TAG, interval, effective_mode = %mode, "starting monitoring loop");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bus_lets_it_hear_everything_that_it_asks_for() {
        for pattern in patterns() {
            assert!(
                bus::map::may_hear(Identity::Executor, &pattern),
                "{pattern}"
            );
        }
    }
}
