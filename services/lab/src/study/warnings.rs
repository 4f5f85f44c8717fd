//! What to be careful about before believing a study.
#![allow(
    clippy::float_arithmetic,
    reason = "statistics about money, never money itself"
)]

use super::{Study, TRADES_MIN};
use crate::overfit::{PBO_BAD, PBO_DOUBT};

/// Ranks that correlate less than this don't hold.
const CORRELATION_MIN: f64 = 0.3;

pub(super) fn of(study: &Study) -> Vec<String> {
    let mut warnings = Vec::new();
    warnings.extend(luck(study));
    warnings.extend(ranks(study));
    warnings.extend(best(study));
    warnings.extend(samples(study));
    if study.skipped > 0 {
        let skipped = study.skipped;
        warnings.push(format!(
            "{skipped} entries were not played: no price at their time, or the venue's filters \
             refuse their quantity"
        ));
    }
    warnings
}

fn luck(study: &Study) -> Option<String> {
    let found = study.overfit?;
    let percent = found.probability * 100.0;
    let how = match found.probability {
        probability if probability > PBO_BAD => "choosing by these results is worse than a lot",
        probability if probability > PBO_DOUBT => "the choice is to be doubted",
        _ => return None,
    };
    Some(format!(
        "OVERFIT: the probability of backtest overfitting is {percent:.0} %: {how}"
    ))
}

fn ranks(study: &Study) -> Option<String> {
    let correlation = study.correlation.filter(|it| *it < CORRELATION_MIN)?;
    Some(format!(
        "OVERFIT: ranks in and out of sample correlate by {correlation:.2}: what was better before \
         the split is not better after it"
    ))
}

fn best(study: &Study) -> Option<String> {
    let (place, count) = study.best_outside()?;
    (count > 2 && place * 2 > count)
        .then(|| format!("OVERFIT: the best in sample is number {place} of {count} out of sample"))
}

fn samples(study: &Study) -> Vec<String> {
    let Some(row) = study.policies().next() else {
        return Vec::new();
    };
    let mut warnings = Vec::new();
    let (inside, outside) = (row.inside.trades, row.outside.trades);
    if !study.has_enough_trades() {
        warnings.push(format!(
            "only {inside} trades in sample and {outside} out of sample; fewer than {TRADES_MIN} \
             say little"
        ));
    }
    let policies = study.policies().count();
    let trades = row.all.trades as usize;
    if policies > trades {
        warnings.push(format!(
            "{policies} policies were tried on {trades} trades: some must look good by chance"
        ));
    }
    warnings
}
