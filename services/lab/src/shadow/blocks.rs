//! The six blocks of the owner's report (behaviour 7.3).
#![allow(
    clippy::float_arithmetic,
    reason = "statistics over many decisions; no money is computed here"
)]

use std::collections::BTreeMap;

use domain::Timestamp;
use records::{DecisionType, Moment, ShadowRecord};
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;

use super::stats::mean_and_deviation;

/// Examples of emergency exits.
const EXAMPLES_MAX: usize = 5;
/// Letters of the reason of an example.
const REASON_MAX: usize = 80;
/// Contracts that are listed, and decision types of each.
const SYMBOLS_MAX: usize = 10;
const TYPES_MAX: usize = 3;
const HOUR: i64 = 3_600_000_000;

/// Confidence of the decisions of one type.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Confidence {
    /// How many.
    pub count: u64,
    /// Mean.
    pub mean: f64,
    /// Standard deviation of a sample.
    pub deviation: f64,
    /// Lowest.
    pub min: f64,
    /// Highest.
    pub max: f64,
}

/// One contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Activity {
    /// Contract.
    pub symbol: String,
    /// Decisions about it.
    pub count: u64,
    /// Its most frequent types.
    pub types: Vec<(DecisionType, u64)>,
}

impl Activity {
    /// Its most frequent types in words, each with its count.
    #[must_use]
    pub fn types_in_words(&self) -> String {
        let types = self.types.iter();
        let types: Vec<String> = types
            .map(|(kind, count)| format!("{} {count}", kind.name()))
            .collect();
        types.join(", ")
    }
}

/// One emergency exit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Emergency {
    /// When.
    pub at: Moment,
    /// Contract.
    pub symbol: String,
    /// The first 80 letters of the reason.
    pub reason: String,
}

/// What the owner's checks of the sixth block say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// An issue.
    Issue,
    /// Neither.
    Fair,
    /// A good sign.
    Good,
}

/// One of those checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What is looked at.
    pub name: &'static str,
    /// What it says.
    pub grade: Grade,
    /// With its number.
    pub words: String,
}

/// The owner's own verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Readiness {
    /// No issue, three good signs.
    #[serde(rename = "READY")]
    Ready,
    /// At most one issue, two good signs.
    #[serde(rename = "MOSTLY READY")]
    Mostly,
    /// Anything else.
    #[serde(rename = "NOT READY")]
    NotReady,
}

impl Readiness {
    /// As it is printed.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Ready => "READY",
            Self::Mostly => "MOSTLY READY",
            Self::NotReady => "NOT READY",
        }
    }
}

/// All six.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Blocks {
    /// Decisions.
    pub total: u64,
    /// By type.
    pub types: BTreeMap<DecisionType, u64>,
    /// By type.
    pub confidence: BTreeMap<DecisionType, Confidence>,
    /// Of all of them.
    pub mean_confidence: f64,
    /// Full exits by contract.
    pub emergencies: BTreeMap<String, u64>,
    /// The first of them.
    pub emergency_examples: Vec<Emergency>,
    /// The ten busiest contracts.
    pub symbols: Vec<Activity>,
    /// Decisions by the hour that begins then.
    pub hours: Vec<(Moment, u64)>,
    /// The first decision.
    pub begin: Option<Moment>,
    /// The last one.
    pub end: Option<Moment>,
    /// The owner's four checks.
    pub checks: Vec<Check>,
    /// What they come to.
    pub readiness: Readiness,
}

/// Makes them of decisions in the order of time.
#[must_use]
pub fn blocks(decisions: &[ShadowRecord]) -> Blocks {
    let mut confidences: BTreeMap<DecisionType, Vec<f64>> = BTreeMap::new();
    let mut emergencies = BTreeMap::new();
    let mut symbols: BTreeMap<&str, BTreeMap<DecisionType, u64>> = BTreeMap::new();
    let mut hours: BTreeMap<i64, u64> = BTreeMap::new();
    for record in decisions {
        let kind = record.decision.decision_type;
        let confidence = record.decision.confidence.get().to_f64().unwrap_or(0.0);
        confidences.entry(kind).or_default().push(confidence);
        *symbols
            .entry(&record.symbol)
            .or_default()
            .entry(kind)
            .or_default() += 1;
        let hour = record.timestamp.get().micros().div_euclid(HOUR);
        *hours.entry(hour).or_default() += 1;
        if kind == DecisionType::FullExitNow {
            *emergencies.entry(record.symbol.clone()).or_default() += 1;
        }
    }
    let all: Vec<f64> = confidences.values().flatten().copied().collect();
    let mean = mean_and_deviation(&all).0;
    let exits = decisions
        .iter()
        .filter(|it| it.decision.decision_type == DecisionType::FullExitNow);
    let types: BTreeMap<DecisionType, u64> = confidences
        .iter()
        .map(|(kind, it)| (*kind, it.len() as u64))
        .collect();
    let emergency_count: u64 = emergencies.values().sum();
    let checks = checks(decisions.len() as u64, types.len(), mean, emergency_count);
    Blocks {
        total: decisions.len() as u64,
        confidence: confidences
            .into_iter()
            .map(|(kind, it)| (kind, spread(&it)))
            .collect(),
        types,
        mean_confidence: mean,
        emergencies,
        emergency_examples: exits.take(EXAMPLES_MAX).map(example).collect(),
        symbols: busiest(symbols),
        hours: hours
            .into_iter()
            .map(|(hour, count)| (Moment(Timestamp::from_micros(hour * HOUR)), count))
            .collect(),
        begin: decisions.first().map(|it| it.timestamp),
        end: decisions.last().map(|it| it.timestamp),
        readiness: readiness(&checks),
        checks,
    }
}

fn spread(confidences: &[f64]) -> Confidence {
    let (mean, deviation) = mean_and_deviation(confidences);
    Confidence {
        count: confidences.len() as u64,
        mean,
        deviation,
        min: confidences.iter().copied().fold(f64::INFINITY, f64::min),
        max: confidences
            .iter()
            .copied()
            .fold(f64::NEG_INFINITY, f64::max),
    }
}

fn example(record: &ShadowRecord) -> Emergency {
    Emergency {
        at: record.timestamp,
        symbol: record.symbol.clone(),
        reason: record.decision.reason.chars().take(REASON_MAX).collect(),
    }
}

fn busiest(symbols: BTreeMap<&str, BTreeMap<DecisionType, u64>>) -> Vec<Activity> {
    let of_symbol = |(symbol, types): (&str, BTreeMap<DecisionType, u64>)| {
        let count = types.values().sum();
        let mut types: Vec<_> = types.into_iter().collect();
        types.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        types.truncate(TYPES_MAX);
        Activity {
            symbol: symbol.into(),
            count,
            types,
        }
    };
    let mut symbols: Vec<Activity> = symbols.into_iter().map(of_symbol).collect();
    symbols.sort_by_key(|it| std::cmp::Reverse(it.count));
    symbols.truncate(SYMBOLS_MAX);
    symbols
}

/// Volume, diversity, mean confidence, share of emergencies.
fn checks(total: u64, types: usize, mean: f64, emergencies: u64) -> Vec<Check> {
    let graded = |issue: bool, good: bool| match (issue, good) {
        (true, _) => Grade::Issue,
        (false, true) => Grade::Good,
        (false, false) => Grade::Fair,
    };
    let share = emergencies as f64 / total.max(1) as f64 * 100.0;
    vec![
        Check {
            name: "volume",
            grade: graded(total < 50, total >= 200),
            words: format!("{total} decisions (50 adequate, 200 excellent)"),
        },
        Check {
            name: "diversity",
            grade: graded(types < 2, types >= 2),
            words: format!("{types} decision types (2 or more)"),
        },
        Check {
            name: "confidence",
            grade: graded(mean < 0.5, mean >= 0.7),
            words: format!("mean confidence {mean:.3} (0.5 moderate, 0.7 high)"),
        },
        Check {
            name: "emergencies",
            grade: graded(share > 30.0, share < 5.0),
            words: format!("{share:.1}% full exits (below 5% good, above 30% an issue)"),
        },
    ]
}

fn readiness(checks: &[Check]) -> Readiness {
    let count = |grade| checks.iter().filter(|it| it.grade == grade).count();
    match (count(Grade::Issue), count(Grade::Good)) {
        (0, 3..) => Readiness::Ready,
        (0 | 1, 2..) => Readiness::Mostly,
        _ => Readiness::NotReady,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_check_turns_at_the_owners_numbers() {
        let grades = |total, types, mean, emergencies| {
            let checks = checks(total, types, mean, emergencies);
            checks.iter().map(|it| it.grade).collect::<Vec<_>>()
        };
        use Grade::{Fair, Good, Issue};
        assert_eq!(grades(49, 1, 0.49, 16), [Issue, Issue, Issue, Issue]);
        assert_eq!(grades(50, 2, 0.5, 15), [Fair, Good, Fair, Fair]);
        assert_eq!(grades(199, 2, 0.69, 10), [Fair, Good, Fair, Fair]);
        assert_eq!(grades(200, 5, 0.7, 9), [Good, Good, Good, Good]);
    }

    #[test]
    fn readiness_counts_issues_and_good_signs() {
        for (total, types, mean, emergencies, expected) in [
            (200, 2, 0.7, 0, Readiness::Ready),
            (60, 2, 0.7, 0, Readiness::Ready),
            (60, 2, 0.6, 0, Readiness::Mostly),
            (40, 2, 0.7, 0, Readiness::Mostly),
            (40, 1, 0.9, 0, Readiness::NotReady),
            (60, 2, 0.6, 10, Readiness::NotReady),
        ] {
            let checks = checks(total, types, mean, emergencies);
            assert_eq!(readiness(&checks), expected, "{checks:?}");
        }
    }
}
