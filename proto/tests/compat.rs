//! Messages as builds before the newest fields write them: they are still read, and what they don't
//! say has the default that the schema documents.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use common::orders::{approval, order_event, position_snapshot};
use common::plans::exit_plan;
use common::{decision, market_context, risk_state, rl_hint};
use domain::Module;
use domain::decision::{Decision, Rule};
use domain::intent::Approval;
use domain::market::MarketContext;
use domain::order::OrderEvent;
use domain::plan::{ExitLeg, ExitPlan};
use domain::signal::{RiskState, RlHint};
use domain::snapshot::PositionSnapshot;
use proptest::prelude::*;
use prost::Message;
use proto::{Wire, wire};

/// The value as the older build writes it: its message without what `forget` takes out.
fn older<M: Message + Default>(value: &impl Wire, forget: impl FnOnce(&mut M)) -> Vec<u8> {
    let mut message = M::decode(value.encode().as_slice()).unwrap();
    forget(&mut message);
    message.encode_to_vec()
}

proptest! {
    #[test]
    fn a_context_without_the_newer_measures_has_none(value in market_context()) {
        let bytes = older(&value, |message: &mut wire::MarketContext| {
            message.atr = None;
            message.spread = None;
            message.funding_rate = None;
            message.quote_volume_24h = None;
        });
        let expected = MarketContext {
            atr: None,
            spread: None,
            funding_rate: None,
            quote_volume_24h: None,
            ..value
        };
        prop_assert_eq!(MarketContext::decode(&bytes), Ok(expected));
    }

    #[test]
    fn a_hint_that_names_no_strategy_and_no_signal_has_none(value in rl_hint()) {
        let bytes = older(&value, |message: &mut wire::RlHint| {
            message.signal_confidence = None;
            message.strategy = None;
        });
        let expected = RlHint {
            signal_confidence: None,
            strategy: None,
            ..value
        };
        prop_assert_eq!(RlHint::decode(&bytes), Ok(expected));
    }

    #[test]
    fn a_risk_state_without_equity_has_none(value in risk_state()) {
        let bytes = older(&value, |message: &mut wire::RiskState| message.equity = None);
        let expected = RiskState { equity: None, ..value };
        prop_assert_eq!(RiskState::decode(&bytes), Ok(expected));
    }

    #[test]
    fn a_plan_of_an_older_build_has_no_steps_no_time_stop_and_an_unnamed_strategy(
        value in exit_plan(),
    ) {
        let bytes = older(&value, |message: &mut wire::ExitPlan| {
            message.strategy_id = None;
            message.profile = None;
            message.time_stop = None;
            message.entry_price = None;
            message.opened_qty = None;
            message.steps.clear();
            for leg in &mut message.legs {
                leg.tightening.clear();
            }
        });
        let plain = |leg: &ExitLeg| ExitLeg { tightening: Vec::new(), ..leg.clone() };
        let expected = ExitPlan {
            strategy_id: String::new(),
            profile: None,
            time_stop: None,
            entry_price: None,
            opened_qty: None,
            steps: Vec::new(),
            legs: value.legs.iter().map(plain).collect(),
            ..value
        };
        let read = ExitPlan::decode(&bytes);
        prop_assert_eq!(read.as_ref(), Ok(&expected));
        prop_assert_eq!(expected.encode(), bytes, "and is handed on as it came");
    }

    #[test]
    fn news_of_an_order_without_its_price_are_read(value in order_event()) {
        let bytes = older(&value, |message: &mut wire::OrderEvent| message.average_price = None);
        let expected = OrderEvent { average_price: None, ..value };
        prop_assert_eq!(OrderEvent::decode(&bytes), Ok(expected));
    }

    #[test]
    fn a_picture_and_an_approval_that_name_no_gateway_are_read(
        (told, approved) in (position_snapshot(), approval()),
    ) {
        let bytes = older(&told, |message: &mut wire::PositionSnapshot| message.fence = None);
        let expected = PositionSnapshot { fence: None, ..told };
        prop_assert_eq!(PositionSnapshot::decode(&bytes), Ok(expected));
        let bytes = older(&approved, |message: &mut wire::Approval| message.gateway = None);
        let expected = Approval { gateway: None, ..approved };
        prop_assert_eq!(Approval::decode(&bytes), Ok(expected));
    }

    #[test]
    fn a_decision_that_names_nobody_is_the_executors(value in decision()) {
        let bytes = older(&value, |message: &mut wire::Decision| {
            message.module = None;
            message.rule = None;
            message.stop = None;
            message.serial = None;
        });
        let expected = Decision {
            module: Module::ExitExecutor,
            rule: Rule::PlanWorking,
            stop: None,
            serial: None,
            ..value
        };
        prop_assert_eq!(Decision::decode(&bytes), Ok(expected));
    }
}
