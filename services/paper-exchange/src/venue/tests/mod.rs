//! Rules of the venue, one test each.

mod algos;
mod depth;
mod funding;
mod hedge;
mod kinds;
mod liquidation;
mod listing;
mod margin;
mod modify;
mod orders;
mod reduce_only;
mod streams;
mod terms;

use rust_decimal::Decimal;

use super::*;

/// One moment after the set-up.
const NOW: i64 = 1_795_178_173_912;

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// A venue with BTCUSDT at 60000.
fn venue() -> Venue {
    venue_with(VenueConfig::default())
}

fn venue_with(config: VenueConfig) -> Venue {
    let mut venue = Venue::new(config);
    price(&mut venue, "60000");
    venue
}

fn price(venue: &mut Venue, at: &str) {
    venue
        .on_price("BTCUSDT", PriceUpdate::at(dec(at)), NOW)
        .unwrap();
}

fn buy(venue: &mut Venue, qty: &str) -> Order {
    venue
        .place_order(NewOrder::market("BTCUSDT", Side::Buy, dec(qty)), NOW)
        .unwrap()
}

fn sell(venue: &mut Venue, qty: &str) -> Order {
    venue
        .place_order(NewOrder::market("BTCUSDT", Side::Sell, dec(qty)), NOW)
        .unwrap()
}

fn take_profit(venue: &mut Venue, qty: &str, at: &str) -> Result<Order, VenueError> {
    let order = NewOrder::limit("BTCUSDT", Side::Sell, dec(qty), dec(at)).reduce_only();
    venue.place_order(order, NOW)
}

fn close_stop(at: &str) -> NewAlgo {
    NewAlgo::close_position("BTCUSDT", Side::Sell, AlgoKind::StopMarket, dec(at))
}

fn qty_stop(qty: &str, at: &str) -> NewAlgo {
    NewAlgo::reduce_only_stop("BTCUSDT", Side::Sell, dec(qty), dec(at))
}

fn position(venue: &Venue) -> Decimal {
    venue.position("BTCUSDT").unwrap().qty
}

fn code<T: std::fmt::Debug>(result: Result<T, VenueError>) -> i32 {
    result.unwrap_err().code
}

fn algo_status(venue: &Venue, id: u64) -> AlgoStatus {
    venue.algo(OrderRef::Id(id)).unwrap().status
}

/// Events in short: `ALGO:TRIGGERING`, `ORDER:NEW`, `LITE`, `ACCOUNT`.
fn story(venue: &mut Venue) -> Vec<String> {
    let short = |event: &VenueEvent| match &event.body {
        EventBody::Order(update) => format!("ORDER:{}", update.execution.wire()),
        EventBody::TradeLite(_) => "LITE".to_owned(),
        EventBody::Account(_) => "ACCOUNT".to_owned(),
        EventBody::Algo(algo) => format!("ALGO:{}", algo.status.wire()),
        EventBody::MarginCall(_) => "CALL".to_owned(),
        EventBody::Leverage { .. } => "LEVERAGE".to_owned(),
    };
    venue.take_events().iter().map(short).collect()
}
