//! The world without any socket.

mod streams;

use super::*;
use crate::faults::Faults;
use crate::feed::{Feed, Speed};
use crate::strategy::StrategyConfig;
use crate::venue::{NewOrder, PositionSide, Side, SymbolSpec, VenueConfig};

const T0: i64 = 1_795_178_173_912;

fn world(data: &str, seed: u64) -> World {
    let feed = Feed::open(data, &[], seed).unwrap();
    let symbols = feed.symbols();
    let venue = Venue::new(VenueConfig::default());
    let config = StrategyConfig {
        symbols,
        cooldown_ms: 500,
        ..StrategyConfig::default()
    };
    let strategy = (data == "synthetic").then(|| Strategy::new(config, seed));
    let replay = Replay::new(feed, "60x".parse::<Speed>().unwrap());
    let judge = ProtectionJudge::new(1_000);
    World::new(venue, replay, strategy, Faults::none(), judge, T0)
}

fn wish(side: Side, leg: Option<PositionSide>) -> OpenWish {
    OpenWish {
        symbol: "BTCUSDT".to_owned(),
        side,
        leg,
        qty: Decimal::new(10, 3),
        leverage: Some(5),
    }
}

fn listen(world: &mut World) {
    let request = WireRequest::new("POST", "/fapi/v1/listenKey", "");
    assert_eq!(world.request(&request, T0).status, 200);
}

fn run(world: &mut World, ms: i64) -> Vec<Outgoing> {
    let mut out = Vec::new();
    for now in (T0..T0 + ms).step_by(10) {
        world.tick(now).unwrap();
        out.extend(world.drain(now));
    }
    out
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let story = |seed| {
        let mut world = world("synthetic", seed);
        listen(&mut world);
        run(&mut world, 5_000)
    };
    assert_eq!(story(5), story(5));
    assert_ne!(story(5), story(6));
}

#[test]
fn unprotected_positions_of_the_stand_in_are_reported() {
    let mut world = world("synthetic", 1);
    run(&mut world, 5_000);
    let report = world.report(T0 + 5_000);
    assert_eq!(report["positions_opened"], 3);
    assert_eq!(report["positions_unprotected"], 3);
    assert_eq!(report["orders_by_prefix"]["bot"]["MARKET"], 3);
    let newest = report["newest_order_ms_by_prefix"]["bot"].as_i64();
    assert!(newest.is_some_and(|at| (T0..T0 + 5_000).contains(&at)));
    assert_eq!(report["positions"].as_array().unwrap().len(), 3);
    assert!(report["ticks"].as_u64().unwrap() > 1_000);
}

#[test]
fn marks_are_at_most_every_50_ms_and_at_least_every_second() {
    let mut world = world("synthetic", 1);
    let marks = |out: &[Outgoing]| {
        let is_mark = |o: &&Outgoing| match o {
            Outgoing::Market { stream, .. } => stream == "btcusdt@markPrice@1s",
            _ => false,
        };
        out.iter().filter(is_mark).count()
    };
    world.interest().listen("btcusdt@markPrice@1s");
    assert_eq!(marks(&run(&mut world, 1_000)), 20);
    let mut still = self::world("manual", 1);
    still.interest().listen("btcusdt@markPrice@1s");
    assert!(run(&mut still, 1_000).is_empty());
    still.set_price("BTCUSDT", 60_000.into(), T0).unwrap();
    assert_eq!(marks(&run(&mut still, 3_000)), 3);
}

#[test]
fn in_hedge_mode_each_leg_is_opened_judged_shown_and_closed_by_itself() {
    let mut world = world("manual", 1);
    world.venue.set_hedge(true, T0).unwrap();
    world.set_price("BTCUSDT", 60_000.into(), T0).unwrap();
    world.open(&wish(Side::Buy, None), T0).unwrap();
    let short = Some(PositionSide::Short);
    world.open(&wish(Side::Sell, short), T0).unwrap();
    let both = Some(PositionSide::Both);
    let refused = world.open(&wish(Side::Buy, both), T0).unwrap_err();
    assert_eq!(refused.code, -4061);
    world.drain(T0);
    let report = world.report(T0 + 2_000);
    let naked = serde_json::json!(["BTCUSDT:LONG", "BTCUSDT:SHORT"]);
    assert_eq!(report["naked_now"], naked);
    assert_eq!(report["positions"][1]["position_side"], "SHORT");
    assert_eq!(world.close("BTCUSDT", None, T0).unwrap_err().code, -4061);
    let target = NewOrder::limit("BTCUSDT", Side::Buy, Decimal::new(10, 3), 59_000.into());
    let target = target.on_leg(PositionSide::Short);
    world.venue.place_order(target, T0).unwrap();
    world.close("BTCUSDT", short, T0).unwrap();
    world.close("BTCUSDT", None, T0).unwrap();
    assert_eq!(world.close("BTCUSDT", short, T0).unwrap_err().code, -2022);
}

#[test]
fn the_stand_in_trades_in_hedge_mode_too() {
    let mut world = world("synthetic", 1);
    world.venue.set_hedge(true, T0).unwrap();
    run(&mut world, 5_000);
    let report = world.report(T0 + 5_000);
    assert_eq!(report["positions_opened"], 3);
    assert_eq!(report["strategy"]["refused"], 0);
}

#[test]
fn prices_open_and_close_by_hand() {
    let mut world = world("manual", 1);
    listen(&mut world);
    let buy = wish(Side::Buy, None);
    assert_eq!(world.open(&buy, T0).unwrap_err().code, -2020);
    world.set_price("BTCUSDT", 60_000.into(), T0).unwrap();
    world.open(&buy, T0).unwrap();
    let names: Vec<&str> = world.drain(T0).iter().filter_map(name).collect();
    let fill = [
        "ORDER_TRADE_UPDATE",
        "TRADE_LITE",
        "ACCOUNT_UPDATE",
        "ORDER_TRADE_UPDATE",
    ];
    assert_eq!(names[0], "ACCOUNT_CONFIG_UPDATE");
    assert_eq!(names[1..], fill);
    world.close("BTCUSDT", None, T0).unwrap();
    assert_eq!(world.close("BTCUSDT", None, T0).unwrap_err().code, -2022);
    world.drain(T0);
    let report = world.report(T0);
    assert_eq!(
        (&report["positions_opened"], &report["positions_closed"]),
        (&1.into(), &1.into())
    );
}

fn name(outgoing: &Outgoing) -> Option<&'static str> {
    match outgoing {
        Outgoing::User { name, .. } => Some(name),
        _ => None,
    }
}

#[test]
fn an_expired_listen_key_is_told_once() {
    let mut world = world("manual", 1);
    listen(&mut world);
    let later = T0 + crate::wire::LISTEN_KEY_MS;
    let told = world.drain(later);
    assert_eq!(
        told.iter().filter_map(name).collect::<Vec<_>>(),
        ["listenKeyExpired"]
    );
    assert!(world.drain(later + 1).is_empty());
}

#[test]
fn a_point_of_an_unknown_symbol_is_counted_and_passed_over() {
    let mut world = world("synthetic", 1);
    let spec = SymbolSpec::named("BTCUSDT").unwrap();
    world.venue = Venue::new(VenueConfig {
        symbols: vec![spec],
        ..VenueConfig::default()
    });
    run(&mut world, 100);
    assert!(world.feed_refused > 0 && world.venue.market("BTCUSDT").unwrap().is_known());
}
