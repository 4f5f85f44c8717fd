//! Funding: who pays, when, and what is told.

use super::*;

const HOUR: i64 = 3_600_000;
/// A full eight hours.
const DUE: i64 = 1_795_190_400_000;

fn accounts(venue: &mut Venue) -> Vec<AccountUpdate> {
    let events = venue.take_events();
    let account = |event: VenueEvent| match event.body {
        EventBody::Account(account) => Some(account),
        _ => None,
    };
    events.into_iter().filter_map(account).collect()
}

fn long_of_one() -> Venue {
    let mut venue = venue();
    venue.advance(NOW);
    buy(&mut venue, "1");
    venue.take_events();
    venue
}

#[test]
fn a_long_pays_a_positive_rate_at_the_funding_time_and_not_before() {
    let mut venue = long_of_one();
    let before = venue.account_totals().wallet;
    venue.advance(DUE - 1);
    assert_eq!(venue.account_totals().wallet, before);
    venue.advance(DUE);
    // 1 x 60000 x 0.0001
    assert_eq!(venue.account_totals().wallet - before, dec("-6"));
    venue.advance(DUE + HOUR);
    assert_eq!(venue.account_totals().wallet - before, dec("-6"));
    venue.advance(DUE + 8 * HOUR);
    assert_eq!(venue.account_totals().wallet - before, dec("-12"));
}

#[test]
fn a_short_is_paid_a_positive_rate_and_pays_a_negative_one() {
    let mut venue = venue();
    venue.advance(NOW);
    sell(&mut venue, "2");
    let before = venue.account_totals().wallet;
    venue.advance(DUE);
    assert_eq!(venue.account_totals().wallet - before, dec("12"));
    venue.set_funding_rate("BTCUSDT", dec("-0.001")).unwrap();
    venue.advance(DUE + 8 * HOUR);
    assert_eq!(venue.account_totals().wallet - before, dec("-108"));
}

#[test]
fn cross_margin_is_told_with_the_balance_alone() {
    let mut venue = long_of_one();
    venue.advance(DUE);
    let told = accounts(&mut venue);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].reason, AccountReason::FundingFee);
    assert_eq!(told[0].change, dec("-6"));
    assert!(!told[0].shows_position);
}

#[test]
fn isolated_margin_pays_from_the_position_and_shows_it() {
    let mut venue = venue();
    venue.advance(NOW);
    venue.set_isolated("BTCUSDT", true).unwrap();
    buy(&mut venue, "1");
    venue.take_events();
    let margin = venue.position("BTCUSDT").unwrap().isolated_wallet;
    venue.advance(DUE);
    let told = accounts(&mut venue);
    assert!(told[0].shows_position);
    assert_eq!(told[0].isolated_wallet, margin - dec("6"));
}

#[test]
fn both_legs_of_hedge_mode_pay_and_are_paid() {
    let mut venue = venue_with(VenueConfig {
        hedge: true,
        ..VenueConfig::default()
    });
    venue.advance(NOW);
    for (side, leg) in [
        (Side::Buy, PositionSide::Long),
        (Side::Sell, PositionSide::Short),
    ] {
        let order = NewOrder::market("BTCUSDT", side, dec("1")).on_leg(leg);
        venue.place_order(order, NOW).unwrap();
    }
    venue.take_events();
    let before = venue.account_totals().wallet;
    venue.advance(DUE);
    assert_eq!(venue.account_totals().wallet, before);
    let changes: Vec<Decimal> = accounts(&mut venue).iter().map(|it| it.change).collect();
    assert_eq!(changes, [dec("-6"), dec("6")]);
}

#[test]
fn a_symbol_can_pay_more_often_than_the_others() {
    let mut venue = long_of_one();
    assert_eq!(code(venue.set_funding_hours("BTCUSDT", 3, NOW)), -4001);
    venue.set_funding_hours("BTCUSDT", 1, NOW).unwrap();
    let next = NOW - NOW.rem_euclid(HOUR) + HOUR;
    let before = venue.account_totals().wallet;
    venue.advance(next);
    venue.advance(next + HOUR);
    assert_eq!(venue.account_totals().wallet - before, dec("-12"));
    let symbols: Vec<&str> = venue
        .funding_history()
        .map(|it| it.symbol.as_str())
        .collect();
    assert_eq!(symbols, ["BTCUSDT", "BTCUSDT"]);
}

#[test]
fn incomes_are_listed_with_their_kinds_and_add_up_to_the_wallet() {
    let mut venue = long_of_one();
    venue.advance(DUE);
    price(&mut venue, "61000");
    sell(&mut venue, "1");
    let kinds: Vec<IncomeKind> = venue.income().map(|it| it.kind).collect();
    let (pnl, fee) = (IncomeKind::RealizedPnl, IncomeKind::Commission);
    assert_eq!(kinds, [fee, IncomeKind::FundingFee, pnl, fee]);
    let sum: Decimal = venue.income().map(|it| it.amount).sum();
    assert_eq!(venue.account_totals().wallet, dec("1000000") + sum);
}
