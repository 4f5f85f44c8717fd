//! What rests on the venue, in both of its books, as last observed.

use std::collections::BTreeMap;

use domain::ids::ClientOrderId;
use domain::order::{CloseOrder, OrderStatus, RestingOrder};
use domain::{Qty, Side, Span, Symbol, Timestamp};

use super::observed::{Book, Observed};

/// A list may lag this far behind an answer or an event: a fresh order that it lacks, or an ended
/// one that it still shows, proves nothing (seen: seconds, on conditional orders).
pub(super) const VISIBILITY_LAG: Span = Span::from_secs(3);
/// Ended orders that are remembered, so that a late list does not bring them back.
const ENDED_MAX: usize = 4_096;
/// How long an ended order is remembered: far beyond any lag of a list or an event.
const ENDED_KEEP: Span = Span::from_secs(120);
/// Lists in a row that must lack an order before it is taken as gone.
const MISSES_TO_GO: u8 = 2;

/// The venue's name of an order: its book, and its id there.
pub(super) type VenueId = (Book, i64);

/// An order that rests.
#[derive(Debug, Clone)]
pub(super) struct Open {
    pub symbol: Symbol,
    /// Side of the position that it closes.
    pub side: Side,
    pub resting: RestingOrder,
    /// Venue time of the state that is shown.
    version_ms: i64,
    /// Local time of the last word on it.
    heard_at: Timestamp,
    /// When the list was asked for that has shown it last.
    pub listed_at: Timestamp,
    /// Whether the last list lacked it while it was too fresh to be judged: the list may lag, or it
    /// has gone already.
    pub lacked: bool,
    misses: u8,
}

impl Open {
    /// The order as it may be relied on: a stop that a list lacks may be gone, and is asked for.
    pub(super) fn shown(&self) -> RestingOrder {
        let mut shown = self.resting.clone();
        if self.misses > 0 && shown.is_protecting_stop() {
            shown.status = OrderStatus::Unknown;
        }
        shown
    }
}

/// Both books.
#[derive(Debug, Default)]
pub(super) struct Books {
    open: BTreeMap<VenueId, Open>,
    ended: BTreeMap<VenueId, Timestamp>,
    children: BTreeMap<i64, ClientOrderId>,
}

/// How sure we are of what was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// An event, or the answer to a call about this very order.
    Word,
    /// A list that was asked for at this moment; it may lag.
    List {
        /// When.
        sent_at: Timestamp,
    },
}

/// What an observation did to the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing new.
    None,
    /// What rests for this side changed.
    Changed(Side),
    /// A list contradicted newer news: read it again.
    Stale,
    /// It rests and closes, but we have no word for it.
    Unlisted,
}

impl Books {
    /// Takes one observation in.
    pub(super) fn observe(
        &mut self,
        seen: &Observed,
        symbol: &Symbol,
        source: Source,
        now: Timestamp,
    ) -> Effect {
        let id = (seen.book, seen.venue_id);
        if let Source::List { sent_at } = source
            && self.is_newer_known(id, seen, sent_at)
        {
            return Effect::Stale;
        }
        if seen.is_final() {
            self.ended.insert(id, now);
            return match self.open.remove(&id) {
                Some(open) => Effect::Changed(open.side),
                None => Effect::None,
            };
        }
        if source == Source::Word && self.ended.contains_key(&id) {
            return Effect::None; // a late or repeated event of an order that has ended
        }
        match self.open.get_mut(&id) {
            Some(open) => update(open, seen, source, now),
            None => self.insert(id, seen, symbol, now),
        }
    }

    fn is_newer_known(&self, id: VenueId, seen: &Observed, sent_at: Timestamp) -> bool {
        if let Some(ended_at) = self.ended.get(&id) {
            return *ended_at + VISIBILITY_LAG > sent_at && !seen.is_final();
        }
        self.open.get(&id).is_some_and(|open| {
            seen.at_ms < open.version_ms && open.heard_at + VISIBILITY_LAG > sent_at
        })
    }

    fn insert(&mut self, id: VenueId, seen: &Observed, symbol: &Symbol, now: Timestamp) -> Effect {
        let Some(side) = seen.closes else {
            return Effect::None; // it may open: none of our business
        };
        let Some(status) = seen.status else {
            return Effect::Unlisted;
        };
        // A market order does not rest.
        let order = match seen.shape {
            Some(CloseOrder::Market { .. }) => return Effect::None,
            Some(order) => order,
            None => return Effect::Unlisted,
        };
        let Ok(client_order_id) = ClientOrderId::new(&seen.client_id) else {
            return Effect::Unlisted;
        };
        let resting = RestingOrder {
            client_order_id,
            order,
            status,
            filled_qty: seen.filled,
            since: Timestamp::from_millis(seen.at_ms).min(now),
        };
        let open = Open {
            symbol: symbol.clone(),
            side,
            resting,
            version_ms: seen.at_ms,
            heard_at: now,
            listed_at: Timestamp::default(),
            lacked: false,
            misses: 0,
        };
        self.ended.remove(&id);
        self.open.insert(id, open);
        Effect::Changed(side)
    }

    /// Orders of `scope` that a list, asked for at `sent_at`, lacks. One that is fresh is only
    /// noted; the first miss of another makes it doubtful, the second ends it.
    pub(super) fn miss(
        &mut self,
        book: Book,
        scope: Option<&Symbol>,
        listed: &[i64],
        sent_at: Timestamp,
    ) -> Missing {
        let mut missing = Missing::default();
        for (id, open) in &mut self.open {
            let in_scope = id.0 == book && scope.is_none_or(|symbol| *symbol == open.symbol);
            if !in_scope {
                continue;
            }
            if listed.contains(&id.1) {
                (open.misses, open.lacked, open.listed_at) = (0, false, sent_at);
            } else if open.heard_at + VISIBILITY_LAG > sent_at {
                open.lacked = true;
                missing.fresh.push(open.resting.client_order_id.clone());
            } else {
                open.misses = open.misses.saturating_add(1);
                let lost = (*id, open.clone());
                match open.misses >= MISSES_TO_GO {
                    true => missing.gone.push(lost),
                    false => missing.doubtful.push(lost),
                }
            }
        }
        for (id, _) in &missing.gone {
            self.open.remove(id);
            self.ended.insert(*id, sent_at);
        }
        missing
    }

    /// What rests for one side of a symbol, ordinary orders first, older ids first.
    pub(super) fn of(&self, symbol: &Symbol, side: Side) -> Vec<RestingOrder> {
        self.all_of(symbol, side).map(Open::shown).collect()
    }

    /// The same, without a copy.
    pub(super) fn all_of<'a>(
        &'a self,
        symbol: &'a Symbol,
        side: Side,
    ) -> impl Iterator<Item = &'a Open> {
        self.open
            .values()
            .filter(move |open| open.symbol == *symbol && open.side == side)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Open> {
        self.open.values()
    }

    /// News of the child of a conditional order, which has left the waiting room.
    pub(super) fn child_news(
        &mut self,
        parent: &ClientOrderId,
        status: OrderStatus,
        filled: Qty,
        now: Timestamp,
    ) -> Option<Side> {
        let of_parent = |(id, open): &(&VenueId, &mut Open)| {
            id.0 == Book::Algo && open.resting.client_order_id == *parent
        };
        let (id, open) = self.open.iter_mut().find(of_parent)?;
        let (id, side) = (*id, open.side);
        let resting = &mut open.resting;
        let after = resting.status.after(status).unwrap_or(resting.status);
        if after != resting.status {
            resting.since = now;
        }
        resting.status = after;
        resting.filled_qty = resting.filled_qty.max(filled);
        open.heard_at = now;
        if after.is_final() {
            self.end(id, now);
        }
        Some(side)
    }

    /// An order has ended.
    pub(super) fn end(&mut self, id: VenueId, now: Timestamp) -> Option<Side> {
        self.ended.insert(id, now);
        self.open.remove(&id).map(|open| open.side)
    }

    /// Notes which conditional order an ordinary order is the child of.
    pub(super) fn adopt_child(&mut self, child: i64, parent: &ClientOrderId) {
        self.children.insert(child, parent.clone());
        while self.children.len() > ENDED_MAX {
            self.children.pop_first();
        }
    }

    pub(super) fn parent(&self, child: i64) -> Option<&ClientOrderId> {
        self.children.get(&child)
    }

    /// Forgets what is no longer needed to tell late news.
    pub(super) fn prune(&mut self, now: Timestamp) {
        let keep = |at: &mut Timestamp| now.since(*at) <= ENDED_KEEP;
        self.ended.retain(|_, at| keep(at));
        while self.ended.len() > ENDED_MAX {
            self.ended.pop_first();
        }
    }
}

/// What a list lacked.
#[derive(Debug, Default)]
pub(super) struct Missing {
    /// For the first time: ask for them.
    pub doubtful: Vec<(VenueId, Open)>,
    /// Again: they no longer rest.
    pub gone: Vec<(VenueId, Open)>,
    /// Too fresh to be judged by this list.
    pub fresh: Vec<ClientOrderId>,
}

fn update(open: &mut Open, seen: &Observed, source: Source, now: Timestamp) -> Effect {
    let before = open.shown();
    open.misses = 0;
    let resting = &mut open.resting;
    if let Some(status) = seen.status {
        let after = resting.status.after(status).unwrap_or(resting.status);
        if after != resting.status {
            resting.since = Timestamp::from_millis(seen.at_ms).min(now);
        }
        resting.status = after;
    }
    resting.filled_qty = resting.filled_qty.max(seen.filled);
    if seen.at_ms >= open.version_ms
        && let Some(shape) = seen.shape
    {
        resting.order = shape; // the venue shrinks reduce-only orders
    }
    open.version_ms = open.version_ms.max(seen.at_ms);
    if source == Source::Word {
        (open.heard_at, open.lacked) = (now, false);
    }
    match open.shown() == before {
        true => Effect::None,
        false => Effect::Changed(open.side),
    }
}

#[cfg(test)]
#[path = "book/tests.rs"]
mod tests;
