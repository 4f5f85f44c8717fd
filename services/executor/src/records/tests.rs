//! No record lacks a field that an operator judges a decision by (M030, M031, M033).
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use domain::decision::Rule;
use domain::market::Regime;
use domain::plan::PlanId;
use domain::signal::RiskMode;
use domain::{
    Account, Epoch, MarginPct, Module, PositionKey, Price, PricePct, Qty, Side, Symbol, Timestamp,
};
use rust_decimal::Decimal;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::*;

type Line = BTreeMap<String, String>;

/// Keeps every line that is logged.
#[derive(Default, Clone)]
struct Lines(Arc<Mutex<Vec<Line>>>);

struct Fields(Line);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().into(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().into(), value.into());
    }
}

impl Subscriber for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields(Line::new());
        event.record(&mut fields);
        self.0.lock().unwrap().push(fields.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn logged(action: Action, rule: Rule, mode: Mode, allowed: bool) -> Vec<Line> {
    let price = Price::new(Decimal::ONE_HUNDRED).unwrap();
    let decision = Decision {
        key: PositionKey {
            account: Account::new("main").unwrap(),
            symbol: Symbol::new("BTCUSDT").unwrap(),
            side: Side::Long,
        },
        epoch: Epoch(7),
        module: Module::ExitExecutor,
        rule,
        action,
        reason: "loss guard: -12.6% of margin".into(),
        confidence: rule.confidence(),
        plan_id: Some(PlanId(10)),
        mark_price: price,
        entry_price: price,
        qty: Qty::new(Decimal::ONE).unwrap(),
        pnl_pct_price: PricePct::new(Decimal::ZERO),
        pnl_pct_margin: MarginPct::new(Decimal::ZERO),
        stop: None,
        regime: Regime::Normal,
        risk_mode: RiskMode::Normal,
        at: Timestamp::from_millis(1),
        serial: None,
    };
    let lines = Lines::default();
    tracing::subscriber::with_default(lines.clone(), || log(&decision, mode, allowed));
    let kept = lines.0.lock().unwrap();
    kept.clone()
}

#[test]
fn a_record_names_who_what_which_rule_why_how_sure_and_whether_it_may_act() {
    for (mode, allowed, tag) in [
        (Mode::Live, true, "EXIT_BRAIN_LIVE"),
        (Mode::Live, false, "EXIT_BRAIN_LIVE"),
        (Mode::Shadow, false, "EXIT_BRAIN_SHADOW"),
    ] {
        let lines = logged(Action::FullExit, Rule::LossGuard, mode, allowed);
        let [line] = &lines[..] else {
            panic!("one line for one decision: {lines:?}")
        };
        for (field, expected) in [
            ("tag", tag),
            ("module", "exit_executor"),
            ("position", "main.BTCUSDT.LONG"),
            ("epoch", "7"),
            ("decision_type", "full_exit_now"),
            ("rule", "loss_guard"),
            ("reason", "loss guard: -12.6% of margin"),
            ("confidence", "0.95"),
            ("plan_id", "000000000000000a"),
            ("mode", &mode.to_string()),
            ("allowed", &allowed.to_string()),
        ] {
            let found = line.get(field).map(String::as_str);
            assert_eq!(found, Some(expected), "{field} of {line:?}");
        }
    }
}

#[test]
fn nothing_to_do_is_not_logged() {
    let lines = logged(Action::NoChange, Rule::PlanWorking, Mode::Live, true);
    assert_eq!(lines, [] as [Line; 0]);
}
