//! What others say to the paper venue: requests, frames, price files, plans of faults.

use std::cell::RefCell;
use std::fs;

use paper_exchange::faults::{FaultPlan, Faults};
use paper_exchange::feed::{Feed, Lean};
use paper_exchange::server::control_answer;
use paper_exchange::venue::{NewOrder, PriceUpdate, Side, SymbolSpec, Venue, VenueConfig};
use paper_exchange::wire::{WireRequest, WsSession, answer_frame, handle};
use rust_decimal::Decimal;
use serde_json::Value;

/// The venue's time in all of this.
pub const NOW_MS: i64 = 1_795_000_000_000;
/// Points that are read of one file; a line makes four at most.
const POINTS_MAX: usize = 100_000;

/// A venue with prices, a long position, and an order of each kind that rests.
#[must_use]
pub fn stage() -> Venue {
    let spec = |name| SymbolSpec::named(name).expect("a symbol of the paper venue");
    let mut venue = Venue::new(VenueConfig {
        symbols: vec![spec("BTCUSDT"), spec("ETHUSDT")],
        ..VenueConfig::default()
    });
    for (name, price) in [("BTCUSDT", 60_000), ("ETHUSDT", 3_000)] {
        let at = PriceUpdate::at(Decimal::from(price));
        venue.on_price(name, at, NOW_MS).expect("a known symbol");
    }
    let open = NewOrder::market("BTCUSDT", Side::Buy, Decimal::ONE).with_client_id("bot-1");
    venue
        .place_order(open, NOW_MS)
        .expect("an order that fills");
    for request in super::corpus::RESTING {
        let request = read_request(request.as_bytes()).expect("three lines");
        let answer = handle(&mut venue, &request, NOW_MS);
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    venue.take_events();
    venue
}

thread_local! {
    static STAGE: RefCell<Option<Venue>> = const { RefCell::new(None) };
}

fn on_stage() -> Venue {
    STAGE.with_borrow_mut(|known| known.get_or_insert_with(stage).clone())
}

/// What a refused call must leave as it is.
fn picture(venue: &Venue) -> String {
    let orders: Vec<_> = venue.open_orders().collect();
    let algos: Vec<_> = venue.open_algos().collect();
    let mut copy = venue.clone();
    let mut read = |path| handle(&mut copy, &WireRequest::new("GET", path, ""), NOW_MS).body;
    let (held, balance) = (read("/fapi/v3/positionRisk"), read("/fapi/v3/balance"));
    format!("{orders:?} {algos:?} {held} {balance}")
}

/// Method and path in the first line, the query in the second, the body in the third.
#[must_use]
pub fn read_request(input: &[u8]) -> Option<WireRequest> {
    let text = String::from_utf8_lossy(input).into_owned();
    let mut lines = text.splitn(3, '\n');
    let (method, path) = lines.next()?.split_once(' ')?;
    let mut request = WireRequest::new(method, path, lines.next().unwrap_or_default());
    request.body = lines.next().unwrap_or_default().to_owned();
    Some(request)
}

/// Any request is answered in JSON; a refused one changes nothing, nor does one that only reads.
pub fn request(input: &[u8]) {
    let Some(request) = read_request(input) else {
        return;
    };
    let mut venue = on_stage();
    let before = picture(&venue);
    let answer = handle(&mut venue, &request, NOW_MS + 5);
    assert!((200..=599).contains(&answer.status), "{}", answer.status);
    let body = serde_json::from_str::<Value>(&answer.body);
    let body = body.expect("an answer of the venue is JSON");
    if answer.status != 200 {
        assert!(body["code"].as_i64().is_some_and(|code| code < 0), "{body}");
    }
    if answer.status != 200 || request.method == "GET" {
        assert_eq!(picture(&venue), before);
        assert_eq!(venue.take_events(), []);
    }
}

/// Any frame is answered in JSON with a status; a refused one changes nothing.
pub fn ws_api(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let mut venue = on_stage();
    let before = picture(&venue);
    let mut session = WsSession::new("", NOW_MS);
    let call = |venue: &mut Venue, request: &WireRequest| handle(venue, request, NOW_MS + 5);
    let answer = answer_frame(&mut session, &text, NOW_MS + 5, &mut venue, call);
    let body = serde_json::from_str::<Value>(&answer.text);
    let body = body.expect("an answer of the venue is JSON");
    let status = body["status"].as_u64().expect("a status");
    if status != 200 {
        assert!(body["error"]["code"].is_i64(), "{body}");
        assert_eq!(picture(&venue), before);
        assert_eq!(venue.take_events(), []);
    }
}

/// Any control frame of a stream socket is answered in JSON, with a result or a reason.
pub fn control(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (address, frame) = text.split_once('\n').unwrap_or(("/market/ws", &text));
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let answer = control_answer(path, query, frame);
    let body: Value = serde_json::from_str(&answer).expect("an answer of the venue is JSON");
    let spoken = ["result", "error", "code"]
        .iter()
        .any(|name| body.get(name).is_some());
    assert!(spoken, "{body}");
}

/// A price file, its kind in the first byte: points come in order of time, with usable prices.
pub fn feed_file(input: &[u8]) {
    let Some((kind, text)) = input.split_first() else {
        return;
    };
    let name = [
        "BTCUSDT-1m.csv",
        "BTCUSDT-trades.csv",
        "BTCUSDT.jsonl",
        "BTCUSDT-1m.csv.zst",
    ];
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name[usize::from(*kind) % name.len()]);
    fs::write(&path, text).expect("a file");
    let Ok(mut feed) = Feed::open(&path.to_string_lossy(), &[], 1) else {
        return;
    };
    let flat = |_: &str| Lean::Flat;
    let mut venue = on_stage();
    for _ in 0..POINTS_MAX {
        let Some(point) = feed.next_point(&flat) else {
            return;
        };
        let prices = [point.mark, point.last, point.bid, point.ask];
        let mut known = prices.iter().flatten();
        assert!(known.all(|price| *price > Decimal::ZERO), "{point:?}");
        assert!(point.volume >= Decimal::ZERO, "{point:?}");
        // Refused or taken, the venue lives on.
        drop(venue.on_price("BTCUSDT", point.update(), NOW_MS + 10));
    }
}

/// A plan of faults reads the same after it was written down, and can be followed.
pub fn fault_plan(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let Ok(plan) = toml::from_str::<FaultPlan>(&text) else {
        return;
    };
    if let Ok(written) = toml::to_string(&plan) {
        assert_eq!(toml::from_str::<FaultPlan>(&written).as_ref(), Ok(&plan));
    }
    let mut venue = on_stage();
    let mut faults = Faults::new(plan);
    for request in super::corpus::RESTING {
        let request = read_request(request.as_bytes()).expect("three lines");
        faults.handle(&mut venue, &request, NOW_MS + 5);
        faults.deliver(venue.take_events(), NOW_MS + 5);
    }
    faults.deliver(Vec::new(), NOW_MS + 60_000);
}
