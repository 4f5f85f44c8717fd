//! The answer to "what are the plans, and how did they come about": a pure function of the model.

use domain::Timestamp;
use domain::plan::ExitPlan;
use domain::snapshot::PositionSnapshot;
use proto::wire::{PlanList, PlanStatus, PlansRequest};

use crate::asked::Asked;
use crate::model::ReadModel;
use crate::model::plans::Planned;

/// The plans that `asked` is about, as known at `now`.
#[must_use]
pub fn plans(model: &ReadModel, asked: &PlansRequest, now: Timestamp) -> PlanList {
    let which = Asked {
        symbol: asked.symbol.as_deref(),
        side: asked.side.as_deref(),
        ..Asked::default()
    };
    let asked_for = |it: &&Planned| which.covers(&it.plan.key);
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
