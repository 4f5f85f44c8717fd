//! Whose task the stops are, as far as flags and operator say.

use domain::Span;
use domain::mode::Mode;

use super::{Owner, Service, World};

/// The share of symbols that is all of them, percent.
const ROLLED_OUT: u8 = 100;

impl World {
    /// From now on a naked position is a violation after so long, beyond the placement window.
    pub fn allow_naked(&mut self, span: Span) {
        self.options.naked_max = span;
        self.options.naked_max_of_incumbents = span;
        self.owner_changes();
    }

    /// Whether the executor owns exits, as far as flags and operator say.
    fn is_live(&self) -> bool {
        self.options.flags.resolve() == Mode::Live && !self.taken_back
    }

    fn is_everywhere(&self) -> bool {
        self.options.flags.rollout_pct >= ROLLED_OUT
    }

    /// From here on, until everything is started anew, the stops are the incumbents'.
    pub(super) fn take_back(&mut self) {
        self.taken_back = true;
        self.owner_changes();
        if self.is_missing(Service::Legacy) {
            self.excuse_for(Service::Legacy);
        }
    }

    /// Whose task the stops are, and with it the naked time that is no violation.
    pub(super) fn owner_changes(&mut self) {
        let allowed = match self.is_live() && self.is_everywhere() {
            true => (Owner::Brain, self.options.naked_max),
            false => (Owner::Incumbents, self.options.naked_max_of_incumbents),
        };
        self.watch.naked.allow(allowed);
    }

    /// Whether the death of `service` may cost a new position its stop.
    pub(super) fn protects(&self, service: Service) -> bool {
        let live = self.is_live();
        match service {
            Service::Guard | Service::Gateway => true,
            Service::Executor | Service::SecondExecutor => live,
            // Outside the rollout they are its task in LIVE too.
            Service::Legacy => !live || !self.is_everywhere(),
            Service::Market | Service::Planner | Service::Diagnostics => false,
        }
    }
}
