//! Policies from ranges of their fields: every combination, or so many drawn by chance.

use std::fmt;
use std::str::FromStr;

use domain::policy::Policy;
use paper_exchange::rng::SplitMix64;
use rust_decimal::Decimal;
use thiserror::Error;
use toml::{Table, Value};

use crate::contender::Contender;

/// Most values of one field.
pub const VALUES_MAX: usize = 1_000;
/// Most policies of a search.
pub const POLICIES_MAX: usize = 10_000;
/// Draws for each policy that is wanted: where most combinations are refused or were had, a random
/// search ends with fewer.
const DRAWS_A_POLICY: usize = 50;

/// Why a search can't be made.
#[derive(Debug, Error)]
pub enum SearchError {
    /// A range that can't be read.
    #[error("vary {given:?}: {why}; write field=from..to:step or field=one,two,three")]
    Vary {
        /// What was given.
        given: String,
        /// What is wrong.
        why: String,
    },
    /// A field that no policy has.
    #[error(
        "policy has no field {field:?} that one number or word could be set in; `exitctl policy \
             show` lists them all"
    )]
    Field {
        /// Its path.
        field: String,
    },
    /// More than the bound.
    #[error("{found} policies are more than {POLICIES_MAX}: use larger steps or --search random")]
    TooMany {
        /// How many there would be.
        found: usize,
    },
    /// No combination is a policy.
    #[error("no combination is a policy that can be used; the first: {fault}")]
    None {
        /// What is wrong with the first.
        fault: String,
    },
}

/// The values that one field takes in turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vary {
    /// Path of the field in the policy file: `base.stop`.
    pub field: String,
    /// As they are written in a policy file, without quotes.
    pub values: Vec<String>,
}

impl FromStr for Vary {
    type Err = SearchError;

    fn from_str(text: &str) -> Result<Self, SearchError> {
        let fault = |why: &str| SearchError::Vary {
            given: text.into(),
            why: why.into(),
        };
        let (field, range) = text.split_once('=').ok_or_else(|| fault("there is no ="))?;
        let values = match range.split_once("..") {
            Some((from, rest)) => {
                let (to, step) = rest
                    .split_once(':')
                    .ok_or_else(|| fault("the range has no step"))?;
                steps(from, to, step).map_err(|why| fault(&why))?
            }
            None => range
                .split(['|', ','])
                .map(|value| value.trim().into())
                .collect(),
        };
        let is_empty = field.trim().is_empty() || values.iter().any(String::is_empty);
        match values.len() {
            _ if is_empty => Err(fault("a part is empty")),
            0 => Err(fault("the range is empty")),
            len if len > VALUES_MAX => Err(fault("there are more than 1000 values")),
            _ => Ok(Self {
                field: field.trim().into(),
                values,
            }),
        }
    }
}

/// `0.01..0.03:0.005` and `12h..48h:12h`: both ends are among the values where the step hits them.
fn steps(from: &str, to: &str, step: &str) -> Result<Vec<String>, String> {
    let ((from, unit), (to, to_unit), (step, step_unit)) =
        (number(from)?, number(to)?, number(step)?);
    if unit != to_unit || unit != step_unit {
        return Err("from, to and step have different units".into());
    }
    if step <= Decimal::ZERO {
        return Err("the step must be above 0".into());
    }
    let mut values = Vec::new();
    let mut value = from;
    while value <= to && values.len() <= VALUES_MAX {
        values.push(format!("{}{unit}", value.normalize()));
        value += step;
    }
    Ok(values)
}

/// A number and its unit.
fn number(text: &str) -> Result<(Decimal, &str), String> {
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = text.get(digits.len()..).unwrap_or_default();
    let number = digits
        .parse()
        .map_err(|_| format!("{text:?} is no number"))?;
    Ok((number, unit))
}

/// How combinations are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Every one.
    Grid,
    /// So many different ones, drawn by chance.
    Random {
        /// How many.
        count: usize,
        /// Seed of the draw.
        seed: u64,
    },
}

/// The policies of a search, and what was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// In the order of the combinations, or of the draw.
    pub contenders: Vec<Contender>,
    /// Combinations that no policy can be.
    pub refused: usize,
}

/// Makes `base` with each chosen combination in its place.
///
/// # Errors
/// [`SearchError`] where a field is unknown, where there are too many, or none can be used.
pub fn search(base: &Contender, vary: &[Vary], method: Method) -> Result<Found, SearchError> {
    let crate::contender::Kind::Brain(policy) = &base.kind else {
        return Ok(Found {
            contenders: Vec::new(),
            refused: 0,
        });
    };
    let maker = Maker {
        name: &base.name,
        base: table(policy),
        vary,
    };
    for it in vary {
        maker.kind_of(&it.field)?;
    }
    let all = vary.iter().map(|it| it.values.len());
    let count = all.fold(1_usize, usize::saturating_mul);
    let mut made = Made::default();
    match method {
        Method::Grid if count > POLICIES_MAX => {
            return Err(SearchError::TooMany { found: count });
        }
        Method::Grid => (0..count).for_each(|number| made.take(maker.make(number))),
        Method::Random { count: wanted, .. } if wanted > POLICIES_MAX => {
            return Err(SearchError::TooMany { found: wanted });
        }
        Method::Random {
            count: wanted,
            seed,
        } => draw(&maker, count, wanted, seed, &mut made),
    }
    made.found()
}

fn draw(maker: &Maker<'_>, count: usize, wanted: usize, seed: u64, made: &mut Made) {
    let mut rng = SplitMix64::new(seed);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..wanted.saturating_mul(DRAWS_A_POLICY) {
        if made.contenders.len() == wanted || seen.len() == count {
            return;
        }
        let number = rng.below(count as u64);
        if seen.insert(number) {
            made.take(maker.make(usize::try_from(number).unwrap_or(0)));
        }
    }
}

#[derive(Default)]
struct Made {
    contenders: Vec<Contender>,
    refused: usize,
    first_fault: Option<String>,
}

impl Made {
    fn take(&mut self, made: Result<Contender, String>) {
        match made {
            Ok(contender) => self.contenders.push(contender),
            Err(fault) => {
                self.refused += 1;
                self.first_fault.get_or_insert(fault);
            }
        }
    }

    fn found(self) -> Result<Found, SearchError> {
        if self.contenders.is_empty() {
            let fault = self.first_fault.unwrap_or_else(|| "nothing varies".into());
            return Err(SearchError::None { fault });
        }
        Ok(Found {
            contenders: self.contenders,
            refused: self.refused,
        })
    }
}

struct Maker<'a> {
    name: &'a str,
    base: Table,
    vary: &'a [Vary],
}

/// How a value is written in the file.
#[derive(Clone, Copy)]
enum Written {
    Text,
    Whole,
    Switch,
}

impl Maker<'_> {
    /// The combination with this number: the last field changes first.
    fn make(&self, mut number: usize) -> Result<Contender, String> {
        let mut table = self.base.clone();
        let mut words = Vec::new();
        for it in self.vary.iter().rev() {
            let value = it.values.get(number % it.values.len()).cloned();
            let value = value.unwrap_or_default();
            number /= it.values.len();
            let written = self.kind_of(&it.field).map_err(|error| error.to_string())?;
            set(&mut table, &it.field, written.value(&value)?);
            words.push(Word(&it.field, value).to_string());
        }
        words.reverse();
        let text = toml::to_string(&table).map_err(|error| error.to_string())?;
        let policy = runtime::policy::parse(&text).map_err(|faults| {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            format!("{}: {}", words.join(" "), faults.join("; "))
        })?;
        let name = format!("{} {}", self.name, words.join(" "));
        Ok(Contender::brain(name, policy))
    }

    fn kind_of(&self, field: &str) -> Result<Written, SearchError> {
        let mut value = None;
        let mut table = Some(&self.base);
        for part in field.split('.') {
            value = table.and_then(|table| table.get(part));
            table = value.and_then(Value::as_table);
        }
        match value {
            Some(Value::String(_)) => Ok(Written::Text),
            Some(Value::Integer(_)) => Ok(Written::Whole),
            Some(Value::Boolean(_)) => Ok(Written::Switch),
            _ => Err(SearchError::Field {
                field: field.into(),
            }),
        }
    }
}

impl Written {
    fn value(self, text: &str) -> Result<Value, String> {
        match self {
            Self::Text => Ok(Value::String(text.into())),
            Self::Whole => text.parse().map(Value::Integer).map_err(|e| e.to_string()),
            Self::Switch => text.parse().map(Value::Boolean).map_err(|e| e.to_string()),
        }
    }
}

struct Word<'a>(&'a str, String);

impl fmt::Display for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.0, self.1)
    }
}

fn set(table: &mut Table, field: &str, value: Value) {
    match field.split_once('.') {
        None => drop(table.insert(field.into(), value)),
        Some((first, rest)) => {
            if let Some(inner) = table.get_mut(first).and_then(Value::as_table_mut) {
                set(inner, rest, value);
            }
        }
    }
}

fn table(policy: &Policy) -> Table {
    // What a policy writes can be read.
    runtime::policy::write(policy).parse().unwrap_or_default()
}

#[cfg(test)]
mod tests;
