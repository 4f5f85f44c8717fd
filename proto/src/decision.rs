//! Decisions.

use domain::decision::{Action, Decision, Rule, Serial, StopReason, TARGETS_MAX, Target};
use domain::ids::NameError;
use domain::plan::PlanId;
use domain::{MarginPct, Module, PricePct};

use crate::body::Body;
use crate::error::WireError;
use crate::market::{read_regime, write_regime};
use crate::position::{read_key, write_key};
use crate::read;
use crate::signal::{read_risk_mode, write_risk_mode};
use crate::wire;
use crate::wire::decision::Action as WireAction;

read::enumeration!(StopReason, wire::StopReason, write_stop_reason, read_stop_reason, {
    Initial => Initial,
    Breakeven => Breakeven,
    Trailing => Trailing,
    Ratchet => Ratchet,
    ProfitLock => ProfitLock,
    Tighter => Tighter,
});

fn write_target(target: &Target) -> wire::Target {
    wire::Target {
        leg: Some(target.leg.into()),
        price: Some(target.price.to_string()),
        from: Some(target.from.to_string()),
        size: Some(target.size.to_string()),
    }
}

fn read_target(target: wire::Target) -> Result<Target, WireError> {
    Ok(Target {
        leg: read::small("leg", target.leg)?,
        price: read::price("price", target.price)?,
        from: read::share("from", target.from)?,
        size: read::share("size", target.size)?,
    })
}

fn write_action(action: &Action) -> WireAction {
    match action {
        Action::NoChange => WireAction::NoChange(wire::NoChange {}),
        Action::PartialClose {
            leg,
            fraction,
            keep,
        } => WireAction::PartialClose(wire::PartialClose {
            leg: Some((*leg).into()),
            fraction: Some(fraction.to_string()),
            keep: Some(keep.to_string()),
        }),
        Action::MoveStop { price, reason } => WireAction::MoveStop(wire::MoveStop {
            price: Some(price.to_string()),
            reason: write_stop_reason(*reason),
        }),
        Action::UpdateTargets { targets } => WireAction::UpdateTargets(wire::UpdateTargets {
            targets: targets.iter().map(write_target).collect(),
        }),
        Action::FullExit => WireAction::FullExit(wire::FullExit {}),
    }
}

fn read_action(action: WireAction) -> Result<Action, WireError> {
    Ok(match action {
        WireAction::NoChange(_) => Action::NoChange,
        WireAction::PartialClose(part) => Action::PartialClose {
            leg: read::small("partial_close.leg", part.leg)?,
            fraction: read::share("partial_close.fraction", part.fraction)?,
            keep: read::qty("partial_close.keep", part.keep)?,
        },
        WireAction::MoveStop(stop) => Action::MoveStop {
            price: read::price("move_stop.price", stop.price)?,
            reason: read_stop_reason("move_stop.reason", stop.reason)?,
        },
        WireAction::UpdateTargets(update) => {
            let field = "update_targets.targets";
            Action::UpdateTargets {
                targets: read::list(field, update.targets, TARGETS_MAX, read_target)?,
            }
        }
        WireAction::FullExit(_) => Action::FullExit,
    })
}

fn read_rule(field: &str, text: Option<String>) -> Result<Rule, WireError> {
    let text = read::word(field, text)?;
    let named = text.parse();
    named.map_err(|fault: NameError| WireError::value(field, &text, fault.why))
}

const fn write_serial(serial: Serial) -> wire::DecisionSerial {
    wire::DecisionSerial {
        boot: Some(serial.boot),
        number: Some(serial.number),
    }
}

fn read_serial(serial: wire::DecisionSerial) -> Result<Serial, WireError> {
    Ok(Serial {
        boot: read::required("serial.boot", serial.boot)?,
        number: read::required("serial.number", serial.number)?,
    })
}

impl Body for Decision {
    const NAME: &'static str = "Decision";
    type Message = wire::Decision;

    fn to_message(&self) -> wire::Decision {
        wire::Decision {
            key: Some(write_key(&self.key)),
            epoch: Some(self.epoch.0),
            action: Some(write_action(&self.action)),
            reason: read::clipped(&self.reason),
            confidence: Some(self.confidence.to_string()),
            plan_id: self.plan_id.map(|id| id.0),
            mark_price: Some(self.mark_price.to_string()),
            entry_price: Some(self.entry_price.to_string()),
            qty: Some(self.qty.to_string()),
            pnl_pct_price: Some(self.pnl_pct_price.to_string()),
            pnl_pct_margin: Some(self.pnl_pct_margin.to_string()),
            regime: write_regime(self.regime),
            risk_mode: write_risk_mode(self.risk_mode),
            at: Some(self.at.micros()),
            module: Some(self.module.name().into()),
            rule: Some(self.rule.to_string()),
            stop: self.stop.map(|stop| stop.to_string()),
            serial: self.serial.map(write_serial),
        }
    }

    fn from_message(message: wire::Decision) -> Result<Self, WireError> {
        let pnl_margin = read::percent("pnl_pct_margin", message.pnl_pct_margin)?;
        Ok(Self {
            key: read::nested("key", message.key, read_key)?,
            epoch: read::epoch("epoch", message.epoch)?,
            module: read::optional(read::module, "module", message.module)?
                .unwrap_or(Module::ExitExecutor),
            rule: read::optional(read_rule, "rule", message.rule)?.unwrap_or_default(),
            action: read_action(read::required("action", message.action)?)?,
            reason: read::text("reason", message.reason)?,
            confidence: read::share("confidence", message.confidence)?,
            plan_id: message.plan_id.map(PlanId),
            mark_price: read::price("mark_price", message.mark_price)?,
            entry_price: read::price("entry_price", message.entry_price)?,
            qty: read::qty("qty", message.qty)?,
            pnl_pct_price: PricePct::new(read::percent("pnl_pct_price", message.pnl_pct_price)?),
            pnl_pct_margin: MarginPct::new(pnl_margin),
            regime: read_regime("regime", message.regime)?,
            risk_mode: read_risk_mode("risk_mode", message.risk_mode)?,
            at: read::time("at", message.at)?,
            stop: read::optional(read::price, "stop", message.stop)?,
            serial: message.serial.map(read_serial).transpose()?,
        })
    }
}
