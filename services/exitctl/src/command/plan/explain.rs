//! `exitctl plan explain`: how the running plan came about.

use proto::wire::{PlanList, PlansRequest};

use crate::answer::{Answer, Trouble};
use crate::cli::{Cli, Explain, Format, PlanSide};
use crate::command::plans;
use crate::{client, render};

/// The plans of one contract in full; exit code 3 where there is none.
pub async fn run(asked: &Explain, cli: &Cli) -> Result<Answer, Trouble> {
    let request = PlansRequest {
        symbol: Some(asked.symbol.clone()),
        side: asked.side.map(|side| side.name().into()),
    };
    let plans = client::plans(&cli.grpc, cli.timeout, request).await?;
    answer(asked, &plans, cli.format())
}

fn answer(asked: &Explain, plans: &PlanList, format: Format) -> Result<Answer, Trouble> {
    let is_missing = plans.plans.is_empty();
    let text = plans::told(plans, format, |_| {
        if is_missing {
            return missing(asked);
        }
        let told: Vec<String> = plans.plans.iter().map(render::plan::render).collect();
        told.join("\n\n\n")
    })?;
    Ok(Answer::holds(text, !is_missing))
}

fn missing(asked: &Explain) -> String {
    let side = asked.side.map_or("", PlanSide::name);
    let what = format!("{} {side}", asked.symbol);
    let what = what.trim_end();
    format!("no plan of {what} is known (see: exitctl plans)")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(side: Option<PlanSide>) -> Explain {
        let symbol = "BTCUSDT".into();
        Explain { symbol, side }
    }

    #[test]
    fn a_plan_that_is_not_there_is_exit_code_3() {
        for (side, text) in [
            (None, "no plan of BTCUSDT is known (see: exitctl plans)"),
            (
                Some(PlanSide::Short),
                "no plan of BTCUSDT SHORT is known (see: exitctl plans)",
            ),
        ] {
            let none = PlanList::default();
            let told = answer(&asked(side), &none, Format::Table).unwrap();
            assert_eq!((told.text.as_str(), told.code), (text, 3));
            let json = answer(&asked(side), &none, Format::Json).unwrap();
            assert_eq!(json.code, 3);
            assert!(json.text.contains("\"items\": []"), "{}", json.text);
        }
    }
}
