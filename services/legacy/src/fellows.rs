//! The other incumbents: which of them run, who of them takes profit first, and whose leftovers
//! this one sweeps. Each is known by its heartbeats alone.

use std::collections::BTreeMap;

use domain::snapshot::Heartbeat;
use domain::{Module, Ratio, Span, Timestamp};

use crate::roles::{ALL, Role};
use crate::wiring::SERVICE;

/// Heartbeats come every second: one that was not heard for so long is not merely late. It has
/// been taken out of the configuration.
pub const SILENCE_MAX: Span = Span::from_secs(10);
/// All of them start together. By then each has been heard that there is, and one lost heartbeat
/// has been made good.
pub const LISTEN: Span = Span::from_millis(2_500);

/// What the others mean for one position now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Beside {
    /// Share of the initial quantity with which modules that come first take profit.
    pub reserved: Ratio,
    /// Whether that may be too little, because the others have not been listened to for long
    /// enough: then no take-profit is placed.
    pub unsure: bool,
    /// Modules that act no more, whose orders of ended lives are this one's to sweep.
    pub heir_of: Vec<Module>,
    /// Whether the executor acts no more.
    pub inherits: bool,
}

impl Beside {
    /// Whether this is the one incumbent that takes over what the executor has left: the first of
    /// the table that is here.
    #[must_use]
    pub fn takes_over(&self) -> bool {
        self.heir_of.contains(&Module::ExitExecutor)
    }
}

/// What one incumbent knows of the others.
#[derive(Debug, Clone)]
pub struct Fellows {
    role: &'static Role,
    since: Timestamp,
    heard: BTreeMap<Module, Timestamp>,
}

impl Fellows {
    /// Nobody has been heard yet; `boot` is the own start in microseconds.
    #[must_use]
    pub fn new(role: &'static Role, boot: u64) -> Self {
        Self {
            role,
            since: Timestamp::from_micros(i64::try_from(boot).unwrap_or(0)),
            heard: BTreeMap::new(),
        }
    }

    /// A heartbeat of any service.
    pub fn on_heartbeat(&mut self, heartbeat: &Heartbeat, now: Timestamp) {
        let role = Role::of(&Module::from_name(&heartbeat.instance));
        if let Some(role) = role.filter(|_| heartbeat.service == SERVICE) {
            self.heard.insert(role.module.clone(), now);
        }
    }

    /// What they mean now, where the brain acts (`inherits` is false) or does not.
    #[must_use]
    pub fn beside(&self, inherits: bool, now: Timestamp) -> Beside {
        let reserved = self
            .first()
            .filter(|role| self.is_here(role, now))
            .fold(Ratio::ZERO, |sum, role| {
                Ratio::new(sum.get() + role.profit_share.get())
            });
        let unsure = self.first().next().is_some() && now.since(self.since) < LISTEN;
        let leads = !unsure && !self.first().any(|role| self.is_here(role, now));
        let heir_of = if inherits && leads {
            self.departed(now)
        } else {
            Vec::new()
        };
        Beside {
            reserved: reserved.min(Ratio::ONE),
            unsure,
            heir_of,
            inherits,
        }
    }

    /// The roles that come before this one.
    fn first(&self) -> impl Iterator<Item = &'static Role> {
        ALL.into_iter()
            .take_while(|role| role.module != self.role.module)
    }

    fn is_here(&self, role: &Role, now: Timestamp) -> bool {
        let heard = self.heard.get(&role.module);
        heard.is_some_and(|at| now.since(*at) < SILENCE_MAX)
    }

    /// The executor, and every incumbent that has fallen silent or was never there.
    fn departed(&self, now: Timestamp) -> Vec<Module> {
        let mut departed = vec![Module::ExitExecutor];
        let silent = ALL.into_iter().filter(|role| {
            let last = self.heard.get(&role.module).unwrap_or(&self.since);
            role.module != self.role.module && now.since(*last) >= SILENCE_MAX
        });
        departed.extend(silent.map(|role| role.module.clone()));
        departed
    }
}

#[cfg(test)]
mod tests;
