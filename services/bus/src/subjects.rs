//! One constructor for each row of the table: subjects to publish on, patterns to subscribe to.

use std::fmt;
use std::marker::PhantomData;

use domain::Side;
use domain::decision::Decision;
use domain::flatten::Flatten;
use domain::handover::Handover;
use domain::ids::{Account, Module, PositionKey, Symbol};
use domain::intent::{Denial, OrderIntent};
use domain::market::{MarkTick, MarketContext};
use domain::mode::{Kill, Mode, ModeSnapshot};
use domain::order::OrderEvent;
use domain::performance::SymbolPerformance;
use domain::plan::ExitPlan;
use domain::plan::request::{PlanReply, PlanRequest};
use domain::signal::{RiskState, RlHint};
use domain::snapshot::{Heartbeat, PositionSnapshot};
use proto::{Canary, SignedApproval, Wire};

use crate::message::Message;

/// A subject without wildcards that carries an `M`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject<M> {
    text: String,
    carries: PhantomData<fn(M) -> M>,
}

/// Subjects with wildcards that carry an `M`; good for subscribing only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern<M> {
    text: &'static str,
    narrowed: Option<String>,
    carries: PhantomData<fn(M) -> M>,
}

impl<M: Wire> Subject<M> {
    fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            carries: PhantomData,
        }
    }

    /// The subject as the server knows it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The message that says `value` here.
    #[must_use]
    pub fn message(&self, value: &M) -> Message {
        Message::new(self.text.clone(), value.encode())
    }
}

impl<M: Wire> Pattern<M> {
    const fn new(text: &'static str) -> Self {
        Self {
            text,
            narrowed: None,
            carries: PhantomData,
        }
    }

    fn narrowed(text: String) -> Self {
        Self {
            text: "",
            narrowed: Some(text),
            carries: PhantomData,
        }
    }

    /// The pattern as the server knows it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.narrowed.as_deref().unwrap_or(self.text)
    }
}

impl<M> fmt::Display for Subject<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<M> fmt::Display for Pattern<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.narrowed.as_deref().unwrap_or(self.text))
    }
}

/// `text` as one token: what the grammar forbids becomes `-`. Names that were checked before pass
/// unchanged; another one no longer equals the payload's and is refused by its reader.
fn token(text: &str) -> String {
    if !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    {
        return text.into();
    }
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '.' | '*' | '>');
    let fit = |c: char| if forbidden(c) { '-' } else { c };
    let token: String = text.chars().map(fit).collect();
    if token.is_empty() { "-".into() } else { token }
}

/// Mark ticks of one contract.
#[must_use]
pub fn mark(symbol: &Symbol) -> Subject<MarkTick> {
    Subject::new(format!("market.mark.{symbol}"))
}

/// Mark ticks of one contract for whoever acts on them, said before all others hear them.
#[must_use]
pub fn first_mark(symbol: &Symbol) -> Subject<MarkTick> {
    Subject::new(format!("market.first.{symbol}"))
}

/// Volatility, trend and regime of one contract.
#[must_use]
pub fn context(symbol: &Symbol) -> Subject<MarketContext> {
    Subject::new(format!("market.context.{symbol}"))
}

/// Hints for one contract.
#[must_use]
pub fn rl(symbol: &Symbol) -> Subject<RlHint> {
    Subject::new(format!("signal.rl.{symbol}"))
}

/// The portfolio's risk state.
#[must_use]
pub fn risk() -> Subject<RiskState> {
    Subject::new("signal.risk")
}

/// One position as the venue holds it.
#[must_use]
pub fn position(key: &PositionKey) -> Subject<PositionSnapshot> {
    Subject::new(format!("position.changed.{key}"))
}

/// The plan of one position.
#[must_use]
pub fn plan(key: &PositionKey) -> Subject<ExitPlan> {
    Subject::new(format!("exit.plan.{key}"))
}

/// One module's questions for the plan of one position.
#[must_use]
pub fn plan_request(module: &Module, key: &PositionKey) -> Subject<PlanRequest> {
    Subject::new(format!("exit.plan.request.{}.{key}", token(module.name())))
}

/// The planner's answers to one module.
#[must_use]
pub fn plan_reply(module: &Module, key: &PositionKey) -> Subject<PlanReply> {
    Subject::new(format!("exit.plan.reply.{}.{key}", token(module.name())))
}

/// How the take-profit targets of one contract perform.
#[must_use]
pub fn tp_performance(symbol: &Symbol) -> Subject<SymbolPerformance> {
    Subject::new(format!("exit.metrics.tp.{symbol}"))
}

/// Decisions about one position; whatever is not LIVE is a shadow decision.
#[must_use]
pub fn decision(mode: Mode, key: &PositionKey) -> Subject<Decision> {
    let word = if mode == Mode::Live { "live" } else { "shadow" };
    Subject::new(format!("exit.decision.{word}.{key}"))
}

/// One module's wishes for one position.
#[must_use]
pub fn intent(module: &Module, key: &PositionKey) -> Subject<OrderIntent> {
    Subject::new(about_module("order.intent.", module, key))
}

/// The same, told by the guard to those who only watch.
#[must_use]
pub fn asked(module: &Module, key: &PositionKey) -> Subject<OrderIntent> {
    Subject::new(about_module("order.asked.", module, key))
}

fn about_module(kind: &str, module: &Module, key: &PositionKey) -> String {
    let module = token(module.name());
    let (account, symbol) = (key.account.as_str(), key.symbol.as_str());
    let place = [account, symbol, key.side.name()].join(".");
    [kind, &module, ".", &place].concat()
}

/// The guard's yes for one position; in the account ORDERS.
#[must_use]
pub fn approved(key: &PositionKey) -> Subject<SignedApproval> {
    Subject::new(format!("order.approved.{key}"))
}

/// The guard's no to one module.
#[must_use]
pub fn denied(module: &Module, key: &PositionKey) -> Subject<Denial> {
    Subject::new(about_module("order.denied.", module, key))
}

/// An incumbent's wish that the server diverted.
#[must_use]
pub fn blocked(module: &Module, key: &PositionKey) -> Subject<OrderIntent> {
    Subject::new(about_module("order.blocked.", module, key))
}

/// News about orders of one position.
#[must_use]
pub fn event(key: &PositionKey) -> Subject<OrderEvent> {
    Subject::new(format!("order.event.{key}"))
}

/// The mode in force.
#[must_use]
pub fn mode() -> Subject<ModeSnapshot> {
    Subject::new("control.mode")
}

/// The operator's order to go down.
#[must_use]
pub fn kill() -> Subject<Kill> {
    Subject::new("control.kill")
}

/// The operator's order to close positions.
#[must_use]
pub fn flatten() -> Subject<Flatten> {
    Subject::new("control.flatten")
}

/// One position that an executor acts on no more.
#[must_use]
pub fn handover(key: &PositionKey) -> Subject<Handover> {
    Subject::new(format!("control.handover.{key}"))
}

/// One instance's heartbeat.
#[must_use]
pub fn health(service: &str, instance: &str) -> Subject<Heartbeat> {
    Subject::new(format!("health.{}.{}", token(service), token(instance)))
}

/// Where the executor's canary asks.
#[must_use]
pub fn canary_executor() -> Subject<Canary> {
    Subject::new("order.intent.canary.executor")
}

/// Where the incumbents' canary asks, and arrives where nothing is diverted.
#[must_use]
pub fn canary_incumbent() -> Subject<Canary> {
    Subject::new("order.intent.canary.incumbent")
}

/// Where the incumbents' canary arrives when it is diverted.
#[must_use]
pub fn canary_blocked() -> Subject<Canary> {
    Subject::new("order.blocked.canary.incumbent")
}

/// Mark ticks of every contract.
#[must_use]
pub const fn all_marks() -> Pattern<MarkTick> {
    Pattern::new("market.mark.*")
}

/// Mark ticks of every contract, before all others hear them.
#[must_use]
pub const fn all_first_marks() -> Pattern<MarkTick> {
    Pattern::new("market.first.*")
}

/// Contexts of every contract.
#[must_use]
pub const fn all_contexts() -> Pattern<MarketContext> {
    Pattern::new("market.context.*")
}

/// Hints for every contract.
#[must_use]
pub const fn all_rl() -> Pattern<RlHint> {
    Pattern::new("signal.rl.*")
}

/// Every position.
#[must_use]
pub const fn all_positions() -> Pattern<PositionSnapshot> {
    Pattern::new("position.changed.*.*.*")
}

/// Every plan.
#[must_use]
pub const fn all_plans() -> Pattern<ExitPlan> {
    Pattern::new("exit.plan.*.*.*")
}

/// The questions of every module that may ask.
#[must_use]
pub const fn all_plan_requests() -> Pattern<PlanRequest> {
    Pattern::new("exit.plan.request.dynamic_tpsl.*.*.*")
}

/// The planner's answers to one module.
#[must_use]
pub fn plan_replies_to(module: &Module) -> Pattern<PlanReply> {
    Pattern::narrowed(format!("exit.plan.reply.{}.*.*.*", token(module.name())))
}

/// How the take-profit targets of every contract perform.
#[must_use]
pub const fn all_tp_performance() -> Pattern<SymbolPerformance> {
    Pattern::new("exit.metrics.tp.*")
}

/// Every decision, shadow and live.
#[must_use]
pub const fn all_decisions() -> Pattern<Decision> {
    Pattern::new("exit.decision.*.*.*.*")
}

/// Decisions about some positions, shadow and live; what is left out may be anything.
#[must_use]
pub fn decisions_about(
    account: Option<&Account>,
    symbol: Option<&Symbol>,
    side: Option<Side>,
) -> Pattern<Decision> {
    let account = account.map_or("*", Account::as_str);
    let symbol = symbol.map_or("*", Symbol::as_str);
    let side = side.map_or("*", Side::name);
    Pattern::narrowed(format!("exit.decision.*.{account}.{symbol}.{side}"))
}

/// Every module's wishes.
#[must_use]
pub const fn all_intents() -> Pattern<OrderIntent> {
    Pattern::new("order.intent.*.*.*.*")
}

/// Every module's wishes, as the guard tells them.
#[must_use]
pub const fn all_asked() -> Pattern<OrderIntent> {
    Pattern::new("order.asked.*.*.*.*")
}

/// Every approval; in the account ORDERS.
#[must_use]
pub const fn all_approved() -> Pattern<SignedApproval> {
    Pattern::new("order.approved.*.*.*")
}

/// The guard's no to every module.
#[must_use]
pub const fn all_denied() -> Pattern<Denial> {
    Pattern::new("order.denied.*.*.*.*")
}

/// The guard's no to one module.
#[must_use]
pub fn denied_to(module: &Module) -> Pattern<Denial> {
    Pattern::narrowed(format!("order.denied.{}.*.*.*", token(module.name())))
}

/// Every diverted wish.
#[must_use]
pub const fn all_blocked() -> Pattern<OrderIntent> {
    Pattern::new("order.blocked.*.*.*.*")
}

/// News about every order.
#[must_use]
pub const fn all_events() -> Pattern<OrderEvent> {
    Pattern::new("order.event.*.*.*")
}

/// Every position that an executor acts on no more.
#[must_use]
pub const fn all_handovers() -> Pattern<Handover> {
    Pattern::new("control.handover.*.*.*")
}

/// Every heartbeat.
#[must_use]
pub const fn all_health() -> Pattern<Heartbeat> {
    Pattern::new("health.*.*")
}
