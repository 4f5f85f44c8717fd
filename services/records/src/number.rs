//! A decimal as a JSON number, digit for digit: the owner's schema has numbers, and a float would
//! round them.

use rust_decimal::Decimal;
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::value::RawValue;

/// A decimal that is written as a JSON number, and read from one or from a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Number(pub Decimal);

impl Number {
    /// The decimal.
    #[must_use]
    pub const fn get(self) -> Decimal {
        self.0
    }
}

impl From<Decimal> for Number {
    fn from(value: Decimal) -> Self {
        Self(value)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let raw = RawValue::from_string(self.0.normalize().to_string());
        raw.map_err(S::Error::custom)?.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(from)?;
        let text = raw.get().trim_matches('"');
        // Floats of other writers may come as 1e-7.
        let value = Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text));
        value.map(Self).map_err(|_| {
            D::Error::custom(format_args!(
                "{text:?} is no number of at most 28 digits; write it like 95000.5"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_every_digit() {
        for (text, written) in [
            ("95000.123456789012345678", "95000.123456789012345678"),
            ("0.10", "0.1"),
            (
                "-2.857142857142857142857142857",
                "-2.857142857142857142857142857",
            ),
            ("100", "100"),
        ] {
            let number = Number(text.parse().expect("a decimal"));
            assert_eq!(serde_json::to_string(&number).expect("json"), written);
            let back: Number = serde_json::from_str(written).expect("json");
            assert_eq!(back, number);
        }
    }

    #[test]
    fn strings_and_floats_of_other_writers_are_read() {
        for (json, expected) in [("\"1.5\"", "1.5"), ("1e-7", "0.0000001"), ("2.5E2", "250")] {
            let number: Number = serde_json::from_str(json).expect(json);
            assert_eq!(number.get(), expected.parse().expect("a decimal"));
        }
        let error = serde_json::from_str::<Number>("\"much\"").expect_err("no number");
        assert!(error.to_string().contains("much"), "{error}");
    }
}
