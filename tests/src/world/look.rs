//! What a story may look at.

use std::collections::BTreeMap;

use bus::policy::Policy as ServerPolicy;
use domain::decision::Rule;
use domain::ids::{LegId, Module};
use domain::mode::Mode;
use domain::order::CloseOrder;
use domain::plan::ExitPlan;
use domain::snapshot::{ExitMetrics, Heartbeat, PositionSnapshot};
use domain::{Position, PositionKey, Qty, Side, Span};
use paper_exchange::venue::{Stats, Venue};
use proto::wire::ExitBrainStatus;

use super::seat::Seat;
use super::truth::{self, Resting};
use super::watch::naked::{Longest, Owner};
use super::{Service, World};

/// What was approved before the policy changed has left within this time: an intent is valid for
/// 2 s, and two clocks agree to half a second each.
const ON_ITS_WAY_MAX: Span = Span::from_secs(4);

impl World {
    /// The venue.
    #[must_use]
    pub fn venue(&self) -> &Venue {
        &self.venue
    }

    /// What the venue accepted and refused.
    #[must_use]
    pub fn stats(&self) -> &Stats {
        self.venue.stats()
    }

    /// Orders of a module that the venue accepted, by kind; `CANCEL` among them.
    #[must_use]
    pub fn venue_orders(&self, module: &Module) -> BTreeMap<String, u64> {
        let by_prefix = &self.venue.stats().by_prefix;
        by_prefix.get(module.code()).cloned().unwrap_or_default()
    }

    /// The open position of a symbol.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<Position> {
        truth::position(&self.venue, name)
    }

    /// The open position of a symbol on that side.
    #[must_use]
    pub fn position_of(&self, name: &str, side: Side) -> Option<Position> {
        truth::position_of(&self.venue, name, side)
    }

    /// How much of it resting stops cover.
    #[must_use]
    pub fn covered(&self, name: &str) -> Qty {
        self.position(name)
            .map_or(Qty::ZERO, |held| truth::covered(&self.venue, &held))
    }

    /// The open positions of a symbol.
    #[must_use]
    pub fn open(&self, name: &str) -> Vec<Position> {
        truth::positions(&self.venue, name)
    }

    /// How much of a position orders can close: what is left of a lot when the lots have grown
    /// can't be placed.
    #[must_use]
    pub fn placeable(&self, held: &Position) -> Qty {
        let instrument = truth::instrument(&self.venue, held.key.symbol.as_str());
        instrument.floor_qty(held.qty)
    }

    /// Whether the executor, in LIVE, has decided to leave a position.
    #[must_use]
    pub fn is_leaving(&self, key: &PositionKey) -> bool {
        let mut executors = self.cast.executors.values();
        executors.any(|it| it.is_leaving(key))
    }

    /// Whether somebody outside LIVE is to close a position, or to finish what the executor began.
    #[must_use]
    pub fn is_left(&self, key: &PositionKey) -> bool {
        let by_legacy = self.clock(Service::Legacy);
        let mut incumbents = self.cast.legacy.values();
        let mut executors = self.cast.executors.iter();
        incumbents.any(|it| it.is_leaving(key, by_legacy))
            || executors.any(|(of, it)| it.has_left_exit(key, self.clock(*of)))
    }

    /// The mode in force for a symbol, as the guard has it.
    #[must_use]
    pub fn mode_of(&self, name: &str) -> Option<Mode> {
        let guard = self.cast.guard.as_ref()?;
        Some(guard.mode_for(&super::cast::symbol(name)))
    }

    /// Whether every open position is covered.
    #[must_use]
    pub fn all_covered(&self) -> bool {
        let symbols = self.venue.symbols();
        symbols
            .flat_map(|spec| truth::positions(&self.venue, &spec.symbol))
            .all(|held| truth::covered(&self.venue, &held) >= self.placeable(&held))
    }

    /// Everything that rests for a symbol.
    #[must_use]
    pub fn resting(&self, name: &str) -> Vec<Resting> {
        truth::resting(&self.venue, name)
    }

    /// Orders of a module's leg that rest.
    #[must_use]
    pub fn legs(&self, name: &str, module: &Module, leg: LegId) -> Vec<Resting> {
        let own = |it: &Resting| {
            let cause = it.cause.as_ref();
            cause.is_some_and(|cause| cause.module == *module && cause.leg == leg)
        };
        self.resting(name).into_iter().filter(own).collect()
    }

    /// The executor's working stops: trigger and quantity as text.
    #[must_use]
    pub fn working_stops(&self, name: &str) -> Vec<(String, String)> {
        stops(&self.legs(name, &Module::ExitExecutor, LegId::Stop))
    }

    /// The executor's disaster stops: the triggers.
    #[must_use]
    pub fn disaster_stops(&self, name: &str) -> Vec<String> {
        let legs = self.legs(name, &Module::ExitExecutor, LegId::Disaster);
        stops(&legs).into_iter().map(|it| it.0).collect()
    }

    /// The executor's take-profits: leg, price and open quantity as text, nearest first.
    #[must_use]
    pub fn ladder(&self, name: &str) -> Vec<(u8, String, String)> {
        let target = |it: &Resting| {
            let cause = it
                .cause
                .as_ref()
                .filter(|it| it.module == Module::ExitExecutor)?;
            match (cause.leg, it.order) {
                (LegId::TakeProfit(leg), CloseOrder::Limit { qty, price }) => {
                    Some((leg, price.to_string(), qty.to_string()))
                }
                _ => None,
            }
        };
        let mut ladder: Vec<_> = self.resting(name).iter().filter_map(target).collect();
        ladder.sort();
        ladder
    }

    /// Whether nothing is under way at the venue: no call without its answer.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        let gateway = self.cast.gateway.as_ref();
        gateway.is_some_and(|it| it.calls_in_flight() == 0)
    }

    /// The mode in force, as the guard has it.
    #[must_use]
    pub fn mode(&self) -> Option<Mode> {
        self.cast.guard.as_ref().map(gateway_guard::Guard::mode)
    }

    /// Whether all services run and agree on `mode`.
    #[must_use]
    pub fn is_ready(&self, mode: Mode) -> bool {
        let gateway = self.cast.gateway.as_ref().is_some_and(|it| it.is_ready());
        let names = self
            .options
            .symbols
            .iter()
            .map(|it| super::cast::symbol(it.0));
        let mut executors = self.cast.executors.values();
        // In LEGACY the executor stays in SHADOW at least: it has nothing to act with anyway.
        let follows = mode == Mode::Legacy
            || (executors.len() > 0
                && executors.all(|it| names.clone().all(|name| it.mode_for(&name) == mode)));
        let told = mode != Mode::Live || self.watch.gateway_mode(mode) == mode;
        gateway && self.connection.is_some() && follows && told && self.mode() == Some(mode)
    }

    /// What diagnostics would answer now.
    #[must_use]
    pub fn status(&self) -> ExitBrainStatus {
        let diagnostics = self.cast.diagnostics.as_ref();
        diagnostics.expect("diagnostics runs").status(self.now)
    }

    /// The order counters of the guard or the gateway, as last told.
    #[must_use]
    pub fn metrics(&self, service: Service) -> ExitMetrics {
        let beat = self.heartbeat(service);
        beat.map(|it| it.metrics.clone()).unwrap_or_default()
    }

    /// A counter of a service, as last told.
    #[must_use]
    pub fn counter(&self, service: Service, name: &str) -> u64 {
        let beat = self.heartbeat(service);
        beat.and_then(|it| it.counters.get(name).copied())
            .unwrap_or_default()
    }

    /// A counter of an incumbent, as last told.
    #[must_use]
    pub fn told(&self, module: &Module, name: &str) -> u64 {
        let beat = self.watch.heartbeats.get(&Seat::incumbent(module));
        beat.and_then(|it| it.counters.get(name).copied())
            .unwrap_or_default()
    }

    /// The last heartbeat that a service said; of the incumbents the first one's.
    #[must_use]
    pub fn heartbeat(&self, service: Service) -> Option<&Heartbeat> {
        let mut beats = self.watch.heartbeats.iter();
        let (_, beat) = beats.find(|(seat, _)| seat.service == service)?;
        Some(beat)
    }

    /// Whether the incumbents leave a position to the executor.
    #[must_use]
    pub fn stands_aside(&self, name: &str, side: Side) -> bool {
        let key = truth::key(name, side);
        let mut incumbents = self.cast.legacy.values();
        incumbents.len() > 0 && incumbents.all(|it| it.stands_aside(&key, self.now))
    }

    /// The last picture that the gateway gave of a position.
    #[must_use]
    pub fn picture(&self, key: &PositionKey) -> Option<&PositionSnapshot> {
        self.watch.snapshots.get(key)
    }

    /// The last plan said for a position.
    #[must_use]
    pub fn plan(&self, key: &PositionKey) -> Option<&ExitPlan> {
        let plans = self.watch.plans.iter().filter(|(id, _)| id.0 == *key);
        plans
            .map(|(_, plan)| plan)
            .max_by_key(|plan| plan.created_at)
    }

    /// Decisions said so far, by their names.
    #[must_use]
    pub fn decisions(&self, name: &str) -> u64 {
        self.watch.decisions.get(name).copied().unwrap_or_default()
    }

    /// Decisions said so far by `rule`.
    #[must_use]
    pub fn decided_by(&self, rule: Rule) -> u64 {
        self.watch.rules.get(&rule).copied().unwrap_or_default()
    }

    /// Denials said so far, by code.
    #[must_use]
    pub const fn denials(&self) -> &BTreeMap<String, u64> {
        &self.watch.denials
    }

    /// Intents that passed the server so far, by module.
    #[must_use]
    pub fn intents(&self, module: &Module) -> u64 {
        self.watch
            .intents
            .get(module.name())
            .copied()
            .unwrap_or_default()
    }

    /// Messages refused at a service's border so far, and counted there (I13).
    #[must_use]
    pub fn refused(&self, service: Service) -> u64 {
        let refused = self.watch.refused.iter();
        let of_it = refused.filter(|(seat, _)| seat.service == service);
        of_it.flat_map(|(_, counters)| counters.values()).sum()
    }

    /// Messages that the server dropped because their writer had no right to say them.
    #[must_use]
    pub const fn violations(&self) -> u64 {
        self.violations
    }

    /// Subscriptions that the server refuses, because the identity has no right to them.
    #[must_use]
    pub fn refused_subscriptions(&self) -> &[(Seat, String)] {
        self.routes.refused()
    }

    /// Longest time that a position was naked beyond the placement window, ms.
    #[must_use]
    pub fn naked_ms(&self) -> i64 {
        self.judge.report(self.now.millis()).naked_ms_max
    }

    /// Faults of the venue that have acted.
    #[must_use]
    pub const fn faults_acted(&self) -> u64 {
        self.faults.acted()
    }

    /// The run so far in one number: every delivery with its time.
    #[must_use]
    pub const fn hash(&self) -> u64 {
        self.transcript.hash()
    }

    /// The longest that a position lacked its stop beyond the placement window, while that was
    /// the task of `owner`.
    #[must_use]
    pub fn longest_naked(&self, owner: Owner) -> Longest {
        self.watch.naked.longest(owner)
    }

    /// Deliveries so far.
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.transcript.steps()
    }

    /// The end of the transcript, in words.
    #[must_use]
    pub fn tail(&self) -> String {
        self.transcript.tail()
    }

    /// What the server's policy and the flags allow at most for a symbol: outside the rollout
    /// nothing is acted on.
    pub(super) fn server_mode_of(&self, name: Option<&str>) -> Mode {
        let flags = &self.options.flags;
        let out = name.is_some_and(|it| !flags.is_symbol_in_rollout(&super::cast::symbol(it)));
        let most = if out { Mode::Shadow } else { Mode::Live };
        self.server_mode().min(most)
    }

    fn server_mode(&self) -> Mode {
        let server = match self.server {
            _ if self.now.since(self.could_ask_until) < ON_ITS_WAY_MAX => Mode::Live,
            ServerPolicy::Legacy => Mode::Legacy,
            ServerPolicy::Shadow => Mode::Shadow,
            ServerPolicy::Live | ServerPolicy::Staged => Mode::Live,
        };
        self.options.flags.resolve().min(server)
    }
}

fn stops(legs: &[Resting]) -> Vec<(String, String)> {
    let text = |it: &Resting| {
        let trigger = it.order.stop_trigger()?.to_string();
        let qty = it
            .order
            .qty()
            .map(|qty| qty.to_string())
            .unwrap_or_default();
        Some((trigger, qty))
    };
    legs.iter().filter_map(text).collect()
}
