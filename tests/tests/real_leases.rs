//! Two guards, two gateways, two executors, and a lost bucket of leases, with separate processes:
//! one acts, what is protected stays protected, and whoever was paused does nothing more.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::time::Instant;

use async_nats::jetstream;
use bus::Identity;
use bus::lease::STREAM;
use nix::sys::signal::Signal;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use support::*;
use tests::real::Takeover;
use tests::system::await_it::{until, until_async};
use tests::system::{System, SystemOptions};

/// What a process logs when it begins to act, doubts, or stands by.
const ACTS: &str = "acts from now on";
const DOUBTS: &str = "in doubt about its lease";
const STANDS_BY: &str = "another one acts";

/// The process has logged it.
async fn logged(system: &System, process: &str, what: &str) {
    let told = || log(system, process).contains(what).then_some(());
    let waited = until(&format!("{process}: {what}"), LONGEST, told).await;
    waited.unwrap_or_else(|late| panic!("{late}; it logged\n{}", log(system, process)));
}

async fn standby(system: &mut System, service: &str) -> String {
    let name = system.add(service, "second").unwrap();
    let there = |status: &Value| {
        let services = status["services"].as_array().unwrap();
        let second = services.iter().find(|it| {
            it["service"] == service && it["instance"] == "second" && it["lease"] == "standby"
        });
        second.is_some()
    };
    system
        .await_status("the standby to be heard", LONGEST, there)
        .await
        .unwrap();
    name
}

/// Strikes the one that acts and waits until the standby does; files how long that took.
async fn take_over(system: &mut System, blow: Signal, active: &str, standby: &str) {
    let service = active.trim_end_matches("-second");
    let blow_in_words = match blow {
        Signal::SIGKILL => format!("kill -9 of {service}"),
        blow => format!("{blow} of {service}"),
    };
    let struck = Instant::now();
    system.kill(active, blow).unwrap();
    logged(system, standby, ACTS).await;
    let took_ms = u64::try_from(struck.elapsed().as_millis()).unwrap();
    let blow = blow_in_words;
    Takeover { blow, took_ms }.file().unwrap();
}

/// The stops are those of the report made before.
async fn takeover_touched_nothing(system: &System, before: &Value) {
    assert_eq!(
        stops(&report(system).await, "xe-"),
        stops(before, "xe-"),
        "the takeover itself touches nothing"
    );
}

/// A position at breakeven after the price rose: somebody approved and somebody sent.
async fn breakeven(system: &System) -> Value {
    price(system, "96995").await;
    let breakeven = Decimal::new(950_952, 1);
    let moved = |report: &Value| working_stops(report) == [breakeven];
    venue_until(system, "the stop at breakeven", moved).await
}

#[tokio::test]
async fn a_standby_guard_takes_over_from_a_paused_one_and_that_one_approves_no_more() {
    let mut system = start(SystemOptions::live()).await;
    let second = standby(&mut system, "gateway-guard").await;
    open_at(&system, "BUY", "0.1", "95000", 3).await;
    settled(&system).await;
    assert!(!log(&system, &second).contains("placing"), "it stands by");

    take_over(&mut system, Signal::SIGSTOP, "gateway-guard", &second).await;
    let report = breakeven(&system).await;
    assert_never_naked(&report);
    assert!(log(&system, &second).contains("placing"));

    let before = log(&system, "gateway-guard").matches("placing").count();
    system.kill("gateway-guard", Signal::SIGCONT).unwrap();
    logged(&system, "gateway-guard", DOUBTS).await;
    logged(&system, "gateway-guard", STANDS_BY).await;
    let body = json!({ "symbol": SYMBOL });
    system.paper("close", &body).await.unwrap();
    let closed = |report: &Value| report["orphaned_orders"] == 0;
    venue_until(&system, "what is left to be swept", closed).await;
    open(&system, "SELL", "0.1", "95000").await;
    let report = settled(&system).await;
    assert_never_naked(&report);
    let after = log(&system, "gateway-guard").matches("placing").count();
    assert_eq!(after, before, "the old guard approved something");
    let live = |status: &Value| status["mode"]["effective"] == "LIVE";
    system.await_status("LIVE", LONGEST, live).await.unwrap();
}

#[tokio::test]
async fn a_standby_gateway_takes_over_from_a_paused_one_and_that_one_ends() {
    let mut system = start(SystemOptions::live()).await;
    let second = standby(&mut system, "gateway").await;
    open_at(&system, "BUY", "0.1", "95000", 3).await;
    let before = settled(&system).await;
    assert!(!log(&system, &second).contains("submitting"));

    take_over(&mut system, Signal::SIGSTOP, "gateway", &second).await;
    takeover_touched_nothing(&system, &before).await;
    let report = breakeven(&system).await;
    assert_never_naked(&report);

    let sent_before = log(&system, "gateway").matches("submitting").count();
    system.kill("gateway", Signal::SIGCONT).unwrap();
    let gone = until_async("the old gateway to end", LONGEST, async || {
        let dead = system.dead();
        dead.iter().any(|it| it.name == "gateway").then_some(())
    });
    gone.await.unwrap();
    let sent_after = log(&system, "gateway").matches("submitting").count();
    assert_eq!(sent_after, sent_before, "the old gateway sent something");
    open(&system, "BUY", "0.1", "95000").await;
    let report = venue_until(&system, "the larger position to be covered", |report| {
        report["positions_unprotected"] == 0 && stops(report, "xe-").len() == 2
    });
    assert_never_naked(&report.await);
}

/// Who acts on the position, and who stands by for it.
async fn owner_and_standby(system: &System) -> (String, String) {
    let names = ["executor".to_owned(), "executor-second".to_owned()];
    for name in &names {
        let told = || log(system, name).contains("new state").then_some(());
        until("both to follow the position", LONGEST, told)
            .await
            .unwrap();
    }
    let [first, second] = names;
    if log(system, &first).contains(ACTS) {
        (first, second)
    } else {
        (second, first)
    }
}

#[tokio::test]
async fn of_two_executors_the_paused_owner_does_nothing_more_when_it_goes_on() {
    let mut system = start(SystemOptions::live()).await;
    let second = system.add("executor", "second").unwrap();
    assert_eq!(second, "executor-second");
    logged(&system, &second, "connected").await;
    open_at(&system, "BUY", "0.1", "95000", 3).await;
    let before = settled(&system).await;
    let (owner, standby) = owner_and_standby(&system).await;
    assert!(!log(&system, &standby).contains(ACTS), "one acts");

    take_over(&mut system, Signal::SIGSTOP, &owner, &standby).await;
    takeover_touched_nothing(&system, &before).await;
    let report = breakeven(&system).await;
    assert_never_naked(&report);

    let decided = |log: String| log.matches("Executing decision").count();
    let decided_before = decided(log(&system, &owner));
    system.kill(&owner, Signal::SIGCONT).unwrap();
    logged(&system, &owner, DOUBTS).await;
    logged(&system, &owner, STANDS_BY).await;
    price(&system, "97500").await;
    let body = json!({ "symbol": SYMBOL });
    system.paper("close", &body).await.unwrap();
    let closed = |report: &Value| report["orphaned_orders"] == 0;
    let report = venue_until(&system, "what is left to be swept", closed).await;
    assert_never_naked(&report);
    assert_eq!(
        decided(log(&system, &owner)),
        decided_before,
        "the old owner decided something"
    );
    assert!(!log(&system, "gateway-guard").contains("OWNER_FENCED"));
}

/// The standby acts for one that was killed, and what is protected stays so.
async fn takes_over_from_a_killed(service: &str) {
    let mut system = start(SystemOptions::live()).await;
    let second = if service == "executor" {
        system.add(service, "second").unwrap()
    } else {
        standby(&mut system, service).await
    };
    logged(&system, &second, "connected").await;
    open_at(&system, "BUY", "0.1", "95000", 3).await;
    let before = settled(&system).await;
    let (active, standby) = if service == "executor" {
        owner_and_standby(&system).await
    } else {
        (service.to_owned(), second)
    };
    take_over(&mut system, Signal::SIGKILL, &active, &standby).await;
    takeover_touched_nothing(&system, &before).await;
    let report = breakeven(&system).await;
    // How long the first stop took is not the takeover's.
    let naked = "positions_unprotected";
    assert_eq!(report[naked], before[naked], "{report:#}");
}

#[tokio::test]
async fn a_standby_guard_takes_over_from_a_killed_one() {
    takes_over_from_a_killed("gateway-guard").await;
}

#[tokio::test]
async fn a_standby_gateway_takes_over_from_a_killed_one() {
    takes_over_from_a_killed("gateway").await;
}

#[tokio::test]
async fn a_standby_executor_takes_over_from_a_killed_one() {
    takes_over_from_a_killed("executor").await;
}

#[tokio::test]
async fn a_lost_bucket_of_leases_alarms_and_takes_nothing_away() {
    let mut system = start(SystemOptions::live()).await;
    open(&system, "BUY", "0.1", "50000").await;
    let before = settled(&system).await;
    let job = connect(&system, Identity::Provisioner).await;
    let context = jetstream::new(job.raw().clone());
    context.delete_stream(STREAM).await.unwrap();

    let lost = |service: &str, status: &Value| {
        let services = status["services"].as_array().unwrap();
        services
            .iter()
            .any(|it| it["service"] == service && it["lease_store_lost"] == true)
    };
    let alarm = |status: &Value| lost("gateway-guard", status) && lost("gateway", status);
    system
        .await_status("the alarm", LONGEST, alarm)
        .await
        .unwrap();
    assert_eq!(stops(&report(&system).await, "xe-"), stops(&before, "xe-"));

    let second = system.add("gateway-guard", "second").unwrap();
    let idle = |status: &Value| {
        let services = status["services"].as_array().unwrap();
        services
            .iter()
            .any(|it| it["instance"] == "second" && it["lease"] == "standby")
    };
    system
        .await_status("a guard without a lease", LONGEST, idle)
        .await
        .unwrap();
    let body = json!({ "symbol": SYMBOL });
    system.paper("close", &body).await.unwrap();
    let closed = |report: &Value| report["orphaned_orders"] == 0;
    venue_until(&system, "what is left to be swept", closed).await;
    open(&system, "SELL", "0.1", "50000").await;
    let report = venue_until(&system, "the stops, which need no owner", |report| {
        report["positions_unprotected"] == 0 && stops(report, "xe-").len() == 2
    });
    assert_never_naked(&report.await);
    assert!(!log(&system, &second).contains(ACTS), "no new owner");

    system.provision().await.unwrap();
    let well = |status: &Value| {
        let services = status["services"].as_array().unwrap();
        let held = |service: &str| {
            let mut all = services.iter();
            all.any(|it| it["service"] == service && it["lease"] == "held")
        };
        let lost = services.iter().any(|it| it["lease_store_lost"] == true);
        !lost && held("gateway-guard") && held("gateway")
    };
    system
        .await_status("all to be well again", LONGEST, well)
        .await
        .unwrap();
    let live = |status: &Value| status["mode"]["effective"] == "LIVE";
    system.await_status("LIVE", LONGEST, live).await.unwrap();
    settled(&system).await;
}
