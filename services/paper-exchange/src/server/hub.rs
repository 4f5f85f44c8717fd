//! What one socket listens to, and the control frames that change it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::life::{SocketConfig, Unrouted};
use crate::wire::{StreamName, StreamRoute};
use crate::world::{Interest, Outgoing, SocketKind};

/// Longest name of a stream that is kept, bytes; a listen key has 64, the rest is shorter.
const MAX_NAME_BYTES: usize = 128;

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

/// One socket's subscriptions; it leaves them when dropped.
#[derive(Debug)]
pub(super) struct Hub {
    class: RouteClass,
    combined: bool,
    streams: BTreeSet<String>,
    /// Those of them that are heard on this part of the address, and market streams.
    heard: BTreeSet<String>,
    interest: Interest,
    max_streams: usize,
    /// Names of user events wanted; empty means all.
    events: BTreeSet<String>,
}

impl Drop for Hub {
    fn drop(&mut self) {
        for name in &self.heard {
            self.interest.leave(name);
        }
    }
}

impl Hub {
    /// A socket of this address, raw or combined, with its first streams.
    pub(super) fn new(path: &str, query: &str, config: &SocketConfig, interest: Interest) -> Self {
        let class = match path.split('/').nth(1) {
            Some("public") => RouteClass::Public,
            Some("market") => RouteClass::Market,
            Some("private") => RouteClass::Private,
            _ if config.unrouted == Unrouted::Public => RouteClass::Public,
            _ => RouteClass::Any,
        };
        let mut hub = Self {
            class,
            combined: path.ends_with("/stream"),
            streams: BTreeSet::new(),
            heard: BTreeSet::new(),
            interest,
            max_streams: config.max_streams,
            events: BTreeSet::new(),
        };
        if let Some((_, streams)) = path.split_once("/ws/") {
            hub.extend(parts(streams));
        }
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            let value = percent_encoding::percent_decode_str(value).decode_utf8_lossy();
            match name {
                "streams" | "listenKey" => hub.extend(parts(&value)),
                "events" => hub.events.extend(parts(&value)),
                _ => {}
            }
        }
        hub
    }

    /// True when it listens to more than a connection may.
    pub(super) fn is_overfull(&self) -> bool {
        self.max_streams < self.streams.len()
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
            Outgoing::Market { stream, text } => {
                self.heard.contains(stream).then(|| self.wrap(stream, text))
            }
            Outgoing::User { key, name, text } => self.user_text(key, name, text),
            Outgoing::HangUp(_) => None,
        }
    }

    /// Executes a control frame and returns the answer.
    pub(super) fn control(&mut self, frame: &str) -> String {
        let frame = match serde_json::from_str::<Value>(frame) {
            Ok(Value::Object(frame)) => frame,
            Ok(_) => return refused(2, "Invalid request: expected an object", &Value::Null),
            Err(error) => {
                let (line, column) = (error.line(), error.column());
                let text = format!("Invalid JSON: expected value at line {line} column {column}");
                return refused(3, &text, &Value::Null);
            }
        };
        let id = frame.get("id").cloned().unwrap_or(Value::Null);
        if !(id.is_null() || id.is_string() || id.is_u64()) {
            let text = "Invalid request: request ID must be an unsigned integer";
            return refused(2, text, &Value::Null);
        }
        let Some(method) = frame.get("method") else {
            return refused(2, "Invalid request: missing field `method`", &id);
        };
        let params = frame.get("params").cloned().unwrap_or(Value::Null);
        match self.execute(method.as_str().unwrap_or_default(), &params) {
            Ok(result) => json!({"result": result, "id": id}).to_string(),
            Err((code, text)) => refused(code, &text, &id),
        }
    }

    fn execute(&mut self, method: &str, params: &Value) -> Result<Value, (i32, String)> {
        match method {
            "SUBSCRIBE" => {
                self.extend(names(params)?);
                Ok(Value::Null)
            }
            "UNSUBSCRIBE" => {
                for name in names(params)? {
                    self.streams.remove(&name);
                    if self.heard.remove(&name) {
                        self.interest.leave(&name);
                    }
                }
                Ok(Value::Null)
            }
            "LIST_SUBSCRIPTIONS" => Ok(json!(self.streams)),
            "GET_PROPERTY" => match params.get(0).and_then(Value::as_str) {
                Some("combined") => Ok(json!(self.combined)),
                Some(_) => Err((0, "Unknown property".to_owned())),
                None => Err(invalid("property name must be a string")),
            },
            "SET_PROPERTY" => match (params.get(0).and_then(Value::as_str), params.get(1)) {
                (Some("combined"), Some(Value::Bool(combined))) => {
                    self.combined = *combined;
                    Ok(Value::Null)
                }
                (Some("combined"), _) => {
                    Err((1, "Invalid value type: expected Boolean".to_owned()))
                }
                (Some(_), _) => Err((0, "Unknown property".to_owned())),
                (None, _) => Err(invalid("property name must be a string")),
            },
            other => Err(invalid(&format!(
                "unknown variant `{other}`, expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, \
                 `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY`"
            ))),
        }
    }

    /// One more than the bound is taken, so that the socket can be told to be overfull.
    fn extend(&mut self, names: impl IntoIterator<Item = String>) {
        for name in names {
            if self.is_overfull() {
                return;
            }
            if self.is_heard(&name) && self.heard.insert(name.clone()) {
                self.interest.listen(&name);
            }
            self.streams.insert(name);
        }
    }

    fn is_heard(&self, name: &str) -> bool {
        let Some(stream) = StreamName::parse(name) else {
            return false;
        };
        match self.class {
            RouteClass::Any => true,
            RouteClass::Public => stream.route() != StreamRoute::Market,
            RouteClass::Market => stream.route() != StreamRoute::Public,
            RouteClass::Private => false,
        }
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

/// What a fresh stream socket of this address answers to a control frame: the whole reader of
/// addresses and frames without a socket.
#[must_use]
pub fn control_answer(path: &str, query: &str, frame: &str) -> String {
    let config = SocketConfig::default();
    Hub::new(path, query, &config, Interest::default()).control(frame)
}

fn names(params: &Value) -> Result<Vec<String>, (i32, String)> {
    let Some(params) = params.as_array() else {
        return Err(invalid("params must be a list of stream names"));
    };
    let name = |name: &Value| name.as_str().map(str::to_owned);
    let names: Option<Vec<String>> = params.iter().map(name).collect();
    let names = names.ok_or_else(|| invalid("a stream name must be a string"))?;
    if names.iter().any(|name| MAX_NAME_BYTES < name.len()) {
        return Err(invalid("a stream name is too long"));
    }
    Ok(names)
}

fn invalid(text: &str) -> (i32, String) {
    (2, format!("Invalid request: {text}"))
}

fn refused(code: i32, text: &str, id: &Value) -> String {
    json!({"code": code, "msg": text, "id": id}).to_string()
}

fn parts(text: &str) -> impl Iterator<Item = String> {
    text.split('/')
        .filter(|part| (1..=MAX_NAME_BYTES).contains(&part.len()))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests;
