//! What the guard remembers between intents: numbers, so that nothing is done twice, and
//! tokens, so that a former owner is refused.

use alloc::collections::BTreeMap;

use super::{CLOCK_SKEW_MAX, DenyReason};
use crate::ids::{ClientOrderId, Module};
use crate::intent::OrderIntent;
use crate::time::{Span, Timestamp};

/// Modules that are remembered. The bus lets a handful speak; a stranger's name is remembered only
/// where the mode lets strangers act at all.
const MODULES_MAX: usize = 64;

/// An approved cancel has been carried out by then, or never will be.
const CANCEL_MAX: Span = Span::from_secs(5);
/// Cancels of stops under way: the venue holds 200 stops of an account.
const CANCELS_MAX: usize = 1_024;

/// What the guard remembers between intents: of each module its newest owner.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Memory {
    owners: BTreeMap<Module, Owner>,
    gaps: u64,
    canceling: BTreeMap<ClientOrderId, Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Owner {
    fence: u64,
    last_sequence: u64,
}

impl Memory {
    /// Sequence numbers that never arrived: each is a lost message.
    #[must_use]
    pub const fn gaps(&self) -> u64 {
        self.gaps
    }

    /// Notes that the cancel of a stop is approved: it no longer counts as cover. `false` where no
    /// more can be remembered, and then it must not be approved.
    #[must_use]
    pub fn canceling(&mut self, target: &ClientOrderId, now: Timestamp) -> bool {
        self.canceling
            .retain(|_, since| now.since(*since) <= CANCEL_MAX);
        let room = self.canceling.len() < CANCELS_MAX;
        if room {
            self.canceling.insert(target.clone(), now);
        }
        room
    }

    /// Whether an approved cancel may still take this order away: a picture that is much newer
    /// than the approval and still shows it proves the opposite.
    #[must_use]
    pub fn is_canceling(&self, order: &ClientOrderId, picture_at: Timestamp) -> bool {
        self.canceling
            .get(order)
            .is_some_and(|since| picture_at.since(*since) <= CANCEL_MAX)
    }

    /// Takes an intent's number and token in.
    ///
    /// # Errors
    /// [`DenyReason`] for the repeated, for one of a former owner, and for a token from the
    /// future, which would lock every real owner out.
    pub fn admit(&mut self, intent: &OrderIntent, now: Timestamp) -> Result<(), DenyReason> {
        let (fence, sequence) = (intent.fence, intent.sequence);
        let latest = u64::try_from((now + CLOCK_SKEW_MAX).micros()).unwrap_or(0);
        if fence > latest {
            return Err(DenyReason::OwnerFuture { fence });
        }
        let full = self.owners.len() >= MODULES_MAX && !self.owners.contains_key(&intent.module);
        if full {
            return Err(DenyReason::ModuleUnknown {
                module: intent.module.name().into(),
            });
        }
        let known = self.owners.entry(intent.module.clone()).or_default();
        if fence < known.fence {
            return Err(DenyReason::OwnerFenced {
                fence,
                newest: known.fence,
            });
        }
        if fence > known.fence {
            *known = Owner {
                fence,
                last_sequence: 0,
            };
        }
        if sequence <= known.last_sequence {
            let id = intent.id.as_str().into();
            return Err(DenyReason::IntentRepeated { id, sequence });
        }
        let missing = sequence - known.last_sequence - 1;
        self.gaps = self.gaps.saturating_add(missing);
        known.last_sequence = sequence;
        Ok(())
    }
}
