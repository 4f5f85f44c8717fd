//! What the market service hears, and how its two sides are tied together.

use std::sync::Arc;

use bus::{Identity, subjects};
use runtime::{Failure, Node};
use tokio::sync::{mpsc, watch};

use crate::actor::Market;
use crate::drive::{Sides, run};
use crate::route::Route;
use crate::stream::{self, QUEUE_MAX};

/// Its name in heartbeats and logs.
pub const SERVICE: &str = "market";

/// The subjects that it listens to.
#[must_use]
pub fn patterns() -> Vec<String> {
    vec![
        subjects::all_positions().as_str().into(),
        subjects::mode().as_str().into(),
    ]
}

/// Connects both sides and runs until a stop is asked for.
///
/// # Errors
/// Where the bus can't be reached, or is gone for good.
pub async fn start(node: Node) -> Result<(), Failure> {
    let settings = &node.config.market;
    let mut actor = Market::new(&node.instance, node.flags, node.boot, &settings.symbols)
        .with_pulse(node.pulse());
    let client = Arc::new(node.connect(Identity::Market).await?);
    let inbox = client.inbox(&patterns()).await?;
    let (wanted, symbols) = watch::channel(actor.symbols());
    let (sender, frames) = mpsc::channel(QUEUE_MAX);
    let follow =
        |route, sender| stream::follow(settings.ws_url.clone(), route, symbols.clone(), sender);
    // One task: where one of the two fails for good, the loop sees it and ends.
    let (marks, books) = (
        follow(Route::Market, sender.clone()),
        follow(Route::Public, sender),
    );
    let streaming = tokio::spawn(async move { tokio::join!(marks, books) });
    let lane = Arc::clone(&client);
    let send = move |message| runtime::start::say(&lane, message);
    let sides = Sides {
        inbox,
        frames,
        wanted,
        tracer: node.tracer.clone(),
    };
    let ended = run(&mut actor, sides, send, runtime::now, node.shutdown()).await;
    streaming.abort();
    client.flush().await?;
    ended.map_err(Failure::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bus_lets_it_hear_everything_that_it_asks_for() {
        for pattern in patterns() {
            assert!(bus::map::may_hear(Identity::Market, &pattern), "{pattern}");
        }
    }
}
