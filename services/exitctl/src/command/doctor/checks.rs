//! The verdicts, as pure functions of what was gathered.

use std::collections::BTreeSet;

use bus::canary::Finding as Proven;
use bus::lease::BUCKET;
use bus::policy::Policy;
use domain::guard::CLOCK_SKEW_MAX;
use domain::mode::Mode;
use proto::wire::{ExitBrainStatus, ServiceStatus};
use runtime::ConfigError;
use runtime::config::explain::Explanation;

use super::Beat;
use super::report::{Row, Verdict};
use crate::answer::Trouble;
use crate::command::check::{self, AGE_MS_MAX, Finding, GATEWAY, GUARD, STANDBY};
use crate::render::position_name;

/// What an instance says of its lease while it acts.
const HELD: &str = "held";
const EXECUTOR: &str = "executor";

type Judge = fn(&ExitBrainStatus) -> Finding;

/// What `exitctl check` asks of the status, under the names that it has there.
pub const JUDGES: [(&str, Judge); 3] = [
    ("check naked", check::naked),
    ("check flags", check::flags),
    ("check bus", check::bus),
];

/// The settings can be read, and so can the flags.
pub fn settings(explained: Result<&Explanation, &ConfigError>) -> Row {
    const NAME: &str = "settings";
    match explained {
        Err(error) => Row::fail(NAME, error.to_string(), "mend it; exitctl config explain"),
        Ok(it) if !it.warnings.is_empty() => {
            let told: Vec<_> = it.warnings.iter().map(|it| it.text.as_str()).collect();
            Row::warn(
                NAME,
                told.join("; "),
                "correct the flag; exitctl config explain",
            )
        }
        Ok(it) => Row::ok(NAME, format!("{} settings are readable", it.settings.len())),
    }
}

/// Diagnostics answers; without it the rest is not known.
pub fn diagnostics(status: Result<&ExitBrainStatus, &Trouble>) -> Row {
    const NAME: &str = "diagnostics";
    match status {
        Ok(status) => Row::ok(NAME, format!("answers: {}", status.operational_state)),
        Err(trouble) => Row::fail(
            NAME,
            format!("{trouble}; policy, services, leases and positions are not known"),
            "start diagnostics, or name it with --grpc",
        ),
    }
}

/// The server answers, and takes our key.
pub fn reached(client: Result<(), &Trouble>, url: &str) -> Row {
    const NAME: &str = "bus";
    match client {
        Ok(()) => Row::ok(NAME, format!("{url} answers and takes the operator's key")),
        Err(trouble) => Row::fail(
            NAME,
            trouble.to_string(),
            "check --nats-url, --keys-dir and --nats-ca, and that nats-server runs",
        ),
    }
}

/// The bucket of leases is there.
pub fn bucket(found: Result<&Option<usize>, &Trouble>) -> Row {
    const NAME: &str = "bucket";
    match found {
        Ok(Some(replicas)) => Row::ok(NAME, format!("{BUCKET}: there, {replicas} replica(s)")),
        Ok(None) => Row::fail(NAME, format!("{BUCKET}: missing"), "exitctl provision"),
        Err(Trouble::Failure(text)) if text.contains(".nk") => Row::warn(
            NAME,
            format!("not checked: {text}"),
            "run it where provisioner.nk is",
        ),
        Err(trouble) => Row::fail(NAME, trouble.to_string(), "exitctl provision says more"),
    }
}

/// The policies of the bus that the mode in force demands; any of them will do.
pub fn policies(status: &ExitBrainStatus, beats: &[Beat]) -> Vec<Policy> {
    let mode = status.mode.clone().unwrap_or_default().effective;
    if mode.parse() != Ok(Mode::Live) {
        return vec![Policy::Shadow];
    }
    let executor = beats.iter().find(|it| it.said.service == EXECUTOR);
    match executor.map(|it| it.said.flags.rollout_pct) {
        Some(100) => vec![Policy::Live],
        Some(_) => vec![Policy::Staged],
        None => vec![Policy::Live, Policy::Staged],
    }
}

/// The bus does what the mode in force demands. Above it the second lock is missing; below it what
/// has to act can't.
pub fn policy(
    status: &ExitBrainStatus,
    expected: &[Policy],
    found: Result<&Proven, &Trouble>,
) -> Row {
    const NAME: &str = "policy";
    let found = match found {
        Ok(found) => found,
        Err(trouble) => {
            let todo = "run it where the canaries' keys are: exitctl bus verify";
            return Row::warn(NAME, format!("not proven: {trouble}"), todo);
        }
    };
    if expected.iter().any(|policy| found.proves(*policy)) {
        return Row::ok(NAME, found.to_string());
    }
    let wanted = expected.first().copied().unwrap_or_default();
    let mode = status.mode.clone().unwrap_or_default().effective;
    let text = format!("{mode} is in force, the policy {wanted} is not: {found}");
    let word = wanted.to_string();
    let lower = word.to_lowercase();
    let todo = format!("exitctl bus apply --policy {lower} --yes --confirm {word}");
    let is_above = !wanted.lets_executor_ask()
        && [Policy::Live, Policy::Staged]
            .iter()
            .any(|it| found.proves(*it));
    let verdict = if is_above {
        Verdict::Warn
    } else {
        Verdict::Fail
    };
    Row::new(NAME, verdict, text, todo)
}

/// The instances whose heartbeat is fresh.
pub fn fresh(status: &ExitBrainStatus) -> impl Iterator<Item = &ServiceStatus> + Clone {
    status.services.iter().filter(|it| it.age_ms <= AGE_MS_MAX)
}

/// Every service that was ever heard is, is ready, and is of one build.
pub fn services(status: &ExitBrainStatus) -> Row {
    const NAME: &str = "services";
    let alive: BTreeSet<&str> = fresh(status).map(|it| it.service.as_str()).collect();
    let known: BTreeSet<&str> = status
        .services
        .iter()
        .map(|it| it.service.as_str())
        .collect();
    let silent: Vec<_> = known.difference(&alive).copied().collect();
    if known.is_empty() || !silent.is_empty() {
        let text = match known.is_empty() {
            true => "nobody is heard".into(),
            false => format!(
                "not heard for {} s: {}",
                AGE_MS_MAX / 1_000,
                silent.join(" ")
            ),
        };
        return Row::fail(
            NAME,
            text,
            "start them again and look at their logs; exitctl flags",
        );
    }
    let unready: Vec<_> = fresh(status)
        .filter(|it| !it.ready)
        .map(|it| format!("{}/{}", it.service, it.instance))
        .collect();
    if !unready.is_empty() {
        let text = format!("alive, not ready: {}", unready.join(" "));
        return Row::warn(NAME, text, "ask their /readyz?verbose; exitctl flags");
    }
    let builds: BTreeSet<&str> = fresh(status).map(|it| it.build.as_str()).collect();
    let builds: Vec<_> = builds.into_iter().collect();
    if builds.len() > 1 {
        let text = format!("of several builds: {}", builds.join(" "));
        return Row::warn(
            NAME,
            text,
            "finish the update: exitctl flags -o wide tells who has which",
        );
    }
    let count = fresh(status).count();
    Row::ok(
        NAME,
        format!("{count} instance(s) alive, build {}", builds.join(" ")),
    )
}

/// Where there are leases, exactly one of each kind acts, in LIVE one executor on each position.
pub fn leases(status: &ExitBrainStatus, beats: &[Beat]) -> Row {
    const NAME: &str = "leases";
    let of = |service: &'static str| fresh(status).filter(move |it| it.service == service);
    let is_leased = |it: &ServiceStatus| it.lease == HELD || it.lease == STANDBY;
    if !fresh(status).any(is_leased) {
        return Row::ok(
            NAME,
            "this deployment has none: one process of each kind acts",
        );
    }
    for service in [GUARD, GATEWAY] {
        let held = of(service).filter(|it| it.lease == HELD).count();
        if held != 1 {
            let text = format!("{held} instances of {service} say that they act");
            let todo = "exitctl flags; the runbook's chapter on leases";
            return Row::fail(NAME, text, todo);
        }
    }
    let executors = || beats.iter().filter(|it| it.said.service == EXECUTOR);
    let is_live = status.mode.clone().unwrap_or_default().effective.parse() == Ok(Mode::Live);
    if !is_live || executors().next().is_none() {
        return Row::ok(NAME, "one guard and one gateway act");
    }
    let owners = |name: &str| {
        let owned = executors().flat_map(|it| &it.said.owned);
        owned.filter(|it| it.0.to_string() == name).count()
    };
    let names = status.positions.iter().map(position_name);
    let strange: Vec<_> = names.filter(|name| owners(name) != 1).collect();
    if !strange.is_empty() {
        let text = format!("not owned by exactly one executor: {}", strange.join(" "));
        let todo =
            "wait for a lease's time and look again; a contract outside the rollout has none";
        return Row::warn(NAME, text, todo);
    }
    Row::ok(
        NAME,
        "one guard and one gateway act, and one executor on each position",
    )
}

/// Clocks that differ by more than messages may be dated ahead make services refuse each other.
pub fn clocks(beats: &[Beat]) -> Row {
    const NAME: &str = "clocks";
    let Some((behind, ahead)) = extremes(beats) else {
        let todo = "mend the bus first: offsets are read off the services' heartbeats";
        return Row::warn(NAME, "no service was heard", todo);
    };
    let (low, high) = (behind.ahead().millis(), ahead.ahead().millis());
    let limit = CLOCK_SKEW_MAX.millis();
    let name = |beat: &Beat| format!("{}/{}", beat.said.service, beat.said.instance);
    let text = format!(
        "to this host: {low} ms ({}) to {high} ms ({})",
        name(behind),
        name(ahead)
    );
    let todo = "synchronize the clocks (NTP or chrony) of the hosts named";
    if high - low > limit {
        return Row::fail(NAME, text, todo);
    }
    if high > limit || low < -limit {
        return Row::warn(NAME, text, "synchronize this host's clock (NTP or chrony)");
    }
    Row::ok(NAME, text)
}

fn extremes(beats: &[Beat]) -> Option<(&Beat, &Beat)> {
    let behind = beats.iter().min_by_key(|it| it.ahead())?;
    let ahead = beats.iter().max_by_key(|it| it.ahead())?;
    Some((behind, ahead))
}

/// What `exitctl check` found. What it could not find out is no better than what it found bad.
pub fn found(check: &'static str, finding: &Finding) -> Row {
    let verdict = match finding.verdict {
        check::Verdict::Ok => Verdict::Ok,
        check::Verdict::Warning => Verdict::Warn,
        check::Verdict::Critical | check::Verdict::Unknown => Verdict::Fail,
    };
    let todo = match (verdict, check) {
        (Verdict::Ok, _) => "",
        (_, "check naked") => "exitctl positions; the runbook's chapter on naked positions",
        (_, "check flags") => "exitctl flags: make the flags of all services agree",
        (_, "check bus") => "exitctl flags and the services' logs",
        _ => "exitctl venue check says more",
    };
    Row::new(check, verdict, finding.text.clone(), todo)
}
