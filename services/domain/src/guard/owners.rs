//! Whose word counts: of everything that is owned the newest token, and its last number.

use alloc::collections::BTreeMap;

use super::DenyReason;
use crate::ids::{Epoch, Module, PositionKey};
use crate::intent::OrderIntent;
use crate::lease::UNLEASED;

/// Owners of positions that are remembered: more than there may be positions. Beyond them the one
/// with the oldest token is forgotten; one that still lives is learned again by its next heartbeat.
const OWNERS_MAX: usize = 16_384;
/// Modules other than the executor that are remembered. The bus lets a handful speak; a stranger's
/// name is remembered only where the mode lets strangers act at all.
const MODULES_MAX: usize = 64;

/// The newest owner of everything that is owned: of each position its executor, and of whatever an
/// incumbent protects that incumbent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Owners {
    positions: BTreeMap<PositionKey, Owner>,
    modules: BTreeMap<Module, Owner>,
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
        let missing = if intent.module == Module::ExitExecutor {
            let known = self.of_position(&intent.key);
            if intent.fence == UNLEASED {
                return known.admit_unleased(intent);
            }
            known.admit(intent)?
        } else {
            self.of_module(&intent.module)?.admit(intent)?
        };
        self.gaps = self.gaps.saturating_add(missing);
        Ok(())
    }

    /// The owner of `key` has this token, by its own word.
    pub(super) fn learn(&mut self, key: &PositionKey, fence: u64) {
        self.of_position(key).renew(fence);
    }

    fn of_position(&mut self, key: &PositionKey) -> &mut Owner {
        if self.positions.len() >= OWNERS_MAX && !self.positions.contains_key(key) {
            let oldest = self.positions.iter().min_by_key(|(_, owner)| owner.fence);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                self.positions.remove(&oldest);
            }
        }
        self.positions.entry(key.clone()).or_default()
    }

    fn of_module(&mut self, module: &Module) -> Result<&mut Owner, DenyReason> {
        if self.modules.len() >= MODULES_MAX && !self.modules.contains_key(module) {
            return Err(DenyReason::ModuleUnknown {
                module: module.name().into(),
            });
        }
        Ok(self.modules.entry(module.clone()).or_default())
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
        if !intent.places_stop() {
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

fn repeated(intent: &OrderIntent) -> DenyReason {
    DenyReason::IntentRepeated {
        id: intent.id.as_str().into(),
        sequence: intent.sequence,
    }
}

#[cfg(test)]
mod tests;
