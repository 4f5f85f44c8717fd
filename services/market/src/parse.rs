//! One text frame of a market stream into one event: raw or combined, unknown things tolerated.
//!
//! Shapes: the venue's market streams, sections 1.1 and 5 of the wire contract; the recorded feeds
//! of 2023 and 2024 have the same shapes without the newer fields.

use domain::{Money, Price, Ratio, Symbol, Timestamp};
use rust_decimal::Decimal;
use serde_json::Value;
use thiserror::Error;

/// Longest frame that is looked at, in bytes: a mark has some 200, a full depth frame some 50,000.
pub const FRAME_LEN_MAX: usize = 256 * 1_024;
/// Highest price that is believed, quote currency: a thousand times the dearest contract ever
/// listed, and low enough that no product in the rules can overflow.
const PRICE_MAX: i64 = 1_000_000_000;
/// Highest funding rate of one payment that is believed, basis points: the venue's widest cap is
/// 3 %.
const FUNDING_MAX: i64 = 500;
/// Highest volume of a day that is believed, quote currency: a thousand times what the whole venue
/// trades.
const VOLUME_MAX: i64 = 1_000_000_000_000_000;
/// How much of an offending value an error repeats, in characters.
const SHOWN_MAX: usize = 60;

/// A mark price as the venue says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkEvent {
    /// Contract (`s`).
    pub symbol: Symbol,
    /// Mark price (`p`).
    pub mark_price: Price,
    /// Index price (`i`); none where absent or zero, as before a contract's start.
    pub index_price: Option<Price>,
    /// Rate of the next funding payment (`r`); none where absent or empty, as on contracts without
    /// funding. An unusable rate spoils nothing but itself: the mark counts.
    pub funding_rate: Result<Option<Ratio>, ParseError>,
    /// The venue's event time (`E`).
    pub event_at: Timestamp,
}

/// The best prices of the book; the ask lies above the bid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookEvent {
    /// Contract (`s`).
    pub symbol: Symbol,
    /// Best bid (`b`).
    pub bid: Price,
    /// Best ask (`a`).
    pub ask: Price,
}

/// What was traded in 24 hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumeEvent {
    /// Contract (`s`).
    pub symbol: Symbol,
    /// Quote currency (`q`).
    pub quote_volume: Money,
}

/// What a frame says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MarketEvent {
    /// A mark price.
    Mark(MarkEvent),
    /// The best prices of the book.
    Book(BookEvent),
    /// The volume of a day.
    Volume(VolumeEvent),
    /// The answer to a control frame.
    Reply,
    /// The venue refused a control frame, in its own words.
    Refused(String),
    /// Valid, and of no use here.
    Other,
}

/// A frame that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ParseError {
    /// Larger than anything that was asked for.
    #[error("frame of {len} bytes exceeds {FRAME_LEN_MAX}: check the streams that were asked for")]
    TooLong {
        /// Its length.
        len: usize,
    },
    /// No JSON.
    #[error("frame is not JSON: {reason}")]
    NotJson {
        /// The parser's words.
        reason: String,
    },
    /// A known event without a usable field.
    #[error("{event}.{field} is {value}: {expected}")]
    Field {
        /// The venue's name of the event.
        event: &'static str,
        /// The venue's name of the field.
        field: &'static str,
        /// What was there, cut short.
        value: String,
        /// What should be there.
        expected: &'static str,
    },
}

impl ParseError {
    /// Stable name to count it by: the field, or the kind of fault.
    #[must_use]
    pub fn counter(&self) -> String {
        match self {
            Self::TooLong { .. } => "frame_too_long".into(),
            Self::NotJson { .. } => "frame_not_json".into(),
            Self::Field { event, field, .. } => format!("{event}.{field}"),
        }
    }
}

/// Reads one frame.
///
/// # Errors
/// [`ParseError`] for what is no JSON, or a mark, book or ticker with an unusable field. An event
/// that isn't known is no error.
pub fn parse(frame: &str) -> Result<MarketEvent, ParseError> {
    if frame.len() > FRAME_LEN_MAX {
        return Err(ParseError::TooLong { len: frame.len() });
    }
    let value: Value = serde_json::from_str(frame).map_err(|error| ParseError::NotJson {
        reason: error.to_string(),
    })?;
    let body = value.get("data").unwrap_or(&value);
    let stream = value.get("stream").and_then(Value::as_str);
    match body.get("e").and_then(Value::as_str) {
        Some("markPriceUpdate") => mark(Fields::new("markPriceUpdate", body, stream)),
        Some("bookTicker") => book(Fields::new("bookTicker", body, stream)),
        Some("24hrMiniTicker") => volume(Fields::new("24hrMiniTicker", body, stream)),
        Some(_) => Ok(MarketEvent::Other),
        None => Ok(control(&value)),
    }
}

fn control(value: &Value) -> MarketEvent {
    let refusal = value.get("error").or_else(|| value.get("code"));
    if refusal.is_some() {
        return MarketEvent::Refused(shown(Some(value)));
    }
    if value.get("result").is_some() {
        MarketEvent::Reply
    } else {
        MarketEvent::Other
    }
}

fn mark(fields: Fields<'_>) -> Result<MarketEvent, ParseError> {
    Ok(MarketEvent::Mark(MarkEvent {
        symbol: fields.symbol()?,
        mark_price: fields.price("p")?,
        index_price: fields.optional_price("i")?,
        funding_rate: fields.funding_rate("r"),
        event_at: fields.time("E")?,
    }))
}

fn book(fields: Fields<'_>) -> Result<MarketEvent, ParseError> {
    let (bid, ask) = (fields.price("b")?, fields.price("a")?);
    if ask <= bid {
        return Err(fields.fault("a", "a price above the best bid"));
    }
    let symbol = fields.symbol()?;
    Ok(MarketEvent::Book(BookEvent { symbol, bid, ask }))
}

fn volume(fields: Fields<'_>) -> Result<MarketEvent, ParseError> {
    Ok(MarketEvent::Volume(VolumeEvent {
        symbol: fields.symbol()?,
        quote_volume: fields.volume("q")?,
    }))
}

/// The fields of one event, read by the venue's names.
struct Fields<'a> {
    event: &'static str,
    body: &'a Value,
    stream: Option<&'a str>,
}

impl<'a> Fields<'a> {
    const fn new(event: &'static str, body: &'a Value, stream: Option<&'a str>) -> Self {
        Self {
            event,
            body,
            stream,
        }
    }

    fn symbol(&self) -> Result<Symbol, ParseError> {
        let text = self.text("s")?;
        let symbol =
            Symbol::new(text).map_err(|_| self.fault("s", "one name without blanks or dots"))?;
        let named = self.stream.and_then(|stream| stream.split('@').next());
        if named.is_some_and(|named| !named.starts_with('!') && named != text.to_lowercase()) {
            return Err(self.fault("s", "the symbol of the stream that it came by"));
        }
        Ok(symbol)
    }

    fn price(&self, field: &'static str) -> Result<Price, ParseError> {
        let fault = || self.fault(field, "a decimal above 0 and at most 1e9, as a string");
        let value = self.decimal(field)?;
        if value > Decimal::from(PRICE_MAX) {
            return Err(fault());
        }
        Price::new(value).map_err(|_| fault())
    }

    fn optional_price(&self, field: &'static str) -> Result<Option<Price>, ParseError> {
        if self.is_unset(field) || self.decimal(field)?.is_zero() {
            return Ok(None);
        }
        self.price(field).map(Some)
    }

    fn funding_rate(&self, field: &'static str) -> Result<Option<Ratio>, ParseError> {
        if self.is_unset(field) {
            return Ok(None);
        }
        let rate = Ratio::new(self.decimal(field)?);
        let most = Ratio::basis_points(FUNDING_MAX);
        if rate.get().abs() > most.get() {
            return Err(self.fault(field, "a decimal between -0.05 and 0.05, as a string"));
        }
        Ok(Some(rate))
    }

    fn volume(&self, field: &'static str) -> Result<Money, ParseError> {
        let volume = self.decimal(field)?;
        if volume.is_sign_negative() || volume > Decimal::from(VOLUME_MAX) {
            return Err(self.fault(
                field,
                "a decimal of 0 or more and at most 1e15, as a string",
            ));
        }
        Ok(Money::new(volume))
    }

    fn is_unset(&self, field: &'static str) -> bool {
        match self.body.get(field) {
            None | Some(Value::Null) => true,
            Some(Value::String(text)) => text.is_empty(),
            Some(_) => false,
        }
    }

    fn time(&self, field: &'static str) -> Result<Timestamp, ParseError> {
        let millis = self.body.get(field).and_then(Value::as_i64);
        millis
            .filter(|millis| *millis > 0)
            .map(Timestamp::from_millis)
            .ok_or_else(|| self.fault(field, "whole milliseconds since 1970"))
    }

    fn decimal(&self, field: &'static str) -> Result<Decimal, ParseError> {
        self.text(field)?
            .parse()
            .map_err(|_| self.fault(field, "a decimal as a string"))
    }

    fn text(&self, field: &'static str) -> Result<&'a str, ParseError> {
        let text = self.body.get(field).and_then(Value::as_str);
        text.ok_or_else(|| self.fault(field, "a string"))
    }

    fn fault(&self, field: &'static str, expected: &'static str) -> ParseError {
        ParseError::Field {
            event: self.event,
            field,
            value: shown(self.body.get(field)),
            expected,
        }
    }
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(
        || "missing".into(),
        |value| value.to_string().chars().take(SHOWN_MAX).collect(),
    )
}

#[cfg(test)]
mod tests;
