//! The mode that the gateway acts in: its own flags, lowered by a kill, and what the guard says.

use domain::mode::{Flags, Mode, ModeSnapshot};
use domain::{Span, Symbol, Timestamp};

/// The guard says the mode every second. After five without a word LIVE is unproven; five, so that
/// one garbage-collected pause or a reload of the server does not take protection orders away.
pub(super) const MODE_FRESH: Span = Span::from_secs(5);

/// Own mode and the guard's word.
#[derive(Debug)]
pub(super) struct ModeWatch {
    flags: Flags,
    own: Mode,
    said: Option<Said>,
}

#[derive(Debug, Clone, Copy)]
struct Said {
    revision: u64,
    mode: Mode,
    heard_at: Timestamp,
}

impl ModeWatch {
    pub(super) fn new(flags: Flags) -> Self {
        Self {
            flags,
            own: flags.resolve(),
            said: None,
        }
    }

    /// What this process resolves for itself, a kill included.
    pub(super) const fn own(&self) -> Mode {
        self.own
    }

    /// Revision of the guard's last word; 0 for none.
    pub(super) fn revision(&self) -> u64 {
        self.said.map_or(0, |said| said.revision)
    }

    /// Goes down, and stays there until the process is started anew. Never goes up.
    pub(super) fn lower(&mut self, to: Mode) -> bool {
        let before = self.own;
        self.own = self.own.min(to);
        self.own != before
    }

    /// Takes the guard's word: a higher revision replaces a lower one, the same one is a sign of
    /// life (and can only lower what it said before), an older one says nothing.
    pub(super) fn hear(&mut self, snapshot: &ModeSnapshot, now: Timestamp) {
        let heard = Said {
            revision: snapshot.revision,
            mode: snapshot.mode,
            heard_at: now,
        };
        match &mut self.said {
            Some(known) if heard.revision < known.revision => {}
            Some(known) if heard.revision == known.revision => {
                known.mode = known.mode.min(heard.mode);
                known.heard_at = now;
            }
            said => *said = Some(heard),
        }
    }

    /// The mode that is in force for any symbol at most: the lower of ours and the guard's fresh
    /// word. Without one it is SHADOW at most.
    pub(super) fn highest(&self, now: Timestamp) -> Mode {
        let fresh = |said: &Said| now.since(said.heard_at) <= MODE_FRESH;
        let said = self.said.filter(fresh).map_or(Mode::Shadow, |s| s.mode);
        self.own.min(said)
    }

    /// The mode in force for `symbol`: SHADOW at most for one that the rollout leaves out.
    pub(super) fn effective(&self, symbol: &Symbol, now: Timestamp) -> Mode {
        let limit = match self.flags.is_symbol_in_rollout(symbol) {
            true => Mode::Live,
            false => Mode::Shadow,
        };
        self.highest(now).min(limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::mode::{ExecutorMode, ExitMode, Rollout};

    fn live_flags() -> Flags {
        Flags {
            exit_mode: ExitMode::ExitBrainV3,
            executor_mode: ExecutorMode::Live,
            rollout: Rollout::Enabled,
            ..Flags::default()
        }
    }

    fn word(revision: u64, mode: Mode) -> ModeSnapshot {
        ModeSnapshot {
            revision,
            mode,
            reason: String::new(),
            at: Timestamp::default(),
        }
    }

    fn btc() -> Symbol {
        Symbol::new("BTCUSDT").unwrap()
    }

    #[test]
    fn live_needs_our_flags_and_the_guards_fresh_word() {
        let now = Timestamp::from_millis(1_000);
        let mut mode = ModeWatch::new(live_flags());
        assert_eq!(mode.effective(&btc(), now), Mode::Shadow);
        mode.hear(&word(3, Mode::Live), now);
        assert_eq!(mode.effective(&btc(), now), Mode::Live);
        let late = now + MODE_FRESH + Span::from_micros(1);
        assert_eq!(mode.effective(&btc(), late), Mode::Shadow);
        let mut shadow = ModeWatch::new(Flags::default());
        shadow.hear(&word(3, Mode::Live), now);
        assert_eq!(shadow.effective(&btc(), now), Mode::Legacy);
    }

    #[test]
    fn an_older_revision_says_nothing() {
        let now = Timestamp::from_millis(1_000);
        let mut mode = ModeWatch::new(live_flags());
        mode.hear(&word(5, Mode::Shadow), now);
        mode.hear(&word(4, Mode::Live), now);
        mode.hear(&word(5, Mode::Live), now);
        assert_eq!(mode.effective(&btc(), now), Mode::Shadow);
        assert_eq!(mode.revision(), 5);
    }

    #[test]
    fn a_kill_is_for_good() {
        let now = Timestamp::from_millis(1_000);
        let mut mode = ModeWatch::new(live_flags());
        assert!(mode.lower(Mode::Shadow));
        assert!(!mode.lower(Mode::Live));
        mode.hear(&word(9, Mode::Live), now);
        assert_eq!(
            (mode.own(), mode.effective(&btc(), now)),
            (Mode::Shadow, Mode::Shadow)
        );
    }

    #[test]
    fn a_symbol_outside_the_rollout_is_not_live() {
        let now = Timestamp::from_millis(1_000);
        let flags = Flags {
            rollout_pct: 0,
            ..live_flags()
        };
        let mut mode = ModeWatch::new(flags);
        mode.hear(&word(1, Mode::Live), now);
        assert_eq!(mode.effective(&btc(), now), Mode::Shadow);
    }
}
