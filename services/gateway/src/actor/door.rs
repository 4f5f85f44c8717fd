//! The door for approvals: forged, old, late and repeated ones are refused here.

use std::collections::{BTreeSet, VecDeque};

use domain::Timestamp;
use domain::guard::DenyReason;
use domain::intent::{Approval, IntentId};

/// Intent ids that are remembered. An id is worth remembering for the few seconds in which its
/// approval could be repeated; at 300 orders in 10 s (the venue's limit) this is over two minutes.
const IDS_MAX: usize = 4_096;

/// Why nothing was done: a stable code, and the facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub code: &'static str,
    pub detail: String,
}

impl Refusal {
    pub(super) fn new(code: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { code, detail }
    }
}

impl From<DenyReason> for Refusal {
    fn from(reason: DenyReason) -> Self {
        Self::new(reason.code(), reason.to_string())
    }
}

/// What was let in before.
#[derive(Debug, Default)]
pub(super) struct Door {
    guard_boot: u64,
    sequence: u64,
    gaps: u64,
    seen: BTreeSet<IntentId>,
    order: VecDeque<IntentId>,
}

impl Door {
    /// Checks guard, number and date of an approval. Its number is used up whatever follows.
    ///
    /// # Errors
    /// [`Refusal`] with the first rule that it breaks.
    pub(super) fn admit(
        &mut self,
        approval: &Approval,
        acts_since: Timestamp,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.by_number(approval)?;
        if approval.expires_at <= now {
            let late_ms = now.since(approval.expires_at).millis();
            let detail = format!("the approval expired {late_ms} ms ago");
            return Err(Refusal::new("APPROVAL_EXPIRED", detail));
        }
        if approval.approved_at < acts_since {
            let detail = "approved before this gateway acted: its predecessor may have sent it";
            return Err(Refusal::new("APPROVAL_STALE", detail));
        }
        let id = &approval.intent.id;
        if self.seen.contains(id) {
            return Err(repeated(approval));
        }
        Ok(())
    }

    fn by_number(&mut self, approval: &Approval) -> Result<(), Refusal> {
        if approval.guard_boot < self.guard_boot {
            let newest = self.guard_boot;
            let detail = format!("guard {} is older than {newest}", approval.guard_boot);
            return Err(Refusal::new("GUARD_FENCED", detail));
        }
        if approval.guard_boot > self.guard_boot {
            self.guard_boot = approval.guard_boot;
            self.sequence = 0;
        }
        if approval.sequence <= self.sequence {
            return Err(repeated(approval));
        }
        // The first approval of a guard may be any: we may have started after it.
        if self.sequence > 0 {
            let missing = approval.sequence - self.sequence - 1;
            self.gaps = self.gaps.saturating_add(missing);
        }
        self.sequence = approval.sequence;
        Ok(())
    }

    /// Remembers an intent for good: from now on it is never acted on again.
    pub(super) fn remember(&mut self, id: &IntentId) {
        if self.seen.insert(id.clone()) {
            self.order.push_back(id.clone());
        }
        while self.order.len() > IDS_MAX {
            if let Some(oldest) = self.order.pop_front() {
                self.seen.remove(&oldest);
            }
        }
    }

    /// Approvals that never arrived.
    pub(super) const fn gaps(&self) -> u64 {
        self.gaps
    }
}

fn repeated(approval: &Approval) -> Refusal {
    DenyReason::IntentRepeated {
        id: approval.intent.id.as_str().into(),
        sequence: approval.sequence,
    }
    .into()
}
