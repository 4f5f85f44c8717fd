//! `exitctl check`: one question, answered in the way of Nagios plugins.

mod finding;

use proto::wire::ExitBrainStatus;

use crate::answer::{Answer, Trouble};
use crate::cli::{Check, CheckOrder, Cli};
use crate::client;
use crate::command::venue;
use crate::render::position_name;

use finding::Figure;
pub(super) use finding::{Finding, Verdict};

/// A service whose last heartbeat is older is not heard: three are missing by then.
pub(super) const AGE_MS_MAX: i64 = 3_000;
/// What an instance says of its lease while another one acts.
pub(super) const STANDBY: &str = "standby";
pub(super) const GUARD: &str = "gateway-guard";
const EXECUTOR: &str = "executor";
pub(super) const GATEWAY: &str = "gateway";

/// The answer to one question; an answer that can't be had is UNKNOWN.
///
/// # Errors
/// Where it can't be written.
pub async fn run(order: &CheckOrder, cli: &Cli) -> Result<Answer, Trouble> {
    let status = || client::status(&cli.grpc, cli.timeout);
    let finding = match &order.check {
        Check::Naked => judged(status().await, naked),
        Check::Flags => judged(status().await, flags),
        Check::Bus => judged(status().await, bus),
        Check::Venue(asked) => judged(venue::ask(asked, cli).await, at_venue),
    };
    finding.answer(order.check.name(), order.format, cli.format())
}

pub(super) fn judged<T>(heard: Result<T, Trouble>, judge: impl FnOnce(&T) -> Finding) -> Finding {
    match heard {
        Ok(heard) => judge(&heard),
        Err(trouble) => Finding::new(Verdict::Unknown, trouble.to_string()),
    }
}

pub(super) fn naked(status: &ExitBrainStatus) -> Finding {
    let naked = status.unprotected_positions;
    let open = status.positions.len() as u64;
    let found = |verdict, text| {
        Finding::new(verdict, text)
            .counting(Figure::critical("naked", naked))
            .counting(Figure::plain("open", open))
    };
    if naked > 0 {
        let named = status.positions.iter().filter(|it| it.unprotected);
        let names: Vec<_> = named.map(position_name).collect();
        let text = format!("not fully protected: {}", names.join(" "));
        return found(Verdict::Critical, text);
    }
    if !is_heard(status, GATEWAY) {
        let text = "the gateway is not heard, so the positions are old news";
        return found(Verdict::Unknown, text.into());
    }
    found(Verdict::Ok, "every open position has its stop".into())
}

pub(super) fn flags(status: &ExitBrainStatus) -> Finding {
    let state = status.operational_state.as_str();
    let config = status.config.clone().unwrap_or_default();
    let modes = disagreement(status);
    let (verdict, text) = match state {
        "UNKNOWN" => (Verdict::Unknown, "no service is heard".into()),
        "EXIT_BRAIN_V3_NOT_RUNNING" => (Verdict::Critical, "the executor does not run".into()),
        _ if modes.is_some() => (Verdict::Warning, modes.unwrap_or_default()),
        _ if config.exit_executor_mode == "LIVE" && !config.live_mode_active => {
            let text = format!("{state}: LIVE is configured and not in force");
            (Verdict::Warning, text)
        }
        _ => (Verdict::Ok, state.into()),
    };
    Finding::new(verdict, text)
}

/// The services that are heard and resolve another mode than the one in force.
fn disagreement(status: &ExitBrainStatus) -> Option<String> {
    let effective = &status.mode.as_ref()?.effective;
    let trading = [GUARD, GATEWAY, "executor"];
    let heard = status.services.iter().filter(|it| it.age_ms <= AGE_MS_MAX);
    let acting = heard.filter(|it| it.lease != STANDBY);
    let others =
        acting.filter(|it| trading.contains(&it.service.as_str()) && it.mode != *effective);
    let others: Vec<_> = others
        .map(|it| format!("{}={}", it.service, it.mode))
        .collect();
    if others.is_empty() {
        return None;
    }
    Some(format!("{effective} is in force, but {}", others.join(" ")))
}

pub(super) fn bus(status: &ExitBrainStatus) -> Finding {
    let heard = status.services.iter().filter(|it| it.age_ms <= AGE_MS_MAX);
    let refused: u64 = status.refused_messages.values().sum();
    let refusals = heard.clone().map(|it| it.bus_refusals).sum();
    let found = |verdict, text| {
        Finding::new(verdict, text)
            .counting(Figure::plain("instances", heard.clone().count() as u64))
            .counting(Figure::warning("refused", refused))
            .counting(Figure::warning("bus_refusals", refusals))
    };
    for service in [GUARD, GATEWAY] {
        if !is_heard(status, service) {
            return found(Verdict::Critical, format!("{service} is not heard"));
        }
    }
    if let Some(lost) = heard.clone().find(|it| it.lease_store_lost) {
        let text = format!(
            "the store of leases is lost, says {}: nobody new can act; exitctl provision",
            lost.service
        );
        return found(Verdict::Critical, text);
    }
    if let Some(told) = heard.clone().find(|it| it.bus_refusals > 0) {
        // It asks in LIVE only, and may then unless the policy of the bus is another.
        let cause = match told.service.as_str() {
            EXECUTOR => "the policy of the bus was not that of its flags: set it, then restart it",
            _ => "its rights or its key are another's: its log names the subject",
        };
        let text = format!(
            "the bus has refused {} word(s) of {} {} since its start: {cause}",
            told.bus_refusals, told.service, told.instance
        );
        return found(Verdict::Warning, text);
    }
    if refused > 0 {
        let fields: Vec<_> = status.refused_messages.keys().cloned().collect();
        let text = format!("messages were refused: {}", fields.join(" "));
        return found(Verdict::Warning, text);
    }
    found(Verdict::Ok, "guard and gateway are heard".into())
}

/// What the gateway can live with is a warning; what nobody asked is nothing to warn of.
pub(super) fn at_venue(report: &venue::Report) -> Finding {
    let (bad, warn) = (
        report.names(venue::Verdict::Bad),
        report.names(venue::Verdict::Warn),
    );
    let (verdict, text) = if !bad.is_empty() {
        (
            Verdict::Critical,
            format!("to be mended: {}", bad.join(", ")),
        )
    } else if !warn.is_empty() {
        (
            Verdict::Warning,
            format!("worth a look: {}", warn.join(", ")),
        )
    } else {
        (Verdict::Ok, "the venue is as the gateway needs it".into())
    };
    let passed = report.names(venue::Verdict::Ok).len() as u64;
    Finding::new(verdict, text)
        .counting(Figure::critical("bad", bad.len() as u64))
        .counting(Figure::warning("warn", warn.len() as u64))
        .counting(Figure::plain("passed", passed))
}

fn is_heard(status: &ExitBrainStatus, service: &str) -> bool {
    let mut instances = status.services.iter();
    instances.any(|it| it.service == service && it.age_ms <= AGE_MS_MAX && it.lease != STANDBY)
}

#[cfg(test)]
mod tests;
