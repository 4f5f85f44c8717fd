//! `exitctl plans`: the plans as they were last said.

use proto::wire::{PlanList, PlanStatus, PlansRequest};
use serde::Serialize;

use crate::answer::{Answer, Trouble};
use crate::cli::{Cli, Format};
use crate::client;
use crate::render::number::{percent, span};
use crate::render::{self, table};

/// The JSON form.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    kind: &'static str,
    items: &'a [PlanStatus],
}

/// Every plan that is known.
pub async fn run(cli: &Cli) -> Result<Answer, Trouble> {
    let plans = client::plans(&cli.grpc, cli.timeout, PlansRequest::default()).await?;
    let text = match cli.format() {
        Format::Json => json(&plans)?,
        Format::Table => text(&plans.plans),
    };
    Ok(Answer::ok(text))
}

/// `plans` as a document.
///
/// # Errors
/// As [`render::json`].
pub fn json(plans: &PlanList) -> Result<String, Trouble> {
    render::json(&Document {
        api_version: "exitbrain/v1",
        kind: "PlanList",
        items: &plans.plans,
    })
}

fn text(plans: &[PlanStatus]) -> String {
    if plans.is_empty() {
        return "no plans".into();
    }
    let rows: Vec<_> = plans.iter().map(row).collect();
    let head = [
        "POSITION",
        "STRATEGY",
        "PROFILE",
        "TP",
        "SL",
        "TRAIL",
        "CONFIDENCE",
        "AGE",
        "ID",
    ];
    table::table(head, &rows)
}

fn row(plan: &PlanStatus) -> [String; 9] {
    let mark = if plan.in_force { "" } else { " NOT IN FORCE" };
    [
        render::plan::position(plan),
        format!("{}/{}", plan.strategy_id, plan.strategy),
        plan.profile.clone().unwrap_or_else(|| "-".into()),
        percent(&plan.target),
        percent(&plan.stop),
        percent(&plan.trail),
        plan.confidence.clone(),
        span(plan.age_ms),
        format!("{}{mark}", plan.id),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(symbol: &str, in_force: bool) -> PlanStatus {
        PlanStatus {
            account: "main".into(),
            symbol: symbol.into(),
            side: "LONG".into(),
            id: "00000000000000aa".into(),
            in_force,
            strategy: "STANDARD_LADDER".into(),
            strategy_id: "RL_V3".into(),
            target: "0.03".into(),
            stop: "0.025".into(),
            trail: "0.015".into(),
            confidence: "0.75".into(),
            age_ms: 3_725_000,
            ..PlanStatus::default()
        }
    }

    #[test]
    fn a_plan_that_nobody_goes_by_is_called_so() {
        let mut challenge = plan("ETHUSDT", false);
        challenge.profile = Some("CHALLENGE_100".into());
        let told = text(&[plan("BTCUSDT", true), challenge]);
        let golden = include_str!("../render/plan/golden/plans.txt");
        assert_eq!(format!("{told}\n"), golden, "it was:\n{told}");
    }

    #[test]
    fn no_plans_are_told_in_words() {
        assert_eq!(text(&[]), "no plans");
    }
}
