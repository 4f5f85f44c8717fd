//! What a SHADOW run tells: the owner's six blocks, the brain against the incumbents, whether its
//! confidence holds, what the venue would have refused, and a verdict. All of it is made of records
//! alone, and the same records make the same report.

use std::collections::BTreeMap;

use records::read::Found;
use records::{DecisionType, Moment};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;

pub mod blocks;
pub mod calibration;
pub mod costs;
pub mod coverage;
pub mod edges;
pub mod html;
pub mod judged;
pub mod pairs;
pub mod replay;
pub mod stats;
pub mod text;
pub mod verdict;

use blocks::Blocks;
use calibration::Calibration;
use costs::Costs;
use coverage::Coverage;
use edges::Edges;
use judged::Judged;
use pairs::{Case, Pair};
use stats::Paired;
use verdict::{Facts, Verdict};

/// Thresholds of the sweep in percent: below 50 no rule decides.
const SWEEP: std::ops::RangeInclusive<i64> = 50..=100;
const SWEEP_STEP: usize = 5;

/// What would be with decisions of at least one confidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Threshold {
    /// Lowest confidence that counts.
    pub confidence: Decimal,
    /// Decisions that are kept, "nothing to do" left out.
    pub kept: u64,
    /// Of the judged ones among them, those that were right.
    pub right: u64,
    /// The judged ones among them.
    pub judged: u64,
    /// The brain's profit over all compared positions, quote currency.
    pub net: Decimal,
    /// That minus what really was.
    pub difference: Decimal,
}

/// The whole report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Records from then on.
    pub since: Moment,
    /// When it was made.
    pub made_at: Moment,
    /// The word and its reasons.
    pub verdict: Verdict,
    /// How complete the records are.
    pub coverage: Coverage,
    /// The owner's six blocks.
    pub blocks: Blocks,
    /// What is assumed of fees and slippage.
    pub costs: Costs,
    /// Closed positions of the period.
    pub closed: u64,
    /// Those that can't be compared, by why.
    pub left_out: BTreeMap<&'static str, u64>,
    /// Each compared position.
    pub pairs: Vec<Pair>,
    /// The incumbents' profit over them, quote currency.
    pub legacy_net: Decimal,
    /// The brain's.
    pub brain_net: Decimal,
    /// The paired test, basis points of the notional.
    pub paired: Option<Paired>,
    /// Whether the confidence holds.
    pub calibration: Calibration,
    /// What the venue would have refused.
    pub edges: Edges,
    /// The sweep over confidence thresholds.
    pub sweep: Vec<Threshold>,
}

/// Makes the report of what was found since `since`.
#[must_use]
pub fn report(found: &Found, since: Moment, made_at: Moment, costs: Costs) -> Report {
    let (coverage, gaps) = coverage::coverage(found);
    let (cases, mut left_out) = pairs::cases(found, &gaps);
    let compared = |case| pairs::compare(case, &costs, |_| true);
    let pairs: Vec<Pair> = cases.iter().filter_map(compared).collect();
    let unusable = (cases.len() - pairs.len()) as u64;
    if unusable > 0 {
        left_out.insert("the filters can't be used", unusable);
    }
    let judged: Vec<Judged<'_>> = cases.iter().flat_map(judged::judge).collect();
    let bps = |pair: &Pair| pair.difference_bps.to_f64();
    let differences: Vec<f64> = pairs.iter().filter_map(bps).collect();
    let mut report = Report {
        since,
        made_at,
        verdict: Verdict {
            word: verdict::Word::Inconclusive,
            reasons: Vec::new(),
        },
        coverage,
        blocks: blocks::blocks(&found.decisions),
        costs,
        closed: found.closed.len() as u64,
        left_out,
        legacy_net: pairs.iter().map(|pair| pair.legacy.net).sum(),
        brain_net: pairs.iter().map(|pair| pair.brain.net).sum(),
        paired: stats::paired(&differences),
        pairs,
        calibration: calibration::calibration(&judged),
        edges: edges::edges(found),
        sweep: sweep(&cases, &judged, &costs),
    };
    report.verdict = verdict::verdict(&Facts::of(&report));
    report
}

fn sweep(cases: &[Case<'_>], judged: &[Judged<'_>], costs: &Costs) -> Vec<Threshold> {
    let at = |percent| {
        let confidence = Decimal::new(percent, 2);
        let counts = |confident: Decimal| confident >= confidence;
        let pairs = cases.iter().filter_map(|case| {
            pairs::compare(case, costs, |it| counts(it.decision.confidence.get()))
        });
        let (mut net, mut difference) = (Decimal::ZERO, Decimal::ZERO);
        for pair in pairs {
            net += pair.brain.net;
            difference += pair.difference;
        }
        let acts = |kind| kind != DecisionType::NoChange;
        let kept = cases.iter().flat_map(|case| &case.decisions);
        let kept = kept.filter(|it| counts(it.decision.confidence.get()));
        let kept = kept.filter(|it| acts(it.decision.decision_type)).count();
        let of_kept = judged.iter().filter(|it| {
            let decision = &it.record.decision;
            acts(decision.decision_type) && counts(decision.confidence.get())
        });
        let (mut right, mut all) = (0, 0);
        for it in of_kept {
            right += u64::from(it.was_right);
            all += 1;
        }
        Threshold {
            confidence,
            kept: kept as u64,
            right,
            judged: all,
            net,
            difference,
        }
    };
    SWEEP.step_by(SWEEP_STEP).map(at).collect()
}
