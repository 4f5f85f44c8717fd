//! The venue's words and number forms, read strictly where a mistake would cost money.

use std::fmt;

use rust_decimal::Decimal;
use serde::de::{self, DeserializeOwned, Deserializer, Visitor};

/// Why a text of the venue could not be read. The text itself is not repeated (it may be long).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: field `{field}`: {why}; treat it as unread and ask the venue again")]
pub struct ParseError {
    /// Which answer or event it was, in our words.
    pub what: &'static str,
    /// Path of the field, `.` for the top level.
    pub field: String,
    /// The reason in words.
    pub why: String,
}

impl ParseError {
    pub(crate) fn new(what: &'static str, field: &str, why: impl Into<String>) -> Self {
        Self {
            what,
            field: field.to_owned(),
            why: why.into(),
        }
    }
}

/// Reads one JSON text into `T`; unknown fields pass, a missing or misshapen one is named.
///
/// # Errors
/// [`ParseError`] with the path of the first field that does not fit.
pub fn parse<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T, ParseError> {
    // Keeping track of the path doubles the work: only a text that does not fit is read like that.
    if let Ok(value) = serde_json::from_str(text) {
        return Ok(value);
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|e| named(what, &e))?;
    json.end()
        .map_err(|e| ParseError::new(what, ".", e.to_string()))?;
    Ok(value)
}

/// Reads an already split JSON value into `T`; same strictness as [`parse`].
///
/// # Errors
/// [`ParseError`] with the path of the first field that does not fit.
pub fn parse_value<T: DeserializeOwned>(
    what: &'static str,
    value: serde_json::Value,
) -> Result<T, ParseError> {
    if let Ok(read) = T::deserialize(&value) {
        return Ok(read);
    }
    serde_path_to_error::deserialize(value).map_err(|e| named(what, &e))
}

fn named(what: &'static str, error: &serde_path_to_error::Error<serde_json::Error>) -> ParseError {
    ParseError::new(what, &error.path().to_string(), error.inner().to_string())
}

/// Declares an enum of the venue's words that keeps a word it does not know.
macro_rules! wire_words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$vdoc])* #[doc = concat!("`", $word, "`")] $variant,)+
            /// A word we do not know, kept as sent.
            Other(String),
        }

        impl $name {
            /// The venue's word.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)+
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let word = <String as serde::Deserialize>::deserialize(from)?;
                Ok(Self::from(word.as_str()))
            }
        }
    };
}

wire_words! {
    /// State of an ordinary order.
    OrderStatus {
        New = "NEW",
        PartiallyFilled = "PARTIALLY_FILLED",
        Filled = "FILLED",
        Canceled = "CANCELED",
        Expired = "EXPIRED",
        ExpiredInMatch = "EXPIRED_IN_MATCH",
        Rejected = "REJECTED",
        NewAdl = "NEW_ADL",
        NewInsurance = "NEW_INSURANCE",
    }
}

impl OrderStatus {
    /// True when nothing further can happen to the order. An unknown word is not final.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Filled | Self::Canceled | Self::Expired | Self::ExpiredInMatch | Self::Rejected
        )
    }
}

wire_words! {
    /// State of a conditional (algo) order.
    AlgoStatus {
        New = "NEW",
        Triggering = "TRIGGERING",
        Triggered = "TRIGGERED",
        Finished = "FINISHED",
        Canceled = "CANCELED",
        Expired = "EXPIRED",
        Rejected = "REJECTED",
    }
}

impl AlgoStatus {
    /// True while the order rests and protects. TRIGGERING no longer rests but is not over either.
    #[must_use]
    pub fn is_resting(&self) -> bool {
        matches!(self, Self::New)
    }

    /// True when nothing further can happen to the order. An unknown word is not final.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Finished | Self::Canceled | Self::Expired | Self::Rejected
        )
    }
}

wire_words! {
    /// What happened to an ordinary order (`x` of ORDER_TRADE_UPDATE).
    Execution {
        New = "NEW",
        Canceled = "CANCELED",
        /// Liquidation or auto-deleveraging.
        Calculated = "CALCULATED",
        Expired = "EXPIRED",
        Trade = "TRADE",
        Amendment = "AMENDMENT",
    }
}

/// Direction of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum OrderSide {
    /// `BUY`
    Buy,
    /// `SELL`
    Sell,
}

impl OrderSide {
    /// The venue's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Buy => "BUY",
            Self::Sell => "SELL",
        }
    }
}

/// Which position of a symbol a row, an order or an event belongs to. Unknown words are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum WirePositionSide {
    /// `BOTH`: one-way mode; the sign of the amount tells the side.
    Both,
    /// `LONG`: hedge mode.
    Long,
    /// `SHORT`: hedge mode; amounts are negative.
    Short,
}

/// A decimal sent as a JSON string (or as a JSON integer). A JSON float is refused: it has
/// already lost its digits.
pub(crate) fn decimal<'de, D: Deserializer<'de>>(from: D) -> Result<Decimal, D::Error> {
    from.deserialize_any(DecimalVisitor)
}

/// As [`decimal`]; null and the empty string are `None`. Use with `#[serde(default)]`.
pub(crate) fn decimal_opt<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Decimal>, D::Error> {
    match text_opt(from)? {
        Some(text) => decimal_of(&text).map(Some),
        None => Ok(None),
    }
}

/// A 64-bit id sent as a string; null and the empty string are `None`.
pub(crate) fn id_opt<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    match text_opt(from)? {
        Some(text) => match text.parse() {
            Ok(id) => Ok(Some(id)),
            Err(_) => Err(de::Error::custom(format!("`{text}` is not a 64-bit id"))),
        },
        None => Ok(None),
    }
}

/// A short text sent as a string or an integer; null and the empty string are `None`.
pub(crate) fn text_opt<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    from.deserialize_any(TextVisitor)
}

fn decimal_of<E: de::Error>(text: &str) -> Result<Decimal, E> {
    text.parse()
        .map_err(|_| E::custom(format!("`{text}` is not a decimal number")))
}

struct DecimalVisitor;

impl Visitor<'_> for DecimalVisitor {
    type Value = Decimal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal number as a JSON string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Decimal, E> {
        decimal_of(text)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Decimal, E> {
        Ok(Decimal::from(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Decimal, E> {
        Ok(Decimal::from(number))
    }
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, an integer or null")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok((!text.is_empty()).then(|| text.to_owned()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

#[cfg(test)]
#[path = "wire/tests.rs"]
mod tests;
