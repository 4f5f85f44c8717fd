//! Which positions are open, and what protects them.

use std::collections::BTreeMap;

use domain::snapshot::PositionSnapshot;
use domain::{PositionKey, Span, Timestamp};

/// Positions at once: more than an account of the venue has contracts, both sides counted.
pub const POSITIONS_MAX: usize = 2_048;
/// A new position may lack its stop for so long: the disaster stop is placed within it.
pub const PLACEMENT_WINDOW: Span = Span::from_secs(1);

/// The newest picture of each open position.
#[derive(Debug, Clone, Default)]
pub struct Positions {
    open: BTreeMap<PositionKey, PositionSnapshot>,
    untold: u64,
}

impl Positions {
    /// Takes a picture; one that is proven flat ends the position's place here.
    pub fn hear(&mut self, snapshot: &PositionSnapshot) {
        let key = &snapshot.position.key;
        if self.open.get(key).is_some_and(|it| it.at > snapshot.at) {
            return;
        }
        if !snapshot.position.is_open() {
            // Unknown is not flat: the last picture stands until the gateway has proof.
            if snapshot.flat_proven {
                self.open.remove(key);
            }
            return;
        }
        if self.open.len() >= POSITIONS_MAX && !self.open.contains_key(key) {
            self.untold = self.untold.saturating_add(1);
            return;
        }
        self.open.insert(key.clone(), snapshot.clone());
    }

    /// The open positions in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = &PositionSnapshot> {
        self.open.values()
    }

    /// The last picture of an open position.
    #[must_use]
    pub fn get(&self, key: &PositionKey) -> Option<&PositionSnapshot> {
        self.open.get(key)
    }

    /// Open positions that are not wholly covered by stops.
    #[must_use]
    pub fn unprotected(&self, now: Timestamp) -> usize {
        self.iter().filter(|it| is_unprotected(it, now)).count()
    }

    /// Pictures of positions beyond [`POSITIONS_MAX`], of which nothing is shown.
    #[must_use]
    pub const fn untold(&self) -> u64 {
        self.untold
    }
}

/// Whether stops cover less than what is open, past the time that a new position is given.
#[must_use]
pub fn is_unprotected(snapshot: &PositionSnapshot, now: Timestamp) -> bool {
    snapshot.protected_qty() < snapshot.position.qty
        && snapshot.position.age(now) > PLACEMENT_WINDOW
}
