//! The one table: every subject, what it carries, its only writer, its readers.
//!
//! Permissions, documentation and tests derive from it; nothing about rights is written elsewhere.

use crate::identity::Identity::{
    CanaryExecutor, CanaryIncumbent, CanaryWitness, Diagnostics, DynamicTpsl, DynamicTrailingRearm,
    EventDrivenExecutor, Executor, GatewayIn, GatewayTrade, GuardOut, GuardTrade, HybridTpsl,
    Market, Operator, Planner, PositionMonitor, RiskSignal, RlSignal, System, TrailingStopManager,
};
use crate::identity::{AccountName, Identity};

/// One subject pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The writer's part of the family, in NATS wildcards.
    pub pattern: &'static str,
    /// All rows of the same kind together: what a reader of every one of them may subscribe to.
    pub family: &'static str,
    /// What it carries, by the name in the schemas.
    pub message: &'static str,
    /// Who alone may publish. [`Identity::System`] stands for the server, which diverts.
    pub writer: Identity,
    /// Who may subscribe.
    pub readers: &'static [Identity],
}

macro_rules! and_legacy {
    ($($name:ident),*) => {
        &[$($name,)* PositionMonitor, TrailingStopManager, DynamicTpsl, HybridTpsl,
          DynamicTrailingRearm, EventDrivenExecutor]
    };
}

const MARKET: &[Identity] = and_legacy!(Executor, Planner, GuardTrade, GatewayTrade, Diagnostics);
/// Two incumbents take advice while the brain is on, for their own maths.
const SIGNAL: &[Identity] = &[Planner, Executor, Diagnostics, DynamicTpsl, HybridTpsl];
const POSITION: &[Identity] = and_legacy!(Market, Planner, Executor, GuardTrade, Diagnostics);
const PLAN: &[Identity] = and_legacy!(Executor, Diagnostics);
const DECISION: &[Identity] = &[Diagnostics, Operator];
/// The guard hears them alone; a diagnostics of the release before hears them too.
const INTENT: &[Identity] = &[GuardTrade, Diagnostics];
const EVENT: &[Identity] = and_legacy!(Executor, GuardTrade, Diagnostics);
/// The guard reads its own: a standby goes on from the revision of the one that it replaces.
const MODE: &[Identity] = and_legacy!(
    Market,
    Planner,
    Executor,
    GuardTrade,
    GatewayTrade,
    Diagnostics,
    Operator
);
const KILL: &[Identity] = and_legacy!(Executor, GuardTrade, GatewayTrade, Diagnostics);
/// The operator listens for the answer to a kill.
const HANDOVER: &[Identity] = and_legacy!(Diagnostics, Operator);
const HEALTH: &[Identity] = and_legacy!(Executor, GuardTrade, GatewayTrade, Diagnostics, Operator);

/// Three tokens and a name: no service's pattern covers them, so a canary is never an order.
const CANARY_EXECUTOR: &str = "order.intent.canary.executor";
const CANARY_INCUMBENT: &str = "order.intent.canary.incumbent";
const CANARY_BLOCKED: &str = "order.blocked.canary.incumbent";
const CANARY: &[Identity] = &[CanaryWitness];

const INTENTS: &str = "order.intent.*.*.*.*";
const DENIALS: &str = "order.denied.*.*.*.*";
const BLOCKED: &str = "order.blocked.*.*.*.*";
const DECISIONS: &str = "exit.decision.*.*.*.*";
const PULSES: &str = "health.*.*";

const fn alone(
    pattern: &'static str,
    message: &'static str,
    writer: Identity,
    readers: &'static [Identity],
) -> Row {
    part(pattern, pattern, message, writer, readers)
}

const fn part(
    pattern: &'static str,
    family: &'static str,
    message: &'static str,
    writer: Identity,
    readers: &'static [Identity],
) -> Row {
    Row {
        pattern,
        family,
        message,
        writer,
        readers,
    }
}

const fn intent(pattern: &'static str, writer: Identity) -> Row {
    part(pattern, INTENTS, "OrderIntent", writer, INTENT)
}

const fn denied(pattern: &'static str, readers: &'static [Identity]) -> Row {
    part(pattern, DENIALS, "Denial", GuardTrade, readers)
}

const fn blocked(pattern: &'static str) -> Row {
    part(pattern, BLOCKED, "OrderIntent", System, INTENT)
}

const fn health(pattern: &'static str, writer: Identity) -> Row {
    part(pattern, PULSES, "Heartbeat", writer, HEALTH)
}

/// Every subject there is.
pub const ROWS: &[Row] = &[
    alone("market.first.*", "MarkTick", Market, &[Executor]),
    alone("market.mark.*", "MarkTick", Market, MARKET),
    alone("market.context.*", "MarketContext", Market, MARKET),
    alone("signal.rl.*", "RlHint", RlSignal, SIGNAL),
    alone("signal.risk", "RiskState", RiskSignal, SIGNAL),
    alone(
        "position.changed.*.*.*",
        "PositionSnapshot",
        GatewayTrade,
        POSITION,
    ),
    alone("exit.plan.*.*.*", "ExitPlan", Planner, PLAN),
    alone(
        "exit.plan.request.dynamic_tpsl.*.*.*",
        "PlanRequest",
        DynamicTpsl,
        &[Planner, Diagnostics],
    ),
    alone(
        "exit.plan.reply.dynamic_tpsl.*.*.*",
        "PlanReply",
        Planner,
        &[DynamicTpsl, Diagnostics],
    ),
    alone(
        "exit.metrics.tp.*",
        "TpPerformance",
        Diagnostics,
        &[Operator],
    ),
    part(
        "exit.decision.shadow.*.*.*",
        DECISIONS,
        "Decision",
        Executor,
        DECISION,
    ),
    part(
        "exit.decision.live.*.*.*",
        DECISIONS,
        "Decision",
        Executor,
        DECISION,
    ),
    intent("order.intent.exit_executor.*.*.*", Executor),
    intent("order.intent.position_monitor.*.*.*", PositionMonitor),
    intent(
        "order.intent.trailing_stop_manager.*.*.*",
        TrailingStopManager,
    ),
    intent("order.intent.dynamic_tpsl.*.*.*", DynamicTpsl),
    intent("order.intent.hybrid_tpsl.*.*.*", HybridTpsl),
    intent(
        "order.intent.dynamic_trailing_rearm.*.*.*",
        DynamicTrailingRearm,
    ),
    intent(
        "order.intent.event_driven_executor.*.*.*",
        EventDrivenExecutor,
    ),
    alone(
        "order.asked.*.*.*.*",
        "OrderIntent",
        GuardTrade,
        &[Diagnostics],
    ),
    alone(
        "order.approved.*.*.*",
        "SignedApproval",
        GuardOut,
        &[GatewayIn],
    ),
    denied("order.denied.exit_executor.*.*.*", &[Executor, Diagnostics]),
    denied(
        "order.denied.position_monitor.*.*.*",
        &[PositionMonitor, Diagnostics],
    ),
    denied(
        "order.denied.trailing_stop_manager.*.*.*",
        &[TrailingStopManager, Diagnostics],
    ),
    denied(
        "order.denied.dynamic_tpsl.*.*.*",
        &[DynamicTpsl, Diagnostics],
    ),
    denied("order.denied.hybrid_tpsl.*.*.*", &[HybridTpsl, Diagnostics]),
    denied(
        "order.denied.dynamic_trailing_rearm.*.*.*",
        &[DynamicTrailingRearm, Diagnostics],
    ),
    denied(
        "order.denied.event_driven_executor.*.*.*",
        &[EventDrivenExecutor, Diagnostics],
    ),
    blocked("order.blocked.position_monitor.*.*.*"),
    blocked("order.blocked.trailing_stop_manager.*.*.*"),
    blocked("order.blocked.dynamic_tpsl.*.*.*"),
    blocked("order.blocked.hybrid_tpsl.*.*.*"),
    blocked("order.blocked.dynamic_trailing_rearm.*.*.*"),
    blocked("order.blocked.event_driven_executor.*.*.*"),
    alone("order.event.*.*.*", "OrderEvent", GatewayTrade, EVENT),
    alone("control.mode", "ModeSnapshot", GuardTrade, MODE),
    alone("control.kill", "Kill", Operator, KILL),
    alone("control.flatten", "Flatten", Operator, &[Executor]),
    alone("control.handover.*.*.*", "Handover", Executor, HANDOVER),
    health("health.market.*", Market),
    health("health.planner.*", Planner),
    health("health.executor.*", Executor),
    health("health.gateway-guard.*", GuardTrade),
    health("health.gateway.*", GatewayTrade),
    health("health.diagnostics.*", Diagnostics),
    health("health.legacy.position_monitor", PositionMonitor),
    health("health.legacy.trailing_stop_manager", TrailingStopManager),
    health("health.legacy.dynamic_tpsl", DynamicTpsl),
    health("health.legacy.hybrid_tpsl", HybridTpsl),
    health("health.legacy.dynamic_trailing_rearm", DynamicTrailingRearm),
    health("health.legacy.event_driven_executor", EventDrivenExecutor),
    alone(CANARY_EXECUTOR, "Canary", CanaryExecutor, CANARY),
    alone(CANARY_INCUMBENT, "Canary", CanaryIncumbent, CANARY),
    alone(CANARY_BLOCKED, "Canary", System, CANARY),
];

/// Whether `identity` may subscribe to `pattern`: to one row, or to a family of which it may read
/// every row.
#[must_use]
pub fn may_hear(identity: Identity, pattern: &str) -> bool {
    let mut rows = ROWS
        .iter()
        .filter(|row| row.pattern == pattern || row.family == pattern)
        .peekable();
    rows.peek().is_some() && rows.all(|row| row.readers.contains(&identity))
}

impl Row {
    /// Whether this is a subject of the executor's intents, or of its canary: only a policy that
    /// lets the executor ask opens it.
    #[must_use]
    pub fn is_executor_intent(&self) -> bool {
        self.family == INTENTS && self.writer == Executor || self.pattern == CANARY_EXECUTOR
    }

    /// Whether an incumbent's intents arrive here, or those of its canary.
    #[must_use]
    pub fn is_legacy_intent(&self) -> bool {
        self.family == INTENTS && self.writer.is_legacy() || self.pattern == CANARY_INCUMBENT
    }

    /// Where the server diverts what is published here, in NATS's words for the tokens that change;
    /// none where nothing is ever diverted.
    #[must_use]
    pub fn diverted_to(&self) -> Option<String> {
        let rest = self.pattern.strip_prefix("order.intent.")?;
        self.is_legacy_intent()
            .then(|| numbered(&format!("order.blocked.{rest}")))
    }

    /// Whether it crosses from TRADE to the incumbents.
    #[must_use]
    pub fn is_for_legacy(&self) -> bool {
        !self.is_from_legacy() && self.readers.iter().any(|reader| reader.is_legacy())
    }

    /// Whether it crosses from the incumbents to TRADE.
    #[must_use]
    pub fn is_from_legacy(&self) -> bool {
        self.writer.account() == AccountName::Legacy
    }

    /// Whether the server alone writes here, by diverting.
    #[must_use]
    pub fn is_diverted(&self) -> bool {
        self.writer == System
    }

    /// Whether `subject` falls under the pattern.
    #[must_use]
    pub fn covers(&self, subject: &str) -> bool {
        let mut tokens = subject.split('.');
        let fits = |part: &str| {
            tokens
                .next()
                .is_some_and(|token| part == "*" || part == token)
        };
        self.pattern.split('.').all(fits) && tokens.next().is_none()
    }
}

/// The pattern as a destination: each wildcard becomes the number of the token that it takes.
pub(crate) fn numbered(pattern: &str) -> String {
    let mut wildcards = 0;
    let tokens = pattern.split('.').map(|token| match token {
        "*" => {
            wildcards += 1;
            format!("${wildcards}")
        }
        fixed => fixed.into(),
    });
    tokens.collect::<Vec<_>>().join(".")
}

/// The rows of one kind.
pub(crate) fn family(name: &str) -> impl Iterator<Item = &'static Row> {
    ROWS.iter().filter(move |row| row.family == name)
}

/// The narrowest list of patterns that covers exactly the rows for which `belongs` holds: a family
/// where all of it does, single rows otherwise.
pub(crate) fn patterns(belongs: impl Fn(&Row) -> bool) -> Vec<&'static str> {
    let mut patterns = Vec::new();
    for row in ROWS.iter().filter(|row| belongs(row)) {
        let whole = family(row.family).all(&belongs);
        let pattern = if whole { row.family } else { row.pattern };
        if !patterns.contains(&pattern) {
            patterns.push(pattern);
        }
    }
    patterns
}
