//! Which positions are open, and what protects them.

use std::collections::BTreeMap;

use domain::snapshot::PositionSnapshot;
use domain::{PositionKey, Ratio, Span, Timestamp};
pub use runtime::protection::is_unprotected;

use super::durations::Durations;

/// Positions at once: more than an account of the venue has contracts, both sides counted.
pub const POSITIONS_MAX: usize = 2_048;

/// A new position gets its stop within a second; without one for a minute is a disaster.
const NAKED_BOUNDS: [Span; 10] = [
    Span::from_millis(50),
    Span::from_millis(100),
    Span::from_millis(250),
    Span::from_millis(500),
    Span::from_secs(1),
    Span::from_secs(2),
    Span::from_secs(5),
    Span::from_secs(10),
    Span::from_secs(30),
    Span::from_secs(60),
];

/// The newest picture of each open position.
#[derive(Debug, Clone)]
pub struct Positions {
    open: BTreeMap<PositionKey, PositionSnapshot>,
    /// Since which picture a position lacks its whole stop.
    bare_since: BTreeMap<PositionKey, Timestamp>,
    naked: Durations,
    untold: u64,
}

impl Default for Positions {
    fn default() -> Self {
        Self {
            open: BTreeMap::new(),
            bare_since: BTreeMap::new(),
            naked: Durations::new(&NAKED_BOUNDS),
            untold: 0,
        }
    }
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
                self.covered(key, snapshot.at);
            }
            return;
        }
        if self.open.len() >= POSITIONS_MAX && !self.open.contains_key(key) {
            self.untold = self.untold.saturating_add(1);
            return;
        }
        self.open.insert(key.clone(), snapshot.clone());
        if snapshot.protected_qty() < snapshot.position.qty {
            let since = self.bare_since.entry(key.clone());
            since.or_insert(snapshot.at);
        } else {
            self.covered(key, snapshot.at);
        }
    }

    fn covered(&mut self, key: &PositionKey, at: Timestamp) {
        if let Some(since) = self.bare_since.remove(key) {
            self.naked.hear(at.since(since));
        }
    }

    /// How long positions lacked their whole stop, the first placement included.
    #[must_use]
    pub const fn naked(&self) -> &Durations {
        &self.naked
    }

    /// The largest part of an open position that no stop covers, past the placement window.
    #[must_use]
    pub fn worst_uncovered(&self, now: Timestamp) -> Ratio {
        let unprotected = self.iter().filter(|it| is_unprotected(it, now));
        let part = |it: &PositionSnapshot| {
            let missing = it.position.qty.saturating_sub(it.protected_qty()).get();
            missing.checked_div(it.position.qty.get()).map(Ratio::new)
        };
        unprotected.filter_map(part).max().unwrap_or(Ratio::ZERO)
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
