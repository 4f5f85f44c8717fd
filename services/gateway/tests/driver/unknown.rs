//! The way breaks under an order: in doubt, found by asking, executed exactly once.

use binance::{ApiRequest, PositionMode};
use domain::order::{CloseOrder, OrderStatus};
use domain::{LegId, Side};
use paper_exchange::faults::RequestAction;

use crate::desk::{count, disaster, qty, with_gateway};
use crate::paper::{Kind, Paper, Way};

/// A market close whose answer never comes, because the connection is cut after it was read.
async fn a_cut_close(kind: Kind, way: Way, action: RequestAction, is_executed: bool) {
    let paper = Paper::with(kind, false).await;
    paper.price("60000").await;
    let venue = paper.connect(way).await;
    with_gateway(venue, PositionMode::OneWay, async |desk| {
        paper.open("BUY", "0.010", None).await;
        let position = desk.opened(Side::Long).await;
        paper.fault("POST", "/fapi/v1/order", action).await;
        let order = CloseOrder::Market { qty: qty("0.004") };
        let exit = desk.place(&position, (LegId::Exit, 1), order).await;
        match is_executed {
            // The event may tell before the cut is noticed.
            true => desk.until_status(&exit, OrderStatus::Filled).await,
            false => {
                desk.until_status(&exit, OrderStatus::Unknown).await;
                desk.until_status(&exit, OrderStatus::Rejected).await
            }
        };
        let ways = |beat: &_| count(beat, "rest_orders") + count(beat, "ws_api_sent");
        let beat = desk.until_beat(|beat| ways(beat) > 0).await;
        assert_eq!(ways(&beat), 1, "{:?}", beat.counters);
    })
    .await;
    let fills = paper
        .read(&ApiRequest::user_trades("BTCUSDT", None, 100))
        .await;
    let fills = fills.as_array().unwrap().iter();
    let sold = fills.filter(|fill| fill["side"] == "SELL").count();
    assert_eq!(sold, usize::from(is_executed));
    paper.end();
}

#[tokio::test]
async fn a_socket_cut_after_the_execution_leaves_exactly_one() {
    for kind in [Kind::Hmac, Kind::Ed25519] {
        a_cut_close(kind, Way::Socket, RequestAction::ExecuteThenCut, true).await;
    }
}

#[tokio::test]
async fn a_connection_cut_after_the_execution_leaves_exactly_one() {
    a_cut_close(Kind::Hmac, Way::Rest, RequestAction::ExecuteThenCut, true).await;
}

#[tokio::test]
async fn a_socket_cut_before_the_execution_leaves_none_and_is_told_so_after_asking() {
    a_cut_close(Kind::Hmac, Way::Socket, RequestAction::LoseThenCut, false).await;
}

#[tokio::test]
async fn an_answer_later_than_the_call_is_still_heard() {
    let paper = Paper::start().await;
    paper.price("60000").await;
    let venue = paper.connect(Way::Socket).await;
    with_gateway(venue, PositionMode::OneWay, async |desk| {
        paper.open("BUY", "0.010", None).await;
        let position = desk.opened(Side::Long).await;
        // A call is waited for 5 s.
        let slow = RequestAction::Slow { ms: 5_500 };
        paper.fault("POST", "/fapi/v1/algoOrder", slow).await;
        let stop = (LegId::Disaster, 1);
        let stop = desk.place(&position, stop, disaster("58000")).await;
        desk.until_status(&stop, OrderStatus::Accepted).await;
        let late = |beat: &_| count(beat, "answers_late") == 1;
        let beat = desk.until_beat(late).await;
        assert_eq!(count(&beat, "ws_api_sent"), 1);
        assert_eq!(count(&beat, "rest_orders"), 0);
    })
    .await;
    let stops = paper.read(&ApiRequest::open_algo_orders(None)).await;
    assert_eq!(stops.as_array().map(Vec::len), Some(1));
    paper.end();
}
