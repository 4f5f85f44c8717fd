//! What shall go wrong: the plan, as it stands in a TOML or JSON file.

use serde::{Deserialize, Serialize};

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
}

impl Default for Often {
    fn default() -> Self {
        Self {
            chance_ppm: ALWAYS_PPM,
            skip: 0,
            times: 0,
        }
    }
}

impl Often {
    /// Once, at the first match.
    #[must_use]
    pub const fn once() -> Self {
        Self {
            chance_ppm: ALWAYS_PPM,
            skip: 0,
            times: 1,
        }
    }

    /// By chance, without limit.
    #[must_use]
    pub const fn ppm(chance_ppm: u32) -> Self {
        Self {
            chance_ppm,
            skip: 0,
            times: 0,
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
    /// Only this path, e.g. `/fapi/v1/algoOrder`; any when absent.
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
    /// Delivered this much later, ms.
    Delay {
        /// Delay, ms.
        ms: i64,
    },
}
