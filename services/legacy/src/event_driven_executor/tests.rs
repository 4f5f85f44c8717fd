//! The first stop, what follows a refusal, and that covered positions are left alone.

use domain::Module;
use domain::Side;
use domain::snapshot::PositionSnapshot;

use super::*;
use crate::fixture::{at, open, own_stop, picture, price};

static MODULE: Module = Module::EventDrivenExecutor;

fn wish(
    method: &mut EventDrivenExecutor,
    snapshot: &PositionSnapshot,
    mark: Option<&str>,
) -> Wishes {
    let mut shown = picture(&MODULE, snapshot, at(100));
    shown.mark = mark.map(price);
    method.wish(&shown)
}

fn stop(wishes: &Wishes) -> Option<domain::Price> {
    wishes.stop.map(|stop| stop.price)
}

#[test]
fn a_bare_position_gets_its_stop_at_entry() {
    for (side, expected) in [(Side::Long, "980"), (Side::Short, "1020")] {
        let wishes = wish(&mut EventDrivenExecutor::default(), &open(side), None);
        assert_eq!(stop(&wishes), Some(price(expected)), "{side}");
        assert_eq!((wishes.exit, wishes.targets), (None, None), "{side}");
    }
}

#[test]
fn a_refused_stop_is_tried_once_near_the_mark_and_then_the_position_is_closed() {
    let (mut method, snapshot) = (EventDrivenExecutor::default(), open(Side::Long));
    assert_eq!(method.due_at(), None);
    assert!(method.on_breach());
    assert!(method.due_at().is_some_and(|due| due <= at(100)));
    let retry = wish(&mut method, &snapshot, Some("975"));
    assert_eq!(stop(&retry), Some(price("974.6")));
    assert!(method.on_breach());
    let end = wish(&mut method, &snapshot, Some("975"));
    assert_eq!((end.stop, end.exit.is_some()), (None, true));
}

#[test]
fn a_refusal_without_a_mark_means_the_close() {
    let mut method = EventDrivenExecutor::default();
    method.on_breach();
    let wishes = wish(&mut method, &open(Side::Short), None);
    assert_eq!((wishes.stop, wishes.exit.is_some()), (None, true));
}

#[test]
fn a_covered_position_is_left_alone_and_its_refusals_are_forgotten() {
    let mut method = EventDrivenExecutor::default();
    method.on_breach();
    let mut snapshot = open(Side::Long);
    snapshot.orders.push(own_stop(Side::Long, 1, "1", "900"));
    assert_eq!(wish(&mut method, &snapshot, Some("950")), Wishes::default());
    assert_eq!(method.due_at(), None);
    snapshot.orders.clear();
    let wishes = wish(&mut method, &snapshot, Some("990"));
    assert_eq!(stop(&wishes), Some(price("980")));
}
