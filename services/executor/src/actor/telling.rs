//! What nobody waits for: judging, recording and logging what was decided, once what was asked for
//! is on its way.

use std::mem;

use bus::subjects;
use domain::decision::{Decision, Serial};
use domain::intent::OrderIntent;
use domain::mode::Mode;
use domain::{PositionKey, Price, Timestamp};
use runtime::Effect;
use tracing::error;

use super::Executor;
use crate::records;
use crate::truths;

/// What was decided of one position and is still to be judged, said and logged: nobody waits for
/// it, and for the intents somebody does.
#[derive(Debug)]
pub(super) struct Owed {
    pub(super) key: PositionKey,
    /// The stop that was wanted before.
    pub(super) before: Option<Price>,
    pub(super) intents: Vec<OrderIntent>,
    pub(super) news: Vec<Decision>,
    pub(super) mode: Mode,
    /// Whether the executor may ask for what it decided.
    pub(super) allowed: bool,
}

impl Executor {
    /// Says and logs what was decided, and judges it; by now what was asked for is on its way.
    pub(super) fn pay(&mut self, now: Timestamp, out: &mut Vec<Effect>) {
        for owed in mem::take(&mut self.owed) {
            let life = self.lives.get(&owed.key);
            let judged = life.map(|life| truths::judge(life, owed.before, &owed.intents, now));
            for broken in judged.unwrap_or_default() {
                error!(
                    invariant = broken.name,
                    detail = broken.detail,
                    "invariant broken"
                );
                self.pulse.count(&format!("invariant.{}", broken.name));
                if let Some(life) = self.lives.get(&owed.key) {
                    self.watch.wake(&owed.key.symbol, life.slot());
                }
            }
            for decision in owed.news {
                self.record(decision, owed.mode, owed.allowed, out);
            }
        }
    }

    fn record(&mut self, decision: Decision, mode: Mode, allowed: bool, out: &mut Vec<Effect>) {
        let number = self.said.entry(mode).or_default();
        *number += 1;
        let serial = Serial {
            boot: self.boot,
            number: *number,
        };
        let decision = Decision {
            serial: Some(serial),
            ..decision
        };
        records::log(&decision, mode, allowed);
        out.push(
            subjects::decision(mode, &decision.key)
                .message(&decision)
                .into(),
        );
    }
}
