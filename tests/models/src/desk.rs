//! A process of the models: what comes to it, what it asks for, and whether it runs.

use std::collections::VecDeque;
use std::sync::Arc;

use domain::ids::{ClientOrderId, LegId, Module};
use domain::intent::{IntentId, OrderIntent, Wish};
use domain::market::MarketContext;
use domain::order::CloseOrder;
use domain::plan::ExitPlan;
use domain::policy::Policy;
use domain::reconcile::kind_of;
use domain::signal::RiskMode;
use domain::snapshot::PositionSnapshot;
use domain::{Price, Ratio, Span, Timestamp};

use crate::heir::{HEIR, Heir};
use crate::life::Life;
use crate::parts;
use crate::venue::Word;

/// An intent may be acted on for so long.
pub const VALID: Span = Span::from_millis(2_000);
/// What everybody knows of the world outside.
pub struct Known<'a> {
    pub plan: &'a ExitPlan,
    pub mark: Price,
    pub risk: RiskMode,
    pub context: &'a MarketContext,
    pub policy: &'a Policy,
    pub now: Timestamp,
}

/// A wish with its name, number and date: all of an intent that differs from another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Asked {
    pub module: Module,
    pub id: IntentId,
    pub wish: Wish,
    pub fence: u64,
    pub sequence: u64,
    pub made_at: Timestamp,
}

impl Asked {
    pub fn intent(&self) -> OrderIntent {
        let cause = parts::cause(self.about());
        OrderIntent {
            id: self.id.clone(),
            key: parts::key(cause.side),
            epoch: cause.epoch,
            module: self.module.clone(),
            kind: kind_of(self.leg()),
            wish: self.wish.clone(),
            decision: String::new(),
            stop_reason: None,
            reason: String::new(),
            confidence: Ratio::ONE,
            plan_id: None,
            sequence: self.sequence,
            fence: self.fence,
            created_at: self.made_at,
            expires_at: self.expires_at(),
            tick_received_at: None,
        }
    }

    pub fn expires_at(&self) -> Timestamp {
        self.made_at + VALID
    }

    /// The order that it is about.
    pub const fn about(&self) -> &ClientOrderId {
        match &self.wish {
            Wish::Place {
                client_order_id, ..
            } => client_order_id,
            Wish::Cancel { target, .. } => target,
        }
    }

    pub fn leg(&self) -> LegId {
        parts::cause(self.about()).leg
    }

    /// Whether it closes something as soon as it can, and so nothing twice.
    pub const fn is_close(&self) -> bool {
        matches!(
            self.wish,
            Wish::Place {
                order: CloseOrder::Market { .. } | CloseOrder::Limit { .. },
                ..
            }
        )
    }

    pub const fn is_market(&self) -> bool {
        matches!(
            self.wish,
            Wish::Place {
                order: CloseOrder::Market { .. },
                ..
            }
        )
    }
}

/// What a process hears of its orders.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum News {
    Word(Word),
    Denied { id: ClientOrderId, is_fenced: bool },
}

/// Whether a process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pulse {
    Runs,
    /// It hears and does nothing, and goes on later as if nothing had been.
    Paused,
    /// It starts anew, without memory, when time has passed.
    Dead,
}

/// What may be built in wrongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bug {
    /// The old stop is canceled before the new one is placed.
    CancelFirst,
    /// An unknown outcome is taken for a refusal.
    ResendUnknown,
    /// The successor takes the executor's stops away and then places its own.
    SweepFirst,
    /// The successor does not wait until the executor's close can't arrive any more.
    Impatient,
    /// It believes an executor that has started anew and knows of no exit.
    Forgets,
}

/// One process, with the messages from and to it in their order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Desk {
    /// Boot time in microseconds, its fencing token.
    pub boot: u64,
    pub life: Option<Life>,
    /// An incumbent instead of an executor.
    pub heir: Option<Heir>,
    pub pulse: Pulse,
    /// Another owner has taken over.
    pub is_passive: bool,
    /// Whether there is a picture that it has not seen.
    pub is_stale: bool,
    pub intents: VecDeque<Asked>,
    pub news: VecDeque<News>,
    sequence: u64,
}

impl Desk {
    pub const fn dead() -> Self {
        Self {
            boot: 0,
            life: None,
            heir: None,
            pulse: Pulse::Dead,
            is_passive: false,
            is_stale: false,
            intents: VecDeque::new(),
            news: VecDeque::new(),
            sequence: 0,
        }
    }

    /// It starts, knowing nothing.
    pub fn start(&mut self, now: Timestamp) {
        self.boot = u64::try_from(now.micros()).unwrap();
        (self.pulse, self.is_stale) = (Pulse::Runs, true);
    }

    /// It dies; what it has said stays said.
    pub fn crash(&mut self) {
        let intents = std::mem::take(&mut self.intents);
        *self = Self {
            intents,
            ..Self::dead()
        };
    }

    /// It is demoted: what it has decided and not finished it leaves to others.
    pub fn step_down(&mut self) {
        self.is_passive = true;
        if let Some(life) = &mut self.life {
            life.left_closing = life.desired.exiting;
        }
    }

    pub fn runs(&self) -> bool {
        self.pulse == Pulse::Runs
    }

    /// A newer picture.
    pub fn look(&mut self, seen: Arc<PositionSnapshot>, now: Timestamp) {
        self.is_stale = false;
        if let Some(heir) = &mut self.heir {
            return heir.look(seen, now);
        }
        match &mut self.life {
            Some(life) => life.observe(seen, now),
            None => self.life = Some(Life::begin(seen, self.boot, now)),
        }
    }

    /// News of an order.
    pub fn hear(&mut self, news: &News, bug: Option<Bug>, now: Timestamp) {
        if let News::Denied { is_fenced, .. } = news {
            self.is_passive |= is_fenced;
        }
        if let Some(heir) = &mut self.heir {
            return heir.hear(news, now);
        }
        let Some(life) = &mut self.life else {
            return;
        };
        match news {
            News::Denied { id, .. } => life.flight.on_denied(id, now),
            News::Word(word) => life.hear(word, bug, now),
        }
    }

    /// What is decided now, and asked for.
    pub fn act(&mut self, known: &Known<'_>, bug: Option<Bug>) {
        if self.pulse != Pulse::Runs {
            return;
        }
        if let Some(life) = &mut self.life {
            life.decide(known);
        }
        let (module, asked) = match (&mut self.heir, &mut self.life) {
            (Some(heir), _) => (HEIR, heir.ask(known, bug)),
            (None, Some(life)) if !self.is_passive => {
                let wants = life.wants(known, bug).into_iter();
                let asked = wants.map(|want| life.ask(want, known.now)).collect();
                (Module::ExitExecutor, asked)
            }
            _ => return,
        };
        for (id, wish) in asked {
            self.sequence += 1;
            self.intents.push_back(Asked {
                module: module.clone(),
                id,
                wish,
                fence: self.boot,
                sequence: self.sequence,
                made_at: known.now,
            });
        }
    }
}
