//! The verdicts, by what is heard.

use proto::wire::{ModeStatus, PositionStatus, ServiceStatus, StatusConfig};

use crate::cli::{CheckFormat, Format};

use super::*;

type Judge = fn(&ExitBrainStatus) -> Finding;

fn service(name: &str, mode: &str, age_ms: i64) -> ServiceStatus {
    ServiceStatus {
        service: name.into(),
        instance: "one".into(),
        mode: mode.into(),
        ready: true,
        age_ms,
        ..ServiceStatus::default()
    }
}

fn healthy() -> ExitBrainStatus {
    ExitBrainStatus {
        operational_state: "EXIT_BRAIN_V3_LIVE".into(),
        config: Some(StatusConfig {
            exit_executor_mode: "LIVE".into(),
            live_mode_active: true,
            ..StatusConfig::default()
        }),
        mode: Some(ModeStatus {
            effective: "LIVE".into(),
            ..ModeStatus::default()
        }),
        services: ["gateway-guard", "gateway", "executor"]
            .map(|name| service(name, "LIVE", 100))
            .into(),
        ..ExitBrainStatus::default()
    }
}

fn code(check: Judge, status: &ExitBrainStatus) -> u8 {
    check(status).verdict as u8
}

#[test]
fn a_healthy_system_passes_every_check() {
    for check in [naked as Judge, flags, bus] {
        let found = check(&healthy());
        assert_eq!(found.verdict, Verdict::Ok, "{}", found.text);
    }
}

#[test]
fn a_naked_position_is_critical_and_named() {
    let mut status = healthy();
    status.unprotected_positions = 1;
    status.positions.push(PositionStatus {
        account: "main".into(),
        symbol: "ETHUSDT".into(),
        side: "LONG".into(),
        unprotected: true,
        ..PositionStatus::default()
    });
    let found = naked(&status);
    assert_eq!(found.verdict, Verdict::Critical);
    for (format, golden) in [
        (CheckFormat::Text, include_str!("golden/naked.txt")),
        (CheckFormat::Json, include_str!("golden/naked.json")),
        (CheckFormat::Nagios, include_str!("golden/naked.nagios")),
        (CheckFormat::Prometheus, include_str!("golden/naked.prom")),
    ] {
        let answer = found.answer("naked", Some(format), Format::Table).unwrap();
        assert_eq!(answer.code, 2);
        assert_eq!(format!("{}\n", answer.text), golden);
    }
}

#[test]
fn old_news_of_positions_prove_nothing() {
    let mut status = healthy();
    status.services[1].age_ms = 3_001;
    assert_eq!(code(naked, &status), 3);
    assert_eq!(code(bus, &status), 2);
}

#[test]
fn flags_that_are_not_in_force_are_a_warning() {
    let mut forced = healthy();
    forced.operational_state = "EXIT_BRAIN_V3_SHADOW".into();
    forced.config.as_mut().unwrap().live_mode_active = false;
    assert_eq!(code(flags, &forced), 1);
    let mut split = healthy();
    split.services[2].mode = "SHADOW".into();
    let answer = flags(&split);
    assert_eq!(answer.verdict as u8, 1);
    assert!(answer.text.contains("executor=SHADOW"), "{}", answer.text);
}

#[test]
fn an_executor_that_does_not_run_is_critical() {
    let mut status = healthy();
    status.operational_state = "EXIT_BRAIN_V3_NOT_RUNNING".into();
    assert_eq!(code(flags, &status), 2);
}

#[test]
fn refused_messages_are_a_warning_that_names_them() {
    let mut status = healthy();
    status
        .refused_messages
        .insert("MarkTick.mark_price".into(), 2);
    let answer = bus(&status);
    assert_eq!(answer.verdict as u8, 1);
    assert!(
        answer.text.contains("MarkTick.mark_price"),
        "{}",
        answer.text
    );
}

#[test]
fn what_the_bus_refuses_is_a_warning_that_names_whom() {
    let mut status = healthy();
    status.services[2].bus_refusals = 3;
    let answer = bus(&status);
    assert_eq!(answer.verdict as u8, 1);
    assert!(answer.text.contains("refused 3 word(s)"), "{}", answer.text);
    status.services[2].age_ms = AGE_MS_MAX + 1;
    assert_eq!(code(bus, &status), 0);
}

#[test]
fn nobody_who_answers_is_unknown() {
    for check in [naked as Judge, flags, bus] {
        let nobody = Err(Trouble::Unreachable("nobody answers".into()));
        assert_eq!(judged(nobody, check).verdict, Verdict::Unknown);
    }
}

#[test]
fn a_lost_store_of_leases_is_critical_and_a_standby_is_nobody_who_acts() {
    let mut status = healthy();
    status.services[0].lease_store_lost = true;
    let told = bus(&status);
    assert_eq!(told.verdict as u8, 2);
    assert!(told.text.contains("exitctl provision"), "{}", told.text);
    let mut status = healthy();
    status.services[0].lease = "standby".into();
    assert_eq!(code(bus, &status), 2, "no guard acts");
}
