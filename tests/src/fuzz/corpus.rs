//! Samples to begin with: what the paper venue, the services and the shipped files say themselves.

use std::sync::OnceLock;

use domain::intent::Approval;
use domain::mode::{Kill, Mode};
use domain::{Account, Side, Span, Timestamp};
use paper_exchange::venue::{NewOrder, PriceUpdate, Side as Direction, Venue};
use paper_exchange::wire::{WireRequest, book_ticker_json, handle, mark_price_json, ticker_json};
use paper_exchange::wire::{mini_ticker_json, user_event_json};
use proto::wire::SignedKill;
use proto::{DirectKill, SignedApproval, Wire};
use rust_decimal::Decimal;
use serde_json::json;

use super::bus::{guard, joined};
use super::venue::{NOW_MS, read_request, stage};
use crate::world::World;

/// The orders that rest on the stage: a limit and both kinds of stop.
pub const RESTING: [&str; 3] = [
    "POST /fapi/v1/order\nsymbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.100&\
     price=61000.00&reduceOnly=true&newClientOrderId=tp-1&timestamp=1795000000000\n",
    "POST /fapi/v1/algoOrder\nalgoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&\
     closePosition=true&triggerPrice=58000.00&workingType=MARK_PRICE&priceProtect=true&\
     clientAlgoId=sl-1&timestamp=1795000000000\n",
    "POST /fapi/v1/algoOrder\nalgoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&\
     quantity=0.500&reduceOnly=true&triggerPrice=59000.00&clientAlgoId=sl-2&\
     timestamp=1795000000000\n",
];

/// Other calls worth changing; the form is that of [`read_request`].
const CALLS: [&str; 32] = [
    "POST /fapi/v1/order\n\nsymbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.2&reduceOnly=true",
    "DELETE /fapi/v1/order\nsymbol=BTCUSDT&origClientOrderId=tp-1\n",
    "DELETE /fapi/v1/algoOrder\nclientAlgoId=sl-1\n",
    "DELETE /fapi/v1/algoOpenOrders\nsymbol=BTCUSDT\n",
    "DELETE /fapi/v1/allOpenOrders\nsymbol=BTCUSDT\n",
    "PUT /fapi/v1/order\nsymbol=BTCUSDT&side=SELL&origClientOrderId=tp-1&quantity=0.2&\
     price=61500\n",
    "POST /fapi/v1/batchOrders\n\nbatchOrders=[{\"symbol\":\"BTCUSDT\",\"side\":\"SELL\",\
     \"type\":\"LIMIT\",\"timeInForce\":\"GTC\",\"quantity\":\"0.1\",\"price\":\"62000\"}]",
    "DELETE /fapi/v1/batchOrders\nsymbol=BTCUSDT&origClientOrderIdList=[\"tp-1\"]\n",
    "POST /fapi/v1/countdownCancelAll\nsymbol=BTCUSDT&countdownTime=100000\n",
    "POST /fapi/v1/order/test\nsymbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.2\n",
    "POST /fapi/v1/leverage\nsymbol=BTCUSDT&leverage=10\n",
    "POST /fapi/v1/marginType\nsymbol=BTCUSDT&marginType=ISOLATED\n",
    "POST /fapi/v1/positionSide/dual\ndualSidePosition=true\n",
    "POST /fapi/v1/listenKey\n\n",
    "GET /fapi/v1/order\nsymbol=BTCUSDT&origClientOrderId=tp-1\n",
    "GET /fapi/v1/algoOrder\nclientAlgoId=sl-1\n",
    "GET /fapi/v1/openOrders\nsymbol=BTCUSDT\n",
    "GET /fapi/v1/openAlgoOrders\n\n",
    "GET /fapi/v1/allOrders\nsymbol=BTCUSDT&limit=5\n",
    "GET /fapi/v1/allAlgoOrders\nsymbol=BTCUSDT&limit=5\n",
    "GET /fapi/v1/userTrades\nsymbol=BTCUSDT&fromId=1&limit=10\n",
    "GET /fapi/v2/positionRisk\n\n",
    "GET /fapi/v3/positionRisk\nsymbol=BTCUSDT\n",
    "GET /fapi/v3/account\n\n",
    "GET /fapi/v1/symbolConfig\n\n",
    "GET /fapi/v1/commissionRate\nsymbol=BTCUSDT\n",
    "GET /fapi/v1/positionSide/dual\n\n",
    "GET /fapi/v1/premiumIndex\nsymbol=BTCUSDT\n",
    "GET /fapi/v1/klines\nsymbol=BTCUSDT&interval=1m&limit=5&startTime=1795000000000\n",
    "GET /fapi/v1/depth\nsymbol=BTCUSDT&limit=5\n",
    "GET /fapi/v1/ticker/24hr\n\n",
    "GET /fapi/v1/time\n\n",
];

/// Simulated time in which every service says what it has to say.
const TAPE: Span = Span::from_secs(20);

fn texts<'a>(lines: impl IntoIterator<Item = &'a str>) -> Vec<Vec<u8>> {
    lines
        .into_iter()
        .map(|line| line.as_bytes().to_vec())
        .collect()
}

/// Requests to the venue.
pub fn requests() -> Vec<Vec<u8>> {
    texts(RESTING.into_iter().chain(CALLS))
}

/// The venue's answers to [`requests`].
pub fn answers() -> Vec<Vec<u8>> {
    let mut venue = stage();
    let mut answered = Vec::new();
    for call in CALLS.iter().filter(|call| call.starts_with("GET")) {
        let request = read_request(call.as_bytes()).expect("three lines");
        answered.push(handle(&mut venue, &request, NOW_MS).body.into_bytes());
    }
    for call in RESTING.iter().chain(&CALLS) {
        let request = read_request(call.as_bytes()).expect("three lines");
        answered.push(handle(&mut venue, &request, NOW_MS).body.into_bytes());
    }
    answered
}

/// Answers with method and status before them.
pub fn outcomes() -> Vec<Vec<u8>> {
    let statuses = [200_u16, 400, 401, 403, 404, 408, 418, 429, 500, 503];
    let bodies = [
        r#"{"code":-2011,"msg":"Unknown order sent."}"#,
        r#"{"code":-4999,"msg":"?"}"#,
        r#"{"code":-1003,"msg":"Way too many requests; IP banned until 1795178173912."}"#,
        r#"{"code":-1008,"msg":"Request throttled by system-level protection."}"#,
        "<html>",
        "",
    ];
    let mut made = Vec::new();
    for method in 0..4 {
        for status in statuses {
            for body in bodies {
                let [high, low] = status.to_be_bytes();
                made.push([&[method, high, low], body.as_bytes()].concat());
            }
        }
    }
    made
}

/// Answers of the WebSocket API: the venue's own, and what it says in trouble.
pub fn socket_answers() -> Vec<Vec<u8>> {
    let error = |code: i32, msg: &str| json!({"code": code, "msg": msg});
    let limits = json!([{"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10,
        "limit": 300, "count": 4}]);
    let mut limited = error(-1003, "Too many requests");
    limited["data"] = json!({"serverTime": NOW_MS, "retryAfter": NOW_MS + 6_088});
    let frames = [
        json!({"id": 7, "status": 200, "result": {"orderId": 1}, "rateLimits": limits}),
        json!({"id": "7", "status": 400, "error": error(-2022, "ReduceOnly Order is rejected.")}),
        json!({"id": 7, "status": 408, "error": error(-1007, "Timeout waiting for response.")}),
        json!({"id": 7, "status": 429, "error": limited}),
        json!({"id": 7, "status": 503, "error": error(-1000, "Unknown error")}),
        json!({"id": null, "status": 400, "error": error(-1013, "Invalid message")}),
    ];
    frames.map(|frame| frame.to_string().into_bytes()).to_vec()
}

/// The venue's rules.
pub fn exchange_infos() -> Vec<Vec<u8>> {
    let request = WireRequest::new("GET", "/fapi/v1/exchangeInfo", "");
    vec![handle(&mut stage(), &request, NOW_MS).body.into_bytes()]
}

/// An eventful hour of an account.
pub fn user_events() -> Vec<Vec<u8>> {
    let mut venue = stage();
    let mut told = vec![
        br#"{"e":"listenKeyExpired","E":1795000000000,"listenKey":"k"}"#.to_vec(),
        br#"{"e":"MARGIN_CALL","E":1795000000000,"cw":"3.1","p":[{"s":"BTCUSDT","ps":"LONG",
            "pa":"1.3","mt":"CROSSED","iw":"0","mp":"187.1","up":"-1.1","mm":"1.6"}]}"#
            .to_vec(),
        br#"{"e":"ACCOUNT_CONFIG_UPDATE","E":1,"T":1,"ai":{"j":true}}"#.to_vec(),
    ];
    for call in &CALLS {
        let request = read_request(call.as_bytes()).expect("three lines");
        handle(&mut venue, &request, NOW_MS);
        gather(&mut venue, &mut told);
    }
    for call in RESTING {
        let request = read_request(call.as_bytes()).expect("three lines");
        handle(&mut venue, &request, NOW_MS);
    }
    for price in [61_200, 58_500, 57_000] {
        let at = PriceUpdate::at(Decimal::from(price));
        venue.on_price("BTCUSDT", at, NOW_MS + 1).ok();
        gather(&mut venue, &mut told);
    }
    let open = NewOrder::market("BTCUSDT", Direction::Sell, Decimal::ONE);
    venue.place_order(open, NOW_MS + 2).ok();
    gather(&mut venue, &mut told);
    told
}

fn gather(venue: &mut Venue, told: &mut Vec<Vec<u8>>) {
    let events = venue.take_events();
    told.extend(
        events
            .iter()
            .map(|event| user_event_json(event).into_bytes()),
    );
}

/// One frame of each stream that is read, bare and wrapped.
pub fn market_frames() -> Vec<Vec<u8>> {
    let venue = stage();
    let (name, at) = ("BTCUSDT", NOW_MS);
    let frames = [
        mark_price_json(&venue, name, at),
        book_ticker_json(&venue, name, at),
        mini_ticker_json(&venue, name, at),
        ticker_json(&venue, name, at),
    ];
    let bare: Vec<String> = frames.into_iter().flatten().collect();
    let wrapped = bare
        .iter()
        .map(|frame| format!(r#"{{"stream":"btcusdt@x","data":{frame}}}"#));
    let all: Vec<String> = wrapped.chain(bare.iter().cloned()).collect();
    texts(all.iter().map(String::as_str))
}

/// Every subject that is spoken on in a live world, a few messages of each.
pub fn bus_messages() -> Vec<Vec<u8>> {
    static SAID: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    let said = SAID.get_or_init(|| {
        let mut world = World::live(7);
        world.record();
        world.price("BTCUSDT", "60000");
        world.human_open("BTCUSDT", Side::Long, "0.5");
        world.run_for(TAPE);
        world.recorded().iter().map(joined).collect()
    });
    said.clone()
}

/// Approvals as the guard signs them.
pub fn approvals() -> Vec<Vec<u8>> {
    let mut sealed = Vec::new();
    for message in bus_messages() {
        let Some(at) = message.iter().position(|byte| *byte == super::bus::SPLIT) else {
            continue;
        };
        if !message.starts_with(b"order.approved.") {
            continue;
        }
        let signed = SignedApproval::decode(&message[at + 1..]);
        let approval = signed.and_then(|signed| Approval::decode(&signed.body));
        let approval = approval.expect("the guard's own words");
        let again = bus::approval::seal(&approval, guard()).expect("the pair has a seed");
        sealed.push(joined(&again));
    }
    sealed
}

/// The one order that the operator has signed.
pub fn direct_kill() -> DirectKill {
    DirectKill {
        kill: Kill {
            to: Mode::Shadow,
            by: "ada".into(),
            at: Timestamp::from_millis(1_795_000_000_000),
        },
        account: Account::new("main").expect("a name"),
    }
}

/// That order as it travels.
pub fn direct_kills() -> Vec<Vec<u8>> {
    let sealed = bus::kill::seal(&direct_kill(), guard()).expect("the pair has a seed");
    let SignedKill { body, signature } = sealed;
    vec![SignedApproval { body, signature }.encode()]
}

/// Frames of the WebSocket API.
pub fn ws_frames() -> Vec<Vec<u8>> {
    texts([
        r#"{"id":1,"method":"order.place","params":{"symbol":"BTCUSDT","side":"SELL","type":
           "MARKET","quantity":"0.1","reduceOnly":"true","timestamp":1795000000000}}"#,
        r#"{"id":"a","method":"order.cancel","params":{"symbol":"BTCUSDT",
           "origClientOrderId":"tp-1","timestamp":"1795000000000"}}"#,
        r#"{"id":"b","method":"order.status","params":{"symbol":"BTCUSDT",
           "origClientOrderId":"tp-1","timestamp":1795000000000}}"#,
        r#"{"id":2,"method":"algoOrder.place","params":{"algoType":"CONDITIONAL","symbol":
           "BTCUSDT","side":"SELL","type":"STOP_MARKET","closePosition":true,
           "triggerPrice":57000,"timestamp":1795000000000}}"#,
        r#"{"id":3,"method":"algoOrder.cancel","params":{"clientAlgoId":"sl-1",
           "timestamp":1795000000000}}"#,
        r#"{"id":4,"method":"v2/account.position","params":{"timestamp":1795000000000,
           "returnRateLimits":false}}"#,
        r#"{"id":null,"method":"session.status"}"#,
        r#"{"id":5,"method":"session.logon","params":{"apiKey":"k","signature":"s",
           "timestamp":1795000000000}}"#,
        r#"{"id":6,"method":"depth","params":{"symbol":"BTCUSDT","limit":5}}"#,
        r#"{"id":7,"method":"userDataStream.start","params":{"apiKey":"k"}}"#,
    ])
}

/// Control frames of a stream socket, after its address.
pub fn control_frames() -> Vec<Vec<u8>> {
    texts([
        "/market/ws\n{\"method\":\"SUBSCRIBE\",\"params\":[\"btcusdt@markPrice@1s\"],\"id\":1}",
        "/public/stream?streams=btcusdt@bookTicker/ethusdt@depth5\n\
         {\"method\":\"UNSUBSCRIBE\",\"params\":[\"btcusdt@bookTicker\"],\"id\":\"x\"}",
        "/private/ws?listenKey=abc&events=ORDER_TRADE_UPDATE/ACCOUNT_UPDATE\n\
         {\"method\":\"LIST_SUBSCRIPTIONS\",\"id\":3}",
        "/ws/btcusdt@aggTrade\n\
         {\"method\":\"SET_PROPERTY\",\"params\":[\"combined\",true],\"id\":5}",
        "/stream\n{\"method\":\"GET_PROPERTY\",\"params\":[\"combined\"],\"id\":2}",
    ])
}

/// Price files of each kind, the kind in the first byte.
pub fn feed_files() -> Vec<Vec<u8>> {
    let bars = "open_time_ms,open,high,low,close,volume\n60000,100,110,90,105,4\n\
                120000,105,106,104,104,8\n";
    let trades = "trade_id,price,quantity,trade_time_ms,is_buyer_maker\n\
                  1,100.5,0.2,60000,true\n2,100.6,0.1,60001,false\n";
    let recorded: String = market_frames()
        .iter()
        .map(|frame| {
            let frame = String::from_utf8_lossy(frame);
            format!("{{\"recv_ms\":{NOW_MS},\"msg\":{frame}}}\n{frame}\n")
        })
        .collect();
    let packed = zstd::encode_all(bars.as_bytes(), 1).unwrap_or_default();
    vec![
        [&[0], bars.as_bytes()].concat(),
        [&[1], trades.as_bytes()].concat(),
        [&[2], recorded.as_bytes()].concat(),
        [&[3], packed.as_slice()].concat(),
    ]
}

/// Plans of faults.
pub fn fault_plans() -> Vec<Vec<u8>> {
    texts([
        "seed = 7\ngte_blind_ms = 900\nstuck_triggering_ppm = 1000\n[[requests]]\n\
         method = \"POST\"\npath = \"/fapi/v1/order\"\naction = \"execute_then_unknown\"\n\
         often = { chance_ppm = 500000, skip = 1, times = 3 }\n",
        "[[requests]]\ncontains = \"BTCUSDT\"\n\
         action = { refuse_with = { code = -4509, message = \"no position\" } }\n",
        "[[events]]\nname = \"ALGO_UPDATE\"\naction = { delay = { ms = 700 } }\n\
         [[events]]\naction = \"duplicate\"\n[[events]]\naction = \"lose\"\n",
    ])
}

/// The shipped file of numbers, whole and by section.
pub fn policies() -> Vec<Vec<u8>> {
    let whole = include_str!("../../../deploy/config/policy.toml");
    let sections = whole
        .split("\n[")
        .skip(1)
        .map(|section| format!("[{section}\n"));
    let all: Vec<String> = sections.chain([whole.to_owned()]).collect();
    texts(all.iter().map(String::as_str))
}
