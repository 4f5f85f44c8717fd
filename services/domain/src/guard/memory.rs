//! What the guard remembers between intents: numbers, so that nothing is done twice, and
//! tokens, so that a former owner is refused.

use alloc::collections::BTreeMap;

use super::owners::Owners;
use super::{CLOCK_SKEW_MAX, DenyReason};
use crate::ids::{ClientOrderId, PositionKey};
use crate::intent::OrderIntent;
use crate::time::{Span, Timestamp};

/// An approved cancel has been carried out by then, or never will be.
const CANCEL_MAX: Span = Span::from_secs(5);
/// Cancels of stops under way: the venue holds 200 stops of an account.
const CANCELS_MAX: usize = 1_024;

/// What the guard remembers between intents: of everything that is owned its newest owner.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Memory {
    owners: Owners,
    canceling: BTreeMap<ClientOrderId, Timestamp>,
}

impl Memory {
    /// Sequence numbers that never arrived: each is a lost message.
    #[must_use]
    pub const fn gaps(&self) -> u64 {
        self.owners.gaps()
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
    /// [`DenyReason`] for the repeated, for one of a former owner, for one without a lease that
    /// asks for more than a stop, and for a token from the future, which would lock every real
    /// owner out.
    pub fn admit(&mut self, intent: &OrderIntent, now: Timestamp) -> Result<(), DenyReason> {
        let fence = intent.fence;
        if is_future(fence, now) {
            return Err(DenyReason::OwnerFuture { fence });
        }
        self.owners.admit(intent)
    }

    /// An executor has said that it owns the position under this token: whoever has an older one
    /// is refused from now on, also where the new owner has nothing to ask for yet.
    pub fn owned(&mut self, key: &PositionKey, fence: u64, now: Timestamp) {
        if !is_future(fence, now) {
            self.owners.learn(key, fence);
        }
    }
}

/// Tokens are times of takings in microseconds.
fn is_future(fence: u64, now: Timestamp) -> bool {
    let latest = u64::try_from((now + CLOCK_SKEW_MAX).micros()).unwrap_or(0);
    fence > latest
}
