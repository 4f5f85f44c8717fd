//! What one socket listens to, and the control frames that change it. Pure.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::world::{MarketKind, Outgoing, SocketKind};

/// Streams of one connection, as on the venue.
const MAX_STREAMS: usize = 1_024;

/// The part of the split address a socket came in on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RouteClass {
    /// No part: everything, as on the demo venue.
    Any,
    /// Books.
    Public,
    /// Marks, trades, bars.
    Market,
    /// The account.
    Private,
}

/// One socket's subscriptions.
#[derive(Debug, Clone)]
pub(super) struct Hub {
    class: RouteClass,
    combined: bool,
    streams: BTreeSet<String>,
    /// Names of user events wanted; empty means all.
    events: BTreeSet<String>,
}

impl Hub {
    /// A socket of this address, raw or combined, with its first streams.
    pub(super) fn new(path: &str, query: &str) -> Self {
        let class = match path.split('/').nth(1) {
            Some("public") => RouteClass::Public,
            Some("market") => RouteClass::Market,
            Some("private") => RouteClass::Private,
            _ => RouteClass::Any,
        };
        let mut hub = Self {
            class,
            combined: path.ends_with("/stream"),
            streams: BTreeSet::new(),
            events: BTreeSet::new(),
        };
        if let Some((_, streams)) = path.split_once("/ws/") {
            hub.add(streams);
        }
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            let value = percent_encoding::percent_decode_str(value).decode_utf8_lossy();
            match name {
                "streams" | "listenKey" => hub.add(&value),
                "events" => hub.events.extend(parts(&value)),
                _ => {}
            }
        }
        hub
    }

    /// What a fault has to name to hang up on this socket.
    pub(super) fn kind(&self) -> SocketKind {
        let has_key = self.streams.iter().any(|name| !name.contains(['@', '!']));
        match self.class {
            RouteClass::Private => SocketKind::User,
            RouteClass::Any if has_key => SocketKind::User,
            _ => SocketKind::Market,
        }
    }

    /// The text for this socket, or `None` when it does not listen to that.
    pub(super) fn text(&self, outgoing: &Outgoing) -> Option<String> {
        match outgoing {
            Outgoing::Market { kind, symbol, text } => self.market_text(*kind, symbol, text),
            Outgoing::User { key, name, text } => self.user_text(key, name, text),
            Outgoing::HangUp(_) => None,
        }
    }

    /// Executes a control frame and returns the answer.
    pub(super) fn control(&mut self, frame: &str) -> String {
        let Ok(Value::Object(frame)) = serde_json::from_str::<Value>(frame) else {
            return json!({"code": 3, "msg": "Invalid JSON: expected an object"}).to_string();
        };
        let id = frame.get("id").cloned().unwrap_or(Value::Null);
        let method = frame
            .get("method")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let params = frame.get("params").and_then(Value::as_array);
        let names = params.into_iter().flatten().filter_map(Value::as_str);
        let names: Vec<String> = names.map(str::to_owned).collect();
        let result = match method {
            "SUBSCRIBE" if self.streams.len() + names.len() > MAX_STREAMS => {
                let text = "Invalid request: too many streams";
                return json!({"code": 2, "msg": text, "id": id}).to_string();
            }
            "SUBSCRIBE" => {
                self.streams.extend(names);
                Value::Null
            }
            "UNSUBSCRIBE" => {
                self.streams.retain(|stream| !names.contains(stream));
                Value::Null
            }
            "LIST_SUBSCRIPTIONS" => json!(self.streams),
            _ => {
                let text = "Invalid request: unknown variant of method";
                return json!({"code": 2, "msg": text, "id": id}).to_string();
            }
        };
        json!({"result": result, "id": id}).to_string()
    }

    fn add(&mut self, streams: &str) {
        for name in parts(streams).take(MAX_STREAMS) {
            self.streams.insert(name);
        }
    }

    fn market_text(&self, kind: MarketKind, symbol: &str, text: &str) -> Option<String> {
        let class = match kind {
            MarketKind::BookTicker => RouteClass::Public,
            _ => RouteClass::Market,
        };
        if self.class != RouteClass::Any && self.class != class {
            return None;
        }
        let (endings, everything): (&[&str], &[&str]) = match kind {
            MarketKind::MarkPrice => (
                &["@markPrice", "@markPrice@1s"],
                &["!markPrice@arr", "!markPrice@arr@1s"],
            ),
            MarketKind::BookTicker => (&["@bookTicker"], &["!bookTicker"]),
            MarketKind::AggTrade => (&["@aggTrade"], &[]),
            MarketKind::Kline => (&["@kline_1m"], &[]),
            MarketKind::MiniTicker => (&["@miniTicker"], &["!miniTicker@arr"]),
        };
        let own = endings.iter().map(|ending| format!("{symbol}{ending}"));
        if let Some(name) = own.into_iter().find(|name| self.streams.contains(name)) {
            return Some(self.wrap(&name, text));
        }
        let name = everything
            .iter()
            .find(|name| self.streams.contains(**name))?;
        let is_list = name.contains("@arr");
        let text = if is_list {
            format!("[{text}]")
        } else {
            text.to_owned()
        };
        Some(self.wrap(name, &text))
    }

    fn user_text(&self, key: &str, name: &str, text: &str) -> Option<String> {
        let class = matches!(self.class, RouteClass::Any | RouteClass::Private);
        let wanted = self.events.is_empty() || self.events.contains(name);
        let wanted = wanted || name == "listenKeyExpired";
        (class && wanted && self.streams.contains(key)).then(|| self.wrap(key, text))
    }

    fn wrap(&self, stream: &str, text: &str) -> String {
        if self.combined {
            return format!(r#"{{"stream":{},"data":{text}}}"#, json!(stream));
        }
        text.to_owned()
    }
}

fn parts(text: &str) -> impl Iterator<Item = String> {
    text.split('/')
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark() -> Outgoing {
        Outgoing::Market {
            kind: MarketKind::MarkPrice,
            symbol: "btcusdt".to_owned(),
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
        let raw = Hub::new("/market/ws/btcusdt@markPrice@1s", "");
        assert_eq!(raw.text(&mark()).as_deref(), Some("{}"));
        let combined = Hub::new("/market/stream", "streams=btcusdt@markPrice/x@y");
        let wrapped = r#"{"stream":"btcusdt@markPrice","data":{}}"#;
        assert_eq!(combined.text(&mark()).as_deref(), Some(wrapped));
        let encoded = Hub::new("/stream", "streams=btcusdt%40markPrice");
        assert!(encoded.text(&mark()).is_some());
    }

    #[test]
    fn a_stream_on_the_wrong_part_stays_silent() {
        let hub = |path: &str| Hub::new(path, "streams=btcusdt@markPrice");
        assert!(hub("/public/stream").text(&mark()).is_none());
        assert!(hub("/private/stream").text(&mark()).is_none());
        assert!(hub("/stream").text(&mark()).is_some());
    }

    #[test]
    fn user_events_need_the_live_key_and_pass_the_filter() {
        let name = "ORDER_TRADE_UPDATE";
        assert!(Hub::new("/private/ws/k1", "").text(&user(name)).is_some());
        assert!(
            Hub::new("/private/ws", "listenKey=k1")
                .text(&user(name))
                .is_some()
        );
        assert!(
            Hub::new("/private/ws", "listenKey=k2")
                .text(&user(name))
                .is_none()
        );
        assert!(Hub::new("/public/ws/k1", "").text(&user(name)).is_none());
        let filtered = Hub::new("/private/ws", "listenKey=k1&events=ALGO_UPDATE");
        assert!(filtered.text(&user(name)).is_none());
        assert!(filtered.text(&user("ALGO_UPDATE")).is_some());
        assert!(filtered.text(&user("listenKeyExpired")).is_some());
    }

    #[test]
    fn control_frames_echo_the_id_with_its_type() {
        let mut hub = Hub::new("/market/stream", "");
        let text = r#"{"method":"SUBSCRIBE","params":["btcusdt@markPrice"],"id":"a-1"}"#;
        assert_eq!(hub.control(text), r#"{"id":"a-1","result":null}"#);
        assert!(hub.text(&mark()).is_some());
        let list = hub.control(r#"{"method":"LIST_SUBSCRIPTIONS","id":7}"#);
        assert_eq!(list, r#"{"id":7,"result":["btcusdt@markPrice"]}"#);
        hub.control(r#"{"method":"UNSUBSCRIBE","params":["btcusdt@markPrice"],"id":8}"#);
        assert!(hub.text(&mark()).is_none());
        assert!(hub.control("nonsense").contains("\"code\":3"));
        assert!(
            hub.control(r#"{"method":"DANCE","id":9}"#)
                .contains("\"code\":2")
        );
    }

    #[test]
    fn a_connection_takes_a_bounded_number_of_streams() {
        let mut hub = Hub::new("/market/stream", "");
        let names: Vec<String> = (0..=MAX_STREAMS).map(|n| format!("s{n}")).collect();
        let frame = json!({"method": "SUBSCRIBE", "params": names, "id": 1}).to_string();
        assert!(hub.control(&frame).contains("too many"));
        assert!(hub.streams.is_empty());
    }
}
