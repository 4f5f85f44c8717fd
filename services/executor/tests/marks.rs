//! Bad marks: neither extreme numbers nor a date in the future may stop or blind the executor.
#![allow(clippy::unwrap_used, reason = "a test may")]

use bus::Heard;
use domain::market::MarkTick;
use domain::mode::Flags;
use domain::policy::Policy;
use domain::{Price, Span, Symbol, Timestamp};
use executor::{Executor, ExecutorConfig};
use runtime::Actor;
use rust_decimal::Decimal;

const NOW: Timestamp = Timestamp::from_millis(1_795_178_173_912);

fn executor() -> Executor {
    let (flags, policy) = (Flags::default(), Policy::default());
    Executor::new(ExecutorConfig {
        instance: "a".into(),
        flags,
        boot: 1,
        policy,
    })
}

fn tick(sequence: u64, at: Timestamp) -> Heard {
    Heard::Mark(MarkTick {
        symbol: Symbol::new("BTCUSDT").unwrap(),
        mark_price: Price::new(Decimal::ONE_HUNDRED).unwrap(),
        index_price: None,
        event_at: at,
        received_at: at,
        sequence,
    })
}

fn counters(executor: &mut Executor) -> impl Fn(&str) -> u64 {
    let mut out = Vec::new();
    executor.beat(NOW + Span::from_secs(5), &mut out);
    let counters = out.iter().find_map(|message| match bus::decode(message) {
        Ok(Heard::Health(heartbeat)) => Some(heartbeat.counters),
        _ => None,
    });
    let counters = counters.unwrap();
    move |name| counters.get(name).copied().unwrap_or(0)
}

#[test]
fn a_mark_with_the_largest_number_is_followed_by_others() {
    let mut executor = executor();
    executor.hear(NOW, tick(u64::MAX, NOW), &mut Vec::new());
    executor.hear(NOW, tick(1, NOW), &mut Vec::new());
    assert_eq!(counters(&mut executor)("refused.mark.older"), 0);
}

#[test]
fn a_mark_from_the_future_blinds_nobody() {
    let mut executor = executor();
    let year_9999 = Timestamp::from_millis(253_370_764_800_000);
    executor.hear(NOW, tick(1, year_9999), &mut Vec::new());
    executor.hear(NOW, tick(2, NOW), &mut Vec::new());
    let counted = counters(&mut executor);
    assert_eq!(
        (
            counted("refused.mark.future"),
            counted("refused.mark.older")
        ),
        (1, 0)
    );
}
