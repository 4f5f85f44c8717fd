//! The driver over real sockets against the paper exchange's server; the bus is two channels.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod desk;
mod hedge;
mod paper;
mod secrets;
mod unknown;

use binance::{ApiRequest, PositionMode};
use domain::order::{CloseOrder, OrderStatus};
use domain::{LegId, Side};
use gateway::driver::{Driver, Ended, Leases};
use paper_exchange::faults::{FaultPlan, TimedAction, TimedFault};
use runtime::{Shutdown, clock};
use tokio::sync::mpsc;
use tokio::time::timeout;

use desk::{PATIENCE, actor, count, disaster, inbox, price, qty, with_gateway};
use paper::{Kind, Paper, Way};

/// Places a stop and a target, cancels the target; the stop survives an orderly stop.
async fn a_stop_rests_and_a_target_is_canceled(kind: Kind, way: Way) {
    let paper = Paper::with(kind, false).await;
    paper.price("60000").await;
    let venue = paper.connect(way).await;
    with_gateway(venue, PositionMode::OneWay, async |desk| {
        paper.open("BUY", "0.010", None).await;
        let position = desk.opened(Side::Long).await;
        let stop = (LegId::Disaster, 1);
        let stop = desk.place(&position, stop, disaster("58000")).await;
        let event = desk.until_status(&stop, OrderStatus::Accepted).await;
        assert!(event.venue_order_id.is_some());
        let (target, order) = ((LegId::TakeProfit(1), 1), target());
        let id = desk.place(&position, target, order).await;
        desk.until_status(&id, OrderStatus::Accepted).await;
        desk.cancel(&position, target).await;
        desk.until_status(&id, OrderStatus::Canceled).await;
        let beat = desk.until_beat(|beat| count(beat, "rest_calls") > 0).await;
        let ways = ["rest_orders", "ws_api_sent"].map(|name| count(&beat, name));
        let expected = match way {
            Way::Rest => [3, 0],
            Way::Socket => [0, 3],
        };
        assert_eq!(ways, expected, "{:?}", beat.counters);
    })
    .await;
    let stops = paper.read(&ApiRequest::open_algo_orders(None)).await;
    assert_eq!(
        stops[0]["triggerPrice"].as_str().map(|it| &it[..5]),
        Some("58000")
    );
    let targets = paper.read(&ApiRequest::open_orders(None)).await;
    assert_eq!(targets.as_array().map(Vec::len), Some(0));
    paper.end();
}

fn target() -> CloseOrder {
    CloseOrder::Limit {
        qty: qty("0.004"),
        price: price("61000"),
    }
}

#[tokio::test]
async fn an_hmac_key_places_and_cancels_over_rest() {
    a_stop_rests_and_a_target_is_canceled(Kind::Hmac, Way::Rest).await;
}

#[tokio::test]
async fn an_hmac_key_places_and_cancels_over_the_socket() {
    a_stop_rests_and_a_target_is_canceled(Kind::Hmac, Way::Socket).await;
}

#[tokio::test]
async fn an_ed25519_key_places_and_cancels_over_rest() {
    a_stop_rests_and_a_target_is_canceled(Kind::Ed25519, Way::Rest).await;
}

#[tokio::test]
async fn an_ed25519_key_places_and_cancels_over_the_socket_after_one_logon() {
    a_stop_rests_and_a_target_is_canceled(Kind::Ed25519, Way::Socket).await;
}

/// The venue's clock jumps while the gateway runs: the order refused for its time is sent again
/// with the clock measured anew.
async fn orders_pass_a_skewed_clock(kind: Kind, way: Way) {
    let paper = Paper::with(kind, false).await;
    paper.price("60000").await;
    let venue = paper.connect(way).await;
    with_gateway(venue, PositionMode::OneWay, async |desk| {
        paper.open("BUY", "0.010", None).await;
        let position = desk.opened(Side::Long).await;
        let offset_ms = 30_000;
        let skew = TimedFault {
            at_ms: 0,
            action: TimedAction::Clock { offset_ms },
        };
        let plan = FaultPlan {
            timed: vec![skew],
            ..FaultPlan::default()
        };
        paper.follow(&plan).await;
        let stop = (LegId::Disaster, 1);
        let stop = desk.place(&position, stop, disaster("58000")).await;
        desk.until_status(&stop, OrderStatus::Accepted).await;
    })
    .await;
    paper.end();
}

#[tokio::test]
async fn an_order_passes_a_clock_that_jumped_over_rest() {
    orders_pass_a_skewed_clock(Kind::Hmac, Way::Rest).await;
}

#[tokio::test]
async fn an_order_passes_a_clock_that_jumped_over_the_socket() {
    orders_pass_a_skewed_clock(Kind::Ed25519, Way::Socket).await;
}

#[tokio::test]
async fn an_account_in_another_position_mode_is_not_traded() {
    let paper = Paper::start().await;
    let (_words_in, words) = mpsc::channel(1);
    let (_approvals_in, approvals) = mpsc::channel(1);
    let guard = nkeys::KeyPair::new_user();
    let venue = paper.connect(Way::Rest).await;
    let driver = Driver::new(actor(&guard), venue, PositionMode::Hedge, Leases::none());
    let running = driver.run(
        inbox(words),
        inbox(approvals),
        async |_| {},
        Vec::new,
        clock::now,
        Shutdown::new(),
    );
    let ended = timeout(PATIENCE, running).await.unwrap();
    let expected = Ended::PositionMode {
        found: PositionMode::OneWay,
        expected: PositionMode::Hedge,
    };
    assert_eq!(ended, expected);
    paper.end();
}

#[tokio::test]
async fn a_lost_bus_ends_the_process() {
    let paper = Paper::start().await;
    let (words_in, words) = mpsc::channel(1);
    let (_approvals_in, approvals) = mpsc::channel(1);
    drop(words_in);
    let guard = nkeys::KeyPair::new_user();
    let venue = paper.connect(Way::Socket).await;
    let driver = Driver::new(actor(&guard), venue, PositionMode::OneWay, Leases::none());
    let running = driver.run(
        inbox(words),
        inbox(approvals),
        async |_| {},
        Vec::new,
        clock::now,
        Shutdown::new(),
    );
    assert_eq!(timeout(PATIENCE, running).await.unwrap(), Ended::BusGone);
    paper.end();
}
