//! What was filled of each order, so that every unit counts once, however often it is told.

use alloc::vec::Vec;
use rust_decimal::Decimal;

use crate::ids::ClientOrderId;
use crate::num::{Price, Qty};
use crate::order::{OrderEvent, OrderStatus};

/// Orders with a fill in one life: a few for each of its targets. Beyond it the first is forgotten,
/// of which nothing is told any more.
const ORDERS_MAX: usize = 64;

/// Orders of one life that have fills.
#[derive(Debug, Clone, Default)]
pub(super) struct Fills(Vec<Seen>);

#[derive(Debug, Clone)]
struct Seen {
    client_order_id: ClientOrderId,
    venue_order_id: Option<i64>,
    qty: Qty,
    /// The target that the last units were for.
    last: Option<u8>,
    /// Units whose price is known, and what was paid for all of them.
    priced: Qty,
    notional: Decimal,
    /// The others: the venue may say a fill first and its price later.
    unpriced: Vec<Part>,
}

/// What one order closed for one target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub leg: u8,
    /// What was planned when it was filled.
    pub planned: Price,
    pub qty: Qty,
}

/// What news of an order adds to what was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Increment {
    /// Which order, for [`Fills::share_out`].
    index: usize,
    /// New units; zero where only the end or the price is new.
    pub qty: Qty,
    /// Whether the order is filled to its end.
    pub is_done: bool,
    /// The target that the order's units before these were for.
    pub last: Option<u8>,
    /// Average price of all units, the new ones among them, that had none before.
    paid: Option<Decimal>,
}

impl Seen {
    fn of(event: &OrderEvent) -> Self {
        Self {
            client_order_id: event.client_order_id.clone(),
            venue_order_id: event.venue_order_id,
            qty: Qty::ZERO,
            last: None,
            priced: Qty::ZERO,
            notional: Decimal::ZERO,
            unpriced: Vec::new(),
        }
    }

    /// Names are unique among open orders only; the venue's own ids tell two of one name apart.
    fn is_of(&self, event: &OrderEvent) -> bool {
        let ids = (self.venue_order_id, event.venue_order_id);
        let differ = matches!(ids, (Some(ours), Some(theirs)) if ours != theirs);
        self.client_order_id == event.client_order_id && !differ
    }

    /// The price of what had none, given the average of all that is filled.
    fn pay(&mut self, average: Price) -> Option<Decimal> {
        let units = self.qty.saturating_sub(self.priced);
        let notional = average.get().checked_mul(self.qty.get())?;
        let paid = notional
            .checked_sub(self.notional)?
            .checked_div(units.get())?;
        (self.priced, self.notional) = (self.qty, notional);
        Some(paid)
    }
}

impl Fills {
    /// Takes news in. `None` where it adds nothing: no fill, told before, or out of order.
    pub(super) fn learn(&mut self, event: &OrderEvent) -> Option<Increment> {
        if event.filled_qty.is_zero() {
            return None;
        }
        let known = self.0.iter().position(|seen| seen.is_of(event));
        let index = known.unwrap_or_else(|| {
            if self.0.len() >= ORDERS_MAX {
                self.0.remove(0);
            }
            self.0.push(Seen::of(event));
            self.0.len() - 1
        });
        let seen = self.0.get_mut(index)?;
        if event.filled_qty < seen.qty {
            return None;
        }
        seen.venue_order_id = seen.venue_order_id.or(event.venue_order_id);
        let new = Increment {
            index,
            qty: event.filled_qty.saturating_sub(seen.qty),
            is_done: event.status == OrderStatus::Filled,
            last: seen.last,
            paid: None,
        };
        seen.qty = event.filled_qty;
        let paid = event.average_price.and_then(|average| seen.pay(average));
        let is_news = !new.qty.is_zero() || new.is_done || paid.is_some();
        is_news.then_some(Increment { paid, ..new })
    }

    /// Notes for which targets the new units were. Returns what is known to be paid now, and the
    /// price.
    pub(super) fn share_out(
        &mut self,
        new: &Increment,
        parts: Vec<Part>,
    ) -> Option<(Vec<Part>, Decimal)> {
        let seen = self.0.get_mut(new.index)?;
        seen.last = parts.last().map(|part| part.leg).or(seen.last);
        for part in parts {
            let like = |it: &&mut Part| (it.leg, it.planned) == (part.leg, part.planned);
            match seen.unpriced.iter_mut().find(like) {
                Some(known) => known.qty = known.qty.plus(part.qty),
                None => seen.unpriced.push(part),
            }
        }
        let paid = new.paid?;
        Some((core::mem::take(&mut seen.unpriced), paid))
    }
}
