//! Whom the executor looks at, and when.

use domain::Timestamp;
use domain::lease::LeaseKey;
use runtime::Effect;

use super::Executor;
use crate::watch::Watch;

impl Executor {
    /// The same executor with room for `positions`, where they are more than it takes by itself.
    #[must_use]
    pub fn with_room_for(mut self, positions: usize) -> Self {
        self.lives_max = self.lives_max.max(positions);
        self.owners.make_room_for(positions);
        self
    }

    /// The same executor, without the trigger book: each position is looked at at every mark and
    /// every beat. What the book is measured against, and must equal.
    #[must_use]
    pub fn looking_at_everything(self) -> Self {
        let watch = Watch::sleepless();
        Self { watch, ..self }
    }

    /// Positions that rest: they are looked at when their price or their moment comes, or when
    /// something is heard of them.
    #[must_use]
    pub fn resting(&self) -> usize {
        self.watch.resting()
    }

    pub(super) fn step_all(&mut self, now: Timestamp, out: &mut Vec<Effect>) {
        self.watch.wake_all();
        self.step_due(now, out);
    }

    /// Looks at everybody who is restless, or whose moment has come.
    pub(super) fn step_due(&mut self, now: Timestamp, out: &mut Vec<Effect>) {
        for key in self.watch.at_beat(now) {
            self.step(&key, now, None, out);
        }
    }

    /// Who owns a position may have changed without a message about it.
    pub(super) fn heed_standings(&mut self, now: Timestamp) {
        for (key, life) in &self.lives {
            let standing = self.owners.standing(key, now);
            if life
                .looked()
                .is_some_and(|looked| looked.standing != standing)
            {
                self.watch.wake(&key.symbol, life.slot());
            }
        }
    }

    /// The same of the one whose lease was answered for.
    pub(super) fn heed_standing(&mut self, lease: &LeaseKey, now: Timestamp) {
        let LeaseKey::Position(key) = lease else {
            return;
        };
        if let Some(life) = self.lives.get(key)
            && life.looked().map(|looked| looked.standing) != Some(self.owners.standing(key, now))
        {
            self.watch.wake(&key.symbol, life.slot());
        }
    }
}
