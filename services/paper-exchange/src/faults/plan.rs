//! What shall go wrong: the plan, as it stands in a TOML or JSON file.

use serde::{Deserialize, Serialize};

use crate::world::SocketKind;

/// One in one: always.
const ALWAYS_PPM: u32 = 1_000_000;

const fn always() -> u32 {
    ALWAYS_PPM
}

/// Everything that shall go wrong. The default is nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FaultPlan {
    /// Seed of every chance below.
    pub seed: u64,
    /// Faults of requests; the first rule that applies acts.
    pub requests: Vec<RequestFault>,
    /// Faults of user events; the first rule that applies acts.
    pub events: Vec<EventFault>,
    /// -4509 for this long after a position opens, ms.
    pub gte_blind_ms: i64,
    /// Chance in a million that an accepted conditional order gets stuck TRIGGERING.
    pub stuck_triggering_ppm: u32,
    /// New orders stay out of queries and lists for this long, ms.
    pub visible_after_ms: i64,
    /// The server's clock is this far ahead of the true one, ms; behind when negative.
    pub clock_offset_ms: i64,
    /// The order of user events of one moment.
    pub event_order: EventOrder,
    /// Whom `refuse_overload` spares.
    pub overload_spares: Spares,
    /// What happens by itself, at a time.
    pub timed: Vec<TimedFault>,
}

/// The order in which user events of one moment are delivered; events of one type always keep
/// theirs (section 6.1 of the wire contract).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventOrder {
    /// As measured on the real venue.
    #[default]
    Measured,
    /// Types shuffled by the seed.
    Shuffled,
}

/// Requests that `refuse_overload` lets pass (section 1.6 of the wire contract).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spares {
    /// None.
    #[default]
    Nobody,
    /// Cancels, and reduce-only orders on order, batchOrders and order/test, as documented.
    Documented,
    /// The same on algoOrder too, closePosition orders included.
    Protective,
}

/// Something that happens by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimedFault {
    /// When, ms after the plan has begun.
    #[serde(default)]
    pub at_ms: i64,
    /// What.
    pub action: TimedAction,
}

/// What can happen by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimedAction {
    /// The listen key dies: `listenKeyExpired`, then silence on an open socket.
    KillListenKey,
    /// Sockets are hung up on, as after their 24 hours.
    HangUp(SocketKind),
    /// From now on the server's clock is this far ahead.
    Clock {
        /// Offset, ms.
        offset_ms: i64,
    },
    /// 418 for every request.
    Ban {
        /// For so long, ms.
        ms: i64,
    },
    /// 429 for every request.
    Limit {
        /// For so long, ms.
        ms: i64,
    },
}

/// How often a rule acts among the things it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Often {
    /// Chance in a million (default: always).
    #[serde(default = "always")]
    pub chance_ppm: u32,
    /// Lets this many matches pass first.
    pub skip: u32,
    /// Acts at most this often; 0 = without limit.
    pub times: u32,
    /// Acts only from here on, ms after the plan has begun.
    pub from_ms: i64,
    /// Acts only before this, ms after the plan has begun; 0 = without limit.
    pub until_ms: i64,
}

impl Default for Often {
    fn default() -> Self {
        Self::ppm(ALWAYS_PPM)
    }
}

impl Often {
    /// Once, at the first match.
    #[must_use]
    pub const fn once() -> Self {
        Self {
            times: 1,
            ..Self::ppm(ALWAYS_PPM)
        }
    }

    /// By chance, without limit.
    #[must_use]
    pub const fn ppm(chance_ppm: u32) -> Self {
        Self {
            chance_ppm,
            skip: 0,
            times: 0,
            from_ms: 0,
            until_ms: 0,
        }
    }
}

/// A fault of requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestFault {
    /// Only this method, e.g. `POST`; any when absent.
    #[serde(default)]
    pub method: Option<String>,
    /// Only this path, e.g. `/fapi/v1/algoOrder`, by REST or by the WebSocket API; or only this
    /// method of the WebSocket API, e.g. `order.place`; any when absent.
    #[serde(default)]
    pub path: Option<String>,
    /// Only when the query or body contains this text.
    #[serde(default)]
    pub contains: Option<String>,
    /// How often.
    #[serde(default)]
    pub often: Often,
    /// What happens.
    pub action: RequestAction,
}

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestAction {
    /// Executed; the answer is 503 "Unknown error, ..." (execution status unknown).
    ExecuteThenUnknown,
    /// Executed; the answer is 408 -1007.
    ExecuteThenTimeout,
    /// Not executed; the answer is 503 "Unknown error, ..." all the same.
    LoseThenUnknown,
    /// Not executed; 408 -1007 all the same.
    LoseThenTimeout,
    /// Executed; this error all the same, e.g. -1006.
    ExecuteThenFail {
        /// Binance's code, negative.
        code: i32,
        /// Text.
        message: String,
    },
    /// Executed; the connection is cut instead of an answer.
    ExecuteThenCut,
    /// Not executed; the connection is cut.
    LoseThenCut,
    /// Executed at once; the answer comes this much later.
    Slow {
        /// Delay, ms.
        ms: i64,
    },
    /// Not executed; 503 -1008.
    RefuseOverload,
    /// Not executed; 503 -1001.
    RefuseInternal,
    /// Not executed; 503 "Service Unavailable.".
    RefuseUnavailable,
    /// Not executed; this error.
    RefuseWith {
        /// Binance's code, negative.
        code: i32,
        /// Text.
        message: String,
    },
}

/// A fault of user events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventFault {
    /// Only this event, e.g. `ALGO_UPDATE`; any when absent.
    #[serde(default)]
    pub name: Option<String>,
    /// How often.
    #[serde(default)]
    pub often: Often,
    /// What happens.
    pub action: EventAction,
}

/// What happens to a user event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventAction {
    /// Never delivered.
    Lose,
    /// Delivered twice.
    Duplicate,
    /// Delivered after the next one.
    Swap,
    /// Delivered this much later, ms.
    Delay {
        /// Delay, ms.
        ms: i64,
    },
}

impl RequestAction {
    /// Its name in a plan.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ExecuteThenUnknown => "execute_then_unknown",
            Self::ExecuteThenTimeout => "execute_then_timeout",
            Self::LoseThenUnknown => "lose_then_unknown",
            Self::LoseThenTimeout => "lose_then_timeout",
            Self::ExecuteThenFail { .. } => "execute_then_fail",
            Self::ExecuteThenCut => "execute_then_cut",
            Self::LoseThenCut => "lose_then_cut",
            Self::Slow { .. } => "slow",
            Self::RefuseOverload => "refuse_overload",
            Self::RefuseInternal => "refuse_internal",
            Self::RefuseUnavailable => "refuse_unavailable",
            Self::RefuseWith { .. } => "refuse_with",
        }
    }
}

impl EventAction {
    /// Its name in a plan.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Lose => "lose",
            Self::Duplicate => "duplicate",
            Self::Swap => "swap",
            Self::Delay { .. } => "delay",
        }
    }
}

impl TimedAction {
    /// Its name in a plan.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::KillListenKey => "kill_listen_key",
            Self::HangUp(_) => "hang_up",
            Self::Clock { .. } => "clock",
            Self::Ban { .. } => "ban",
            Self::Limit { .. } => "limit",
        }
    }
}
