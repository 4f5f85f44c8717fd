//! The mode in force, the operator's orders, the hand-over, and heartbeats.

use domain::PositionKey;
use domain::flatten::Flatten;
use domain::handover::{Closing, Handover};
use domain::mode::{ExecutorMode, ExitMode, Flags, Kill, Mode, ModeSnapshot, Rollout};
use domain::snapshot::{ExitMetrics, Heartbeat, LISTED_MAX, SERVICES};

use crate::body::Body;
use crate::error::WireError;
use crate::position::{ORDERS_MAX, read_key, read_resting, write_key, write_resting};
use crate::read;
use crate::wire;

/// The whole, in percent.
const PERCENT_MAX: u8 = 100;

read::enumeration!(Mode, wire::Mode, write_mode, read_mode, {
    Legacy => Legacy,
    Shadow => Shadow,
    Live => Live,
});
read::enumeration!(ExitMode, wire::ExitMode, write_exit_mode, read_exit_mode, {
    Legacy => Legacy,
    ExitBrainV3 => ExitBrainV3,
});
read::enumeration!(ExecutorMode, wire::ExecutorMode, write_executor_mode, read_executor_mode, {
    Shadow => Shadow,
    Live => Live,
});
read::enumeration!(Rollout, wire::Rollout, write_rollout, read_rollout, {
    Disabled => Disabled,
    Enabled => Enabled,
});

impl Body for ModeSnapshot {
    const NAME: &'static str = "ModeSnapshot";
    type Message = wire::ModeSnapshot;

    fn to_message(&self) -> wire::ModeSnapshot {
        wire::ModeSnapshot {
            revision: Some(self.revision),
            mode: write_mode(self.mode),
            reason: read::clipped(&self.reason),
            at: Some(self.at.micros()),
        }
    }

    fn from_message(message: wire::ModeSnapshot) -> Result<Self, WireError> {
        Ok(Self {
            revision: read::required("revision", message.revision)?,
            mode: read_mode("mode", message.mode)?,
            reason: read::text("reason", message.reason)?,
            at: read::time("at", message.at)?,
        })
    }
}

impl Body for Kill {
    const NAME: &'static str = "Kill";
    type Message = wire::Kill;

    fn to_message(&self) -> wire::Kill {
        wire::Kill {
            to: write_mode(self.to),
            by: Some(self.by.clone()),
            at: Some(self.at.micros()),
        }
    }

    fn from_message(message: wire::Kill) -> Result<Self, WireError> {
        let to = read_mode("to", message.to)?;
        if to == Mode::Live {
            let why = "a kill only goes down: use SHADOW or LEGACY";
            return Err(WireError::value("to", "LIVE", why));
        }
        Ok(Self {
            to,
            by: read::word("by", message.by)?,
            at: read::time("at", message.at)?,
        })
    }
}

impl Body for Flatten {
    const NAME: &'static str = "Flatten";
    type Message = wire::Flatten;

    fn to_message(&self) -> wire::Flatten {
        wire::Flatten {
            account: Some(self.account.as_str().into()),
            symbol: self.symbol.as_ref().map(|it| it.as_str().into()),
            by: Some(self.by.clone()),
            at: Some(self.at.micros()),
        }
    }

    fn from_message(message: wire::Flatten) -> Result<Self, WireError> {
        Ok(Self {
            account: read::account("account", message.account)?,
            symbol: read::optional(read::symbol, "symbol", message.symbol)?,
            by: read::word("by", message.by)?,
            at: read::time("at", message.at)?,
        })
    }
}

impl Body for Handover {
    const NAME: &'static str = "Handover";
    type Message = wire::Handover;

    fn to_message(&self) -> wire::Handover {
        wire::Handover {
            key: Some(write_key(&self.key)),
            epoch: Some(self.epoch.0),
            qty: Some(self.qty.to_string()),
            orders: self.orders.iter().map(write_resting).collect(),
            closing: self.closing.map(|closing| wire::Closing {
                settled_at: Some(closing.settled_at.micros()),
            }),
            instance: Some(self.instance.clone()),
            fence: Some(self.fence),
            revision: Some(self.revision),
            reason: read::clipped(&self.reason),
            at: Some(self.at.micros()),
        }
    }

    fn from_message(message: wire::Handover) -> Result<Self, WireError> {
        let closing = |it: wire::Closing| {
            let settled_at = read::time("settled_at", it.settled_at)?;
            Ok(Closing { settled_at })
        };
        let closing = message.closing.map(closing).transpose();
        Ok(Self {
            key: read::nested("key", message.key, read_key)?,
            epoch: read::epoch("epoch", message.epoch)?,
            qty: read::qty("qty", message.qty)?,
            orders: read::list("orders", message.orders, ORDERS_MAX, read_resting)?,
            closing: closing.map_err(|fault: WireError| fault.within("closing"))?,
            instance: read::token("instance", message.instance)?,
            fence: read::required("fence", message.fence)?,
            revision: read::required("revision", message.revision)?,
            reason: read::text("reason", message.reason)?,
            at: read::time("at", message.at)?,
        })
    }
}

fn write_flags(flags: &Flags) -> wire::Flags {
    wire::Flags {
        exit_mode: write_exit_mode(flags.exit_mode),
        executor_mode: write_executor_mode(flags.executor_mode),
        rollout: write_rollout(flags.rollout),
        enabled: flags.enabled,
        rollout_pct: Some(flags.rollout_pct.into()),
    }
}

fn read_flags(flags: wire::Flags) -> Result<Flags, WireError> {
    let rollout_pct = read::small("rollout_pct", flags.rollout_pct)?;
    if rollout_pct > PERCENT_MAX {
        let why = "more than 100";
        return Err(WireError::value(
            "rollout_pct",
            &rollout_pct.to_string(),
            why,
        ));
    }
    Ok(Flags {
        exit_mode: read_exit_mode("exit_mode", flags.exit_mode)?,
        executor_mode: read_executor_mode("executor_mode", flags.executor_mode)?,
        rollout: read_rollout("rollout", flags.rollout)?,
        enabled: flags.enabled,
        rollout_pct,
    })
}

fn write_metrics(metrics: &ExitMetrics) -> wire::ExitMetrics {
    wire::ExitMetrics {
        sent_by_module: metrics.sent_by_module.clone(),
        sent_by_kind: metrics.sent_by_kind.clone(),
        blocked_by_module: metrics.blocked_by_module.clone(),
        ownership_conflicts: metrics.ownership_conflicts,
        venue_errors: metrics.venue_errors.clone(),
        denied_by_code: metrics.denied_by_code.clone(),
    }
}

fn read_metrics(metrics: wire::ExitMetrics) -> Result<ExitMetrics, WireError> {
    Ok(ExitMetrics {
        sent_by_module: read::counters("sent_by_module", metrics.sent_by_module)?,
        sent_by_kind: read::counters("sent_by_kind", metrics.sent_by_kind)?,
        blocked_by_module: read::counters("blocked_by_module", metrics.blocked_by_module)?,
        ownership_conflicts: metrics.ownership_conflicts,
        venue_errors: read::counters("venue_errors", metrics.venue_errors)?,
        denied_by_code: read::counters("denied_by_code", metrics.denied_by_code)?,
    })
}

fn read_service(service: Option<String>) -> Result<String, WireError> {
    let service = read::token("service", service)?;
    if !SERVICES.contains(&service.as_str()) {
        return Err(WireError::value("service", &service, "is no known service"));
    }
    Ok(service)
}

fn write_owned((key, token): &(PositionKey, u64)) -> wire::OwnedPosition {
    wire::OwnedPosition {
        key: Some(write_key(key)),
        token: Some(*token),
    }
}

fn read_owned(owned: wire::OwnedPosition) -> Result<(PositionKey, u64), WireError> {
    Ok((
        read::nested("key", owned.key, read_key)?,
        read::required("token", owned.token)?,
    ))
}

impl Body for Heartbeat {
    const NAME: &'static str = "Heartbeat";
    type Message = wire::Heartbeat;

    fn to_message(&self) -> wire::Heartbeat {
        wire::Heartbeat {
            service: Some(self.service.clone()),
            instance: Some(self.instance.clone()),
            build: Some(self.build.clone()),
            flags: Some(write_flags(&self.flags)),
            mode: write_mode(self.mode),
            revision: Some(self.revision),
            ready: self.ready,
            boot: Some(self.boot),
            sequence: Some(self.sequence),
            positions: self.positions.iter().map(write_key).collect(),
            metrics: Some(write_metrics(&self.metrics)),
            counters: self.counters.clone(),
            at: Some(self.at.micros()),
            owned: self.owned.iter().map(write_owned).collect(),
        }
    }

    fn from_message(message: wire::Heartbeat) -> Result<Self, WireError> {
        Ok(Self {
            service: read_service(message.service)?,
            instance: read::token("instance", message.instance)?,
            build: read::word("build", message.build)?,
            flags: read::nested("flags", message.flags, read_flags)?,
            mode: read_mode("mode", message.mode)?,
            revision: read::required("revision", message.revision)?,
            ready: message.ready,
            boot: read::required("boot", message.boot)?,
            sequence: read::required("sequence", message.sequence)?,
            positions: read::list("positions", message.positions, LISTED_MAX, read_key)?,
            owned: read::list("owned", message.owned, LISTED_MAX, read_owned)?,
            metrics: read::nested("metrics", message.metrics, read_metrics)?,
            counters: read::counters("counters", message.counters)?,
            at: read::time("at", message.at)?,
        })
    }
}
