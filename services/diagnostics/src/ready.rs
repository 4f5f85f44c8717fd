//! Whether the system can be looked at and commanded: what `/readyz` and the gRPC health answer.

use std::fmt;

use domain::Timestamp;

use crate::model::ReadModel;
use crate::services::{GATEWAY, GUARD};

/// One thing that must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What is looked at.
    pub name: &'static str,
    /// Whether it holds.
    pub ok: bool,
    /// What to know where it does not.
    pub detail: String,
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ok {
            write!(f, "[+]{} ok", self.name)
        } else {
            write!(f, "[-]{} failed: {}", self.name, self.detail)
        }
    }
}

/// All checks, the bus first. None of them depends on the mode: SHADOW is as ready as LIVE.
#[must_use]
pub fn checks(model: &ReadModel, is_connected: bool, now: Timestamp) -> Vec<Check> {
    let bus = Check {
        name: "bus",
        ok: is_connected,
        detail: "no connection".into(),
    };
    vec![
        bus,
        heartbeat(model, GUARD, now),
        heartbeat(model, GATEWAY, now),
    ]
}

fn heartbeat(model: &ReadModel, service: &'static str, now: Timestamp) -> Check {
    let latest = model.beats.latest(service);
    let detail = latest.map_or_else(
        || "no heartbeat yet".into(),
        |it| format!("last heartbeat {} ms ago", it.age(now).millis()),
    );
    Check {
        name: service,
        ok: model.beats.is_fresh(service, now),
        detail,
    }
}
