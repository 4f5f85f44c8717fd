//! Recorded combined streams: book tickers, marks and trades; depth is passed over.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde::Deserialize;

use super::PricePoint;
use super::bars::{plausible, positive, volume};

/// Symbols of which a mark was seen; until then the mid stands in for the mark.
#[derive(Debug, Clone, Default)]
pub(super) struct Recorded {
    marked: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
struct Combined<'a> {
    #[serde(borrow)]
    data: Message<'a>,
}

/// The members in use, by their names on the wire.
#[derive(Debug, Deserialize)]
struct Message<'a> {
    e: &'a str,
    s: &'a str,
    #[serde(rename = "E")]
    event_ms: Option<i64>,
    p: Option<&'a str>,
    q: Option<&'a str>,
    b: Option<&'a str>,
    a: Option<serde_json::Value>,
}

impl Recorded {
    /// Reads `<receive time> <message>`; `None` for a message that carries no price.
    pub(super) fn read(&mut self, line: &str) -> Result<Option<PricePoint>, String> {
        // Book changes, and the book snapshots that recorders write between the messages.
        if line.contains("\"depthUpdate\"") || line.contains("\"lastUpdateId\"") {
            return Ok(None);
        }
        let (received, text) = match line.split_once(' ') {
            Some((time, text)) if !time.starts_with('{') => (Some(read_time(time)?), text),
            _ => (None, line),
        };
        let message = parse(text)?;
        let at_ms = received.or(message.event_ms).ok_or("no time in the line")?;
        let at_ms = plausible("time", at_ms)?;
        self.point(&message, at_ms)
    }

    fn point(&mut self, message: &Message<'_>, at_ms: i64) -> Result<Option<PricePoint>, String> {
        let mut point = PricePoint {
            symbol: message.s.to_owned(),
            at_ms,
            mark: None,
            last: None,
            bid: None,
            ask: None,
            volume: Decimal::ZERO,
        };
        let price = || positive("p", message.p.unwrap_or_default());
        match message.e {
            "markPriceUpdate" => {
                point.mark = Some(price()?);
                self.marked.insert(message.s.to_owned());
            }
            "trade" | "aggTrade" => {
                point.last = Some(price()?);
                point.volume = volume(message.q.unwrap_or_default())?;
            }
            "bookTicker" => self.set_book(message, &mut point)?,
            _ => return Ok(None),
        }
        Ok(Some(point))
    }

    fn set_book(&self, message: &Message<'_>, point: &mut PricePoint) -> Result<(), String> {
        let ask = message
            .a
            .as_ref()
            .and_then(|ask| ask.as_str())
            .unwrap_or_default();
        let bid = positive("b", message.b.unwrap_or_default())?;
        let ask = positive("a", ask)?;
        if bid > ask {
            return Err(format!("bid {bid} above ask {ask}"));
        }
        point.bid = Some(bid);
        point.ask = Some(ask);
        if !self.marked.contains(message.s) {
            point.mark = Some((bid + ask) / Decimal::TWO);
        }
        Ok(())
    }
}

fn parse(text: &str) -> Result<Message<'_>, String> {
    let combined: Result<Combined<'_>, _> = serde_json::from_str(text);
    match combined {
        Ok(combined) => Ok(combined.data),
        Err(first) => serde_json::from_str(text).map_err(|_| first.to_string()),
    }
}

/// Milliseconds from a time in milli-, micro- or nanoseconds, told apart by its size.
fn read_time(text: &str) -> Result<i64, String> {
    let time: i64 = text
        .parse()
        .map_err(|_| format!("receive time is {text:?}"))?;
    Ok(match text.len() {
        0..=14 => time,
        15..=17 => time / 1_000,
        _ => time / 1_000_000,
    })
}
