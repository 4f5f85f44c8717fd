//! Numbers in a file of settings: decimals in quotes, never floats.

use core::fmt;

use rust_decimal::Decimal;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use super::{MarginPct, Money, PricePct, Ratio};

/// Longest text that is read as a number; a decimal has at most 29 digits.
const TEXT_LEN_MAX: usize = 40;

struct Quoted;

impl Visitor<'_> for Quoted {
    type Value = Decimal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal number in quotes, like \"0.025\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Decimal, E> {
        let wrong = || E::invalid_value(de::Unexpected::Str(text), &self);
        if text.len() > TEXT_LEN_MAX {
            return Err(wrong());
        }
        Decimal::from_str_exact(text).map_err(|_| wrong())
    }
}

/// Reads a bare decimal in quotes.
///
/// # Errors
/// Where the text is no decimal.
pub(crate) fn decimal<'de, D: Deserializer<'de>>(from: D) -> Result<Decimal, D::Error> {
    from.deserialize_str(Quoted)
}

macro_rules! quoted {
    ($($name:ident),+) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                decimal(from).map(Self::new)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }
    )+};
}

quoted!(Ratio, Money, PricePct, MarginPct);
