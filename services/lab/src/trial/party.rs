//! Who hears what: the bus between a contender's state machines.

use std::collections::{BTreeMap, VecDeque};

use bus::{Heard, Message};
use domain::Timestamp;
use domain::snapshot::Heartbeat;
use runtime::{Actor, Effect};

use crate::contender::Party;

const HEALTH: &str = "health.";

impl Party {
    /// The state machines that hear this hear it; what they say is appended.
    pub(super) fn hear(&mut self, now: Timestamp, heard: Heard, said: &mut VecDeque<Message>) {
        match self {
            Self::Brain(both) => {
                let (planner, executor) = &mut **both;
                let plans = matches!(
                    heard,
                    Heard::Mark(_) | Heard::Context(_) | Heard::Position(_) | Heard::Mode(_)
                );
                if plans {
                    let mut out = Vec::new();
                    planner.hear(now, heard.clone(), &mut out);
                    said.extend(out);
                }
                let mut out = Vec::new();
                executor.hear(now, heard, &mut out);
                executor.afterwards(now, &mut out);
                said.extend(out.into_iter().filter_map(message));
            }
            Self::Legacy(incumbents) => {
                if let Heard::Health(heartbeat) = &heard {
                    incumbents.pulses.push(Heartbeat {
                        counters: BTreeMap::new(),
                        ..heartbeat.clone()
                    });
                }
                let mut out = Vec::new();
                for incumbent in &mut incumbents.each {
                    incumbent.hear(now, heard.clone(), &mut out);
                }
                said.extend(out);
            }
        }
    }

    /// A beat of the runtime.
    pub(super) fn beat(&mut self, now: Timestamp, said: &mut VecDeque<Message>) {
        let mut out = Vec::new();
        match self {
            Self::Brain(both) => {
                let (planner, executor) = &mut **both;
                planner.beat(now, &mut out);
                said.extend(out);
                let mut out = Vec::new();
                executor.beat(now, &mut out);
                executor.afterwards(now, &mut out);
                said.extend(out.into_iter().filter_map(message));
            }
            Self::Legacy(incumbents) => {
                // Between two prices each has said that it runs, once a second.
                for pulse in &incumbents.pulses {
                    for incumbent in &mut incumbents.each {
                        incumbent.hear(now, Heard::Health(pulse.clone()), &mut out);
                    }
                }
                for incumbent in &mut incumbents.each {
                    incumbent.beat(now, &mut out);
                }
                said.extend(out);
            }
        }
    }

    /// Whether it acts by its own clock and not by marks: the incumbents look once a second.
    pub(super) const fn waits_for_beats(&self) -> bool {
        matches!(self, Self::Legacy(_))
    }

    /// Heartbeats concern the incumbents alone, and one of each says it all.
    pub(super) fn may_ignore(&self, message: &Message) -> bool {
        let has_all = match self {
            Self::Brain(_) => true,
            Self::Legacy(incumbents) => incumbents.pulses.len() >= incumbents.each.len(),
        };
        has_all && message.subject.starts_with(HEALTH)
    }
}

/// There are no leases: one executor runs and acts on everything.
fn message(effect: Effect) -> Option<Message> {
    match effect {
        Effect::Say(message) => Some(message),
        Effect::Lease(_) => None,
    }
}
