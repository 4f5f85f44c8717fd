//! Spans in a file of settings: a whole number and a unit, like `1500ms`, `5s`, `48h`.

use core::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use super::Span;

/// Microseconds of each unit, the longest first: what is written uses the longest that fits.
const UNITS: [(&str, i64); 4] = [
    ("h", 3_600_000_000),
    ("m", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1_000),
];

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |unit: &&(&str, i64)| self.0 % unit.1 == 0;
        match UNITS.iter().find(fits) {
            Some((name, micros)) => write!(f, "{}{name}", self.0 / micros),
            None => write!(f, "{}us", self.0),
        }
    }
}

struct Written;

impl Visitor<'_> for Written {
    type Value = Span;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a span of time in quotes, like \"1500ms\", \"5s\", \"10m\" or \"48h\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Span, E> {
        let wrong = || E::invalid_value(de::Unexpected::Str(text), &self);
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = text.get(digits.len()..).ok_or_else(wrong)?;
        let unit = UNITS.iter().find(|(name, _)| *name == unit);
        let (_, micros) = unit.ok_or_else(wrong)?;
        let number: u32 = digits.parse().map_err(|_| wrong())?;
        Ok(Span(i64::from(number).saturating_mul(*micros)))
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(Written)
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}
