//! Each check, on each side.

use std::collections::BTreeMap;

use bus::canary::{Finding, Incumbents};
use domain::mode::{Flags, Mode};
use domain::snapshot::ExitMetrics;
use domain::{Account, PositionKey, Side, Symbol};
use proto::wire::{ModeStatus, PositionStatus, ServiceStatus};

use super::report::{Row, Verdict};
use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_765_404_895_000);

fn service(name: &str, lease: &str) -> ServiceStatus {
    ServiceStatus {
        service: name.into(),
        instance: "one".into(),
        mode: "LIVE".into(),
        ready: true,
        age_ms: 100,
        build: "0.1.0".into(),
        lease: lease.into(),
        ..ServiceStatus::default()
    }
}

fn healthy() -> ExitBrainStatus {
    ExitBrainStatus {
        operational_state: "EXIT_BRAIN_V3_LIVE".into(),
        mode: Some(ModeStatus {
            effective: "LIVE".into(),
            ..ModeStatus::default()
        }),
        services: vec![
            service("gateway-guard", "held"),
            service("gateway", "held"),
            service("executor", ""),
        ],
        positions: vec![PositionStatus {
            account: "main".into(),
            symbol: "BTCUSDT".into(),
            side: "LONG".into(),
            ..PositionStatus::default()
        }],
        ..ExitBrainStatus::default()
    }
}

fn beat(service: &str, ahead_ms: i64) -> Beat {
    let key = PositionKey {
        account: Account::new("main").unwrap(),
        symbol: Symbol::new("BTCUSDT").unwrap(),
        side: Side::Long,
    };
    let owned = match service {
        "executor" => vec![(key, 7)],
        _ => Vec::new(),
    };
    let said = Heartbeat {
        service: service.into(),
        instance: "one".into(),
        build: "0.1.0".into(),
        flags: Flags::default(),
        mode: Mode::Live,
        revision: 1,
        ready: true,
        boot: 1,
        sequence: 1,
        positions: Vec::new(),
        owned,
        metrics: ExitMetrics::default(),
        counters: BTreeMap::new(),
        at: NOW + Span::from_millis(ahead_ms),
    };
    Beat {
        said,
        heard_at: NOW,
    }
}

fn is(row: &Row, verdict: Verdict, words: &str) {
    assert_eq!(row.verdict, verdict, "{row:?}");
    assert!(row.found.contains(words), "{row:?}");
    assert_eq!(row.todo.is_empty(), verdict == Verdict::Ok, "{row:?}");
}

#[test]
fn the_worst_check_is_the_exit_code_and_each_that_is_not_well_says_what_to_do() {
    let mut report = Report::default();
    report.push(Row::ok("a", "good"));
    assert_eq!(report.answer(crate::cli::Format::Table).unwrap().code, 0);
    report.push(Row::warn("b", "so so", "look"));
    assert_eq!(report.answer(crate::cli::Format::Table).unwrap().code, 1);
    report.push(Row::fail("c", "bad", "mend"));
    report.push(Row::ok("d", "good"));
    let answer = report.answer(crate::cli::Format::Table).unwrap();
    assert_eq!(answer.code, 2);
    let expected = "\
CHECK  VERDICT  FOUND  TO DO
a      ok       good
b      WARN     so so  look
c      FAIL     bad    mend
d      ok       good";
    assert_eq!(answer.text, expected);
    let json = report.answer(crate::cli::Format::Json).unwrap().text;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json["kind"], &json["verdict"]),
        (&"Doctor".into(), &"fail".into())
    );
    assert_eq!(json["checks"][2]["todo"], "mend");
}

#[test]
fn settings_fail_where_no_service_would_start_and_warn_of_flags() {
    let load = |name: &str, value: &str| explain::explain([(name.to_owned(), value.to_owned())]);
    let row = |explained: Result<_, _>| checks::settings(explained.as_ref());
    is(&row(load("PATH", "/bin")), Verdict::Ok, "readable");
    is(&row(load("EXIT_MODE", "BRAIN")), Verdict::Warn, "EXIT_MODE");
    is(
        &row(load("EXITBRAIN__BUS__URL", "x")),
        Verdict::Fail,
        "bus.url",
    );
}

#[test]
fn who_does_not_answer_is_a_failure_and_what_lacks_its_key_is_not_checked() {
    let away = Trouble::Unreachable("nobody answers".into());
    is(
        &checks::diagnostics(Err(&away)),
        Verdict::Fail,
        "nobody answers",
    );
    is(
        &checks::diagnostics(Ok(&healthy())),
        Verdict::Ok,
        "EXIT_BRAIN_V3_LIVE",
    );
    is(
        &checks::reached(Err(&away), "nats://x"),
        Verdict::Fail,
        "nobody answers",
    );
    is(
        &checks::reached(Ok(()), "nats://x"),
        Verdict::Ok,
        "nats://x",
    );
    is(&checks::bucket(Ok(&Some(3))), Verdict::Ok, "3 replica");
    is(&checks::bucket(Ok(&None)), Verdict::Fail, "missing");
    is(&checks::bucket(Err(&away)), Verdict::Fail, "nobody answers");
    let no_key = Trouble::Failure("key file keys/provisioner.nk can't be read".into());
    is(&checks::bucket(Err(&no_key)), Verdict::Warn, "not checked");
}

#[test]
fn the_policy_is_the_one_that_the_mode_demands() {
    let finding = |incumbents, executor_asks| Finding {
        incumbents,
        executor_asks,
    };
    let live = finding(Incumbents::Diverted, true);
    let staged = finding(Incumbents::Arrive, true);
    let shadow = finding(Incumbents::Arrive, false);
    let mut status = healthy();
    let judge = |status: &ExitBrainStatus, beats: &[Beat], found: Finding| {
        checks::policy(status, &checks::policies(status, beats), Ok(&found))
    };
    let mut beats = vec![beat("executor", 0)];
    is(&judge(&status, &beats, live), Verdict::Ok, "order.blocked");
    is(
        &judge(&status, &beats, staged),
        Verdict::Fail,
        "the policy LIVE is not",
    );
    is(
        &judge(&status, &beats, shadow),
        Verdict::Fail,
        "the policy LIVE is not",
    );
    is(&judge(&status, &[], staged), Verdict::Ok, "order.intent");
    beats[0].said.flags.rollout_pct = 50;
    is(&judge(&status, &beats, staged), Verdict::Ok, "order.intent");
    is(
        &judge(&status, &beats, live),
        Verdict::Fail,
        "the policy STAGED is not",
    );
    for mode in ["SHADOW", "LEGACY", "UNKNOWN"] {
        status.mode.as_mut().unwrap().effective = mode.into();
        is(&judge(&status, &beats, shadow), Verdict::Ok, "refused");
        is(
            &judge(&status, &beats, live),
            Verdict::Warn,
            "the policy SHADOW is not",
        );
        let nowhere = finding(Incumbents::Nowhere, false);
        is(&judge(&status, &beats, nowhere), Verdict::Fail, "nowhere");
    }
    let no_key = Trouble::Failure("no canary-witness.nk".into());
    let row = checks::policy(&status, &[], Err(&no_key));
    is(&row, Verdict::Warn, "not proven");
}

#[test]
fn services_are_alive_ready_and_of_one_build() {
    is(
        &checks::services(&healthy()),
        Verdict::Ok,
        "3 instance(s) alive, build 0.1.0",
    );
    is(
        &checks::services(&ExitBrainStatus::default()),
        Verdict::Fail,
        "nobody is heard",
    );
    let mut silent = healthy();
    silent.services[2].age_ms = check::AGE_MS_MAX + 1;
    is(&checks::services(&silent), Verdict::Fail, "executor");
    let mut replaced = silent.clone();
    replaced.services.push(service("executor", ""));
    is(&checks::services(&replaced), Verdict::Ok, "3 instance(s)");
    let mut unready = healthy();
    unready.services[1].ready = false;
    is(&checks::services(&unready), Verdict::Warn, "gateway/one");
    let mut mixed = healthy();
    mixed.services[0].build = "0.2.0".into();
    is(&checks::services(&mixed), Verdict::Warn, "0.1.0 0.2.0");
}

#[test]
fn leases_are_held_once_and_each_position_has_one_owner_in_live() {
    let beats = [beat("executor", 0)];
    is(
        &checks::leases(&healthy(), &beats),
        Verdict::Ok,
        "one executor on each",
    );
    let mut none = healthy();
    for service in &mut none.services {
        service.lease = String::new();
    }
    is(&checks::leases(&none, &[]), Verdict::Ok, "has none");
    let mut standby = healthy();
    standby.services[1].lease = "standby".into();
    is(
        &checks::leases(&standby, &beats),
        Verdict::Fail,
        "0 instances of gateway",
    );
    let mut twice = healthy();
    twice.services.push(service("gateway-guard", "held"));
    is(
        &checks::leases(&twice, &beats),
        Verdict::Fail,
        "2 instances of gateway-guard",
    );
    let mut nobody = [beat("executor", 0)];
    nobody[0].said.owned.clear();
    is(
        &checks::leases(&healthy(), &nobody),
        Verdict::Warn,
        "main.BTCUSDT.LONG",
    );
    let both = [beat("executor", 0), beat("executor", 0)];
    is(
        &checks::leases(&healthy(), &both),
        Verdict::Warn,
        "main.BTCUSDT.LONG",
    );
    let mut shadow = healthy();
    shadow.mode.as_mut().unwrap().effective = "SHADOW".into();
    is(
        &checks::leases(&shadow, &nobody),
        Verdict::Ok,
        "one guard and one gateway",
    );
}

#[test]
fn clocks_may_differ_by_as_much_as_messages_may_be_dated_ahead() {
    let row = |a, b| checks::clocks(&[beat("gateway", a), beat("executor", b)]);
    is(
        &row(-400, 500),
        Verdict::Ok,
        "-400 ms (gateway/one) to 500 ms (executor/one)",
    );
    is(&row(-500, 501), Verdict::Fail, "-500 ms");
    is(&row(1_200, 1_300), Verdict::Warn, "1300 ms");
    is(&row(-1_200, -1_300), Verdict::Warn, "-1300 ms");
    is(&row(-1_000, 0), Verdict::Ok, "-1000 ms");
    is(&checks::clocks(&[]), Verdict::Warn, "no service was heard");
}

#[test]
fn what_check_finds_keeps_its_verdict() {
    let mut status = healthy();
    for (_, judge) in checks::JUDGES {
        assert_eq!(checks::found("check", &judge(&status)).verdict, Verdict::Ok);
    }
    status.unprotected_positions = 1;
    let (name, naked) = checks::JUDGES[0];
    is(
        &checks::found(name, &naked(&status)),
        Verdict::Fail,
        "not fully protected",
    );
    let (name, flags) = checks::JUDGES[1];
    status.services[2].mode = "SHADOW".into();
    is(
        &checks::found(name, &flags(&status)),
        Verdict::Warn,
        "executor=SHADOW",
    );
    status.services.clear();
    is(
        &checks::found(name, &naked(&ExitBrainStatus::default())),
        Verdict::Fail,
        "not heard",
    );
}
