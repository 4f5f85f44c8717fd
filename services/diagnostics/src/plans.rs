//! The answer to "what are the plans, and how did they come about": a pure function of the model.

use domain::Timestamp;
use domain::plan::ExitPlan;
use domain::snapshot::PositionSnapshot;
use proto::wire::{PlanList, PlanStatus, PlansRequest};

use crate::model::ReadModel;
use crate::model::plans::Planned;

/// The plans that `asked` is about, as known at `now`.
#[must_use]
pub fn plans(model: &ReadModel, asked: &PlansRequest, now: Timestamp) -> PlanList {
    let is_asked = |wish: Option<&str>, value: &str| wish.is_none_or(|wish| wish == value);
    let asked_for = |it: &&Planned| {
        let key = &it.plan.key;
        is_asked(asked.symbol.as_deref(), key.symbol.as_str())
            && is_asked(asked.side.as_deref(), &key.side.to_string())
    };
    let row = |it| status(model, it, now);
    PlanList {
        plans: model.plans.iter().filter(asked_for).map(row).collect(),
    }
}

fn status(model: &ReadModel, planned: &Planned, now: Timestamp) -> PlanStatus {
    let plan = &planned.plan;
    let open = model.positions.get(&plan.key);
    let fault = not_in_force(plan, open, now);
    let position = open.filter(|it| it.position.epoch == plan.epoch);
    PlanStatus {
        in_force: fault.is_empty(),
        not_in_force: fault.into(),
        age_ms: now.since(plan.created_at).millis(),
        heard_age_ms: now.since(planned.heard_at).millis(),
        entry_price: position.map(|it| it.position.entry_price.to_string()),
        ..proto::plan_status(plan)
    }
}

/// Why nobody goes by this plan; empty where they do.
fn not_in_force(plan: &ExitPlan, open: Option<&PositionSnapshot>, now: Timestamp) -> &'static str {
    match open {
        _ if plan.is_expired(now) => "it has expired",
        None => "no such position is known to be open",
        Some(open) if open.position.epoch != plan.epoch => "it is of another life of the position",
        Some(_) => "",
    }
}
