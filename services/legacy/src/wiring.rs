//! How the chosen incumbents are started: one process, each with a connection of its own.

use std::process::ExitCode;

use domain::Module;
use domain::policy::Policy;
use runtime::{ConfigError, Node, Part};

use crate::actor::Incumbent;
use crate::roles::Role;

/// Their name in heartbeats and logs; the instance is the module.
pub const SERVICE: &str = "legacy";

/// Runs the service until a stop is asked for, or until one of the incumbents fails.
#[must_use]
pub fn run() -> ExitCode {
    runtime::serve_parts(SERVICE, |node| {
        let policy = runtime::policy::in_force(&node.config.policy)?;
        let modules = node.config.legacy.modules.iter();
        let parts: Result<_, ConfigError> =
            modules.map(|module| part(node, module, &policy)).collect();
        Ok(parts?)
    })
}

fn part(node: &Node, module: &Module, policy: &Policy) -> Result<Part<Incumbent>, ConfigError> {
    let role = Role::of(module).ok_or_else(|| unknown(module))?;
    let node = node.part(module.name());
    let actor = Incumbent::new(role, node.flags, node.boot, policy.clone());
    let actor = actor.with_pulse(node.pulse());
    Ok(Part {
        node,
        identity: role.identity,
        patterns: role.patterns(),
        actor,
    })
}

fn unknown(module: &Module) -> ConfigError {
    ConfigError::Key {
        key: "legacy.modules".into(),
        place: "the configuration".into(),
        reason: format!("{:?} is no incumbent of this build", module.name()),
    }
}
