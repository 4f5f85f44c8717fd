//! The one word for what the system is doing, and the mode that it is really in.

use std::fmt;

use domain::mode::{ExitMode, Flags, Mode, ModeSnapshot};
use domain::{Span, Timestamp};

/// The guard says the mode once a second; silent for so long, LIVE is no longer proven.
pub const MODE_STALE_AFTER: Span = Span::from_secs(3);

/// The operational state, by the owner's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationalState {
    /// The incumbents own exits.
    Legacy,
    /// The brain should run, and its executor is not heard.
    NotRunning,
    /// The brain decides and records.
    Shadow,
    /// The brain acts.
    Live,
    /// Nothing was heard at all.
    Unknown,
}

impl fmt::Display for OperationalState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Legacy => "LEGACY",
            Self::NotRunning => "EXIT_BRAIN_V3_NOT_RUNNING",
            Self::Shadow => "EXIT_BRAIN_V3_SHADOW",
            Self::Live => "EXIT_BRAIN_V3_LIVE",
            Self::Unknown => "UNKNOWN",
        })
    }
}

/// The state that flags, mode in force and executor add up to.
#[must_use]
pub fn operational_state(
    flags: Option<&Flags>,
    effective: Option<Mode>,
    executor_running: bool,
) -> OperationalState {
    let legacy = flags.is_some_and(|flags| flags.exit_mode == ExitMode::Legacy);
    if legacy || effective == Some(Mode::Legacy) {
        return OperationalState::Legacy;
    }
    if flags.is_none() && effective.is_none() {
        return OperationalState::Unknown;
    }
    if !executor_running {
        return OperationalState::NotRunning;
    }
    if is_live(flags, effective) {
        OperationalState::Live
    } else {
        OperationalState::Shadow
    }
}

/// Whether LIVE is in force: all flags align *and* the guard says so.
#[must_use]
pub fn is_live(flags: Option<&Flags>, effective: Option<Mode>) -> bool {
    flags.is_some_and(Flags::is_exit_brain_live_fully_enabled) && effective == Some(Mode::Live)
}

/// The mode in force: what the guard last said, LIVE only while it keeps saying so.
#[must_use]
pub fn effective_mode(said: Option<&ModeSnapshot>, now: Timestamp) -> Option<Mode> {
    let said = said?;
    let stale = now.since(said.at) > MODE_STALE_AFTER;
    Some(if stale {
        said.mode.min(Mode::Shadow)
    } else {
        said.mode
    })
}
