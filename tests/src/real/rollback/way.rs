//! Which ways down there are.

use domain::mode::{EXIT_BRAIN_V3_LIVE_ROLLOUT, EXIT_EXECUTOR_MODE, EXIT_MODE};

/// A way down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rollback {
    /// The rollout switch.
    A,
    /// The executor's mode.
    B,
    /// The exit mode: the brain is out.
    C,
    /// The operator's hot kill: no restart.
    Kill,
}

impl Rollback {
    /// The flag that takes LIVE away, and its value below and above; none for a kill.
    pub(super) const fn flag(self) -> Option<[&'static str; 3]> {
        match self {
            Self::A => Some([EXIT_BRAIN_V3_LIVE_ROLLOUT, "DISABLED", "ENABLED"]),
            Self::B => Some([EXIT_EXECUTOR_MODE, "SHADOW", "LIVE"]),
            Self::C => Some([EXIT_MODE, "LEGACY", "EXIT_BRAIN_V3"]),
            Self::Kill => None,
        }
    }

    /// What is in force below.
    pub(super) const fn state(self) -> &'static str {
        match self {
            Self::C => "LEGACY",
            Self::A | Self::B | Self::Kill => "EXIT_BRAIN_V3_SHADOW",
        }
    }

    /// What is said or set, for the table.
    pub(super) fn command(self) -> String {
        match self.flag() {
            Some([flag, down, _]) => format!("{flag}={down}"),
            None => self.policy_command().into(),
        }
    }

    /// What puts the bus's policy of the state below in force.
    pub(super) const fn policy_command(self) -> &'static str {
        match self {
            Self::A | Self::B | Self::C => "exitctl bus apply --policy shadow",
            Self::Kill => "exitctl kill --to shadow --bus-config nats.conf",
        }
    }
}
