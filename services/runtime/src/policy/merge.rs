//! Puts the values of a file in their places. The shipped policy, written as a table, is the
//! schema: a key that it lacks is unknown, and each value is tried alone in its place.

use domain::policy::{Fault, Policy};
use toml::{Table, Value};

use super::clipped;

/// No key of anything; whoever wants a choice says so when offered this one.
const NO_KEY: &str = "?";

/// The shipped policy with every usable value of `given`, and what is wrong with the others.
pub(super) fn merge(given: &Table) -> (Policy, Vec<Fault>) {
    let shipped = Table::try_from(Policy::default()).expect("a policy can be written as a table");
    let schema = schema_of(&Value::Table(shipped.clone()));
    let mut merge = Merge {
        schema: &schema,
        path: Vec::new(),
        faults: Vec::new(),
    };
    let mut merged = shipped;
    if let Value::Table(known) = &schema {
        merge.section(given, known, &mut merged);
    }
    let mut faults = merge.faults;
    let policy = merged.try_into().unwrap_or_else(|error: toml::de::Error| {
        faults.push(Fault {
            field: "policy".into(),
            value: "the file".into(),
            why: error.message().into(),
        });
        Policy::default()
    });
    (policy, faults)
}

/// Where a value stands: in a table, or in a list.
#[derive(Clone)]
enum Place {
    Key(String),
    /// A table in a list; the schema has one row that stands for all.
    Row(usize),
    /// A plain value in a list of so many.
    Item(usize),
}

struct Merge<'a> {
    schema: &'a Value,
    path: Vec<Place>,
    faults: Vec<Fault>,
}

impl Merge<'_> {
    /// A table of the policy: what it leaves out stays as `merged` has it.
    fn section(&mut self, given: &Table, known: &Table, merged: &mut Table) {
        for (key, value) in given {
            self.path.push(Place::Key(key.clone()));
            match (value, known.get(key), merged.get_mut(key)) {
                (_, None, _) => self.unknown(value, known),
                (Value::Table(inner), Some(Value::Table(known)), Some(Value::Table(merged)))
                    if !self.is_choice(known) =>
                {
                    self.section(inner, known, merged);
                }
                (_, Some(known), _) => {
                    if self.value(value, known) {
                        merged.insert(key.clone(), value.clone());
                    }
                }
            }
            self.path.pop();
        }
    }

    /// Whether `given` can be used here; where not, every fault in it has been told.
    fn value(&mut self, given: &Value, known: &Value) -> bool {
        match (given, known) {
            (Value::Table(given), Value::Table(known)) if self.is_choice(known) => {
                self.choice(given, known)
            }
            (Value::Table(given), Value::Table(known)) => self.row(given, known),
            (_, Value::Table(_)) => self.fault(given, "must be a table"),
            (Value::Array(rows), Value::Array(known)) => match known.as_slice() {
                [row @ Value::Table(_)] => self.each(rows, |_| row, Place::Row),
                items if items.len() == rows.len() => {
                    let item = |index: usize| items.get(index).unwrap_or(given);
                    self.each(rows, item, Place::Item)
                }
                items => self.fault(given, &format!("must hold {} values", items.len())),
            },
            (_, Value::Array(_)) => self.fault(given, "must be a list"),
            _ => self.fits_or_fault(given),
        }
    }

    fn each<'v>(
        &mut self,
        given: &[Value],
        known: impl Fn(usize) -> &'v Value,
        place: fn(usize) -> Place,
    ) -> bool {
        let mut usable = true;
        for (index, value) in given.iter().enumerate() {
            self.path.push(place(index));
            usable &= self.value(value, known(index));
            self.path.pop();
        }
        usable
    }

    /// A table that is given as a whole: each key by itself, then whether one is missing.
    fn row(&mut self, given: &Table, known: &Table) -> bool {
        let mut usable = true;
        for (key, value) in given {
            self.path.push(Place::Key(key.clone()));
            usable &= match known.get(key) {
                Some(known) => self.value(value, known),
                None => {
                    self.unknown(value, known);
                    false
                }
            };
            self.path.pop();
        }
        usable && self.fits_or_fault(&Value::Table(given.clone()))
    }

    /// One of several forms, told apart by the only key.
    fn choice(&mut self, given: &Table, known: &Table) -> bool {
        let mut keys = given.iter();
        let (Some((key, value)), None) = (keys.next(), keys.next()) else {
            let value = Value::Table(given.clone());
            return self.fault(&value, "must have exactly one key");
        };
        let Some(known) = known.get(key) else {
            return self.fits_or_fault(&Value::Table(given.clone()));
        };
        self.path.push(Place::Key(key.clone()));
        let usable = self.value(value, known);
        self.path.pop();
        usable
    }

    /// Whether the table here is one of several forms, of which only one has shipped.
    fn is_choice(&self, known: &Table) -> bool {
        let none = Table::from_iter([(NO_KEY.to_owned(), Value::Boolean(false))]);
        let refused = || self.fits(&Value::Table(none)).err();
        known.len() == 1
            && refused().is_some_and(|why| why.message().starts_with("unknown variant"))
    }

    fn fits_or_fault(&mut self, given: &Value) -> bool {
        match self.fits(given) {
            Ok(()) => true,
            Err(error) => {
                let why = self.words(given, &error);
                self.fault(given, &why)
            }
        }
    }

    /// Whether the policy can be read with this value alone in its place.
    fn fits(&self, value: &Value) -> Result<(), toml::de::Error> {
        let mut trial = self.schema.clone();
        put(&mut trial, &self.path, value);
        trial.try_into::<Policy>().map(drop)
    }

    fn words(&self, given: &Value, error: &toml::de::Error) -> String {
        let other = match given {
            Value::String(text) => text.parse().ok(),
            Value::Integer(_) | Value::Float(_) | Value::Boolean(_) => {
                Some(Value::String(given.to_string()))
            }
            Value::Datetime(_) | Value::Array(_) | Value::Table(_) => None,
        };
        match other.filter(|other| self.fits(other).is_ok()) {
            Some(other) if other.is_str() => format!("write it in quotes: {other}"),
            Some(other) => format!("write it without quotes: {other}"),
            None if error.message().contains("expected u") => {
                "must be a whole number, and not far out of range".into()
            }
            None => error.message().into(),
        }
    }

    fn unknown(&mut self, value: &Value, known: &Table) {
        let keys: Vec<&str> = known.keys().map(String::as_str).collect();
        self.fault(value, &format!("is unknown here: use {}", keys.join(", ")));
    }

    /// Always false, so that a caller can end with it.
    fn fault(&mut self, value: &Value, why: &str) -> bool {
        let field: Vec<String> = self.path.iter().map(Place::text).collect();
        self.faults.push(Fault {
            field: field.join("."),
            value: clipped(&value.to_string()),
            why: why.into(),
        });
        false
    }
}

impl Place {
    fn text(&self) -> String {
        match self {
            Self::Key(key) => key.clone(),
            Self::Row(index) | Self::Item(index) => index.to_string(),
        }
    }
}

fn put(target: &mut Value, path: &[Place], value: &Value) {
    let Some((place, rest)) = path.split_first() else {
        *target = value.clone();
        return;
    };
    let inner = match (target, place) {
        (Value::Table(table), Place::Key(key)) => {
            Some(table.entry(key.clone()).or_insert_with(|| value.clone()))
        }
        (Value::Array(rows), Place::Row(_)) => rows.first_mut(),
        (Value::Array(items), Place::Item(index)) => items.get_mut(*index),
        _ => None,
    };
    if let Some(inner) = inner {
        put(inner, rest, value);
    }
}

/// The same, with each list of tables as one row that has the keys of all its rows.
fn schema_of(value: &Value) -> Value {
    match value {
        Value::Table(table) => {
            let known = table
                .iter()
                .map(|(key, value)| (key.clone(), schema_of(value)));
            Value::Table(known.collect())
        }
        Value::Array(rows) if rows.iter().any(Value::is_table) => {
            let mut row = Value::Table(Table::new());
            rows.iter()
                .for_each(|other| add(&mut row, schema_of(other)));
            Value::Array(vec![row])
        }
        other => other.clone(),
    }
}

/// Adds the keys that `known` lacks.
fn add(known: &mut Value, other: Value) {
    match (known, other) {
        (Value::Table(known), Value::Table(other)) => {
            for (key, value) in other {
                match known.get_mut(&key) {
                    Some(known) => add(known, value),
                    None => {
                        known.insert(key, value);
                    }
                }
            }
        }
        (Value::Array(known), Value::Array(other)) if known.is_empty() => *known = other,
        _ => {}
    }
}
