//! Verdicts of single checks.

use super::super::report::Verdict;
use super::*;

fn measured(offset_ms: i64, round_trip_ms: i64) -> Clock {
    let asked = Timestamp::from_millis(1_000_000);
    let answered = Timestamp::from_millis(1_000_000 + round_trip_ms);
    let venue_ms = 1_000_000 + offset_ms + round_trip_ms / 2;
    Clock::new(asked, answered, venue_ms)
}

#[test]
fn a_clock_is_judged_by_what_the_venue_would_take() {
    let verdict = |offset_ms, round_trip_ms| {
        let measured = measured(offset_ms, round_trip_ms);
        assert_eq!(measured.offset_ms, offset_ms);
        clock(measured, 5_000).verdict
    };
    assert_eq!(verdict(0, 40), Verdict::Ok);
    assert_eq!(verdict(4_900, 40), Verdict::Ok);
    assert_eq!(verdict(4_960, 40), Verdict::Warn);
    assert_eq!(verdict(-999, 40), Verdict::Ok);
    assert_eq!(verdict(-1_000, 40), Verdict::Warn);
    assert_eq!(verdict(0, 5_000), Verdict::Bad);
}

#[test]
fn the_mode_of_the_account_must_be_the_one_of_the_settings() {
    let same = position_mode(PositionMode::Hedge, config::PositionMode::Hedge);
    let other = position_mode(PositionMode::Hedge, config::PositionMode::OneWay);
    assert_eq!((same.verdict, other.verdict), (Verdict::Ok, Verdict::Bad));
}

#[test]
fn an_account_that_may_not_trade_is_no_good_and_rights_of_a_key_stay_unknown() {
    let config = AccountConfig {
        can_trade: false,
        multi_assets_margin: true,
    };
    let verdicts: Vec<Verdict> = account(&config, "HMAC key")
        .iter()
        .map(|row| row.verdict)
        .collect();
    let expected = [Verdict::Ok, Verdict::Unknown, Verdict::Bad, Verdict::Warn];
    assert_eq!(verdicts, expected);
}

#[test]
fn a_symbol_that_is_not_listed_is_no_good() {
    let rows = symbols(&ExchangeInfo::default(), &[Symbol::new("BTCUSDT").unwrap()]);
    assert_eq!(rows[0].verdict, Verdict::Bad);
    assert_eq!(
        symbols(&ExchangeInfo::default(), &[])[0].verdict,
        Verdict::Ok
    );
}
