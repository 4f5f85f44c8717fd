//! How long a position needs no look, and what a look depends on beside the market.

use domain::Timestamp;
use domain::decide::{self, Rest};
use domain::mode::Mode;
use domain::reconcile;
use domain::triggers::Slot;

use super::Life;
use crate::feeds::Market;
use crate::owners::Standing;

/// What decides whether a position is decided about, and whether anything is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Looked {
    pub(crate) mode: Mode,
    pub(crate) standing: Standing,
}

impl Life {
    /// Its place in the watch.
    pub(crate) const fn slot(&self) -> Slot {
        self.slot
    }

    /// Under which circumstances it was looked at last.
    pub(crate) const fn looked(&self) -> Option<Looked> {
        self.looked
    }

    pub(crate) const fn set_looked(&mut self, looked: Looked) {
        self.looked = Some(looked);
    }

    /// How long no look is needed, after one that has found nothing to decide and nothing to ask
    /// for; `None` where the next mark or beat may find something, whatever it is.
    pub(crate) fn rest(&self, market: &Market<'_>, now: Timestamp) -> Option<Rest> {
        let position = &self.snapshot.position;
        if !position.is_open() || !self.is_told {
            return None;
        }
        let scene = self.scene(market.policy, now);
        // A part that is due may be given up, or asked for, at any mark.
        if self.acts && !reconcile::part_due(&scene).is_zero() {
            return None;
        }
        let mark = self.mark(market, now);
        let mut rest = decide::rest(&self.view(market, mark, now))?;
        reconcile::watch_fired(&self.snapshot, now, &mut rest);
        let asks = match self.looked?.standing {
            Standing::Owner => self.acts,
            Standing::Passive => false,
            Standing::Unknown | Standing::Unleased => return None,
        };
        (!asks || reconcile::rest(&scene, &mut rest)).then_some(rest)
    }
}
