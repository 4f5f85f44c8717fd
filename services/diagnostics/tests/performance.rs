//! How take-profit targets perform, as the service hears, says and shows it.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use bus::{Heard, Message, decode};
use common::targets::*;
use common::*;
use diagnostics::performance::list;
use diagnostics::{DiagnosticsActor, prometheus};
use domain::Timestamp;
use domain::ids::LegId;
use domain::order::OrderStatus;
use domain::performance::{Recommendation, SETTLE_AFTER, SymbolPerformance};
use proto::wire::TpPerformanceRequest;
use runtime::Actor;

/// What a beat says beside the heartbeat.
fn said(actor: &mut DiagnosticsActor, now: Timestamp) -> Vec<Message> {
    let mut out = Vec::new();
    actor.beat(now, &mut out);
    out.retain(|message| !message.subject.starts_with("health."));
    out
}

fn settled() -> Timestamp {
    later(70_000) + SETTLE_AFTER
}

#[test]
fn m097_hits_misses_and_premature_exits_are_said_once_a_minute_with_news() {
    let mut actor = one_hit_one_premature();
    let first = said(&mut actor, later(71_000));
    assert_eq!(first.len(), 1, "the hit is news");
    assert_eq!(first[0].subject, "exit.metrics.tp.BTCUSDT");
    for tenth in 1..600 {
        assert_eq!(said(&mut actor, later(71_000 + tenth * 100)), []);
    }
    let second = said(&mut actor, later(131_000));
    assert_eq!(second.len(), 1, "the miss is news");
    let Heard::TpPerformance(SymbolPerformance { targets, since, .. }) =
        decode(&second[0]).unwrap()
    else {
        panic!("no performance");
    };
    assert_eq!(since, Timestamp::from_micros(1));
    let rows: Vec<_> = targets
        .iter()
        .map(|it| (it.leg, it.planned, it.hit, it.missed, it.premature))
        .collect();
    assert_eq!(rows, [(1, 1, 1, 0, 0), (2, 1, 0, 1, 1)]);
    assert_eq!(targets[0].strategy, "RL_V3");
    assert_eq!(targets[0].recommendation, Recommendation::TooFew);
    assert_eq!(said(&mut actor, later(191_000)), [], "nothing is new");
}

#[test]
fn a_mark_from_the_future_makes_no_exit_premature() {
    let mut actor = actor();
    let open = snapshot(position("BTCUSDT", "1", NOW), Vec::new(), NOW);
    hear(&mut actor, NOW, Heard::Position(open));
    hear(&mut actor, NOW, Heard::Plan(ladder(NOW)));
    let accepted = news(LegId::Stop, OrderStatus::Accepted, "0", NOW);
    hear(&mut actor, NOW, accepted);
    hear(&mut actor, later(1), flat(later(1)));
    hear(&mut actor, later(2), mark("97000.1", later(60_000)));
    drop(said(&mut actor, settled()));
    let report = actor.model().performance.report(None, NOW);
    let premature: u64 = report[0].targets.iter().map(|it| it.premature).sum();
    assert_eq!((report[0].targets[1].missed, premature), (1, 0));
}

#[test]
fn the_metrics_bear_the_names_that_operators_read() {
    let mut actor = one_hit_one_premature();
    drop(said(&mut actor, settled()));
    let text = prometheus::render(actor.model(), settled()).unwrap();
    let of =
        |leg| format!("{{symbol=\"BTCUSDT\",strategy=\"RL_V3\",regime=\"NORMAL\",leg=\"{leg}\"}}");
    for line in [
        format!("exitbrain_tp_targets_hit_total{} 1", of(1)),
        format!("exitbrain_tp_targets_missed_total{} 1", of(2)),
        format!("exitbrain_tp_premature_exits_total{} 1", of(2)),
        format!("exitbrain_tp_targets_open{} 0", of(1)),
        format!("exitbrain_tp_hit_ratio{} 1.0", of(1)),
        format!("exitbrain_tp_hit_ratio{} 0.0", of(2)),
        format!("exitbrain_tp_slippage_ratio{} 0.001", of(1)),
        format!("exitbrain_tp_time_to_hit_seconds{} 60.0", of(1)),
        "exitbrain_tp_untold_total 0".into(),
    ] {
        assert!(text.lines().any(|it| it == line), "no {line:?} in\n{text}");
    }
}

#[test]
fn one_symbol_can_be_asked_for() {
    let actor = one_hit_one_premature();
    let ask = |symbol: Option<&str>| {
        let asked = TpPerformanceRequest {
            symbol: symbol.map(Into::into),
        };
        list(actor.model(), &asked, NOW)
    };
    let all = ask(None);
    assert_eq!(all.since, "1970-01-01T00:00:00.000Z");
    assert_eq!(all.symbols.len(), 1);
    assert_eq!(ask(Some("BTCUSDT")), all);
    assert!(ask(Some("ETHUSDT")).symbols.is_empty());
    assert!(ask(Some("no symbol")).symbols.is_empty());
}

#[test]
fn what_is_closed_without_a_fill_of_a_target_is_no_hit() {
    let mut actor = actor();
    let open = |at| snapshot(position("BTCUSDT", "1", NOW), Vec::new(), at);
    hear(&mut actor, NOW, Heard::Position(open(NOW)));
    hear(&mut actor, NOW, Heard::Plan(ladder(NOW)));
    hear(
        &mut actor,
        NOW,
        news(LegId::Stop, OrderStatus::Accepted, "0", NOW),
    );
    let mut less = open(later(1));
    less.position.qty = qty("0.75");
    hear(&mut actor, later(1), Heard::Position(less));
    let report = actor.model().performance.report(None, NOW);
    let hits: u64 = report[0].targets.iter().map(|it| it.hit).sum();
    assert_eq!((report[0].targets.len(), hits), (2, 0));
}
