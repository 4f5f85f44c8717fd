//! Who can be on the bus. Each identity has one key, and rights that derive from the table.

use std::fmt;

/// A NATS account: a space of subjects of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountName {
    /// Our services and what they hear from outside.
    Trade,
    /// The only way to the exchange: two users, nothing imported, no `JetStream`.
    Orders,
    /// The incumbent modules.
    Legacy,
    /// The server's own events; given to no service.
    Sys,
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Trade => "TRADE",
            Self::Orders => "ORDERS",
            Self::Legacy => "LEGACY",
            Self::Sys => "SYS",
        })
    }
}

/// Who is connected; a process may have several identities, one connection each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identity {
    /// The service `market`.
    Market,
    /// The service `planner`.
    Planner,
    /// The service `executor`.
    Executor,
    /// The service `gateway-guard`, in TRADE.
    GuardTrade,
    /// The service `gateway-guard`, in ORDERS: the only writer there.
    GuardOut,
    /// The service `gateway`, in TRADE.
    GatewayTrade,
    /// The service `gateway`, in ORDERS: the only reader there.
    GatewayIn,
    /// The service `diagnostics`.
    Diagnostics,
    /// The operator's command line.
    Operator,
    /// The system outside that gives hints.
    RlSignal,
    /// The system outside that gives the risk state.
    RiskSignal,
    /// The job that creates streams; no service.
    Provisioner,
    /// The server itself; its user may only see the server's own events.
    System,
    /// Incumbent module.
    PositionMonitor,
    /// Incumbent module.
    TrailingStopManager,
    /// Incumbent module.
    DynamicTpsl,
    /// Incumbent module.
    HybridTpsl,
    /// Incumbent module.
    DynamicTrailingRearm,
    /// Incumbent module.
    EventDrivenExecutor,
    /// Stands for an incumbent in a proof of the policy; no module, no service.
    CanaryIncumbent,
    /// Stands for the executor in such a proof.
    CanaryExecutor,
    /// Hears where the canaries' messages arrive.
    CanaryWitness,
}

impl Identity {
    /// Everybody, in the order of the table.
    pub const ALL: [Self; 22] = [
        Self::Market,
        Self::Planner,
        Self::Executor,
        Self::GuardTrade,
        Self::GuardOut,
        Self::GatewayTrade,
        Self::GatewayIn,
        Self::Diagnostics,
        Self::Operator,
        Self::RlSignal,
        Self::RiskSignal,
        Self::Provisioner,
        Self::System,
        Self::PositionMonitor,
        Self::TrailingStopManager,
        Self::DynamicTpsl,
        Self::HybridTpsl,
        Self::DynamicTrailingRearm,
        Self::EventDrivenExecutor,
        Self::CanaryIncumbent,
        Self::CanaryExecutor,
        Self::CanaryWitness,
    ];

    /// The name of its key files and of its inbox; for an incumbent the module's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Market => "market",
            Self::Planner => "planner",
            Self::Executor => "executor",
            Self::GuardTrade => "guard-trade",
            Self::GuardOut => "guard-out",
            Self::GatewayTrade => "gateway-trade",
            Self::GatewayIn => "gateway-in",
            Self::Diagnostics => "diagnostics",
            Self::Operator => "operator",
            Self::RlSignal => "rl-signal",
            Self::RiskSignal => "risk-signal",
            Self::Provisioner => "provisioner",
            Self::System => "system",
            Self::PositionMonitor => "position_monitor",
            Self::TrailingStopManager => "trailing_stop_manager",
            Self::DynamicTpsl => "dynamic_tpsl",
            Self::HybridTpsl => "hybrid_tpsl",
            Self::DynamicTrailingRearm => "dynamic_trailing_rearm",
            Self::EventDrivenExecutor => "event_driven_executor",
            Self::CanaryIncumbent => "canary-incumbent",
            Self::CanaryExecutor => "canary-executor",
            Self::CanaryWitness => "canary-witness",
        }
    }

    /// The account that its user lives in.
    #[must_use]
    pub const fn account(self) -> AccountName {
        match self {
            Self::GuardOut | Self::GatewayIn => AccountName::Orders,
            Self::System => AccountName::Sys,
            Self::CanaryIncumbent => AccountName::Legacy,
            legacy if legacy.is_legacy() => AccountName::Legacy,
            _ => AccountName::Trade,
        }
    }

    /// Whether it is an incumbent module.
    #[must_use]
    pub const fn is_legacy(self) -> bool {
        matches!(
            self,
            Self::PositionMonitor
                | Self::TrailingStopManager
                | Self::DynamicTpsl
                | Self::HybridTpsl
                | Self::DynamicTrailingRearm
                | Self::EventDrivenExecutor
        )
    }

    /// Where replies to it go; nobody else may listen there.
    #[must_use]
    pub fn inbox_prefix(self) -> String {
        format!("_INBOX.{}", self.name())
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
