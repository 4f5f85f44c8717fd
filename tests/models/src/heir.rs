//! The successor of the models: an incumbent's own check, once the demotion has reached it.

use std::sync::Arc;

use domain::Timestamp;
use domain::decision::StopReason;
use domain::flight::Flight;
use domain::handover::{Closing, Handover};
use domain::ids::{LegId, Module};
use domain::intent::{IntentId, Wish};
use domain::order::CloseOrder;
use domain::snapshot::PositionSnapshot;
use legacy::books::Books;
use legacy::check::{Scene, Want, check};
use legacy::fellows::Beside;
use legacy::method::{StopWish, Wishes};

use crate::desk::{Bug, Known, News};
use crate::life::{cancel, event, place};
use crate::parts::{self, price};

/// Which incumbent it is.
pub const HEIR: Module = Module::PositionMonitor;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Heir {
    /// Where it would have the stop.
    stop: i64,
    /// Whether it has heard of the demotion.
    pub acts: bool,
    /// What the executor has said of the position that it leaves.
    pub handed: Option<Handover>,
    /// Whether it has ever said that an exit was begun.
    pub was_handed: bool,
    flight: Flight,
    generation: u32,
    seen: Arc<PositionSnapshot>,
}

impl Heir {
    pub fn new(stop: i64, seen: Arc<PositionSnapshot>) -> Self {
        Self {
            stop,
            acts: false,
            handed: None,
            was_handed: false,
            flight: Flight::default(),
            generation: 0,
            seen,
        }
    }

    pub fn look(&mut self, seen: Arc<PositionSnapshot>, now: Timestamp) {
        self.flight.settle(&seen, now);
        self.seen = seen;
    }

    pub fn hear(&mut self, news: &News, now: Timestamp) {
        match news {
            News::Denied { id, .. } => self.flight.on_denied(id, now),
            News::Word(word) => self.flight.on_event(&event(word, now), now),
        }
    }

    /// The executor leaves the position.
    pub fn hear_handover(&mut self, handover: Handover, bug: Option<Bug>) {
        self.was_handed |= handover.closing.is_some();
        if bug == Some(Bug::Forgets) {
            self.handed = Some(handover);
            return;
        }
        let news = handover.heard_after(self.handed.as_ref());
        self.handed = news.or(self.handed.take());
    }

    /// What it asks for.
    pub fn ask(&mut self, known: &Known<'_>, bug: Option<Bug>) -> Vec<(IntentId, Wish)> {
        if !self.acts {
            return Vec::new();
        }
        let now = known.now;
        let wishes = Wishes {
            stop: Some(StopWish {
                price: price(self.stop),
                reason: StopReason::Initial,
            }),
            ..Wishes::default()
        };
        let mut closing = self.handed.as_ref().and_then(|handed| handed.closing);
        if bug == Some(Bug::Impatient) {
            closing = closing.map(|_| Closing { settled_at: now });
        }
        let beside = Beside {
            heir_of: vec![Module::ExitExecutor],
            inherits: true,
            ..Beside::default()
        };
        let wants = check(&Scene {
            books: Books {
                module: &HEIR,
                snapshot: &self.seen,
            },
            flight: &self.flight,
            wishes: &wishes,
            mark: Some(known.mark),
            breached: false,
            unsettled: false,
            beside: &beside,
            handed: closing,
            now,
        });
        let mut asked = Vec::new();
        if bug == Some(Bug::SweepFirst) {
            asked.extend(self.sweep(now));
        }
        asked.extend(wants.into_iter().map(|want| match want {
            Want::Place { leg, order, .. } => {
                self.generation += 1;
                let side = self.seen.position.key.side;
                let name = parts::name(&HEIR, side, leg, self.generation);
                place(&mut self.flight, leg, name, order, now)
            }
            Want::Cancel {
                target,
                conditional,
                ..
            } => cancel(&mut self.flight, target, conditional, now),
        }));
        asked
    }

    /// The bug: what the executor has left goes at once.
    fn sweep(&mut self, now: Timestamp) -> Vec<(IntentId, Wish)> {
        let stops = self.seen.orders.iter().filter(|it| {
            let cause = parts::cause(&it.client_order_id);
            let is_left = cause.module == Module::ExitExecutor && cause.leg == LegId::Stop;
            is_left && matches!(it.order, CloseOrder::Stop { .. })
        });
        let left = stops.map(|it| it.client_order_id.clone());
        let left: Vec<_> = left
            .filter(|id| !self.flight.is_canceling(id, now))
            .collect();
        left.into_iter()
            .map(|id| cancel(&mut self.flight, id, true, now))
            .collect()
    }
}
