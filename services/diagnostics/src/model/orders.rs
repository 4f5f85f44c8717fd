//! Order counters of guard and gateway, merged over their restarts.

use domain::snapshot::{ExitMetrics, Heartbeat};

use super::odometer::{Odometer, Reading};
use super::tally::Tally;
use crate::services::{GATEWAY, GUARD};

/// What guard and gateway have counted. Attempts are sent and blocked; by module and by kind are
/// sent only.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrderCounts {
    /// Sent to the venue, by module.
    pub sent_by_module: Tally,
    /// Sent to the venue, by kind.
    pub sent_by_kind: Tally,
    /// Incumbents' orders blocked in LIVE, by module.
    pub blocked_by_module: Tally,
    /// Incumbents' attempts while the brain is on.
    pub ownership_conflicts: u64,
    /// Denied, by reason code.
    pub denied_by_code: Tally,
    /// The venue's errors, by code.
    pub venue_errors: Tally,
}

impl OrderCounts {
    /// Sent and blocked.
    #[must_use]
    pub fn attempts(&self) -> u64 {
        self.sent_by_module.sum().saturating_add(self.blocked())
    }

    /// Blocked.
    #[must_use]
    pub fn blocked(&self) -> u64 {
        self.blocked_by_module.sum()
    }
}

/// Keeps the two services' readings apart: each is believed only what it alone can know.
#[derive(Debug, Clone, Default)]
pub struct Orders {
    guard: Odometer<OrderCounts>,
    gateway: Odometer<OrderCounts>,
}

impl Orders {
    /// Takes the counters of a heartbeat of guard or gateway; others have none.
    pub fn hear(&mut self, beat: &Heartbeat) {
        let odometer = match beat.service.as_str() {
            GUARD => &mut self.guard,
            GATEWAY => &mut self.gateway,
            _ => return,
        };
        odometer.read(beat.boot, beat.sequence, (&beat.metrics).into());
    }

    /// Sent and venue errors by the gateway, blocked and conflicts by the guard, denied by both.
    #[must_use]
    pub fn counts(&self) -> OrderCounts {
        let guard = self.guard.total();
        let gateway = self.gateway.total();
        let mut denied_by_code = guard.denied_by_code;
        denied_by_code.absorb(&gateway.denied_by_code);
        OrderCounts {
            sent_by_module: gateway.sent_by_module,
            sent_by_kind: gateway.sent_by_kind,
            blocked_by_module: guard.blocked_by_module,
            ownership_conflicts: guard.ownership_conflicts,
            denied_by_code,
            venue_errors: gateway.venue_errors,
        }
    }
}

impl From<&ExitMetrics> for OrderCounts {
    fn from(metrics: &ExitMetrics) -> Self {
        Self {
            sent_by_module: (&metrics.sent_by_module).into(),
            sent_by_kind: (&metrics.sent_by_kind).into(),
            blocked_by_module: (&metrics.blocked_by_module).into(),
            ownership_conflicts: metrics.ownership_conflicts,
            denied_by_code: (&metrics.denied_by_code).into(),
            venue_errors: (&metrics.venue_errors).into(),
        }
    }
}

impl Reading for Tally {
    fn absorb(&mut self, other: &Self) {
        for (name, amount) in other.counts() {
            self.add(name, *amount);
        }
    }
}

impl Reading for OrderCounts {
    fn absorb(&mut self, other: &Self) {
        self.sent_by_module.absorb(&other.sent_by_module);
        self.sent_by_kind.absorb(&other.sent_by_kind);
        self.blocked_by_module.absorb(&other.blocked_by_module);
        self.denied_by_code.absorb(&other.denied_by_code);
        self.venue_errors.absorb(&other.venue_errors);
        self.ownership_conflicts = self
            .ownership_conflicts
            .saturating_add(other.ownership_conflicts);
    }
}
