//! Hedge mode end to end: each leg of a symbol is protected, moved, fired and closed by itself.

use binance::{ApiRequest, PositionMode};
use domain::order::{CloseOrder, OrderStatus};
use domain::snapshot::PositionSnapshot;
use domain::{LegId, Side};

use crate::desk::{Desk, disaster, price, qty, with_gateway};
use crate::paper::{Kind, Paper, Way};

fn stop(trigger: &str, amount: &str) -> CloseOrder {
    CloseOrder::Stop {
        qty: qty(amount),
        trigger: price(trigger),
    }
}

/// Disaster stop, soft stop, and the soft stop moved: the new one first, then the old one.
async fn protect(desk: &mut Desk, leg: &PositionSnapshot, hard: &str, [old, new]: [&str; 2]) {
    let id = desk.place(leg, (LegId::Disaster, 1), disaster(hard)).await;
    desk.until_status(&id, OrderStatus::Accepted).await;
    let first = desk.place(leg, (LegId::Stop, 1), stop(old, "0.010")).await;
    desk.until_status(&first, OrderStatus::Accepted).await;
    let second = desk.place(leg, (LegId::Stop, 2), stop(new, "0.010")).await;
    desk.until_status(&second, OrderStatus::Accepted).await;
    desk.cancel(leg, (LegId::Stop, 1)).await;
    desk.until_status(&first, OrderStatus::Canceled).await;
}

async fn both_legs(kind: Kind, way: Way) {
    let paper = Paper::with(kind, true).await;
    paper.price("60000").await;
    let venue = paper.connect(way).await;
    with_gateway(venue, PositionMode::Hedge, async |desk| {
        paper.open("BUY", "0.010", Some("LONG")).await;
        let long = desk.opened(Side::Long).await;
        paper.open("SELL", "0.010", Some("SHORT")).await;
        let short = desk.opened(Side::Short).await;
        protect(desk, &long, "57000", ["58000", "59000"]).await;
        protect(desk, &short, "63000", ["62000", "61000"]).await;
        // The long leg's stop fires; the short leg stays as it is.
        paper.price("58900").await;
        let flat = |it: &PositionSnapshot| !it.position.is_open();
        desk.until_position(Side::Long, flat).await;
        let still = |it: &PositionSnapshot| it.protected_qty() == qty("0.010");
        let short = desk.until_position(Side::Short, still).await;
        // The short leg is closed at market.
        let order = CloseOrder::Market { qty: qty("0.010") };
        let exit = desk.place(&short, (LegId::Exit, 1), order).await;
        desk.until_status(&exit, OrderStatus::Filled).await;
        desk.until_position(Side::Short, flat).await;
    })
    .await;
    let positions = paper.read(&ApiRequest::position_risk_v3()).await;
    let open = positions.as_array().unwrap().iter();
    let open: Vec<_> = open
        .filter(|row| {
            !row["positionAmt"]
                .as_str()
                .unwrap()
                .trim_matches(['0', '.'])
                .is_empty()
        })
        .collect();
    assert!(open.is_empty(), "{open:?}");
    paper.end();
}

#[tokio::test]
async fn each_leg_is_protected_moved_fired_and_closed_over_rest() {
    both_legs(Kind::Hmac, Way::Rest).await;
}

#[tokio::test]
async fn each_leg_is_protected_moved_fired_and_closed_over_the_socket() {
    both_legs(Kind::Ed25519, Way::Socket).await;
}
