//! Whose word counts: of everything that is owned the newest token, and its last number.

use alloc::collections::BTreeMap;

use super::DenyReason;
use crate::ids::{Epoch, Module, PositionKey};
use crate::intent::{OrderIntent, Wish};
use crate::lease::UNLEASED;
use crate::order::CloseOrder;

/// Owners of positions that are remembered: more than there may be positions. Beyond them the one
/// with the oldest token is forgotten; one that still lives is learned again by its next heartbeat.
const OWNERS_MAX: usize = 16_384;
/// Modules other than the executor that are remembered. The bus lets a handful speak; a stranger's
/// name is remembered only where the mode lets strangers act at all.
const MODULES_MAX: usize = 64;

/// What one owner owns: an executor one position, an incumbent whatever it protects.
type Scope = (Module, Option<PositionKey>);

/// The newest owner of everything that is owned.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Owners {
    known: BTreeMap<Scope, Owner>,
    modules: usize,
    gaps: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Owner {
    fence: u64,
    last_sequence: u64,
    /// The life for which it has spoken last.
    epoch: Epoch,
    /// The last number of those who have no lease.
    unleased_sequence: u64,
}

impl Owners {
    /// Sequence numbers that never arrived: each is a lost message.
    pub(super) const fn gaps(&self) -> u64 {
        self.gaps
    }

    /// Takes an intent's number and token in.
    pub(super) fn admit(&mut self, intent: &OrderIntent) -> Result<(), DenyReason> {
        let by_position = intent.module == Module::ExitExecutor;
        let key = by_position.then(|| intent.key.clone());
        let Some(known) = self.owner((intent.module.clone(), key)) else {
            return Err(DenyReason::ModuleUnknown {
                module: intent.module.name().into(),
            });
        };
        if by_position && intent.fence == UNLEASED {
            return known.admit_unleased(intent);
        }
        let missing = known.admit(intent)?;
        self.gaps = self.gaps.saturating_add(missing);
        Ok(())
    }

    /// The owner of `key` has this token, by its own word.
    pub(super) fn learn(&mut self, key: &PositionKey, fence: u64) {
        let scope = (Module::ExitExecutor, Some(key.clone()));
        if let Some(known) = self.owner(scope) {
            known.renew(fence);
        }
    }

    /// What is known of the owner of `scope`; none where it is one module too many.
    fn owner(&mut self, scope: Scope) -> Option<&mut Owner> {
        if !self.known.contains_key(&scope) {
            let is_module = scope.1.is_none();
            if is_module && self.modules >= MODULES_MAX {
                return None;
            }
            self.modules += usize::from(is_module);
            if self.known.len() - self.modules >= OWNERS_MAX {
                self.forget_the_oldest();
            }
        }
        Some(self.known.entry(scope).or_default())
    }

    fn forget_the_oldest(&mut self) {
        let of_positions = self.known.iter().filter(|(scope, _)| scope.1.is_some());
        let oldest = of_positions.min_by_key(|(_, owner)| owner.fence);
        if let Some(oldest) = oldest.map(|(scope, _)| scope.clone()) {
            self.known.remove(&oldest);
        }
    }
}

impl Owner {
    /// A newer token begins with new numbers.
    fn renew(&mut self, fence: u64) {
        if fence > self.fence {
            (self.fence, self.last_sequence) = (fence, 0);
        }
    }

    /// Takes the intent of an owner; says how many of its numbers never arrived.
    fn admit(&mut self, intent: &OrderIntent) -> Result<u64, DenyReason> {
        let (fence, sequence) = (intent.fence, intent.sequence);
        if fence < self.fence {
            let newest = self.fence;
            return Err(DenyReason::OwnerFenced { fence, newest });
        }
        self.renew(fence);
        if sequence <= self.last_sequence {
            return Err(repeated(intent));
        }
        let missing = sequence - self.last_sequence - 1;
        (self.last_sequence, self.epoch) = (sequence, intent.epoch);
        Ok(missing)
    }

    /// Takes the intent of somebody without a lease: a stop, and where nobody who has one has
    /// spoken for this life. Its numbers are times, so none is missed.
    fn admit_unleased(&mut self, intent: &OrderIntent) -> Result<(), DenyReason> {
        if !asks_for_stop(intent) {
            return Err(DenyReason::OwnerUnleased);
        }
        let has_owner = self.fence > UNLEASED && self.epoch >= intent.epoch;
        if has_owner {
            let newest = self.fence;
            let fence = UNLEASED;
            return Err(DenyReason::OwnerFenced { fence, newest });
        }
        if intent.sequence <= self.unleased_sequence {
            return Err(repeated(intent));
        }
        self.unleased_sequence = intent.sequence;
        Ok(())
    }
}

fn asks_for_stop(intent: &OrderIntent) -> bool {
    let Wish::Place { order, .. } = &intent.wish else {
        return false;
    };
    matches!(
        order,
        CloseOrder::Stop { .. } | CloseOrder::DisasterStop { .. }
    )
}

fn repeated(intent: &OrderIntent) -> DenyReason {
    DenyReason::IntentRepeated {
        id: intent.id.as_str().into(),
        sequence: intent.sequence,
    }
}

#[cfg(test)]
mod tests;
