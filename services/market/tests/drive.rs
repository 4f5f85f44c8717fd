//! The loop: when what an input called for leaves.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use bus::Message;
use domain::mode::Flags;
use domain::{Symbol, Timestamp};
use futures_util::stream;
use market::drive::{Sides, run};
use market::{Market, MarketInput};
use runtime::{Shutdown, Tracer};
use tokio::sync::{mpsc, watch};
use tokio::time::{self, Instant};

const START: i64 = 1_795_178_173_912;

/// What was said until a stop `after` so many frames had been taken up, and how long after the
/// beginning. Time stands still while there is something to do.
async fn said(frames: &[&str], after: Duration) -> Vec<(String, Duration)> {
    let symbols = [Symbol::new("BTCUSDT").unwrap()];
    let mut market = Market::new("one", Flags::default(), 1, &symbols);
    let (sender, receiver) = mpsc::channel(8);
    for frame in frames {
        let frame = MarketInput::Frame((*frame).into());
        sender.send(frame).await.unwrap();
    }
    let sides = Sides {
        inbox: stream::pending(),
        frames: receiver,
        wanted: watch::channel(BTreeSet::new()).0,
        tracer: Tracer::off(),
    };
    let begin = Instant::now();
    let said = RefCell::new(Vec::new());
    let send = async |message: Message| {
        said.borrow_mut().push((message.subject, begin.elapsed()));
    };
    let shutdown = Shutdown::new();
    let stop = async {
        time::sleep(after).await;
        shutdown.request();
    };
    let clock = || Timestamp::from_millis(START);
    let (ended, ()) = tokio::join!(run(&mut market, sides, send, clock, shutdown.clone()), stop);
    assert_eq!(ended, Ok(()));
    let mut said = said.into_inner();
    // A beat says its own.
    said.retain(|(subject, _)| {
        ["market.first.", "market.mark."]
            .iter()
            .any(|begin| subject.starts_with(begin))
    });
    said
}

fn mark(price: &str) -> String {
    format!(r#"{{"e":"markPriceUpdate","E":{START},"s":"BTCUSDT","p":"{price}"}}"#)
}

#[tokio::test(start_paused = true)]
async fn a_mark_leaves_at_once_for_whoever_acts_and_a_moment_later_for_all_others() {
    let said = said(&[&mark("60000")], Duration::from_millis(50)).await;
    let told: Vec<(&str, Duration)> = said
        .iter()
        .map(|(subject, at)| (subject.as_str(), *at))
        .collect();
    let [first, mark] = told[..] else {
        panic!("{told:?}");
    };
    assert_eq!(first, ("market.first.BTCUSDT", Duration::ZERO));
    assert_eq!(mark.0, "market.mark.BTCUSDT");
    let moment = Duration::from_millis(1)..=Duration::from_millis(10);
    assert!(moment.contains(&mark.1), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_put_aside_holds_no_other_mark_up_and_keeps_its_order() {
    let marks = [mark("60000"), mark("60001")];
    let said = said(&[&marks[0], &marks[1]], Duration::from_millis(50)).await;
    let subjects: Vec<&str> = said.iter().map(|(subject, _)| subject.as_str()).collect();
    assert_eq!(
        subjects,
        [
            "market.first.BTCUSDT",
            "market.first.BTCUSDT",
            "market.mark.BTCUSDT",
            "market.mark.BTCUSDT",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_put_aside_is_said_before_a_stop() {
    let said = said(&[&mark("60000")], Duration::from_micros(10)).await;
    let subjects: Vec<&str> = said.iter().map(|(subject, _)| subject.as_str()).collect();
    assert_eq!(subjects, ["market.first.BTCUSDT", "market.mark.BTCUSDT",]);
}
