//! The live picture of positions, one leg per symbol and side, out of events and reads.

use std::collections::BTreeMap;

use domain::{Account, Epoch, Position, PositionKey, Price, Qty, Side, Span, Symbol, Timestamp};
use rust_decimal::Decimal;

use super::life::Life;

/// A read of positions may lag this far behind an event.
const READ_LAG: Span = Span::from_millis(1_000);
/// A read that is older than the last event by the venue's own times is not believed for so long.
const STALE_MAX: Span = Span::from_secs(30);
/// Clean reads in a row that must lack a position before it counts as flat.
const MISSES_TO_FLAT: u8 = 2;
/// A life that an event began is compared with the fills this much later, when these are surely
/// listed: the event before it may have been lost.
const LIFE_CHECK: Span = Span::from_secs(2);

/// Averages that differ by less than this share of themselves are the same.
const ENTRY_TOLERANCE: Decimal = Decimal::from_parts(1, 0, 0, false, 8);

/// One leg's place.
pub(super) type LegKey = (Symbol, Side);

/// A position with what is known about how sure we are of it.
#[derive(Debug, Clone)]
pub(super) struct Leg {
    pub position: Position,
    /// Whether its life (epoch, initial quantity) is known; before, nobody is told of it.
    pub is_known: bool,
    /// When the fills are to be read to learn or check its life.
    pub derive_at: Option<Timestamp>,
    /// Reads of the fills that did not settle it.
    pub derive_tries: u32,
    /// Venue time of the last change of its amount, Unix ms.
    pub changed_ms: i64,
    /// Whether another amount was told as of that very moment, and no read has agreed since.
    pub disputed: bool,
    pub flat_proven: bool,
    pub flat_since: Option<Timestamp>,
    pub is_dirty: bool,
    pub published_at: Option<Timestamp>,
    heard_at: Timestamp,
    misses: u8,
}

/// What was told of one leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told {
    pub qty: Qty,
    /// None where the venue shows none (flat).
    pub entry: Option<Price>,
    /// Venue time, Unix ms.
    pub at_ms: i64,
}

/// What a read did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Merge {
    /// It agrees.
    Same,
    /// It told something that no event had told.
    Difference,
    /// It can't be judged yet: read again.
    Again,
}

/// All legs.
#[derive(Debug)]
pub(super) struct Legs {
    account: Account,
    legs: BTreeMap<LegKey, Leg>,
}

impl Legs {
    pub(super) const fn new(account: Account) -> Self {
        let legs = BTreeMap::new();
        Self { account, legs }
    }

    pub(super) fn key(&self, symbol: &Symbol, side: Side) -> PositionKey {
        PositionKey {
            account: self.account.clone(),
            symbol: symbol.clone(),
            side,
        }
    }

    pub(super) fn get(&self, key: &LegKey) -> Option<&Leg> {
        self.legs.get(key)
    }

    /// Venue time of the last change of its amount, Unix ms; 0 where no such position is known.
    pub(super) fn changed_ms(&self, key: &PositionKey) -> i64 {
        let leg = self.legs.get(&(key.symbol.clone(), key.side));
        leg.map_or(0, |leg| leg.changed_ms)
    }

    pub(super) fn get_mut(&mut self, key: &LegKey) -> Option<&mut Leg> {
        self.legs.get_mut(key)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&LegKey, &Leg)> {
        self.legs.iter()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (&LegKey, &mut Leg)> {
        self.legs.iter_mut()
    }

    pub(super) fn retain(&mut self, keep: impl FnMut(&LegKey, &mut Leg) -> bool) {
        self.legs.retain(keep);
    }

    /// Positions that are open, or may be.
    pub(super) fn open(&self) -> impl Iterator<Item = (&LegKey, &Leg)> {
        self.legs.iter().filter(|(_, leg)| leg.position.is_open())
    }

    pub(super) fn mark_dirty(&mut self, key: &LegKey) {
        if let Some(leg) = self.legs.get_mut(key) {
            leg.is_dirty = true;
        }
    }

    /// An event told the amount of one leg. Returns false for late news. Only while no event can
    /// have been missed (`is_gapless`) does it tell when a life began.
    pub(super) fn tell(
        &mut self,
        key: &LegKey,
        told: Told,
        leverage: Decimal,
        (is_gapless, now): (bool, Timestamp),
    ) -> bool {
        let Some(leg) = self.legs.get_mut(key) else {
            if let Some(entry) = told.entry.filter(|_| !told.qty.is_zero()) {
                self.begin(key, (told, entry), leverage, now);
                self.heard(key, is_gapless, now);
            }
            return true;
        };
        if told.at_ms < leg.changed_ms {
            return false;
        }
        leg.heard_at = now;
        leg.misses = 0;
        let was_open = leg.position.is_open();
        match (was_open, told.entry.filter(|_| !told.qty.is_zero())) {
            (false, Some(entry)) => {
                self.begin(key, (told, entry), leverage, now);
                self.heard(key, is_gapless, now);
            }
            (true, Some(entry)) => {
                // Two amounts of one moment: which of them came last, a read has to tell.
                leg.disputed |= told.at_ms == leg.changed_ms && told.qty != leg.position.qty;
                leg.resize(told, entry);
            }
            (true, None) => leg.flatten(told.at_ms, now),
            (false, None) => {
                leg.is_dirty |= !leg.flat_proven;
                leg.flat_proven = true;
            }
        }
        true
    }

    /// A read, asked for at `sent_at`, showed one leg.
    pub(super) fn merge(
        &mut self,
        key: &LegKey,
        (told, entry): (Told, Price),
        leverage: Decimal,
        (sent_at, now): (Timestamp, Timestamp),
    ) -> Merge {
        let Some(leg) = self.legs.get_mut(key) else {
            self.begin(key, (told, entry), leverage, now);
            return Merge::Difference;
        };
        leg.misses = 0;
        let same = leg.position.qty == told.qty;
        if same && (is_near(leg.position.entry_price, entry) || !leg.position.is_open()) {
            // The amount may have been another one in between.
            leg.changed_ms = leg.changed_ms.max(told.at_ms);
            leg.disputed = false;
            return Merge::Same;
        }
        if leg.is_stale(told.at_ms, sent_at) {
            leg.disputed |= told.at_ms == leg.changed_ms;
            return Merge::Again;
        }
        if !leg.position.is_open() {
            self.begin(key, (told, entry), leverage, now);
            return Merge::Difference;
        }
        if same {
            // The venue's own average; not a change of the position.
            leg.position.entry_price = entry;
            leg.is_dirty = true;
            return Merge::Same;
        }
        leg.resize(told, entry);
        leg.disputed = false;
        leg.derive_at = Some(now);
        Merge::Difference
    }

    /// A clean read, asked for at `sent_at`, lacked this leg: unknown the first time, flat the
    /// second.
    pub(super) fn miss(&mut self, key: &LegKey, sent_at: Timestamp, now: Timestamp) -> Merge {
        let Some(leg) = self.legs.get_mut(key) else {
            return Merge::Same;
        };
        if leg.flat_proven {
            return Merge::Same;
        }
        if leg.is_fresh(sent_at) {
            return Merge::Again;
        }
        leg.misses = leg.misses.saturating_add(1);
        if leg.misses < MISSES_TO_FLAT {
            return Merge::Again;
        }
        let at_ms = leg.changed_ms;
        leg.flatten(at_ms, now);
        Merge::Difference
    }

    /// Whether what a read tells of the other side, as of `at_ms`, is older than that this one is
    /// open.
    pub(super) fn outdates(&self, key: &LegKey, at_ms: i64, sent_at: Timestamp) -> bool {
        let leg = self.legs.get(key);
        leg.is_some_and(|leg| leg.position.is_open() && leg.is_stale(at_ms, sent_at))
    }

    /// In one-way mode a read that shows one side proves that the other is gone.
    pub(super) fn disprove(&mut self, key: &LegKey, at_ms: i64, now: Timestamp) {
        if let Some(leg) = self.legs.get_mut(key)
            && leg.position.is_open()
        {
            leg.flatten(at_ms, now);
        }
    }

    /// Enters a leg that is flat as far as we know, because orders of ours still rest for it.
    pub(super) fn orphan(
        &mut self,
        key: &LegKey,
        epoch: Epoch,
        price: Price,
        leverage: Decimal,
        now: Timestamp,
    ) {
        if self.legs.contains_key(key) {
            return;
        }
        let told = Told {
            qty: Qty::ZERO,
            entry: None,
            at_ms: i64::try_from(epoch.0).unwrap_or_default(),
        };
        self.begin(key, (told, price), leverage, now);
        if let Some(leg) = self.legs.get_mut(key) {
            leg.is_known = true;
            leg.derive_at = None;
            leg.flat_since = Some(now);
        }
    }

    /// An event told of a leg that was flat before.
    fn heard(&mut self, key: &LegKey, is_gapless: bool, now: Timestamp) {
        if let Some(leg) = self.legs.get_mut(key) {
            leg.heard_at = now;
            leg.is_known = is_gapless;
            leg.derive_at = Some(if is_gapless { now + LIFE_CHECK } else { now });
        }
    }

    /// A new leg whose life is to be learned from its fills.
    fn begin(
        &mut self,
        key: &LegKey,
        (told, entry): (Told, Price),
        leverage: Decimal,
        now: Timestamp,
    ) {
        let position = Position {
            key: self.key(&key.0, key.1),
            epoch: Epoch(u64::try_from(told.at_ms).unwrap_or_default()),
            qty: told.qty,
            initial_qty: told.qty,
            entry_price: entry,
            leverage,
            opened_at: Timestamp::from_millis(told.at_ms),
        };
        let leg = Leg {
            position,
            is_known: false,
            derive_at: Some(now),
            derive_tries: 0,
            changed_ms: told.at_ms,
            disputed: false,
            flat_proven: false,
            flat_since: None,
            is_dirty: true,
            published_at: None,
            heard_at: Timestamp::default(),
            misses: 0,
        };
        self.legs.insert(key.clone(), leg);
    }
}

/// Events and reads print the same average with different numbers of digits.
fn is_near(a: Price, b: Price) -> bool {
    (a.get() - b.get()).abs() <= a.get() * ENTRY_TOLERANCE
}

impl Leg {
    /// Whether an event is so fresh that a read asked for at `sent_at` may not know of it.
    fn is_fresh(&self, sent_at: Timestamp) -> bool {
        self.heard_at + READ_LAG > sent_at
    }

    /// Whether a read tells an older amount than the last event did. By the venue's own times
    /// that is certain; but should these ever not be comparable, the venue is believed in the end.
    fn is_stale(&self, at_ms: i64, sent_at: Timestamp) -> bool {
        let limit = match at_ms < self.changed_ms {
            true => STALE_MAX,
            false => READ_LAG,
        };
        at_ms <= self.changed_ms && self.heard_at + limit > sent_at
    }

    fn resize(&mut self, told: Told, entry: Price) {
        let position = &mut self.position;
        let added = told.qty.saturating_sub(position.qty);
        self.is_dirty |= position.qty != told.qty || position.entry_price != entry;
        if position.qty != told.qty {
            self.changed_ms = told.at_ms;
        }
        position.initial_qty = position.initial_qty.plus(added);
        position.qty = told.qty;
        position.entry_price = entry;
        self.flat_proven = false;
    }

    fn flatten(&mut self, at_ms: i64, now: Timestamp) {
        self.position.qty = Qty::ZERO;
        self.changed_ms = self.changed_ms.max(at_ms);
        self.flat_proven = true;
        self.flat_since.get_or_insert(now);
        self.derive_at = None;
        self.disputed = false;
        self.is_dirty = true;
    }

    /// Takes the life that the fills tell. Returns whether it is another one than was believed.
    pub(super) fn settle(&mut self, life: Life) -> bool {
        let position = &mut self.position;
        let differs = self.is_known && position.epoch != life.epoch;
        let initial_qty = life.initial.max(position.qty);
        let same = position.epoch == life.epoch && position.initial_qty == initial_qty;
        self.is_dirty |= !self.is_known || !same;
        position.epoch = life.epoch;
        position.initial_qty = initial_qty;
        position.opened_at = Timestamp::from_millis(i64::try_from(life.epoch.0).unwrap_or(0));
        self.is_known = true;
        self.checked();
        differs
    }

    /// The life stays as it is believed.
    pub(super) const fn checked(&mut self) {
        self.derive_at = None;
        self.derive_tries = 0;
    }
}
