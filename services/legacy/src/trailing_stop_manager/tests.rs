//! Whose numbers it trails by, and what it remembers.

use super::*;
use crate::fixture::{at, open, own_stop, picture, plan, price};

use domain::decision::StopReason;
use domain::mode::Mode;
use domain::plan::ExitPlan;
use domain::{Module, Ratio, Side};

const MODULE: Module = Module::TrailingStopManager;

fn trailing_plan(activation: i64, callback: i64) -> ExitPlan {
    let mut plan = plan(&open(Side::Long));
    let leg = &mut plan.legs[0];
    leg.offset = Some(Ratio::basis_points(activation));
    leg.callback = Some(Ratio::basis_points(callback));
    plan
}

/// What a fresh manager wishes at `mark`.
fn wishes(mark: &str, mode: Mode, plan: Option<&ExitPlan>) -> Wishes {
    let snapshot = open(Side::Long);
    TrailingStopManager::default().wish(&Picture {
        mark: Some(price(mark)),
        mode,
        plan,
        ..picture(&MODULE, &snapshot, at(0))
    })
}

fn level(wishes: &Wishes) -> Option<String> {
    wishes.stop.map(|stop| stop.price.to_string())
}

#[test]
fn a_plan_of_the_brain_sets_activation_and_callback() {
    let plan = trailing_plan(200, 50);
    let planned = wishes("1020", Mode::Shadow, Some(&plan));
    assert_eq!(level(&planned), Some("1014.9".into()));
    assert_eq!(planned.counts, [FROM_PLAN]);
    let before = wishes("1019.9", Mode::Shadow, Some(&plan));
    assert_eq!(level(&before), Some("1000".into()), "not activated yet");
}

#[test]
fn a_plans_callback_is_not_overwritten_by_the_own_one() {
    let plan = trailing_plan(200, 300);
    let planned = wishes("1100", Mode::Shadow, Some(&plan));
    assert_eq!(level(&planned), Some("1067".into()));
}

#[test]
fn without_a_plan_the_own_numbers_count_and_the_heartbeat_tells() {
    let own = wishes("1100", Mode::Shadow, None);
    assert_eq!(level(&own), Some("1089".into()));
    assert_eq!(own.counts, [FALLBACK]);
    let mut without_trail = trailing_plan(200, 300);
    without_trail.legs.clear();
    let own = wishes("1100", Mode::Shadow, Some(&without_trail));
    assert_eq!(level(&own), Some("1089".into()));
    assert_eq!(own.counts, [FALLBACK]);
}

#[test]
fn with_the_brain_off_no_plan_is_read_and_nothing_falls_back() {
    let plan = trailing_plan(200, 300);
    let own = wishes("1100", Mode::Legacy, Some(&plan));
    assert_eq!(level(&own), Some("1089".into()));
    assert!(own.counts.is_empty());
}

#[test]
fn the_best_price_between_two_looks_counts() {
    let snapshot = open(Side::Long);
    let mut manager = TrailingStopManager::default();
    for mark in ["1060", "1110", "1105"] {
        manager.on_mark(&snapshot.position, price(mark));
    }
    let wishes = manager.wish(&Picture {
        mark: Some(price("1104")),
        ..picture(&MODULE, &snapshot, at(0))
    });
    assert_eq!(level(&wishes), Some("1098.9".into()));
    assert_eq!(wishes.stop.unwrap().reason, StopReason::Trailing);
}

#[test]
fn without_a_mark_it_wishes_nothing() {
    let snapshot = open(Side::Long);
    let wishes = TrailingStopManager::default().wish(&picture(&MODULE, &snapshot, at(0)));
    assert_eq!(wishes, Wishes::default());
}

#[test]
fn a_tighter_stop_of_another_module_is_left_to_do_its_work() {
    let mut snapshot = open(Side::Long);
    snapshot.orders.push(own_stop(Side::Long, 1, "1", "1091"));
    let wishes = TrailingStopManager::default().wish(&Picture {
        mark: Some(price("1100")),
        ..picture(&MODULE, &snapshot, at(0))
    });
    assert_eq!(wishes.stop, None);
}
