//! What the venue says: user events, market frames, answers, rules, and what an answer proves.

use binance::outcome::{Limit, Outcome, UnknownWhy, classify};
use binance::response;
use binance::symbol_rules::exchange_info;
use binance::user_event::{UserEvent, user_event};
use binance::ws_api;
use binance::{HttpResult, Method, Reaction, reaction};
use domain::Price;
use market::parse::{MarketEvent, parse};
use rust_decimal::Decimal;
use serde_json::Value;

/// A user event reads the same twice, and the same within the wrapping of a combined stream.
pub fn user_events(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let read = user_event(text);
    assert_eq!(read, user_event(text));
    let Ok(event) = read else { return };
    let is_wrapped = serde_json::from_str::<Value>(text)
        .is_ok_and(|value| value.get("data").is_some() || value.get("stream").is_some());
    if !is_wrapped {
        let wrapped = format!(r#"{{"stream":"key","data":{text}}}"#);
        assert_eq!(user_event(&wrapped).as_ref(), Ok(&event));
    }
    if let UserEvent::Order(update) = &event
        && update.order.is_fill()
    {
        assert!(update.order.last_qty > Decimal::ZERO);
    }
}

/// A frame reads the same twice, and prices that come out of it can be used.
pub fn market_frame(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let read = parse(text);
    assert_eq!(read, parse(text));
    match read {
        Ok(MarketEvent::Mark(mark)) => {
            assert!(mark.mark_price.get() > Decimal::ZERO);
            assert!(
                mark.index_price
                    .is_none_or(|it: Price| it.get() > Decimal::ZERO)
            );
        }
        Ok(MarketEvent::Book(book)) => {
            assert!(book.bid.get() > Decimal::ZERO && book.ask > book.bid);
        }
        Ok(_) => {}
        Err(error) => assert!(!error.counter().is_empty()),
    }
}

/// Every reader of answers. A list is read whole or not at all, and its rows as they are read
/// alone.
pub fn answer(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    whole(text, response::open_orders(text), response::order);
    whole(text, response::open_algo_orders(text), response::algo_order);
    let rows = response::position_risk(text);
    assert_eq!(rows, response::position_risk(text));
    let alone = |row: &str| {
        let list = response::position_risk(&format!("[{row}]"))?;
        Ok(list.into_iter().next().expect("one row"))
    };
    whole(text, rows, alone);
    assert_eq!(response::algo_cancel(text), response::algo_cancel(text));
    assert_eq!(response::user_trades(text), response::user_trades(text));
    assert_eq!(response::symbol_config(text), response::symbol_config(text));
    assert_eq!(response::premium_index(text), response::premium_index(text));
    assert_eq!(
        response::commission_rate(text),
        response::commission_rate(text)
    );
    assert_eq!(response::position_mode(text), response::position_mode(text));
    assert_eq!(response::server_time(text), response::server_time(text));
    if let Ok(key) = response::listen_key(text) {
        assert!(!key.is_empty());
    }
}

fn whole<T: PartialEq + std::fmt::Debug>(
    text: &str,
    list: response::Read<Vec<T>>,
    one: impl Fn(&str) -> response::Read<T>,
) {
    let Ok(rows) = list else { return };
    let Ok(Value::Array(values)) = serde_json::from_str(text) else {
        return; // a row may stand in a form that a general reader refuses
    };
    assert_eq!(values.len(), rows.len());
    for (value, row) in values.iter().zip(&rows) {
        if let Ok(alone) = one(&value.to_string()) {
            assert_eq!(&alone, row);
        }
    }
}

/// A symbol is either usable, with steps above zero, or named as unread.
pub fn exchange_infos(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let Ok(info) = exchange_info(text) else {
        return;
    };
    for (name, rules) in &info.symbols {
        assert_eq!(*name, rules.symbol);
        let steps = [rules.tick, rules.step, rules.market_step];
        assert!(steps.iter().all(|step| *step > Decimal::ZERO), "{rules:?}");
    }
    let listed = serde_json::from_str::<Value>(text)
        .ok()
        .and_then(|value| value["symbols"].as_array().map(Vec::len));
    assert!(listed.is_none_or(|all| info.symbols.len() + info.unread.len() <= all));
}

/// The first three bytes are method and status, the rest is the body: no answer of a write is ever
/// called refused unless a 4xx with a code that proves it came back.
pub fn outcome(input: &[u8]) {
    let [method, high, low, body @ ..] = input else {
        return;
    };
    let body = String::from_utf8_lossy(body).into_owned();
    let method = [Method::Get, Method::Post, Method::Put, Method::Delete][usize::from(method % 4)];
    let status = u16::from_be_bytes([*high, *low]) % 700;
    proves_what_it_says(
        method,
        HttpResult {
            status,
            body,
            ..HttpResult::default()
        },
    );
}

/// An answer of the WebSocket API is judged as the same one over REST would be, and only an id that
/// we may have given is an answer of ours.
pub fn socket_answer(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let read = ws_api::answer(text);
    assert_eq!(read, ws_api::answer(text));
    let Some(answer) = read else { return };
    let frame: Value = serde_json::from_str(text).expect("it was read");
    assert_eq!(
        frame["id"].to_string().trim_matches('"').parse(),
        Ok(answer.id)
    );
    assert_eq!(frame["status"].as_u64(), Some(answer.result.status.into()));
    for method in [Method::Post, Method::Delete] {
        proves_what_it_says(method, answer.result.clone());
    }
}

fn proves_what_it_says(method: Method, result: HttpResult) {
    let (status, body) = (result.status, result.body.clone());
    let answer = Ok(result);
    let outcome = classify(method, &answer);
    assert_eq!(outcome, classify(method, &answer));
    let refusing = (400..500).contains(&status) && status != 408;
    match outcome {
        Outcome::Done(done) => assert!((200..300).contains(&status) && done == body),
        Outcome::Rejected { code, .. } => {
            assert!(refusing && code < 0);
            let proves = !matches!(reaction(code), Reaction::QueryById | Reaction::Reconcile);
            assert!(proves, "{code}");
        }
        Outcome::Retryable { after_ms, .. } => {
            assert!(method.is_read() || refusing);
            assert!(after_ms <= 10_000);
        }
        Outcome::Limited { limit, .. } => {
            assert!(refusing);
            assert!(limit != Limit::Banned || status == 418);
        }
        Outcome::Unknown { why } => {
            assert!(!method.is_read());
            assert!(!matches!(why, UnknownWhy::Transport(_)));
        }
    }
}
