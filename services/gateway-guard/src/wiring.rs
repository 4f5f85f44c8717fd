//! Which subjects the guard hears, and its two ways out: the account that all services share, and
//! the one in which only approvals travel.

use std::process::ExitCode;
use std::sync::Arc;

use bus::{Client, Identity, LeaseStore, keys, subjects};
use domain::Span;
use domain::lease::LeaseKey;
use futures_util::future::{self, Either};
use runtime::actor::Outside;
use runtime::{Effect, Failure, Node, actor, clock, lease, start};

use crate::{Guard, GuardConfig};

const SERVICE: &str = "gateway-guard";
/// A standby acts within this and a sixth more after the last sign of life; longer than an intent
/// is valid (2 s), so that nothing which a paused guard still says is worth anything.
pub const LEASE_TIME: Span = Span::from_secs(3);

/// Intents, positions, who is alive, the operator's kill, and what another guard says.
#[must_use]
pub fn patterns() -> Vec<String> {
    [
        subjects::all_intents().as_str(),
        subjects::all_blocked().as_str(),
        subjects::all_positions().as_str(),
        subjects::all_health().as_str(),
        subjects::kill().as_str(),
        subjects::mode().as_str(),
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
    let trade = Arc::new(node.connect(Identity::GuardTrade).await?);
    let orders = Arc::new(node.connect(Identity::GuardOut).await?);
    let inbox = trade.inbox(&patterns()).await?;
    let mut guard = Guard::new(GuardConfig {
        instance: node.instance.clone(),
        flags: node.flags,
        boot: node.boot,
        ownership: node.ownership(LeaseKey::Guard, LEASE_TIME),
        key,
    })
    .with_pulse(node.pulse());
    let (port, answers) = lease::open(LeaseStore::new(Client::clone(&trade)));
    let (for_approvals, for_words) = (Arc::clone(&orders), Arc::clone(&trade));
    let asker = port.asker().clone();
    let send = move |effect: Effect| match effect {
        Effect::Say(message) => {
            let is_approval = message.subject.starts_with("order.approved.");
            let lane = if is_approval {
                &for_approvals
            } else {
                &for_words
            };
            Either::Left(start::say(lane, message))
        }
        Effect::Lease(request) => {
            asker.ask(request);
            Either::Right(future::ready(()))
        }
    };
    let stop = node.shutdown();
    let outside = Outside {
        inbox,
        answers,
        tracer: node.tracer.clone(),
        // It asks for nothing.
        intents_refused: Box::new(|| 0),
    };
    let ended = actor::run_leased(&mut guard, outside, send, clock::now, stop).await;
    port.close().await;
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
