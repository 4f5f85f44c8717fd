//! `exitctl plans`: the plans as they were last said.

use proto::wire::{PlanList, PlanStatus, PlansRequest};
use serde::Serialize;

use crate::answer::{Answer, Trouble};
use crate::cli::{Cli, Format};
use crate::client;
use crate::render::number::{percent, span};
use crate::render::{self, table};

const HEAD: [&str; 9] = [
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
    let text = told(&plans, cli.format(), |format| text(&plans.plans, format))?;
    Ok(Answer::ok(text))
}

/// `plans` as a document, or as `people` writes them for people.
///
/// # Errors
/// As [`render::told`].
pub fn told(
    plans: &PlanList,
    format: Format,
    people: impl FnOnce(Format) -> String,
) -> Result<String, Trouble> {
    let document = Document {
        api_version: "exitbrain/v1",
        kind: "PlanList",
        items: &plans.plans,
    };
    render::told(format, &document, people)
}

fn text(plans: &[PlanStatus], format: Format) -> String {
    if plans.is_empty() {
        return "no plans".into();
    }
    if format == Format::Wide {
        let rows: Vec<_> = plans.iter().map(wide).collect();
        let [a, b, c, d, e, f, g, h, i] = HEAD;
        let head = [a, b, c, d, e, f, g, h, i, "REGIME", "EXPIRES", "REASON"];
        return table::table(head, &rows);
    }
    let rows: Vec<_> = plans.iter().map(row).collect();
    table::table(HEAD, &rows)
}

fn wide(plan: &PlanStatus) -> [String; 12] {
    let [a, b, c, d, e, f, g, h, i] = row(plan);
    let (regime, expires) = (plan.regime.clone(), plan.expires_at.clone());
    let reason = plan.reason.clone();
    [a, b, c, d, e, f, g, h, i, regime, expires, reason]
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
        challenge.regime = "VOLATILE".into();
        challenge.expires_at = "2025-12-11T22:14:55.000Z".into();
        challenge.reason = "ladder in a VOLATILE market".into();
        let plans = [plan("BTCUSDT", true), challenge];
        for (format, golden) in [
            (
                Format::Table,
                include_str!("../render/plan/golden/plans.txt"),
            ),
            (Format::Wide, include_str!("../render/plan/golden/wide.txt")),
        ] {
            let told = text(&plans, format);
            assert_eq!(format!("{told}\n"), golden, "it was:\n{told}");
        }
    }

    #[test]
    fn no_plans_are_told_in_words() {
        assert_eq!(text(&[], Format::Table), "no plans");
    }
}
