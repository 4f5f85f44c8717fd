//! Addresses, control frames, and what is heard where.

use super::*;

fn hub(path: &str, query: &str) -> Hub {
    Hub::new(path, query, &SocketConfig::default(), Interest::default())
}

fn mark() -> Outgoing {
    told("btcusdt@markPrice")
}

fn told(stream: &str) -> Outgoing {
    Outgoing::Market {
        stream: stream.to_owned(),
        text: "{}".to_owned(),
    }
}

fn user(name: &'static str) -> Outgoing {
    Outgoing::User {
        key: "k1".to_owned(),
        name,
        text: "{}".to_owned(),
    }
}

#[test]
fn raw_and_combined_addresses_wrap_differently() {
    let raw = hub("/market/ws/btcusdt@markPrice", "");
    assert_eq!(raw.text(&mark()).as_deref(), Some("{}"));
    let combined = hub("/market/stream", "streams=btcusdt@markPrice/x@y");
    let wrapped = r#"{"stream":"btcusdt@markPrice","data":{}}"#;
    assert_eq!(combined.text(&mark()).as_deref(), Some(wrapped));
    assert!(
        hub("/stream", "streams=btcusdt%40markPrice")
            .text(&mark())
            .is_some()
    );
    let two = hub("/market/ws/btcusdt@markPrice/btcusdt@ticker", "");
    assert!(two.text(&mark()).is_some() && two.text(&told("btcusdt@ticker")).is_some());
    assert!(hub("/market/stream", "streams=").text(&mark()).is_none());
}

#[test]
fn a_stream_on_the_wrong_part_stays_silent() {
    let at = |path: &str, stream: &str| {
        let hub = hub(path, &format!("streams={stream}"));
        hub.text(&told(stream)).is_some()
    };
    for (stream, public, market) in [
        ("btcusdt@markPrice", false, true),
        ("btcusdt@kline_1m", false, true),
        ("btcusdt@depth", true, false),
        ("!bookTicker", true, false),
        ("btcusdt@trade", true, true),
    ] {
        assert_eq!(at("/public/stream", stream), public, "{stream}");
        assert_eq!(at("/market/stream", stream), market, "{stream}");
        assert!(!at("/private/stream", stream), "{stream}");
        assert!(at("/stream", stream), "{stream}");
    }
}

#[test]
fn without_a_part_production_only_tells_books() {
    let config = SocketConfig {
        unrouted: Unrouted::Public,
        ..SocketConfig::default()
    };
    let hub = |path: &str| Hub::new(path, "", &config, Interest::default());
    assert!(
        hub("/ws/btcusdt@kline_1m")
            .text(&told("btcusdt@kline_1m"))
            .is_none()
    );
    assert!(
        hub("/ws/btcusdt@depth")
            .text(&told("btcusdt@depth"))
            .is_some()
    );
    assert!(hub("/ws/k1").text(&user("ALGO_UPDATE")).is_none());
}

#[test]
fn user_events_need_the_live_key_and_pass_the_filter() {
    let name = "ORDER_TRADE_UPDATE";
    assert!(hub("/private/ws/k1", "").text(&user(name)).is_some());
    assert!(
        hub("/private/ws", "listenKey=k1")
            .text(&user(name))
            .is_some()
    );
    assert!(
        hub("/private/ws", "listenKey=k2")
            .text(&user(name))
            .is_none()
    );
    assert!(hub("/public/ws/k1", "").text(&user(name)).is_none());
    let several = hub("/private/stream", "listenKey=k0&listenKey=k1");
    let wrapped = r#"{"stream":"k1","data":{}}"#;
    assert_eq!(several.text(&user(name)).as_deref(), Some(wrapped));
    let filtered = hub(
        "/private/ws",
        "listenKey=k1&events=ALGO_UPDATE/ACCOUNT_UPDATE",
    );
    assert!(filtered.text(&user(name)).is_none());
    assert!(filtered.text(&user("ALGO_UPDATE")).is_some());
    assert!(filtered.text(&user("listenKeyExpired")).is_some());
}

#[test]
fn a_listen_key_can_be_subscribed_to() {
    let mut hub = hub("/private/stream", "streams=");
    hub.control(r#"{"method":"SUBSCRIBE","params":["k1"],"id":"4fac"}"#);
    assert_eq!(
        hub.text(&user("ALGO_UPDATE")).as_deref(),
        Some(r#"{"stream":"k1","data":{}}"#)
    );
}

#[test]
fn control_frames_echo_the_id_with_its_type() {
    let mut hub = hub("/market/stream", "");
    let text = r#"{"method":"SUBSCRIBE","params":["btcusdt@markPrice"],"id":"a-1"}"#;
    assert_eq!(hub.control(text), r#"{"id":"a-1","result":null}"#);
    assert!(hub.text(&mark()).is_some());
    let list = hub.control(r#"{"method":"LIST_SUBSCRIPTIONS","id":7}"#);
    assert_eq!(list, r#"{"id":7,"result":["btcusdt@markPrice"]}"#);
    hub.control(r#"{"method":"UNSUBSCRIBE","params":["btcusdt@markPrice"],"id":8}"#);
    assert!(hub.text(&mark()).is_none());
}

#[test]
fn wrong_control_frames_have_their_codes() {
    let mut hub = hub("/market/stream", "");
    let mut code = |frame: &str| {
        let answer: Value = serde_json::from_str(&hub.control(frame)).unwrap();
        answer["code"].as_i64()
    };
    assert_eq!(code("nonsense"), Some(3));
    assert_eq!(code("7"), Some(2));
    assert_eq!(code(r#"{"id":9}"#), Some(2));
    assert_eq!(code(r#"{"method":"DANCE","id":9}"#), Some(2));
    assert_eq!(
        code(r#"{"method":"SUBSCRIBE","params":"x","id":9}"#),
        Some(2)
    );
    assert_eq!(
        code(r#"{"method":"SUBSCRIBE","params":[7],"id":9}"#),
        Some(2)
    );
    assert_eq!(
        code(r#"{"method":"SUBSCRIBE","params":[],"id":-9}"#),
        Some(2)
    );
    assert_eq!(
        code(r#"{"method":"SET_PROPERTY","params":["combined",7],"id":9}"#),
        Some(1)
    );
    assert_eq!(
        code(r#"{"method":"SET_PROPERTY","params":["colour",true],"id":9}"#),
        Some(0)
    );
    assert_eq!(
        code(r#"{"method":"SET_PROPERTY","params":["combined",false],"id":9}"#),
        None
    );
    assert_eq!(
        hub.control(r#"{"method":"GET_PROPERTY","params":["combined"],"id":1}"#),
        r#"{"id":1,"result":false}"#
    );
}

#[test]
fn bogus_names_are_borne_in_silence() {
    let mut hub = hub("/public/ws/0", "");
    assert!(hub.text(&told("0")).is_none());
    hub.control(r#"{"method":"SUBSCRIBE","params":["btcusdt@depth@100ms"],"id":1}"#);
    assert!(hub.text(&told("btcusdt@depth@100ms")).is_some());
}

#[test]
fn a_connection_takes_a_bounded_number_of_streams() {
    let mut hub = hub("/market/stream", "");
    let names: Vec<String> = (0..5_000).map(|n| format!("s{n}")).collect();
    let some = json!({"method": "SUBSCRIBE", "params": names[..1_024], "id": 1}).to_string();
    hub.control(&some);
    assert!(!hub.is_overfull());
    hub.control(&json!({"method": "SUBSCRIBE", "params": names, "id": 1}).to_string());
    assert!(hub.is_overfull() && hub.streams.len() == 1_025);
}

#[test]
fn a_name_longer_than_any_stream_is_not_kept() {
    let long = "x".repeat(60_000);
    let mut hub = hub(&format!("/market/ws/{long}/btcusdt@depth"), "");
    let some = json!({"method": "SUBSCRIBE", "params": [long], "id": 1}).to_string();
    let answer: Value = serde_json::from_str(&hub.control(&some)).unwrap();
    assert_eq!((&answer["code"], &answer["id"]), (&2.into(), &1.into()));
    assert_eq!(hub.streams.len(), 1);
}
