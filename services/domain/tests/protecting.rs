//! Rules of deciding and reconciling, driven through one small loop: decide, apply, reconcile,
//! and an obedient venue that does what was asked.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;
mod desk;

use common::*;
use desk::{Desk, names, rules};
use domain::decide::PLAN_PATIENCE;
use domain::decision::{Action, Rule};
use domain::ids::{ClientOrderId, LegId, Module, OrderCause};
use domain::market::Regime;
use domain::order::{CloseOrder, OrderKind};
use domain::reconcile::Want;
use domain::signal::RiskMode;
use domain::{Side, Span};

#[test]
fn a_new_position_gets_both_stops_before_any_target() {
    let mut desk = Desk::new(position("BTCUSDT", Side::Long, "0.1", "50000"));
    assert_eq!(names(&desk.tick("50000")), ["move_sl", "update_tp_limits"]);
    let kinds: Vec<OrderKind> = desk.asked_kinds();
    assert_eq!(kinds[..2], [OrderKind::HardSl, OrderKind::Sl]);
    desk.obey();
    desk.tick("50000");
    desk.obey();
    assert_eq!(
        desk.resting("hard_sl"),
        ["49000"],
        "10 % of margin at 5x is 2 % of price"
    );
    assert_eq!(
        desk.resting("sl"),
        ["49000"],
        "the plan's 2.5 % is looser than the floor"
    );
    assert_eq!(desk.resting("tp"), ["50750", "51500"]);
}

#[test]
fn a_position_is_protected_without_plan_and_without_price() {
    let mut desk = Desk::new(position("BTCUSDT", Side::Short, "0.1", "50000"));
    desk.plan = None;
    assert_eq!(rules(&desk.step()), []);
    assert_eq!(desk.asked_kinds(), [OrderKind::HardSl], "at once");
    desk.obey();
    desk.pass(PLAN_PATIENCE);
    assert_eq!(rules(&desk.step()), [Rule::InitialStop]);
    desk.obey();
    assert_eq!(desk.resting("hard_sl"), ["51000"]);
    assert_eq!(desk.resting("sl"), ["51000"]);
}

/// The stop of a plan that comes in time is the first one, though it lies beyond the base distance.
#[test]
fn the_first_stop_waits_a_moment_for_the_plan() {
    let mut wide = position("BTCUSDT", Side::Long, "0.1", "50000");
    wide.leverage = dec("2");
    let mut desk = Desk::new(wide);
    let plan = desk.plan.take();
    assert_eq!(rules(&desk.tick("50000")), []);
    desk.obey();
    desk.plan = plan;
    desk.replan_in(Regime::Volatile);
    let rules = rules(&desk.tick("50000"));
    assert_eq!(rules, [Rule::InitialStop, Rule::Targets]);
    desk.obey();
    assert_eq!(desk.resting("sl"), ["48500"], "3 %, not the base's 2.5 %");
}

#[test]
fn a_stop_moves_by_place_confirm_cancel() {
    let mut desk = Desk::settled("50000");
    assert_eq!(rules(&desk.tick("50740")), [Rule::Trailing]);
    let asked = desk.asked.clone();
    assert!(
        matches!(
            asked[..],
            [Want::Place {
                order: CloseOrder::Stop { .. },
                ..
            }]
        ),
        "{asked:?}"
    );
    desk.obey();
    assert_eq!(
        desk.resting("sl").len(),
        2,
        "both rest until the new one is seen"
    );
    desk.step();
    assert!(
        matches!(desk.asked[..], [Want::Cancel { .. }]),
        "{:?}",
        desk.asked
    );
    desk.obey();
    assert_eq!(desk.resting("sl"), ["49978.9"]);
    assert_eq!(desk.resting("tp").len(), 2, "targets are not touched");
}

#[test]
fn nothing_is_asked_twice_while_it_is_on_its_way() {
    let mut desk = Desk::new(position("BTCUSDT", Side::Long, "0.1", "50000"));
    desk.tick("50000");
    assert!(!desk.asked.is_empty());
    desk.tick("50000");
    assert!(desk.asked.is_empty(), "{:?}", desk.asked);
}

#[test]
fn an_intent_that_was_never_heard_of_is_asked_again_under_a_new_name() {
    let mut desk = Desk::new(position("BTCUSDT", Side::Long, "0.1", "50000"));
    desk.tick("50000");
    let first = desk.asked_ids();
    desk.pass(Span::from_secs(3));
    desk.tick("50000");
    let second = desk.asked_ids();
    assert_eq!(first.len(), second.len());
    assert!(first.iter().all(|id| !second.contains(id)));
}

/// The venue does not answer: of a position that is covered the stop is not asked for again and
/// again, of one that may be bare it is.
#[test]
fn a_stop_in_doubt_is_asked_for_again_only_where_nothing_else_protects() {
    let moment = Span::from_millis(400);
    let mut covered = Desk::settled("50000");
    covered.tick("50740");
    assert_eq!(covered.asked_kinds(), [OrderKind::Sl]);
    covered.submit();
    for _ in 0..10 {
        covered.pass(moment);
        covered.tick("50740");
        assert!(covered.asked.is_empty(), "{:?}", covered.asked);
    }
    covered.pass(Span::from_secs(10));
    covered.tick("50740");
    assert_eq!(covered.asked_kinds(), [OrderKind::Sl], "not for ever");

    let mut bare = Desk::new(position("BTCUSDT", Side::Long, "0.1", "50000"));
    bare.tick("50000");
    bare.submit();
    bare.pass(moment);
    bare.tick("50000");
    assert_eq!(bare.asked_kinds(), [OrderKind::HardSl, OrderKind::Sl]);
}

#[test]
fn the_emergency_closes_everything_and_frees_the_targets_first() {
    let mut desk = Desk::settled("50000");
    desk.risk = RiskMode::EssActive;
    assert_eq!(names(&desk.tick("50000")), ["full_exit_now"]);
    let cancels = desk
        .asked
        .iter()
        .filter(|want| matches!(want, Want::Cancel { .. }))
        .count();
    assert_eq!(
        (cancels, desk.asked.len()),
        (2, 2),
        "targets first: {:?}",
        desk.asked
    );
    desk.obey();
    desk.step();
    assert!(matches!(
        desk.asked[..],
        [Want::Place { order: CloseOrder::Market { qty: of }, .. }] if of == qty("0.1")
    ));
    assert_eq!(
        desk.resting("sl").len(),
        1,
        "the stop stays until the venue says flat"
    );
    desk.obey();
    desk.step();
    desk.pass(Span::from_millis(500));
    desk.step();
    desk.obey();
    assert_eq!(desk.snapshot.position.qty, qty("0"));
    let rest = desk.snapshot.orders.len();
    assert_eq!(desk.resting("hard_sl").len(), rest, "the rest is swept");
}

/// Ours to cancel are only orders under our names; what a stranger's target leaves is closed.
#[test]
fn an_exit_that_is_refused_beside_a_strangers_target_closes_what_that_leaves_free() {
    let mut desk = Desk::settled("50000");
    let mut order = desk.orders("tp").next().unwrap().clone();
    order.client_order_id = ClientOrderId::new("human-1").unwrap();
    order.order = CloseOrder::Limit {
        qty: qty("0.04"),
        price: price("53000"),
    };
    desk.snapshot.orders.push(order);
    desk.risk = RiskMode::EssActive;
    desk.tick("50000");
    desk.obey();
    desk.step();
    let market = |of: &str| Want::Place {
        leg: LegId::Exit,
        kind: OrderKind::EmergencyExit,
        order: CloseOrder::Market { qty: qty(of) },
    };
    assert_eq!(desk.asked, [market("0.1")], "whole at first");
    let refused = desk.asked_ids()[0].clone();
    let at = desk.snapshot.at + Span::from_millis(20);
    desk.flight.on_denied(&refused, at);
    desk.pass(Span::from_secs(1));
    desk.step();
    assert_eq!(desk.asked, [market("0.06")]);
}

#[test]
fn a_filled_target_shrinks_the_stop_and_ratchets_it_to_entry() {
    let mut desk = Desk::settled("50000");
    desk.close_part("0.025");
    assert_eq!(rules(&desk.tick("50700")), [Rule::Ratchet]);
    for _ in 0..3 {
        desk.obey();
        desk.step();
    }
    assert_eq!(desk.resting("sl"), ["50000"]);
    assert_eq!(desk.snapshot.protected_qty(), qty("0.075"));
    assert_eq!(
        desk.resting("tp"),
        ["51500"],
        "the first target is done by its level"
    );
}

#[test]
fn a_market_leg_closes_its_share_exactly_once() {
    let mut desk = Desk::with_market_first_leg("50000");
    let decisions = desk.tick("50760");
    assert_eq!(rules(&decisions), [Rule::Partial]);
    let Action::PartialClose { keep, .. } = decisions[0].action else {
        panic!("{decisions:?}")
    };
    assert_eq!(keep, qty("0.075"));
    desk.obey();
    for _ in 0..4 {
        desk.tick("50760");
        desk.obey();
    }
    assert_eq!(desk.snapshot.position.qty, qty("0.075"));
}

#[test]
fn a_refused_market_leg_pauses_before_it_is_asked_for_again() {
    let mut desk = Desk::with_market_first_leg("50000");
    desk.tick("50760");
    let market = |want: &Want| {
        matches!(
            want,
            Want::Place {
                order: CloseOrder::Market { .. },
                ..
            }
        )
    };
    let at = desk.asked.iter().position(market).unwrap();
    let refused = desk.asked_ids()[at].clone();
    desk.flight
        .on_denied(&refused, desk.snapshot.at + Span::from_millis(20));
    desk.step();
    assert!(!desk.asked.iter().any(market), "{:?}", desk.asked);
    desk.pass(Span::from_secs(1));
    desk.step();
    assert!(desk.asked.iter().any(market), "{:?}", desk.asked);
}

#[test]
fn a_stop_that_fired_and_did_not_fill_is_closed_at_market() {
    let mut desk = Desk::settled("50000");
    desk.tick("48990");
    desk.pass(Span::from_secs(2));
    assert_eq!(names(&desk.tick("48990")), ["full_exit_now"]);
}

/// An old stop that hangs is neither protection of the new position nor a reason to close it.
#[test]
fn a_stop_of_a_former_life_that_hangs_says_nothing_about_this_one() {
    let mut desk = Desk::new(position("BTCUSDT", Side::Long, "0.1", "50000"));
    desk.hang_stop(1, "51000");
    let actions = desk.tick("50000");
    assert_eq!(names(&actions), ["move_sl", "update_tp_limits"]);
    desk.obey();
    desk.pass(Span::from_secs(5));
    assert!(
        desk.tick("50000").is_empty(),
        "the new position is left alone"
    );
    assert_eq!(desk.snapshot.protected_qty(), qty("0.1"));
}

#[test]
fn a_stop_of_this_life_that_hangs_is_closed_at_market() {
    let mut desk = Desk::settled("50000");
    let epoch = desk.snapshot.position.epoch.0;
    desk.snapshot.orders.clear();
    desk.hang_stop(epoch, "49000");
    desk.pass(Span::from_secs(2));
    assert_eq!(names(&desk.step()), ["full_exit_now"]);
}

#[test]
fn a_position_that_cannot_hold_a_loss_floor_is_closed_at_once() {
    let mut leveraged = position("BTCUSDT", Side::Long, "0.1", "50000");
    leveraged.leverage = dec("60");
    let mut desk = Desk::new(leveraged);
    assert_eq!(names(&desk.tick("50000")), ["full_exit_now"]);
}

#[test]
fn flat_without_proof_sweeps_nothing() {
    let mut desk = Desk::settled("50000");
    desk.snapshot.position.qty = qty("0");
    desk.snapshot.flat_proven = false;
    desk.step();
    assert!(desk.asked.is_empty());
    desk.snapshot.flat_proven = true;
    desk.step();
    assert!(
        desk.asked.is_empty(),
        "the venue is given time to expire them"
    );
    desk.pass(Span::from_millis(500));
    desk.step();
    assert_eq!(
        desk.asked.len(),
        3,
        "the working stop and both targets: {:?}",
        desk.asked
    );
}

/// What incumbents left may fill the account, which then takes no stop of ours (-4045).
#[test]
fn superfluous_stops_go_before_the_working_stop_rests_and_one_of_them_stays() {
    let mut desk = Desk::settled("50000");
    let is_stop = |order: &CloseOrder| matches!(order, CloseOrder::Stop { .. });
    let mut stop = desk.orders("sl").next().unwrap().clone();
    desk.snapshot.orders.retain(|order| !is_stop(&order.order));
    for generation in 1..=4 {
        let cause = OrderCause {
            module: Module::DynamicTpsl,
            side: desk.side(),
            epoch: desk.snapshot.position.epoch,
            leg: LegId::Stop,
            generation,
        };
        stop.client_order_id = ClientOrderId::derive(&symbol("BTCUSDT"), &cause);
        desk.snapshot.orders.push(stop.clone());
    }
    desk.step();
    let swept = |want: &Want| {
        matches!(
            want,
            Want::Cancel {
                conditional: true,
                ..
            }
        )
    };
    let asked: Vec<Want> = desk.asked.clone();
    assert_eq!(
        asked.iter().filter(|want| swept(want)).count(),
        3,
        "{asked:?}"
    );
    desk.obey();
    desk.step();
    assert_eq!(
        desk.asked.len(),
        1,
        "the last one, for the confirmed: {:?}",
        desk.asked
    );
    desk.obey();
    assert!(desk.is_protected_as_desired());
}
