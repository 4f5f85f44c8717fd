//! Every message that has a reader of its own, with a strategy for its values.

#![allow(unused_macros, reason = "each test binary uses its own part")]

/// Hands the whole list to another macro.
macro_rules! for_every_message {
    ($then:ident) => {
        $then! {
            mark_ticks: domain::market::MarkTick = crate::common::mark_tick();
            market_contexts: domain::market::MarketContext = crate::common::market_context();
            hints: domain::signal::RlHint = crate::common::rl_hint();
            risk_states: domain::signal::RiskState = crate::common::risk_state();
            snapshots: domain::snapshot::PositionSnapshot =
                crate::common::orders::position_snapshot();
            plans: domain::plan::ExitPlan = crate::common::plans::exit_plan();
            plan_requests: domain::plan::request::PlanRequest =
                crate::common::plans::plan_request();
            plan_replies: domain::plan::request::PlanReply = crate::common::plans::plan_reply();
            decisions: domain::decision::Decision = crate::common::decision();
            intents: domain::intent::OrderIntent = crate::common::orders::order_intent();
            approvals: domain::intent::Approval = crate::common::orders::approval();
            signed_approvals: proto::SignedApproval = crate::common::orders::signed_approval();
            denials: domain::intent::Denial = crate::common::orders::denial();
            order_events: domain::order::OrderEvent = crate::common::orders::order_event();
            modes: domain::mode::ModeSnapshot = crate::common::control::mode_snapshot();
            kills: domain::mode::Kill = crate::common::control::kill();
            flattens: domain::flatten::Flatten = crate::common::control::flatten();
            direct_kills: proto::DirectKill = crate::common::control::direct_kill();
            canaries: proto::Canary = crate::common::control::canary();
            handovers: domain::handover::Handover = crate::common::orders::handover();
            tp_performances: domain::performance::SymbolPerformance =
                crate::common::performance::tp_performance();
            heartbeats: domain::snapshot::Heartbeat = crate::common::control::heartbeat();
        }
    };
}
