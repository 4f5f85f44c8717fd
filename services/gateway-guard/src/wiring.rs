//! Which subjects the guard hears, and its two ways out: the account that all services share, and
//! the one in which only approvals travel.

use std::process::ExitCode;

use bus::{Identity, Message, keys, subjects};
use runtime::{Failure, Node, actor, clock, start};

use crate::{Guard, GuardConfig};

const SERVICE: &str = "gateway-guard";

/// Intents, positions, who is alive, and the operator's kill.
#[must_use]
pub fn patterns() -> Vec<String> {
    [
        subjects::all_intents().as_str(),
        subjects::all_blocked().as_str(),
        subjects::all_positions().as_str(),
        subjects::all_health().as_str(),
        subjects::kill().as_str(),
    ]
    .map(String::from)
    .to_vec()
}

/// Runs the service until a stop is asked for.
#[must_use]
pub fn run() -> ExitCode {
    runtime::main(SERVICE, serve)
}

async fn serve(node: Node) -> Result<(), Failure> {
    let key = keys::approval_signer(&node.config.bus.keys_dir)?;
    let trade = node.connect(Identity::GuardTrade).await?;
    let orders = node.connect(Identity::GuardOut).await?;
    let inbox = trade.inbox(&patterns()).await?;
    let mut guard = Guard::new(GuardConfig {
        instance: node.instance.clone(),
        flags: node.flags,
        boot: node.boot,
        key,
    });
    let send = async |message: Message| {
        let is_approval = message.subject.starts_with("order.approved.");
        let lane = if is_approval { &orders } else { &trade };
        start::publish(lane, message).await;
    };
    let ended = actor::run(&mut guard, inbox, send, clock::now, node.shutdown()).await;
    start::flush(&orders).await?;
    start::finish(&trade, ended).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bus_lets_it_hear_everything_that_it_asks_for() {
        for pattern in patterns() {
            assert!(
                bus::map::may_hear(Identity::GuardTrade, &pattern),
                "{pattern}"
            );
        }
    }
}
