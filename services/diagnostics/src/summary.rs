//! The line that operators grep for: order counters and mode, at the start and once a minute.

use std::fmt;

use domain::Timestamp;

use crate::model::ReadModel;

/// The order counters at one moment. It reads as the owner's line does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Sent and blocked.
    pub total_orders: u64,
    /// Attempts of incumbents while the brain is on.
    pub conflicts: u64,
    /// Blocked in LIVE.
    pub blocked: u64,
    /// The exit mode, and `(LIVE)` where it is in force.
    pub mode: String,
}

impl Summary {
    /// The summary of what is known at `now`.
    #[must_use]
    pub fn of(model: &ReadModel, now: Timestamp) -> Self {
        let counts = model.orders.counts();
        Self {
            total_orders: counts.attempts(),
            conflicts: counts.ownership_conflicts,
            blocked: counts.blocked(),
            mode: mode(model, now),
        }
    }

    /// Writes it to the log, with a warning for what is new since `last`: for nothing where it is
    /// the first, whose counts began before this process.
    pub fn log(&self, last: Option<&Self>) {
        tracing::info!(
            tag = "EXIT_METRICS",
            total_orders = self.total_orders,
            conflicts = self.conflicts,
            blocked = self.blocked,
            mode = self.mode,
            "Summary"
        );
        let Some(last) = last else {
            return;
        };
        if self.blocked > last.blocked {
            let new = self.blocked - last.blocked;
            tracing::warn!(
                tag = "EXIT_METRICS",
                new,
                "legacy orders were blocked: as it should be in LIVE"
            );
        }
        if self.conflicts > last.conflicts {
            let new = self.conflicts - last.conflicts;
            tracing::warn!(
                tag = "EXIT_METRICS",
                new,
                "legacy modules acted on positions of the brain"
            );
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "total_orders={}, conflicts={}, blocked={}, mode={}",
            self.total_orders, self.conflicts, self.blocked, self.mode
        )
    }
}

fn mode(model: &ReadModel, now: Timestamp) -> String {
    let Some(flags) = model.flags(now) else {
        return "UNKNOWN".into();
    };
    let live = if model.is_live(now) { " (LIVE)" } else { "" };
    format!("{}{live}", flags.exit_mode)
}
