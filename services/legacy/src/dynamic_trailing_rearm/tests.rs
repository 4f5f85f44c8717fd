//! When its stop trails, how near, and which parts it closes.

use domain::Module;
use domain::Side;
use domain::ids::LegId;
use domain::order::CloseOrder;
use domain::snapshot::PositionSnapshot;

use super::*;
use crate::fixture::{at, dec, id, open, picture, price, qty, resting};

static MODULE: Module = Module::DynamicTrailingRearm;
const MINUTE: i64 = 60_000;

/// A position that somebody else's stop covers.
fn covered(side: Side) -> PositionSnapshot {
    let mut snapshot = open(side);
    let far = if side == Side::Long { "900" } else { "1100" };
    let order = CloseOrder::Stop {
        qty: qty("1"),
        trigger: price(far),
    };
    let name = id(Module::PositionMonitor, side, LegId::Stop, 1);
    snapshot.orders.push(resting(name, order));
    snapshot
}

fn wish(
    method: &mut DynamicTrailingRearm,
    snapshot: &PositionSnapshot,
    mark: &str,
    millis: i64,
) -> Wishes {
    let mut shown = picture(&MODULE, snapshot, at(millis));
    shown.mark = Some(price(mark));
    method.wish(&shown)
}

fn stop(wishes: &Wishes) -> Option<Price> {
    wishes.stop.map(|stop| stop.price)
}

#[test]
fn the_stop_follows_nearer_with_more_profit() {
    let snapshot = covered(Side::Long);
    for (mark, expected) in [
        ("1019.9", None),
        // 1.5 %, 1.125 %, 0.75 % and 0.5 % behind the mark.
        ("1020", Some("1004.7")),
        ("1050", Some("1038.2")),
        ("1100", Some("1091.8")),
        ("1150", Some("1144.3")),
        ("1200", Some("1194")),
    ] {
        let method = &mut DynamicTrailingRearm::default();
        let wishes = wish(method, &snapshot, mark, 5 * MINUTE);
        assert_eq!(stop(&wishes), expected.map(price), "{mark}");
    }
}

#[test]
fn the_short_is_the_mirror() {
    let method = &mut DynamicTrailingRearm::default();
    let wishes = wish(method, &covered(Side::Short), "950", 5 * MINUTE);
    // 1.125 % above 950.
    assert_eq!(stop(&wishes), Some(price("960.6")));
}

#[test]
fn it_waits_for_the_age_and_between_two_changes() {
    let snapshot = covered(Side::Long);
    let method = &mut DynamicTrailingRearm::default();
    let young = wish(method, &snapshot, "1050", 5 * MINUTE - 1);
    assert_eq!(stop(&young), None);
    let armed = wish(method, &snapshot, "1050", 5 * MINUTE);
    assert_eq!(stop(&armed), Some(price("1038.2")));
    // The best price counts at once, a nearer callback only after the pause.
    let waiting = wish(method, &snapshot, "1100", 5 * MINUTE + 29_999);
    assert_eq!(stop(&waiting), Some(price("1087.7")));
    let rearmed = wish(method, &snapshot, "1100", 5 * MINUTE + 30_000);
    assert_eq!(stop(&rearmed), Some(price("1091.8")));
}

#[test]
fn an_uncovered_position_and_one_without_a_mark_are_left_to_others() {
    let method = &mut DynamicTrailingRearm::default();
    let bare = wish(method, &open(Side::Long), "1100", 6 * MINUTE);
    assert_eq!(bare.stop, None);
    let snapshot = covered(Side::Long);
    let blind = method.wish(&picture(&MODULE, &snapshot, at(7 * MINUTE)));
    assert_eq!(blind, Wishes::default());
}

/// Somebody's take-profit rests there too.
fn with_target(mut snapshot: PositionSnapshot, at: &str) -> PositionSnapshot {
    let order = CloseOrder::Limit {
        qty: qty("0.1"),
        price: price(at),
    };
    let side = snapshot.position.key.side;
    let name = id(Module::PositionMonitor, side, LegId::TakeProfit(1), 1);
    snapshot.orders.push(resting(name, order));
    snapshot
}

/// Price, where the part begins, its share.
fn rows(wishes: &Wishes) -> Option<Vec<(Price, Ratio, Ratio)>> {
    let targets = wishes.targets.as_ref()?.iter();
    let rows = targets.map(|target| (target.price, target.from, target.size));
    Some(rows.collect())
}

fn row(target: &str, from: i64, size: i64) -> (Price, Ratio, Ratio) {
    let (from, size) = (Ratio::basis_points(from), Ratio::basis_points(size));
    (price(target), from, size)
}

#[test]
fn parts_divide_the_way_to_the_farthest_target_by_the_best_profit_so_far() {
    let snapshot = with_target(with_target(covered(Side::Long), "1200"), "1100");
    let method = &mut DynamicTrailingRearm::default();
    assert_eq!(rows(&wish(method, &snapshot, "1050", 1_000)), None);
    let halves = vec![row("1132", 0, 5_000), row("1200", 5_000, 5_000)];
    let found = wish(method, &snapshot, "1050.1", 2_000);
    assert_eq!(rows(&found), Some(halves));
    let thirds = vec![
        row("1100", 0, 3_000),
        row("1150", 3_000, 4_000),
        row("1200", 7_000, 3_000),
    ];
    method.on_mark(&snapshot.position, price("1100.1"));
    let found = wish(method, &snapshot, "1060", 3_000);
    assert_eq!(rows(&found), Some(thirds));
}

#[test]
fn the_parts_of_a_short_lie_below_entry() {
    let snapshot = with_target(covered(Side::Short), "800");
    let method = &mut DynamicTrailingRearm::default();
    let found = wish(method, &snapshot, "940", 1_000);
    let halves = vec![row("868", 0, 5_000), row("800", 5_000, 5_000)];
    assert_eq!(rows(&found), Some(halves));
}

#[test]
fn without_a_target_in_profit_there_is_no_way_to_divide() {
    let method = &mut DynamicTrailingRearm::default();
    for snapshot in [
        covered(Side::Long),
        with_target(covered(Side::Long), "1000"),
        with_target(covered(Side::Long), "990"),
    ] {
        assert_eq!(rows(&wish(method, &snapshot, "1150", 1_000)), None);
    }
}

#[test]
fn a_wavering_profit_widens_no_stop_that_it_has_earned() {
    let snapshot = covered(Side::Long);
    let method = &mut DynamicTrailingRearm::default();
    wish(method, &snapshot, "1100", 5 * MINUTE);
    // Back at 5 % the callback is wider again; check.rs keeps what rests tighter.
    let wider = wish(method, &snapshot, "1050", 6 * MINUTE);
    assert_eq!(stop(&wider), Some(price("1087.7")));
    assert!(dec("1087.7") < dec("1091.8"));
}
