//! Who is tried: a policy of the brain, or the incumbents.

use domain::mode::{ExecutorMode, ExitMode, Flags, Mode, Rollout};
use domain::policy::Policy;
use domain::snapshot::Heartbeat;
use domain::{Module, Timestamp};
use executor::{Executor, ExecutorConfig};
use legacy::{Incumbent, Role};
use planner::Planner;

/// Name of the incumbents among the contenders.
pub const LEGACY: &str = "legacy";
/// Incumbents that a deployment runs unless it is told otherwise.
const SHIPPED: [Module; 3] = [
    Module::PositionMonitor,
    Module::TrailingStopManager,
    Module::DynamicTpsl,
];
/// A plan is said when it is new; nobody in a trial can have missed it.
const NEVER: domain::Span = domain::Span::from_hours(1_000_000);

/// One of those who are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contender {
    /// How it is called in the report.
    pub name: String,
    /// What it is.
    pub kind: Kind,
}

/// What a contender is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Planner and executor with these numbers.
    Brain(Box<Policy>),
    /// These modules, with the brain off.
    Legacy(Vec<Module>),
}

impl Contender {
    /// The brain with `policy`.
    #[must_use]
    pub fn brain(name: impl Into<String>, policy: Policy) -> Self {
        Self {
            name: name.into(),
            kind: Kind::Brain(Box::new(policy)),
        }
    }

    /// The incumbents that ship.
    #[must_use]
    pub fn legacy() -> Self {
        Self {
            name: LEGACY.into(),
            kind: Kind::Legacy(SHIPPED.to_vec()),
        }
    }

    /// Whether it is the incumbents.
    #[must_use]
    pub const fn is_legacy(&self) -> bool {
        matches!(self.kind, Kind::Legacy(_))
    }

    /// The mode that is in force while it trades.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        match self.kind {
            Kind::Brain(_) => Mode::Live,
            Kind::Legacy(_) => Mode::Legacy,
        }
    }

    /// Its state machines, as they are right after their start.
    pub(crate) fn party(&self, now: Timestamp) -> Party {
        let boot = u64::try_from(now.micros()).unwrap_or(0);
        match &self.kind {
            Kind::Brain(policy) => {
                let flags = flags(Mode::Live);
                let planner = Planner::new("lab", flags, boot, Policy::clone(policy));
                let executor = Executor::new(ExecutorConfig {
                    instance: "lab".into(),
                    flags,
                    boot,
                    holder: None,
                    policy: Policy::clone(policy),
                });
                Party::Brain(Box::new((planner.repeating(NEVER), executor)))
            }
            Kind::Legacy(modules) => {
                let roles = modules.iter().filter_map(Role::of);
                let flags = flags(Mode::Legacy);
                let incumbent = |role| Incumbent::new(role, flags, boot, Policy::default());
                Party::Legacy(Incumbents {
                    each: roles.map(incumbent).collect(),
                    pulses: Vec::new(),
                })
            }
        }
    }
}

/// The state machines of a contender.
#[derive(Debug)]
pub(crate) enum Party {
    Brain(Box<(Planner, Executor)>),
    Legacy(Incumbents),
}

/// The incumbents, and a heartbeat of each: they make room for those that they hear.
#[derive(Debug)]
pub(crate) struct Incumbents {
    pub each: Vec<Incumbent>,
    pub pulses: Vec<Heartbeat>,
}

fn flags(mode: Mode) -> Flags {
    if mode == Mode::Legacy {
        return Flags::default();
    }
    Flags {
        exit_mode: ExitMode::ExitBrainV3,
        executor_mode: ExecutorMode::Live,
        rollout: Rollout::Enabled,
        ..Flags::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trades_in_the_mode_that_it_is_asked_in() {
        for contender in [
            Contender::legacy(),
            Contender::brain("x", Policy::default()),
        ] {
            assert_eq!(flags(contender.mode()).resolve(), contender.mode());
        }
    }
}
