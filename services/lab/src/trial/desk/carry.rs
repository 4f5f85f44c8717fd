//! The way to the venue: reviewed by the guard's rule, delayed, carried out.

use domain::guard::{GuardView, review};
use domain::ids::ClientOrderId;
use domain::intent::{Denial, OrderIntent, Wish};
use domain::order::{CloseOrder, OrderEvent, OrderStatus};
use domain::{Qty, Timestamp};
use paper_exchange::venue::{AlgoKind, NewAlgo, NewOrder, OrderRef, VenueError};

use super::{Desk, Parcel};

impl Desk<'_> {
    /// Reviews an intent; what passes is on its way.
    ///
    /// # Errors
    /// The guard's denial.
    pub fn ask(&mut self, now: Timestamp, intent: OrderIntent) -> Result<(), Box<Denial>> {
        let places = matches!(intent.wish, Wish::Place { .. });
        self.orders += u32::from(places);
        let view = GuardView {
            mode: self.mode,
            snapshot: self.known.as_ref(),
            now,
        };
        match review(intent.clone(), &view, &mut self.memory) {
            Ok(approved) => {
                let at = now + self.delays.next();
                self.send(at, Parcel::Order(Box::new(approved.into_intent())));
                Ok(())
            }
            Err(reason) => {
                self.refused += u32::from(places);
                Err(Box::new(Denial {
                    intent_id: intent.id,
                    key: intent.key,
                    module: intent.module,
                    fence: intent.fence,
                    kind: intent.kind,
                    code: reason.code().into(),
                    detail: reason.to_string(),
                    at: now,
                }))
            }
        }
    }

    /// When the next thing that is on its way arrives.
    pub fn next_at(&self) -> Option<Timestamp> {
        self.queue.keys().next().map(|(at, _)| *at)
    }

    /// What arrives next; a picture is known to the guard from then on.
    pub fn receive(&mut self) -> Option<Parcel> {
        let (_, parcel) = self.queue.pop_first()?;
        if let Parcel::Picture(picture) = &parcel {
            self.known = Some(picture.clone());
        }
        Some(parcel)
    }

    pub(super) fn send(&mut self, at: Timestamp, parcel: Parcel) {
        self.parcels += 1;
        self.queue.insert((at, self.parcels), parcel);
    }

    /// Carries an approved wish out. One that has run out on its way is not acted on.
    pub fn execute(&mut self, now: Timestamp, intent: &OrderIntent) {
        if intent.expires_at <= now {
            return;
        }
        match &intent.wish {
            Wish::Place {
                client_order_id,
                order,
            } => self.place(now, intent, client_order_id, order),
            Wish::Cancel {
                target,
                conditional,
            } => self.cancel(now, target, *conditional),
        }
        self.listen(now);
    }

    fn place(
        &mut self,
        now: Timestamp,
        intent: &OrderIntent,
        id: &ClientOrderId,
        order: &CloseOrder,
    ) {
        self.asked.insert(id.as_str().to_owned(), intent.clone());
        let (name, side) = (self.key.symbol.as_str().to_owned(), self.closing());
        let now_ms = now.millis();
        let ordinary = |new: NewOrder| new.reduce_only().with_client_id(id.as_str());
        let placed: Result<(), VenueError> = match order {
            CloseOrder::Market { qty } => self
                .venue
                .place_order(ordinary(NewOrder::market(&name, side, qty.get())), now_ms)
                .map(drop),
            CloseOrder::Limit { qty, price } => {
                let new = NewOrder::limit(&name, side, qty.get(), price.get());
                self.venue.place_order(ordinary(new), now_ms).map(drop)
            }
            CloseOrder::Stop { qty, trigger } => {
                let new = NewAlgo::reduce_only_stop(&name, side, qty.get(), trigger.get());
                let new = new.with_client_id(id.as_str());
                self.venue.place_algo(new, now_ms).map(drop)
            }
            CloseOrder::DisasterStop { trigger } => {
                let stop = AlgoKind::StopMarket;
                let new = NewAlgo::close_position(&name, side, stop, trigger.get());
                let new = new.with_client_id(id.as_str());
                self.venue.place_algo(new, now_ms).map(drop)
            }
        };
        if let Err(error) = placed {
            self.refused += 1;
            let event = self.event(intent, OrderStatus::Rejected, Qty::ZERO, now);
            self.tell(OrderEvent {
                code: Some(error.code),
                detail: error.message,
                ..event
            });
        }
    }

    /// What is gone already needs no cancel; the picture tells.
    fn cancel(&mut self, now: Timestamp, target: &ClientOrderId, conditional: bool) {
        let (name, which) = (
            self.key.symbol.as_str().to_owned(),
            OrderRef::Client(target.as_str()),
        );
        let canceled = match conditional {
            true => self.venue.cancel_algo(which, now.millis()).map(drop),
            false => self
                .venue
                .cancel_order(&name, which, now.millis())
                .map(drop),
        };
        drop(canceled);
    }
}
