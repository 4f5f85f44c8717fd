//! What a policy must keep: every fault at once, by the key in the file.
//!
//! A number is judged by its own range first. What belongs together is compared only where both
//! numbers are in range, so that one wrong number is one fault.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::{self, Display};

use rust_decimal::Decimal;

use self::range::{Range, SpanRange};
use super::Policy;
use crate::time::Span;

mod distances;
mod legs;
mod profiles;
mod protect;
mod range;

/// Highest leverage that the venue grants.
const LEVERAGE_MAX: u16 = 125;

impl Policy {
    /// Every number that can't be used, by its key in the policy file, in the order of the
    /// sections; none for what ships.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut check = Check::default();
        check.distances(self);
        check.ladder(self);
        check.profiles(self);
        check.dynamic(self);
        check.challenge(&self.profiles.challenge);
        check.protection(self);
        check.faults
    }

    /// What can be used and is not meant for real money, as [`Policy::faults`] tells faults.
    #[must_use]
    pub fn warnings(&self) -> Vec<Fault> {
        let mut check = Check::default();
        if self.breakeven.exact_entry {
            let why = "test mode: a close at the breakeven stop loses both fees";
            check.fault("breakeven.exact_entry", "true".into(), why);
        }
        check.faults
    }
}

/// One number that can't be used, or should not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The key in the policy file: `ladder.steps.0.size`.
    pub field: String,
    /// The value, as it stands in the file.
    pub value: String,
    /// What it must be.
    pub why: String,
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}: {}", self.field, self.value, self.why)
    }
}

/// A number of the file, and whether it is in its range.
struct Number {
    field: String,
    value: Decimal,
    usable: bool,
}

impl Number {
    /// As it stands in the file.
    fn text(&self) -> String {
        quoted(&self.value.normalize())
    }
}

fn quoted(value: &impl Display) -> String {
    format!("\"{value}\"")
}

/// Collects the faults.
#[derive(Default)]
struct Check {
    faults: Vec<Fault>,
}

impl Check {
    /// A number with its range.
    fn number(&mut self, field: impl Into<String>, value: Decimal, range: &Range) -> Number {
        let field = field.into();
        let usable = range.contains(value);
        let number = Number {
            field,
            value,
            usable,
        };
        if !usable {
            self.fault(&number.field, number.text(), format!("must be {range}"));
        }
        number
    }

    /// A whole number, which stands in the file without quotes.
    fn whole(&mut self, field: &str, value: u16, (min, max): (u16, u16)) {
        if !(min..=max).contains(&value) {
            let why = format!("must be a whole number from {min} to {max}");
            self.fault(field, value.to_string(), why);
        }
    }

    fn span(&mut self, field: &str, value: Span, range: SpanRange) {
        if !range.contains(value) {
            self.fault(field, quoted(&value), format!("must be {range}"));
        }
    }

    /// What belongs together: `low` must not be above `high`.
    fn at_most(&mut self, low: &Number, high: &Number) {
        self.ordered(low, high, low.value <= high.value, "must not be above");
    }

    /// What belongs together: `low` must be below `high`.
    fn below(&mut self, low: &Number, high: &Number) {
        self.ordered(low, high, low.value < high.value, "must be below");
    }

    /// What belongs together: each above the one before it.
    fn ascending(&mut self, numbers: &[Number]) {
        for pair in numbers.windows(2) {
            if let [one, next] = pair {
                self.ordered(next, one, one.value < next.value, "must be above");
            }
        }
    }

    fn ordered(&mut self, number: &Number, other: &Number, holds: bool, words: &str) {
        if number.usable && other.usable && !holds {
            let why = format!("{words} {}, which is {}", other.field, other.text());
            self.fault(&number.field, number.text(), why);
        }
    }

    /// A rule about a number that is in range.
    fn rule(&mut self, number: &Number, holds: bool, why: impl FnOnce() -> String) {
        if number.usable && !holds {
            self.fault(&number.field, number.text(), why());
        }
    }

    /// Sizes that are shares of one whole; `None` where one of them is out of range.
    fn sum(sizes: &[Number]) -> Option<Decimal> {
        let usable = sizes.iter().all(|size| size.usable);
        usable.then(|| sizes.iter().map(|size| size.value).sum())
    }

    /// A fault, unless its key has one already.
    fn fault(&mut self, field: &str, value: String, why: impl Into<String>) {
        if self.faults.iter().all(|known| known.field != field) {
            self.faults.push(Fault {
                field: field.into(),
                value,
                why: why.into(),
            });
        }
    }
}

/// The sizes as they stand in the file, for a fault of their sum.
fn listed(sizes: &[Number]) -> String {
    let texts: Vec<String> = sizes.iter().map(Number::text).collect();
    format!("[{}]", texts.join(", "))
}

#[cfg(test)]
mod tests;
