//! No leg closes its share twice: an order that is asked for anew, while one before it was still on
//! its way or had closed something that its asker did not know, closes more than the leg was for.

use std::collections::BTreeMap;

use domain::ids::{ClientOrderId, LegId, Module, OrderCause};
use domain::invariant::{Verdict, Violation};
use domain::{PositionKey, Qty, Timestamp};
use rust_decimal::Decimal;

use super::{Leg, Service, truth};

/// What is open of a position after a change, and what a leg closed in it.
#[derive(Debug)]
struct Change {
    open: Qty,
    closed: Option<(LegId, Qty)>,
}

/// A position from its opening until it is flat, as the venue has it.
#[derive(Debug, Default)]
struct Life {
    changes: Vec<Change>,
    /// What each leg was for at most: what its last order asked for, and what was known to be
    /// closed by it before.
    shares: BTreeMap<LegId, Qty>,
}

impl Life {
    fn closed(&self, leg: LegId, changes: usize) -> Qty {
        let changes = self.changes.iter().take(changes);
        let closed = changes.filter_map(|it| it.closed);
        let of_leg = closed.filter(|(of, _)| *of == leg);
        of_leg.map(|(_, qty)| qty).fold(Qty::ZERO, Qty::plus)
    }

    /// What a leg has closed, as far as whoever has heard that `open` is left can know of it. The
    /// position may have been as large more than once: the last time counts.
    fn known(&self, leg: LegId, open: Option<Qty>) -> Qty {
        let mut changes = self.changes.iter();
        let told = changes.rposition(|it| Some(it.open) == open);
        self.closed(leg, told.map_or(self.changes.len(), |last| last + 1))
    }
}

/// What legs were for, and what they have closed.
#[derive(Debug, Default)]
pub struct Shares {
    lives: BTreeMap<Leg, Life>,
    /// How much each executor has heard to be open, in the newest picture.
    heard: BTreeMap<(Service, PositionKey), (Timestamp, Qty)>,
    /// Orders that were asked for, with what was known then to be closed by their leg.
    asked: BTreeMap<String, Qty>,
}

impl Shares {
    /// A position changes at the venue.
    pub fn changes(&mut self, leg: Leg, before: Decimal, after: Decimal) {
        let life = self.lives.entry(leg).or_default();
        if before.is_zero() || truth::side_of(before) != truth::side_of(after) {
            *life = Life::default();
        }
        let open = truth::qty(after.abs());
        life.changes.push(Change { open, closed: None });
    }

    /// An executor is about to hear how much of a position was open at a moment.
    pub fn heard(&mut self, by: Service, key: &PositionKey, told: (Timestamp, Qty)) {
        let known = self.heard.entry((by, key.clone())).or_insert(told);
        if known.0 <= told.0 {
            *known = told;
        }
    }

    /// An executor that starts anew has heard of nothing.
    pub fn forget(&mut self, service: Service) {
        self.heard.retain(|(of, _), _| *of != service);
    }

    /// An executor asks for an order for a leg of the position that the venue has as `at`.
    pub fn asked(&mut self, by: Service, key: &PositionKey, id: &ClientOrderId, at: &Leg) {
        let Some(cause) = id.cause(&key.symbol) else {
            return;
        };
        let heard = self.heard.get(&(by, key.clone()));
        let open = heard.map(|it| it.1);
        let life = self.lives.get(at);
        let known = life.map_or(Qty::ZERO, |it| it.known(cause.leg, open));
        self.asked.insert(format!("{} {id}", at.0), known);
    }

    /// The venue has accepted an order for `qty`; with it `open` of its leg's orders rests.
    ///
    /// # Errors
    /// [`Violation`] where these can close more than the leg is for.
    pub fn accepted(
        &mut self,
        at: &Leg,
        order: (&str, &OrderCause),
        (qty, open): (Qty, Qty),
    ) -> Verdict {
        let (id, cause) = order;
        let Some(life) = self.lives.get_mut(at).filter(|_| is_share(cause)) else {
            return Ok(());
        };
        let closed = life.closed(cause.leg, life.changes.len());
        let known = self.asked.get(&format!("{} {id}", at.0)).copied();
        let share = life.shares.entry(cause.leg).or_default();
        *share = known.unwrap_or(closed).plus(qty).max(*share);
        within(*share, closed.plus(open), order, at)
    }

    /// An order has closed `qty`.
    ///
    /// # Errors
    /// [`Violation`] where its leg has closed more than it was for.
    pub fn filled(&mut self, at: &Leg, order: (&str, &OrderCause), qty: Qty) -> Verdict {
        let (_, cause) = order;
        let Some(life) = self.lives.get_mut(at).filter(|_| is_share(cause)) else {
            return Ok(());
        };
        if let Some(last) = life.changes.last_mut() {
            last.closed = Some((cause.leg, qty));
        }
        let closed = life.closed(cause.leg, life.changes.len());
        let share = life.shares.get(&cause.leg).copied().unwrap_or(closed);
        within(share, closed, order, at)
    }
}

fn within(share: Qty, closes: Qty, (id, _): (&str, &OrderCause), at: &Leg) -> Verdict {
    if closes <= share {
        return Ok(());
    }
    Err(Violation {
        name: "a_leg_closes_its_share_once",
        detail: format!("{id} on {}: {closes} closed or resting of {share}", at.0),
    })
}

/// Whether the executor has asked for a share of the position with it.
fn is_share(cause: &OrderCause) -> bool {
    cause.leg.is_share() && cause.module == Module::ExitExecutor
}

#[cfg(test)]
mod tests {
    use domain::{Epoch, Side};
    use paper_exchange::venue::PositionSide;

    use super::super::super::cast::symbol;
    use super::*;

    const BTC: &str = "BTCUSDT";
    const EXECUTOR: Service = Service::Executor;

    /// A long of 100, of which one leg is asked for in one generation after the other.
    struct Desk {
        shares: Shares,
        open: Decimal,
        heard: i64,
    }

    fn at() -> Leg {
        (BTC.into(), PositionSide::Both)
    }

    fn named(generation: u32) -> (ClientOrderId, OrderCause) {
        let cause = OrderCause {
            module: Module::ExitExecutor,
            side: Side::Long,
            epoch: Epoch(1),
            leg: LegId::TakeProfit(1),
            generation,
        };
        (ClientOrderId::derive(&symbol(BTC), &cause), cause)
    }

    impl Desk {
        fn opened() -> Self {
            let mut desk = Self {
                shares: Shares::default(),
                open: Decimal::ZERO,
                heard: 0,
            };
            desk.changes(100);
            desk.hears();
            desk
        }

        fn changes(&mut self, by: i64) {
            let before = self.open;
            self.open += Decimal::from(by);
            self.shares.changes(at(), before, self.open);
        }

        /// The executor hears what is open now.
        fn hears(&mut self) {
            self.heard += 1;
            let told = (Timestamp::from_millis(self.heard), truth::qty(self.open));
            let key = truth::key(BTC, Side::Long);
            self.shares.heard(EXECUTOR, &key, told);
        }

        /// It is asked for and accepted, while `beside` of its leg rests already.
        fn asks_beside(&mut self, beside: i64, generation: u32, qty: i64) -> Verdict {
            let (id, cause) = named(generation);
            let key = truth::key(BTC, Side::Long);
            self.shares.asked(EXECUTOR, &key, &id, &at());
            let open = truth::qty((beside + qty).into());
            let qty = truth::qty(qty.into());
            self.shares
                .accepted(&at(), (id.as_str(), &cause), (qty, open))
        }

        fn asks(&mut self, generation: u32, qty: i64) {
            assert!(self.asks_beside(0, generation, qty).is_ok());
        }

        fn fills(&mut self, generation: u32, qty: i64) -> Verdict {
            let (id, cause) = named(generation);
            self.changes(-qty);
            let qty = truth::qty(qty.into());
            self.shares.filled(&at(), (id.as_str(), &cause), qty)
        }
    }

    #[test]
    fn a_target_asked_for_again_while_the_first_may_fill_closes_twice() {
        let mut desk = Desk::opened();
        desk.asks(1, 50);
        desk.asks(2, 50);
        assert!(desk.fills(1, 50).is_ok());
        let twice = desk.fills(2, 50).unwrap_err();
        assert_eq!(twice.name, "a_leg_closes_its_share_once");
    }

    #[test]
    fn two_orders_of_one_leg_never_rest_for_more_than_it_is_for() {
        let mut desk = Desk::opened();
        desk.asks(1, 50);
        assert!(desk.asks_beside(50, 2, 50).is_err());
        assert!(desk.asks_beside(20, 3, 30).is_ok());
    }

    #[test]
    fn what_is_left_of_a_part_that_filled_is_asked_for_by_who_knows_of_it() {
        for is_known in [true, false] {
            let mut desk = Desk::opened();
            desk.asks(1, 50);
            assert!(desk.fills(1, 20).is_ok());
            if is_known {
                desk.hears();
            }
            let rest = if is_known { 30 } else { 50 };
            assert_eq!(desk.asks_beside(0, 2, rest).is_ok(), is_known);
            assert!(desk.fills(2, 31).is_err(), "{is_known}");
        }
    }

    #[test]
    fn what_a_hand_closed_and_what_a_hand_added_are_no_leg_of_ours() {
        let mut desk = Desk::opened();
        desk.asks(1, 50);
        assert!(desk.fills(1, 10).is_ok());
        desk.hears();
        desk.changes(-30);
        desk.asks(2, 40);
        assert!(desk.fills(2, 40).is_ok());
        desk.changes(60);
        desk.hears();
        desk.asks(3, 20);
        assert!(desk.fills(3, 20).is_ok());
        assert!(desk.fills(3, 1).is_err());
    }

    #[test]
    fn another_life_begins_anew() {
        let mut desk = Desk::opened();
        desk.asks(1, 50);
        assert!(desk.fills(1, 50).is_ok());
        desk.changes(-50);
        desk.changes(100);
        desk.hears();
        desk.asks(2, 50);
        assert!(desk.fills(2, 50).is_ok());
    }
}
