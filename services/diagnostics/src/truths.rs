//! The invariants that can be judged from what everybody says: cover, mode, counters.

use std::collections::BTreeMap;

use bus::Heard;
use domain::invariant::{
    Verdict, Violation, i2_protected, i6_shadow_sends_nothing, i7_one_mode, i16_counters_add_up,
};
use domain::mode::Mode;
use domain::order::OrderStatus;
use domain::snapshot::PositionSnapshot;
use domain::{PositionKey, Span, Timestamp};

use crate::model::ReadModel;
use crate::services::GATEWAY;

/// From the opening fill on: the venue's own window and the way of the news to us.
const WINDOW: Span = Span::from_secs(2);
/// A stop that has just fired covers nothing for a moment; only what stays bare is a breach.
const BARE_MAX: Span = Span::from_secs(2);
/// Revisions that are remembered: a mode changes a few times a day.
const REVISIONS_MAX: usize = 64;

/// What must be remembered to judge.
#[derive(Debug, Clone, Default)]
pub struct Truths {
    bare: BTreeMap<PositionKey, Bare>,
    revisions: BTreeMap<u64, Mode>,
}

#[derive(Debug, Clone, Copy)]
struct Bare {
    since: Timestamp,
    told: bool,
}

impl Truths {
    /// What `heard` breaks, given everything heard before.
    pub fn judge(&mut self, now: Timestamp, heard: &Heard, model: &ReadModel) -> Vec<Violation> {
        let verdict = match heard {
            Heard::Position(snapshot) => self.cover(now, snapshot, model),
            Heard::Mode(said) => self.mode(said.revision, said.mode),
            Heard::Health(beat) => i16_counters_add_up(&beat.metrics),
            Heard::Event(event) if event.status == OrderStatus::Submitting => {
                let gateway = model.beats.latest(GATEWAY).map(|it| it.flags.resolve());
                i6_shadow_sends_nothing(gateway.unwrap_or(Mode::Live), &event.module)
            }
            _ => Ok(()),
        };
        verdict.err().into_iter().collect()
    }

    /// In LIVE the cover is ours to give; in the other modes it is the incumbents'.
    fn cover(&mut self, now: Timestamp, snapshot: &PositionSnapshot, model: &ReadModel) -> Verdict {
        let position = &snapshot.position;
        let verdict = i2_protected(position, snapshot.protected_qty(), WINDOW, false, now);
        if verdict.is_ok() || !model.is_live(now) {
            self.bare.remove(&position.key);
            return Ok(());
        }
        let first = Bare {
            since: now,
            told: false,
        };
        let bare = self.bare.entry(position.key.clone()).or_insert(first);
        if bare.told || now.since(bare.since) <= BARE_MAX {
            return Ok(());
        }
        bare.told = true;
        verdict
    }

    fn mode(&mut self, revision: u64, mode: Mode) -> Verdict {
        let known = *self.revisions.entry(revision).or_insert(mode);
        while self.revisions.len() > REVISIONS_MAX {
            self.revisions.pop_first();
        }
        i7_one_mode((revision, known), (revision, mode))
    }
}

#[cfg(test)]
mod tests {
    use domain::mode::ModeSnapshot;

    use super::*;

    fn said(revision: u64, mode: Mode) -> Heard {
        let at = Timestamp::from_millis(1);
        Heard::Mode(ModeSnapshot {
            revision,
            mode,
            reason: String::new(),
            at,
        })
    }

    #[test]
    fn one_revision_with_two_modes_is_a_breach() {
        let (mut truths, model) = (Truths::default(), ReadModel::default());
        let now = Timestamp::from_millis(1);
        assert!(truths.judge(now, &said(1, Mode::Shadow), &model).is_empty());
        assert!(truths.judge(now, &said(2, Mode::Live), &model).is_empty());
        assert!(truths.judge(now, &said(2, Mode::Live), &model).is_empty());
        let broken = truths.judge(now, &said(2, Mode::Shadow), &model);
        assert_eq!(broken[0].name, "I7_one_mode");
    }

    #[test]
    fn memory_of_revisions_is_bounded() {
        let (mut truths, model) = (Truths::default(), ReadModel::default());
        for revision in 0..200 {
            truths.judge(
                Timestamp::from_millis(1),
                &said(revision, Mode::Live),
                &model,
            );
        }
        assert_eq!(truths.revisions.len(), REVISIONS_MAX);
    }
}
