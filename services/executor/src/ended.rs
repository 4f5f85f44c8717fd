//! Lives that have ended: a picture that the bus has delayed must not begin one of them anew.

use std::collections::BTreeMap;

use domain::snapshot::PositionSnapshot;
use domain::{Epoch, PositionKey, Timestamp};

/// Ended lives that are remembered, the newest of each position: as many as there may be positions.
const ENDED_MAX: usize = 10_000;

/// The last life of each position that has ended, and the time of the picture that said so.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    lives: BTreeMap<PositionKey, (Epoch, Timestamp)>,
}

impl Ended {
    /// `snapshot` has ended its life.
    pub(crate) fn note(&mut self, snapshot: &PositionSnapshot) {
        let position = &snapshot.position;
        self.lives
            .insert(position.key.clone(), (position.epoch, snapshot.at));
        while self.lives.len() > ENDED_MAX {
            let oldest = self.lives.iter().min_by_key(|(_, (_, at))| *at);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else {
                return;
            };
            self.lives.remove(&oldest);
        }
    }

    /// Whether `snapshot` is older than the end of its life, or of a later one.
    pub(crate) fn outlived(&self, snapshot: &PositionSnapshot) -> bool {
        let position = &snapshot.position;
        self.lives
            .get(&position.key)
            .is_some_and(|(epoch, at)| position.epoch <= *epoch && snapshot.at < *at)
    }
}
