//! The benches, and the form of what they say.

use bench::rounds::Samples;
use serde_json::{Value, json};

pub use output::{note, say};

mod book;
mod executor;
mod intent;
pub mod memory;
mod output;
mod plans;
mod wire;
mod xp1;

/// A bench; it is told how many rounds to measure.
type Bench = fn(usize);

/// Each bench by its name.
pub const BENCHES: [(&str, Bench); 7] = [
    ("book", book::run),
    ("executor", executor::run),
    ("xp1", xp1::run),
    ("intent", intent::run),
    ("memory", memory::run),
    ("plans", plans::run),
    ("wire", wire::run),
];

/// All their names.
pub fn names() -> String {
    BENCHES.map(|it| it.0).join(", ")
}

/// One figure.
pub struct Figure<'a> {
    pub bench: &'a str,
    /// What was measured, as fields of the line.
    pub of: Value,
    pub unit: &'a str,
    pub own: &'a Samples,
    pub floor: &'a Samples,
    /// What the floor is.
    pub floor_is: &'a str,
    /// The largest ratio that is aimed at, where there is one.
    pub aim: Option<f64>,
}

impl Figure<'_> {
    /// Says it.
    pub fn say(&self) {
        let ratio = self.own.ratio_to(self.floor);
        let mut line = json!({
            "bench": self.bench,
            "of": self.of,
            "unit": self.unit,
            "median": rounded(self.own.median()),
            "least": rounded(self.own.least()),
            "floor": rounded(self.floor.median()),
            "floor_is": self.floor_is,
            "ratio": rounded(ratio),
            "rounds": self.own.count(),
        });
        if let Some(aim) = self.aim {
            line["ratio_aim"] = json!(rounded(aim));
            line["met"] = json!(ratio <= aim);
        }
        say(&line);
    }
}

/// Four significant digits are more than any of it is sure of.
pub fn rounded(value: f64) -> f64 {
    let text = format!("{value:.3e}");
    text.parse().unwrap_or(value)
}
