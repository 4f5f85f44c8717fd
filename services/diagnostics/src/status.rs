//! The status message out of the read model; a pure function, rendered by HTTP and gRPC alike.

use domain::mode::{Flags, Mode};
use domain::{Span, Timestamp};
use proto::wire::{
    DemotionStatus, ExecutorStatus, ExitBrainStatus, MetricsStatus, ModeStatus, PositionsRequest,
    ServiceStatus, StatusConfig, TickToOrder,
};

use crate::model::ReadModel;
use crate::model::beats::Instance;
use crate::moment::rfc3339;
use crate::positions::positions;
use crate::services::EXECUTOR;
use crate::state::operational_state;

/// What stands where nothing was heard yet.
const UNKNOWN: &str = "UNKNOWN";
/// The counter of a heartbeat that tells what the bus has refused.
const BUS_REFUSALS: &str = "bus.permission_violations";

/// The status of the whole system as known at `now`.
#[must_use]
pub fn status(model: &ReadModel, now: Timestamp) -> ExitBrainStatus {
    let flags = model.flags(now);
    let running = model.beats.is_fresh(EXECUTOR, now);
    let state = operational_state(flags.as_ref(), model.effective_mode(now), running);
    ExitBrainStatus {
        timestamp: rfc3339(now),
        config: Some(config(flags.as_ref(), model.is_live(now))),
        executor: Some(executor(model, now, running)),
        metrics: Some(metrics(model)),
        operational_state: state.to_string(),
        mode: Some(mode(model, now)),
        positions: positions(model, &PositionsRequest::default(), now).positions,
        unprotected_positions: count(model.positions.unprotected(now)),
        services: services(model, now),
        decisions: model.decisions.by_type(),
        ticks: model.ticks,
        refused_messages: model.refused_anywhere().into(),
        invariants_broken: model.beats.invariants_broken().into(),
        tick_to_order_us: Some(tick_to_order(model)),
        demotion: demotion(model, now),
    }
}

/// The document of the HTTP endpoint and of `exitctl status -o json`.
///
/// # Errors
/// Where the message can't be written as JSON, which only a broken build could cause.
pub fn document(status: &ExitBrainStatus) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(status)
}

fn config(flags: Option<&Flags>, live_mode_active: bool) -> StatusConfig {
    let text = |read: fn(&Flags) -> String| flags.map_or_else(|| UNKNOWN.into(), read);
    StatusConfig {
        exit_mode: text(|flags| flags.exit_mode.to_string()),
        exit_executor_mode: text(|flags| flags.executor_mode.to_string()),
        exit_brain_live_rollout: text(|flags| flags.rollout.to_string()),
        live_mode_active,
    }
}

fn executor(model: &ReadModel, now: Timestamp, running: bool) -> ExecutorStatus {
    ExecutorStatus {
        running,
        effective_mode: model.executor_mode(now).map(|mode| mode.to_string()),
        last_decision_timestamp: model.decisions.last_at().map(rfc3339),
    }
}

fn metrics(model: &ReadModel) -> MetricsStatus {
    let counts = model.orders.counts();
    MetricsStatus {
        total_exit_orders: counts.attempts(),
        blocked_legacy_orders: counts.blocked(),
        ownership_conflicts: counts.ownership_conflicts,
        orders_by_module: counts.sent_by_module.into(),
        orders_by_kind: counts.sent_by_kind.into(),
        blocked_by_module: counts.blocked_by_module.into(),
        denied_by_code: counts.denied_by_code.into(),
        venue_errors: counts.venue_errors.into(),
    }
}

fn mode(model: &ReadModel, now: Timestamp) -> ModeStatus {
    let Some(said) = &model.said else {
        return ModeStatus {
            effective: UNKNOWN.into(),
            revision: 0,
            reason: "the guard has not said it yet".into(),
        };
    };
    let effective = model.effective_mode(now).unwrap_or(said.mode);
    let reason = if effective == said.mode {
        said.reason.clone()
    } else {
        format!("the guard is silent, so {} is unproven", said.mode)
    };
    ModeStatus {
        effective: effective.to_string(),
        revision: said.revision,
        reason,
    }
}

fn demotion(model: &ReadModel, now: Timestamp) -> Option<DemotionStatus> {
    let is_down = model
        .said
        .as_ref()
        .is_some_and(|said| said.mode != Mode::Live);
    let last = model.demotions.last().filter(|_| is_down)?;
    let executors = model.beats.iter().filter(|(service, _, it)| {
        *service == EXECUTOR && it.is_fresh(now) && it.mode == Mode::Live
    });
    // Its own flags may still say LIVE: then the guard's word is what holds it back.
    let killed = model.said.as_ref().map(|said| said.revision);
    let unaware = executors.filter(|(_, _, it)| Some(it.revision) < killed);
    Some(DemotionStatus {
        at: rfc3339(last.at),
        reason: last.reason.clone(),
        positions: count(last.passed()),
        taken_over: count(last.settled()),
        last_order_us: last.last_order().map(Span::micros),
        executors_live: count(unaware.count()),
    })
}

fn services(model: &ReadModel, now: Timestamp) -> Vec<ServiceStatus> {
    let row = |(service, instance, it): (&str, &str, &Instance)| ServiceStatus {
        service: service.into(),
        instance: instance.into(),
        mode: it.mode.to_string(),
        ready: it.ready,
        age_ms: it.age(now).millis(),
        build: it.build.clone(),
        exit_mode: it.flags.exit_mode.to_string(),
        exit_executor_mode: it.flags.executor_mode.to_string(),
        exit_brain_live_rollout: it.flags.rollout.to_string(),
        lease: lease(it).into(),
        lease_store_lost: it.lost_lease_store,
        bus_refusals: it.counters.count(BUS_REFUSALS),
    };
    model.beats.iter().map(row).collect()
}

const fn lease(instance: &Instance) -> &'static str {
    match instance.holds_lease {
        Some(true) => "held",
        Some(false) => "standby",
        None => "",
    }
}

fn tick_to_order(model: &ReadModel) -> TickToOrder {
    let quantiles = model.latency.quantiles();
    let micros = |span: Span| u64::try_from(span.micros()).unwrap_or(0);
    TickToOrder {
        count: quantiles.count,
        p50: micros(quantiles.p50),
        p99: micros(quantiles.p99),
    }
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
