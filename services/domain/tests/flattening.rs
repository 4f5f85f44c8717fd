//! Which positions an order to close is about, and who follows it.
#![allow(clippy::unwrap_used, reason = "a test may")]

use domain::flatten::{FLATTEN_AGE_MAX, Flatten, Refusal};
use domain::guard::CLOCK_SKEW_MAX;
use domain::mode::Mode;
use domain::{Account, PositionKey, Side, Span, Symbol, Timestamp};

const NOW: Timestamp = Timestamp::from_millis(1_795_178_173_912);

fn order(symbol: Option<&str>) -> Flatten {
    Flatten {
        account: Account::new("main").unwrap(),
        symbol: symbol.map(|it| Symbol::new(it).unwrap()),
        by: "ada".into(),
        at: NOW,
    }
}

fn key(account: &str, symbol: &str) -> PositionKey {
    PositionKey {
        account: Account::new(account).unwrap(),
        symbol: Symbol::new(symbol).unwrap(),
        side: Side::Short,
    }
}

#[test]
fn an_order_is_about_one_contract_or_all_of_one_account() {
    let (btc, all) = (order(Some("BTCUSDT")), order(None));
    assert!(btc.covers(&key("main", "BTCUSDT")));
    assert!(!btc.covers(&key("main", "ETHUSDT")));
    assert!(all.covers(&key("main", "ETHUSDT")));
    for order in [btc, all] {
        assert!(!order.covers(&key("other", "BTCUSDT")));
    }
}

#[test]
fn only_the_owner_in_live_follows_and_only_a_fresh_order() {
    let order = order(None);
    let micro = Span::from_micros(1);
    assert_eq!(order.judge(Mode::Live, true, NOW), Ok(()));
    assert_eq!(order.judge(Mode::Live, false, NOW), Err(Refusal::NotOwner));
    for mode in [Mode::Shadow, Mode::Legacy] {
        assert_eq!(order.judge(mode, true, NOW), Err(Refusal::NotLive));
    }
    let last = NOW + FLATTEN_AGE_MAX;
    assert_eq!(order.judge(Mode::Live, true, last), Ok(()));
    let late = order.judge(Mode::Live, true, last + micro);
    assert_eq!(late, Err(Refusal::Old));
    let first = NOW - CLOCK_SKEW_MAX;
    assert_eq!(order.judge(Mode::Live, true, first), Ok(()));
    let early = order.judge(Mode::Live, true, first - micro);
    assert_eq!(early, Err(Refusal::Future));
}
