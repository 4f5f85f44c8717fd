//! What diagnostics says of the performance of targets.

use domain::performance::TargetPerformance;

use super::World;

impl World {
    /// One leg's targets of a symbol, all strategies and regimes together in the order of the
    /// report.
    #[must_use]
    pub fn targets(&self, name: &str, leg: u8) -> Vec<TargetPerformance> {
        let diagnostics = self.cast.diagnostics.as_ref().expect("diagnostics runs");
        let symbol = super::cast::symbol(name);
        let tracker = &diagnostics.model().performance;
        let report = tracker.report(Some(&symbol), self.now);
        let rows = report.into_iter().flat_map(|it| it.targets);
        rows.filter(|row| row.leg == leg).collect()
    }
}
