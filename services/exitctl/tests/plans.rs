//! The plans as the command tells them, over a real gRPC service.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use bus::Heard;
use common::{NOW, exitctl, serve, shadow_system};
use domain::market::MarketContext;
use domain::plan::build::{PlanInputs, build};
use domain::plan::{ExitPlan, StepName};
use domain::policy::Policy;
use domain::signal::RiskMode;
use domain::{Account, Epoch, Position, PositionKey, Price, Qty, Side, Symbol};
use runtime::Actor;
use rust_decimal::Decimal;

fn built(side: Side) -> ExitPlan {
    let symbol = Symbol::new("BTCUSDT").unwrap();
    let qty = Qty::new(Decimal::ONE).unwrap();
    let position = Position {
        key: PositionKey {
            account: Account::new("main").unwrap(),
            symbol: symbol.clone(),
            side,
        },
        epoch: Epoch(7),
        qty,
        initial_qty: qty,
        entry_price: Price::new(Decimal::from(95_000)).unwrap(),
        leverage: Decimal::TEN,
        opened_at: NOW,
    };
    let inputs = PlanInputs {
        position: &position,
        mark_price: None,
        context: &MarketContext::unknown(symbol, NOW),
        hint: None,
        risk: RiskMode::Normal,
        heat: None,
        equity: None,
        is_equity_old: false,
    };
    build(&inputs, &Policy::default(), NOW).unwrap()
}

#[test]
fn a_running_plan_is_explained_step_by_step_and_leg_by_leg() {
    let mut actor = shadow_system();
    let plan = built(Side::Long);
    for said in [plan.clone(), built(Side::Short)] {
        actor.hear(NOW, Heard::Plan(said), &mut Vec::new());
    }
    let (addresses, shutdown) = serve(actor);
    let explain = ["plan", "explain", "btcusdt", "--side", "long"];
    let (code, text, _) = exitctl(addresses.grpc, &explain);
    assert_eq!(code, 0, "{text}");
    for step in &plan.steps {
        let line = text.lines().find(|line| line.starts_with(step.name.name()));
        let line = line.unwrap_or_else(|| panic!("{} in {text}", step.name.name()));
        assert!(line.ends_with(&step.note), "{line}");
    }
    assert_eq!(plan.steps.len(), StepName::ALL.len());
    for leg in &plan.legs {
        let trigger = leg.trigger_price.unwrap().to_string();
        assert!(text.contains(&trigger), "{trigger} in {text}");
    }
    for hash in [plan.id.0, plan.policy_hash, plan.inputs_digest] {
        assert!(text.contains(&format!("{hash:016x}")), "{text}");
    }
    assert!(!text.contains("SHORT"), "{text}");
    let (code, text, _) = exitctl(addresses.grpc, &["plans"]);
    assert_eq!((code, text.lines().count()), (0, 3), "{text}");
    shutdown.request();
}

#[test]
fn json_is_the_message_of_the_service() {
    let mut actor = shadow_system();
    actor.hear(NOW, Heard::Plan(built(Side::Long)), &mut Vec::new());
    let (addresses, shutdown) = serve(actor);
    let explain = ["plan", "explain", "BTCUSDT", "-o", "json"];
    for arguments in [explain.as_slice(), &["plans", "-o", "json"]] {
        let (code, text, _) = exitctl(addresses.grpc, arguments);
        assert_eq!(code, 0);
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["kind"], "PlanList");
        assert_eq!(json["items"][0]["side"], "LONG");
        assert_eq!(json["items"][0]["legs"][0]["kind"], "STOP");
        assert_eq!(json["items"][0]["steps"][0]["name"], "base");
    }
    shutdown.request();
}

#[test]
fn a_plan_that_is_not_there_is_exit_code_3() {
    let (addresses, shutdown) = serve(shadow_system());
    let (code, text, _) = exitctl(addresses.grpc, &["plan", "explain", "ETHUSDT"]);
    assert_eq!(code, 3);
    assert!(text.starts_with("no plan of ETHUSDT is known"), "{text}");
    let (code, text, _) = exitctl(addresses.grpc, &["plans"]);
    assert_eq!((code, text.as_str()), (0, "no plans\n"));
    shutdown.request();
}
