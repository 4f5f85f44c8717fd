//! The verdicts, by what is heard.

use proto::wire::{ModeStatus, PositionStatus, ServiceStatus, StatusConfig};

use super::*;

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

fn code(check: Check, status: &ExitBrainStatus) -> u8 {
    run(check, Ok(status)).code
}

#[test]
fn a_healthy_system_passes_every_check() {
    for check in [Check::Naked, Check::Flags, Check::Bus] {
        let answer = run(check, Ok(&healthy()));
        assert_eq!(answer.code, 0, "{}", answer.text);
        assert!(answer.text.starts_with("OK - "), "{}", answer.text);
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
    let answer = run(Check::Naked, Ok(&status));
    assert_eq!(answer.code, 2);
    let expected = "CRITICAL - not fully protected: main.ETHUSDT.LONG | naked=1 open=1";
    assert_eq!(answer.text, expected);
}

#[test]
fn old_news_of_positions_prove_nothing() {
    let mut status = healthy();
    status.services[1].age_ms = 3_001;
    assert_eq!(code(Check::Naked, &status), 3);
    assert_eq!(code(Check::Bus, &status), 2);
}

#[test]
fn flags_that_are_not_in_force_are_a_warning() {
    let mut forced = healthy();
    forced.operational_state = "EXIT_BRAIN_V3_SHADOW".into();
    forced.config.as_mut().unwrap().live_mode_active = false;
    assert_eq!(code(Check::Flags, &forced), 1);
    let mut split = healthy();
    split.services[2].mode = "SHADOW".into();
    let answer = run(Check::Flags, Ok(&split));
    assert_eq!(answer.code, 1);
    assert!(answer.text.contains("executor=SHADOW"), "{}", answer.text);
}

#[test]
fn an_executor_that_does_not_run_is_critical() {
    let mut status = healthy();
    status.operational_state = "EXIT_BRAIN_V3_NOT_RUNNING".into();
    assert_eq!(code(Check::Flags, &status), 2);
}

#[test]
fn refused_messages_are_a_warning_that_names_them() {
    let mut status = healthy();
    status
        .refused_messages
        .insert("MarkTick.mark_price".into(), 2);
    let answer = run(Check::Bus, Ok(&status));
    assert_eq!(answer.code, 1);
    assert!(
        answer.text.contains("MarkTick.mark_price"),
        "{}",
        answer.text
    );
}

#[test]
fn nobody_who_answers_is_unknown() {
    let trouble = Trouble::Unreachable("nobody answers".into());
    for check in [Check::Naked, Check::Flags, Check::Bus] {
        assert_eq!(run(check, Err(&trouble)).code, 3);
    }
}

#[test]
fn a_lost_store_of_leases_is_critical_and_a_standby_is_nobody_who_acts() {
    let mut status = healthy();
    status.services[0].lease_store_lost = true;
    let told = run(Check::Bus, Ok(&status));
    assert_eq!(told.code, 2);
    assert!(told.text.contains("exitctl provision"), "{}", told.text);
    let mut status = healthy();
    status.services[0].lease = "standby".into();
    assert_eq!(code(Check::Bus, &status), 2, "no guard acts");
}
