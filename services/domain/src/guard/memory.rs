//! What the guard remembers between intents: numbers, so that nothing is done twice, and
//! tokens, so that a former owner is refused.

use alloc::collections::BTreeMap;

use super::DenyReason;
use crate::ids::Module;
use crate::intent::OrderIntent;

/// What the guard remembers between intents.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Memory {
    publishers: BTreeMap<(Module, u64), Publisher>,
    fences: BTreeMap<Module, u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Publisher {
    last_sequence: u64,
    gaps: u64,
}

/// Publishers (module and boot) that are remembered; the oldest boots go first.
const PUBLISHERS_MAX: usize = 64;

impl Memory {
    /// Sequence numbers that never arrived, over all publishers: each gap is a lost message.
    #[must_use]
    pub fn gaps(&self) -> u64 {
        self.publishers
            .values()
            .map(|publisher| publisher.gaps)
            .sum()
    }

    /// Takes an intent's number and token in.
    ///
    /// # Errors
    /// [`DenyReason`] for the repeated, and for one of a former owner.
    pub fn admit(&mut self, intent: &OrderIntent) -> Result<(), DenyReason> {
        let newest = self.fences.entry(intent.module.clone()).or_default();
        if intent.fence < *newest {
            return Err(DenyReason::OwnerFenced {
                fence: intent.fence,
                newest: *newest,
            });
        }
        *newest = intent.fence;
        let publisher = (intent.module.clone(), intent.fence);
        let known = self.publishers.entry(publisher).or_default();
        if intent.sequence <= known.last_sequence {
            let id = intent.id.as_str().into();
            return Err(DenyReason::IntentRepeated {
                id,
                sequence: intent.sequence,
            });
        }
        known.gaps += intent.sequence - known.last_sequence - 1;
        known.last_sequence = intent.sequence;
        while self.publishers.len() > PUBLISHERS_MAX {
            self.publishers.pop_first();
        }
        Ok(())
    }
}
