//! The table of the incumbents: who each is on the bus, how often it thinks, what it listens to,
//! and who takes profit before whom.

use bus::{Identity, subjects};
use domain::{Module, Ratio, Span};

use crate::dynamic_tpsl::DynamicTpsl;
use crate::dynamic_trailing_rearm::DynamicTrailingRearm;
use crate::event_driven_executor::EventDrivenExecutor;
use crate::hybrid_tpsl::HybridTpsl;
use crate::method::Method;
use crate::position_monitor::PositionMonitor;
use crate::position_monitor::rules::TARGETS_SHARE_MAX;
use crate::trailing_stop_manager::TrailingStopManager;

/// What makes one incumbent different from another.
#[derive(Debug)]
pub struct Role {
    /// Its name in intents and heartbeats.
    pub module: Module,
    /// Who it is on the bus.
    pub identity: Identity,
    /// How often its method is asked for its wishes.
    pub every: Span,
    /// Share of the initial quantity that its take-profits close at most. Modules after it in
    /// [`ALL`] leave it that room while it runs.
    pub profit_share: Ratio,
    /// What it listens to beside what all of them do.
    pub more: fn() -> Vec<String>,
    /// Makes the method of a new life.
    pub method: fn() -> Box<dyn Method>,
}

/// The periodic monitor. The original's 10 s left a new position bare for as long.
pub static POSITION_MONITOR: Role = Role {
    module: Module::PositionMonitor,
    identity: Identity::PositionMonitor,
    every: Span::from_secs(1),
    profit_share: TARGETS_SHARE_MAX,
    more: Vec::new,
    method: || Box::<PositionMonitor>::default(),
};

/// The trailing stops (behaviour 6.4: every 10 s).
pub static TRAILING_STOP_MANAGER: Role = Role {
    module: Module::TrailingStopManager,
    identity: Identity::TrailingStopManager,
    every: Span::from_secs(10),
    profit_share: Ratio::ZERO,
    more: || vec![subjects::all_plans().as_str().into()],
    method: || Box::<TrailingStopManager>::default(),
};

/// Take-profit and stop by the planner's answer or its own maths (behaviour 6.1). They move by
/// half-hours, so 10 s is often; an uncovered position and an answer never wait for it.
pub static DYNAMIC_TPSL: Role = Role {
    module: Module::DynamicTpsl,
    identity: Identity::DynamicTpsl,
    every: Span::from_secs(10),
    profit_share: Ratio::ONE,
    more: || {
        vec![
            subjects::plan_replies_to(&Module::DynamicTpsl)
                .as_str()
                .into(),
            subjects::all_contexts().as_str().into(),
            subjects::all_rl().as_str().into(),
            subjects::risk().as_str().into(),
        ]
    },
    method: || Box::<DynamicTpsl>::default(),
};

/// Base levels, advice and a trail (behaviour 6.2); opt-in. The venue's own trailing order, which
/// this stop stands for, follows every price.
pub static HYBRID_TPSL: Role = Role {
    module: Module::HybridTpsl,
    identity: Identity::HybridTpsl,
    every: Span::from_secs(1),
    profit_share: Ratio::ONE,
    more: || vec![subjects::all_rl().as_str().into()],
    method: || Box::<HybridTpsl>::default(),
};

/// Trails nearer with more profit (behaviour 6.5); opt-in.
pub static DYNAMIC_TRAILING_REARM: Role = Role {
    module: Module::DynamicTrailingRearm,
    identity: Identity::DynamicTrailingRearm,
    every: Span::from_secs(1),
    profit_share: Ratio::ONE,
    more: Vec::new,
    method: || Box::<DynamicTrailingRearm>::default(),
};

/// The stop at entry (behaviour 6.6); opt-in.
pub static EVENT_DRIVEN_EXECUTOR: Role = Role {
    module: Module::EventDrivenExecutor,
    identity: Identity::EventDrivenExecutor,
    every: Span::from_secs(1),
    profit_share: Ratio::ZERO,
    more: Vec::new,
    method: || Box::<EventDrivenExecutor>::default(),
};

/// All of them, in the order in which they take profit.
pub static ALL: [&Role; 6] = [
    &POSITION_MONITOR,
    &TRAILING_STOP_MANAGER,
    &DYNAMIC_TPSL,
    &HYBRID_TPSL,
    &DYNAMIC_TRAILING_REARM,
    &EVENT_DRIVEN_EXECUTOR,
];

impl Role {
    /// The role of `module`; none for one that is no incumbent here.
    #[must_use]
    pub fn of(module: &Module) -> Option<&'static Self> {
        ALL.into_iter().find(|role| role.module == *module)
    }

    /// The subjects that it listens to.
    #[must_use]
    pub fn patterns(&self) -> Vec<String> {
        let mut patterns: Vec<String> = vec![
            subjects::all_positions().as_str().into(),
            subjects::all_marks().as_str().into(),
            subjects::all_events().as_str().into(),
            subjects::denied_to(&self.module).as_str().into(),
            subjects::all_health().as_str().into(),
            subjects::mode().as_str().into(),
            subjects::kill().as_str().into(),
            subjects::all_handovers().as_str().into(),
        ];
        patterns.extend((self.more)());
        patterns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bus_lets_each_hear_everything_that_it_asks_for() {
        for role in ALL {
            for pattern in role.patterns() {
                let may = bus::map::may_hear(role.identity, &pattern);
                assert!(may, "{} {pattern}", role.identity);
            }
        }
    }

    #[test]
    fn each_bears_the_name_of_its_identity_and_is_found_by_it() {
        for role in ALL {
            assert_eq!(role.module.name(), role.identity.name());
            assert!(role.module.is_legacy());
            let found = Role::of(&role.module).map(|role| role.identity);
            assert_eq!(found, Some(role.identity));
        }
    }
}
