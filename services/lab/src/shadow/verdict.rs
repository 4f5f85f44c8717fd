//! Whether the brain may be promoted, and why.

use serde::Serialize;

use super::Report;
use super::blocks::Readiness;

/// Fewer compared positions prove nothing: below that the interval of a mean leans on the shape of
/// the distribution.
pub const PAIRS_MIN: usize = 30;
/// Fewer judged decisions say nothing of the confidence.
pub const JUDGED_MIN: u64 = 50;
/// A confidence that is off by more than this on average is none to decide by.
pub const ECE_MAX: f64 = 0.15;
/// Largest share of orders that the venue would have refused.
pub const REFUSED_MAX: f64 = 0.01;
/// Largest share of decisions that were said and are not in the records.
pub const MISSING_MAX: f64 = 0.01;

/// The word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Word {
    /// Better than the incumbents, and nothing speaks against it.
    Promote,
    /// Something speaks against it.
    Hold,
    /// Nobody can say yet.
    Inconclusive,
}

impl Word {
    /// As it is printed.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Promote => "PROMOTE",
            Self::Hold => "HOLD",
            Self::Inconclusive => "INCONCLUSIVE",
        }
    }
}

/// The word and its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The word.
    pub word: Word,
    /// Why.
    pub reasons: Vec<String>,
}

/// What the verdict looks at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Facts {
    /// Compared positions.
    pub pairs: usize,
    /// Bounds of the mean difference in basis points, the wider of both intervals.
    pub bounds: Option<(f64, f64)>,
    /// Judged decisions.
    pub judged: u64,
    /// Their calibration error.
    pub ece: Option<f64>,
    /// Share of orders that would have been refused.
    pub refused: f64,
    /// Share of decisions that are missing.
    pub missing: f64,
    /// The owner's checks.
    pub readiness: Readiness,
}

impl Facts {
    /// The facts of a report.
    #[must_use]
    #[allow(clippy::float_arithmetic, reason = "shares of counts; no money")]
    pub fn of(report: &Report) -> Self {
        let share = |part: u64, of: u64| {
            if of == 0 {
                0.0
            } else {
                part as f64 / of as f64
            }
        };
        let coverage = &report.coverage;
        let bounds = report.paired.map(|it| {
            let low = it.student.low.min(it.bootstrap.low);
            (low, it.student.high.max(it.bootstrap.high))
        });
        Self {
            pairs: report.pairs.len(),
            bounds,
            judged: report.calibration.all.as_ref().map_or(0, |it| it.count),
            ece: report.calibration.all.as_ref().map(|it| it.ece),
            refused: share(report.edges.refused, report.edges.orders),
            missing: share(coverage.missing, coverage.missing + coverage.recorded),
            readiness: report.blocks.readiness,
        }
    }
}

/// HOLD where anything speaks against it; else INCONCLUSIVE where anything is not known; else
/// PROMOTE.
#[must_use]
pub fn verdict(facts: &Facts) -> Verdict {
    let (mut against, mut unknown) = (Vec::new(), Vec::new());
    let (low, high) = facts.bounds.unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
    if facts.pairs < PAIRS_MIN {
        let pairs = facts.pairs;
        unknown.push(format!(
            "{pairs} positions can be compared; {PAIRS_MIN} are needed"
        ));
    } else if high < 0.0 {
        against.push(format!(
            "the brain loses against the incumbents: {low:.2} to {high:.2} bp a position (95 %)"
        ));
    } else if low <= 0.0 {
        unknown.push(format!(
            "the difference may be nothing: {low:.2} to {high:.2} bp a position (95 %)"
        ));
    }
    let percent = |share: f64| format!("{:.2} %", percent(share));
    if facts.refused > REFUSED_MAX {
        against.push(format!(
            "the venue would have refused {} of the orders; {} are allowed",
            percent(facts.refused),
            percent(REFUSED_MAX)
        ));
    }
    match facts.ece {
        Some(ece) if facts.judged >= JUDGED_MIN && ece > ECE_MAX => against.push(format!(
            "the confidence is off by {ece:.3} on average (ECE); {ECE_MAX} is allowed"
        )),
        Some(_) if facts.judged >= JUDGED_MIN => {}
        _ => unknown.push(format!(
            "{} decisions can be judged; {JUDGED_MIN} are needed",
            facts.judged
        )),
    }
    if facts.missing > MISSING_MAX {
        unknown.push(format!(
            "{} of the decisions are not in the records; {} are allowed",
            percent(facts.missing),
            percent(MISSING_MAX)
        ));
    }
    if facts.readiness == Readiness::NotReady {
        unknown.push("the six blocks say NOT READY".into());
    }
    if !against.is_empty() {
        against.extend(unknown);
        return Verdict {
            word: Word::Hold,
            reasons: against,
        };
    }
    if !unknown.is_empty() {
        return Verdict {
            word: Word::Inconclusive,
            reasons: unknown,
        };
    }
    Verdict {
        word: Word::Promote,
        reasons: vec![format!(
            "the brain wins {low:.2} to {high:.2} bp a position (95 %), of {} positions; \
             confidence, orders and records are sound",
            facts.pairs
        )],
    }
}

#[allow(clippy::float_arithmetic, reason = "a share for people; no money")]
const fn percent(share: f64) -> f64 {
    share * 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: Facts = Facts {
        pairs: 30,
        bounds: Some((0.5, 9.0)),
        judged: 50,
        ece: Some(0.15),
        refused: 0.01,
        missing: 0.01,
        readiness: Readiness::Mostly,
    };

    #[test]
    fn all_at_their_borders_is_a_promotion() {
        assert_eq!(verdict(&SOUND).word, Word::Promote);
    }

    #[test]
    fn each_fact_alone_turns_the_word_and_says_why() {
        use Word::{Hold, Inconclusive};
        for (facts, word, why) in [
            (Facts { pairs: 29, ..SOUND }, Inconclusive, "29 positions"),
            (
                Facts {
                    bounds: Some((0.0, 9.0)),
                    ..SOUND
                },
                Inconclusive,
                "may be nothing",
            ),
            (
                Facts {
                    bounds: Some((-9.0, -0.1)),
                    ..SOUND
                },
                Hold,
                "loses",
            ),
            (
                Facts {
                    judged: 49,
                    ..SOUND
                },
                Inconclusive,
                "49 decisions",
            ),
            (Facts { ece: None, ..SOUND }, Inconclusive, "can be judged"),
            (
                Facts {
                    ece: Some(0.151),
                    ..SOUND
                },
                Hold,
                "off by 0.151",
            ),
            (
                Facts {
                    refused: 0.011,
                    ..SOUND
                },
                Hold,
                "1.10 %",
            ),
            (
                Facts {
                    missing: 0.02,
                    ..SOUND
                },
                Inconclusive,
                "2.00 %",
            ),
            (
                Facts {
                    readiness: Readiness::NotReady,
                    ..SOUND
                },
                Inconclusive,
                "NOT READY",
            ),
        ] {
            let it = verdict(&facts);
            assert_eq!(it.word, word, "{it:?}");
            assert_eq!(it.reasons.len(), 1, "{it:?}");
            assert!(it.reasons[0].contains(why), "{it:?}");
        }
    }

    #[test]
    fn what_speaks_against_it_weighs_more_than_what_is_not_known() {
        let facts = Facts {
            pairs: 3,
            refused: 0.5,
            ..SOUND
        };
        let it = verdict(&facts);
        assert_eq!((it.word, it.reasons.len()), (Word::Hold, 2));
    }
}
