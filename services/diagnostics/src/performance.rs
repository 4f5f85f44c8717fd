//! The answer to "how do take-profit targets perform": a pure function of the model.

use domain::Timestamp;
use proto::wire::{TpPerformance, TpPerformanceList, TpPerformanceRequest};

use crate::model::ReadModel;
use crate::moment::rfc3339;

/// What `asked` is about, as counted until `now`. A name that is no symbol has nothing.
#[must_use]
pub fn list(model: &ReadModel, asked: &TpPerformanceRequest, now: Timestamp) -> TpPerformanceList {
    let wanted = |name: &str| asked.symbol.as_deref().is_none_or(|it| it == name);
    let report = model.performance.report(None, now);
    let symbols = report.iter().filter(|it| wanted(it.symbol.as_str()));
    TpPerformanceList {
        symbols: symbols.map(TpPerformance::from).collect(),
        since: rfc3339(model.performance.since()),
    }
}
