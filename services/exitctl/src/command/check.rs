//! `exitctl check`: one question, answered in the way of Nagios plugins.

use proto::wire::ExitBrainStatus;

use crate::answer::{Answer, Trouble};
use crate::cli::Check;

/// A service whose last heartbeat is older is not heard: three are missing by then.
const AGE_MS_MAX: i64 = 3_000;
/// What an instance says of its lease while another one acts.
const STANDBY: &str = "standby";
const GUARD: &str = "gateway-guard";
const GATEWAY: &str = "gateway";

/// The verdict; the discriminant is the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Ok = 0,
    Warning = 1,
    Critical = 2,
    Unknown = 3,
}

impl Verdict {
    const fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// The answer to one question; an answer that can't be had is UNKNOWN.
pub fn run(check: Check, status: Result<&ExitBrainStatus, &Trouble>) -> Answer {
    let (verdict, text) = match status {
        Err(trouble) => (Verdict::Unknown, trouble.to_string()),
        Ok(status) => match check {
            Check::Naked => naked(status),
            Check::Flags => flags(status),
            Check::Bus => bus(status),
        },
    };
    Answer {
        text: format!("{} - {text}", verdict.name()),
        code: verdict as u8,
    }
}

fn naked(status: &ExitBrainStatus) -> (Verdict, String) {
    let open = status.positions.len();
    let naked = status.unprotected_positions;
    let counts = format!("| naked={naked} open={open}");
    if naked > 0 {
        let named = status.positions.iter().filter(|it| it.unprotected);
        let names: Vec<_> = named
            .map(|it| format!("{}.{}.{}", it.account, it.symbol, it.side))
            .collect();
        let names = names.join(" ");
        return (
            Verdict::Critical,
            format!("not fully protected: {names} {counts}"),
        );
    }
    if !is_heard(status, GATEWAY) {
        let text = format!("the gateway is not heard, so the positions are old news {counts}");
        return (Verdict::Unknown, text);
    }
    (
        Verdict::Ok,
        format!("every open position has its stop {counts}"),
    )
}

fn flags(status: &ExitBrainStatus) -> (Verdict, String) {
    let state = status.operational_state.as_str();
    let config = status.config.clone().unwrap_or_default();
    let modes = disagreement(status);
    match state {
        "UNKNOWN" => (Verdict::Unknown, "no service is heard".into()),
        "EXIT_BRAIN_V3_NOT_RUNNING" => (Verdict::Critical, "the executor does not run".into()),
        _ if modes.is_some() => (Verdict::Warning, modes.unwrap_or_default()),
        _ if config.exit_executor_mode == "LIVE" && !config.live_mode_active => {
            let text = format!("{state}: LIVE is configured and not in force");
            (Verdict::Warning, text)
        }
        _ => (Verdict::Ok, state.into()),
    }
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

fn bus(status: &ExitBrainStatus) -> (Verdict, String) {
    for service in [GUARD, GATEWAY] {
        if !is_heard(status, service) {
            return (Verdict::Critical, format!("{service} is not heard"));
        }
    }
    let heard = status.services.iter().filter(|it| it.age_ms <= AGE_MS_MAX);
    if let Some(lost) = heard.clone().find(|it| it.lease_store_lost) {
        let text = format!(
            "the store of leases is lost, says {}: nobody new can act; exitctl provision",
            lost.service
        );
        return (Verdict::Critical, text);
    }
    let heard = heard.count();
    let refused: u64 = status.refused_messages.values().sum();
    let counts = format!("| instances={heard} refused={refused}");
    if refused > 0 {
        let fields: Vec<_> = status.refused_messages.keys().cloned().collect();
        let fields = fields.join(" ");
        return (
            Verdict::Warning,
            format!("messages were refused: {fields} {counts}"),
        );
    }
    (Verdict::Ok, format!("guard and gateway are heard {counts}"))
}

fn is_heard(status: &ExitBrainStatus, service: &str) -> bool {
    let mut instances = status.services.iter();
    instances.any(|it| it.service == service && it.age_ms <= AGE_MS_MAX && it.lease != STANDBY)
}

#[cfg(test)]
mod tests;
