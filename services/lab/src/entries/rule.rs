//! Entries by the clock: of each contract one in every so many hours, its side by chance, by the
//! trend, or always the same.

use std::str::FromStr;

use domain::ids::stable_hash;
use domain::{Qty, Side, Span, Timestamp};
use paper_exchange::rng::SplitMix64;
use rust_decimal::Decimal;

use super::{Entry, EntryError, amount, leverage};
use crate::tape::{SILENCE_MAX, Tape};

const HOUR_MS: i64 = 3_600_000;
/// The first entry of a contract waits for its context: fifteen minutes of bars are measured, and
/// seventy-five are for the average true range.
const WARM_UP: Span = Span::from_secs(75 * 60);

/// Which side a rule takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sides {
    /// By a fair coin of the seed.
    Coin,
    /// With the measured trend; without one by the coin.
    Trend,
    /// Always this.
    Always(Side),
}

/// The rule and its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Time between two entries of a contract.
    pub every: Span,
    /// Which side.
    pub sides: Sides,
    /// Price times quantity of each, quote currency.
    pub notional: Decimal,
    /// Times the margin.
    pub leverage: u32,
    /// Seed of the coin, and of when in its period a contract begins.
    pub seed: u64,
}

impl Default for Rule {
    fn default() -> Self {
        Self {
            every: Span::from_hours(24),
            sides: Sides::Coin,
            notional: Decimal::from(1_000),
            leverage: 5,
            seed: 1,
        }
    }
}

impl FromStr for Rule {
    type Err = EntryError;

    /// Parameters with commas between: `every=8h,side=coin,notional=1000,leverage=5,seed=1`; what
    /// is left out is as in `Default`.
    fn from_str(text: &str) -> Result<Self, EntryError> {
        let mut rule = Self::default();
        for part in text.split(',').filter(|part| !part.trim().is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let (name, value) = (name.trim(), value.trim());
            rule.set(name, value).map_err(|why| EntryError::Rule {
                field: name.into(),
                value: value.into(),
                why,
            })?;
        }
        Ok(rule)
    }
}

impl Rule {
    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "every" => self.every = hours(value)?,
            "side" => {
                self.sides = match value {
                    "coin" => Sides::Coin,
                    "trend" => Sides::Trend,
                    "long" => Sides::Always(Side::Long),
                    "short" => Sides::Always(Side::Short),
                    _ => return Err("use coin, trend, long or short".into()),
                }
            }
            "notional" => self.notional = amount(value)?,
            "leverage" => self.leverage = leverage(value)?,
            "seed" => self.seed = value.parse().map_err(|_| "use a whole number from 0 on")?,
            _ => return Err("use every, side, notional, leverage and seed".into()),
        }
        Ok(())
    }

    /// The rule in words, for reports.
    #[must_use]
    pub fn words(&self) -> String {
        let sides = match self.sides {
            Sides::Coin => "a fair coin",
            Sides::Trend => "the measured trend",
            Sides::Always(Side::Long) => "long",
            Sides::Always(Side::Short) => "short",
        };
        format!(
            "of each contract one every {}, side by {sides}, {} USDT, {}x, seed {}",
            self.every, self.notional, self.leverage, self.seed
        )
    }

    /// The entries along `tape`, in the order of time. When a contract begins and what its coin
    /// shows depends on seed and name alone, never on what other contracts there are.
    #[must_use]
    pub fn entries(&self, tape: &Tape) -> Vec<Entry> {
        let Some((first, last)) = tape.span() else {
            return Vec::new();
        };
        let name = stable_hash(tape.symbol.as_str().as_bytes());
        let mut rng = SplitMix64::new(self.seed ^ name);
        let period = self.every.millis().max(1);
        let offset = rng.between(0, period - 1);
        let mut at = first + WARM_UP + Span::from_millis(offset);
        let mut entries = Vec::new();
        while at < last {
            let heads = rng.below(2) == 0;
            entries.extend(self.entry(tape, at, heads));
            at = at + self.every;
        }
        entries
    }

    fn entry(&self, tape: &Tape, at: Timestamp, heads: bool) -> Option<Entry> {
        let coin = if heads { Side::Long } else { Side::Short };
        let side = match self.sides {
            Sides::Coin => coin,
            Sides::Always(side) => side,
            Sides::Trend => {
                let known = tape.contexts_until(at).checked_sub(1);
                let trend = tape.contexts().get(known?)?.trend;
                match trend {
                    trend if trend > Decimal::ZERO => Side::Long,
                    trend if trend < Decimal::ZERO => Side::Short,
                    _ => coin,
                }
            }
        };
        let ticks = tape.ticks(side);
        let next = ticks.get(ticks.partition_point(|tick| tick.at < at))?;
        // Where the market is silent nothing is opened: else all of a gap's entries would be, at
        // the first price behind it.
        if next.at.since(at) > SILENCE_MAX {
            return None;
        }
        let price = next.last();
        let qty = tape.spec.floor_qty(self.notional.checked_div(price)?);
        let qty = Qty::new(qty).ok().filter(|qty| !qty.is_zero())?;
        Some(Entry {
            symbol: tape.symbol.clone(),
            at,
            side,
            qty,
            leverage: self.leverage,
        })
    }
}

/// `8h`, `30m` or `2d`.
fn hours(text: &str) -> Result<Span, String> {
    let wrong = || "use a time of at least a minute, like 30m, 8h or 2d".to_owned();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: i64 = digits.parse().map_err(|_| wrong())?;
    let unit = match text.get(digits.len()..) {
        Some("m") => HOUR_MS / 60,
        Some("h") => HOUR_MS,
        Some("d") => 24 * HOUR_MS,
        _ => return Err(wrong()),
    };
    match number.checked_mul(unit) {
        Some(millis) if number > 0 => Ok(Span::from_millis(millis)),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tape::Tick;
    use domain::Symbol;

    const BEGIN_MS: i64 = 1_746_316_800_000;

    fn tape(name: &str) -> Tape {
        taped(name, 0..5_000)
    }

    fn taped(name: &str, minutes: impl Iterator<Item = i64>) -> Tape {
        let tick = |minute: i64| Tick {
            at: Timestamp::from_millis(BEGIN_MS + minute * 60_000),
            mark: Decimal::from(100 + minute % 7),
            quote: None,
        };
        let ticks: Vec<Tick> = minutes.map(tick).collect();
        Tape::new(Symbol::new(name).unwrap(), ticks.clone(), ticks, Vec::new())
    }

    /// A recorded day, and one a year later.
    #[test]
    fn while_the_market_is_silent_nothing_is_entered() {
        const YEAR: i64 = 365 * 24 * 60;
        let rule: Rule = "every=30m".parse().unwrap();
        let entries = rule.entries(&taped("BTCUSDT", (0..600).chain(YEAR..YEAR + 600)));
        let minute = |entry: &Entry| (entry.at.millis() - BEGIN_MS) / 60_000;
        let in_gap = |entry: &&Entry| (600..YEAR - 60).contains(&minute(entry));
        assert_eq!(entries.iter().filter(in_gap).count(), 0);
        let (first, second) = (
            |it: &&Entry| minute(it) < 600,
            |it: &&Entry| minute(it) >= YEAR,
        );
        assert!(entries.iter().filter(first).count() >= 15);
        assert!(entries.iter().filter(second).count() >= 19);
    }

    #[test]
    fn the_same_seed_gives_the_same_entries_and_another_gives_others() {
        let rule: Rule = "every=8h,notional=500,leverage=3,seed=7".parse().unwrap();
        let entries = rule.entries(&tape("BTCUSDT"));
        assert_eq!(entries, rule.entries(&tape("BTCUSDT")));
        assert!(entries.len() >= 8, "{}", entries.len());
        let other = Rule {
            seed: 8,
            ..rule.clone()
        };
        assert_ne!(entries, other.entries(&tape("BTCUSDT")));
        assert_ne!(entries[0].at, rule.entries(&tape("ETHUSDT"))[0].at);
        let apart = entries[1].at.since(entries[0].at);
        assert_eq!(apart, Span::from_hours(8));
    }

    #[test]
    fn what_a_rule_does_not_know_is_refused_with_what_it_knows() {
        for (text, hint) in [
            ("side=up", "coin, trend"),
            ("every=8", "30m, 8h"),
            ("size=1", "every, side"),
            ("leverage=0", "1 to 125"),
        ] {
            let error = text.parse::<Rule>().unwrap_err().to_string();
            assert!(error.contains(hint), "{error}");
        }
    }
}
