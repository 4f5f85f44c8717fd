//! The executor on its way out: which positions it acts on no more, and why.

use bus::subjects;
use domain::mode::Mode;
use domain::{Symbol, Timestamp};
use runtime::Effect;

use super::Executor;
use crate::handover::Leaver;
use crate::owners::Standing;

impl Executor {
    /// Why this executor acts on `symbol` no more; none where it acts, or may act again at once.
    fn leaves(&self, symbol: &Symbol, now: Timestamp) -> Option<String> {
        if self.mode_for(symbol) == Mode::Live {
            return None;
        }
        if self.own_mode != Mode::Live {
            return Some(format!("the executor resolves {}", self.own_mode));
        }
        if !self.flags.is_symbol_in_rollout(symbol) {
            return Some("the rollout leaves the symbol out".into());
        }
        let said = self.in_force.as_ref()?;
        let lowered = self.handovers.is_lowered(now);
        lowered.then(|| format!("{} is in force: {}", said.mode, said.reason))
    }

    fn acts_everywhere(&self) -> bool {
        let said = self.in_force.as_ref().map(|said| said.mode);
        self.own_mode == Mode::Live && said == Some(Mode::Live)
    }

    /// Hands over every position that it acts on no more, each as often as it takes.
    pub(super) fn hand_over(&mut self, now: Timestamp, out: &mut Vec<Effect>) {
        if self.flags.rollout_pct == 100 && self.acts_everywhere() && self.handovers.is_empty() {
            return;
        }
        let revision = self.in_force.as_ref().map_or(0, |said| said.revision);
        let keys: Vec<_> = self.lives.keys().cloned().collect();
        for key in keys {
            let acts = self.mode_for(&key.symbol) == Mode::Live;
            let Some(reason) = self.leaves(&key.symbol, now) else {
                if acts {
                    self.handovers.keep(&key);
                }
                continue;
            };
            if self.owners.standing(&key, now) != Standing::Owner {
                continue; // its owner says it, under its own token
            }
            let leaver = Leaver {
                instance: &self.instance,
                fence: self.owners.fence(&key),
                revision,
                reason: &reason,
            };
            let Some(life) = self.lives.get_mut(&key) else {
                continue;
            };
            life.set_acting(false);
            self.watch.wake(&key.symbol, life.slot());
            if let Some(handover) = self.handovers.due(life, &leaver, now) {
                self.pulse.count("handovers_said");
                out.push(subjects::handover(&key).message(&handover).into());
            }
        }
        self.handovers.retain(|key| self.lives.contains_key(key));
        let (handed, taken) = self.handovers.counts();
        self.pulse.set("handed_over", handed as u64);
        self.pulse.set("handed_over_taken", taken as u64);
    }
}
