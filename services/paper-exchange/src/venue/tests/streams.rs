//! What the market streams tell: the day, the funding rate, the spread.

use super::*;

const MINUTE: i64 = 60_000;
/// A full minute before which nothing was traded.
const START: i64 = 1_795_178_160_000;

fn empty(config: VenueConfig) -> Venue {
    Venue::new(config)
}

fn trade(venue: &mut Venue, minute: i64, at: &str, volume: &str) {
    let update = PriceUpdate {
        volume: Some(dec(volume)),
        ..PriceUpdate::at(dec(at))
    };
    let now = START + minute * MINUTE;
    venue.on_price("BTCUSDT", update, now).unwrap();
}

#[test]
fn the_volume_of_a_whole_day_is_the_sum_of_its_bars() {
    let mut venue = empty(VenueConfig::default());
    trade(&mut venue, 0, "70000", "100");
    trade(&mut venue, 10, "50000", "2");
    trade(&mut venue, 1_000, "40000", "3");
    trade(&mut venue, 1_440, "45000", "1");
    // The first bar is a day old. The rest began 1,430 minutes ago.
    let day = venue.day("BTCUSDT", START + 1_440 * MINUTE).unwrap();
    let prices = (day.open, day.high, day.low, day.close);
    assert_eq!(
        prices,
        (dec("50000"), dec("50000"), dec("40000"), dec("45000"))
    );
    // (2 x 50,000 + 3 x 40,000 + 1 x 45,000) x 1,440 / 1,430
    assert_eq!(day.quote_volume.round_dp(4), dec("266853.1469"));
    assert_eq!(day.volume.round_dp(4), dec("6.0420"));
}

#[test]
fn the_volume_of_a_shorter_time_is_scaled_up_to_a_day() {
    let mut venue = empty(VenueConfig::default());
    assert_eq!(venue.day("BTCUSDT", START), None);
    trade(&mut venue, 0, "60000", "0.5");
    for (now, quote) in [
        // Less than a minute counts as one.
        (START, "43200000"),
        (START + MINUTE, "43200000"),
        (START + 60 * MINUTE, "720000"),
        (START + 1_439 * MINUTE, "30020.8478"),
    ] {
        let day = venue.day("BTCUSDT", now).unwrap();
        assert_eq!(day.quote_volume.round_dp(4), dec(quote), "{now}");
    }
    assert_eq!(venue.day("BTCUSDT", START + 1_440 * MINUTE), None);
}

#[test]
fn a_trade_without_a_volume_has_taken_one_level_and_a_mark_none() {
    let mut venue = empty(VenueConfig::default());
    let mark = PriceUpdate {
        last: None,
        bid: Some(dec("59999")),
        ask: Some(dec("60001")),
        ..PriceUpdate::at(dec("60000"))
    };
    venue.on_price("BTCUSDT", mark, START).unwrap();
    assert!(venue.day("BTCUSDT", START).unwrap().volume.is_zero());
    let trade = PriceUpdate::at(dec("60000"));
    venue.on_price("BTCUSDT", trade, START).unwrap();
    // 1,000 steps of 0.001 in what counts as a minute.
    assert_eq!(venue.day("BTCUSDT", START).unwrap().volume, dec("1440"));
}

#[test]
fn bid_and_ask_lie_around_the_last_trade_so_many_ticks_apart() {
    for (spread_ticks, bid, ask) in [
        (0, "60000", "60000.1"),
        (1, "60000", "60000.1"),
        (2, "60000", "60000.2"),
        (3, "59999.9", "60000.2"),
        (21, "59999", "60001.1"),
    ] {
        let venue = venue_with(VenueConfig {
            spread_ticks,
            ..VenueConfig::default()
        });
        let market = venue.market("BTCUSDT").unwrap();
        assert_eq!(
            (market.bid, market.ask),
            (dec(bid), dec(ask)),
            "{spread_ticks}"
        );
    }
}

#[test]
fn a_bid_is_never_zero_however_far_apart() {
    let mut venue = empty(VenueConfig {
        spread_ticks: 1_000,
        ..VenueConfig::default()
    });
    let update = PriceUpdate::at(dec("0.00002"));
    venue.on_price("XLMUSDT", update, START).unwrap();
    let market = venue.market("XLMUSDT").unwrap();
    assert_eq!((market.bid, market.ask), (dec("0.00001"), dec("0.01001")));
}

#[test]
fn a_funding_rate_is_set_per_symbol_and_bounded() {
    let mut venue = empty(VenueConfig {
        funding_rate: dec("0.0002"),
        ..VenueConfig::default()
    });
    venue.set_funding_rate("BTCUSDT", dec("-0.03")).unwrap();
    assert_eq!(venue.books["BTCUSDT"].funding_rate, dec("-0.03"));
    assert_eq!(venue.books["ETHUSDT"].funding_rate, dec("0.0002"));
    assert_eq!(code(venue.set_funding_rate("BTCUSDT", dec("0.031"))), -4001);
    assert_eq!(code(venue.set_funding_rate("NOPE", dec("0"))), -1121);
}
