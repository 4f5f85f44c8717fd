//! The bus's policy follows a kill: what `bus apply` does, and what came of it.

use std::path::Path;

use ::bus::policy::Policy;
use serde::Serialize;
use tokio::time::Instant;

use crate::answer::{Trouble, code};
use crate::cli::{Cli, Kill};
use crate::command::bus::apply::Draft;
use crate::command::bus::verify::{Told, millis};

/// What came of the policy.
#[derive(Serialize)]
pub struct Reversal {
    pub in_force: bool,
    /// From the command until the canaries have proven it.
    pub in_force_after_ms: Option<u64>,
    pub text: String,
    #[serde(skip)]
    pub code: u8,
}

/// The server's next file.
///
/// # Errors
/// As [`Draft::new`].
pub fn draft<'a>(order: &Kill, config: &'a Path) -> Result<Draft<'a>, Trouble> {
    let policy: Policy = order.to.into();
    Draft::new(policy, config, &order.program.nats_server, &order.bus)
}

/// Puts the policy of the mode below in force, and proves it. What goes wrong is told, and undoes
/// nothing of the kill.
pub async fn reverse(order: &Kill, config: &Path, cli: &Cli, begin: Instant) -> Reversal {
    let applied = match draft(order, config) {
        Ok(draft) => draft.put_in_force(&order.bus, cli.timeout).await,
        Err(trouble) => Err(trouble),
    };
    let after = begin.elapsed();
    match applied {
        Ok(Told { in_force, text, .. }) => Reversal {
            in_force,
            in_force_after_ms: in_force.then(|| millis(after)),
            text: format!("Policy of the bus, {after:.1?} after the command: {text}"),
            code: if in_force { code::OK } else { code::CONDITION },
        },
        Err(trouble) => Reversal {
            in_force: false,
            in_force_after_ms: None,
            text: format!(
                "Policy of the bus: {trouble}; the mode counts all the same, put the policy right \
                 with: exitctl bus apply"
            ),
            code: trouble.code(),
        },
    }
}
