//! What a check asks for, picture by picture.

use super::*;
use crate::books::Books;
use crate::fellows::Beside;
use crate::fixture::{at, id, open, own_stop, own_target, picture, price, qty, resting, symbol};
use crate::method::{Method, Picture, Wishes};
use crate::position_monitor::PositionMonitor;

use domain::flight::Flight;
use domain::handover::Closing;
use domain::order::{OrderStatus, RestingOrder};
use domain::{Epoch, Module, Qty, Side};

mod beside_others;
mod handed_over;
mod many_stops;

/// A scene of the position monitor in parts that a test changes.
struct Case {
    snapshot: PositionSnapshot,
    flight: Flight,
    mark: Option<&'static str>,
    breached: bool,
    unsettled: bool,
    beside: Beside,
    handed: Option<Closing>,
}

impl Case {
    fn new(side: Side, orders: Vec<RestingOrder>) -> Self {
        let mut snapshot = open(side);
        snapshot.orders = orders;
        Self {
            snapshot,
            flight: Flight::default(),
            mark: Some("1000"),
            breached: false,
            unsettled: false,
            beside: Beside::default(),
            handed: None,
        }
    }

    fn wants(&self) -> Vec<Want> {
        let picture = Picture {
            mark: self.mark.map(price),
            ..picture(&Module::PositionMonitor, &self.snapshot, at(10_000))
        };
        let wishes = PositionMonitor::default().wish(&picture);
        self.wants_for(&Module::PositionMonitor, &wishes)
    }

    fn wants_for(&self, module: &Module, wishes: &Wishes) -> Vec<Want> {
        check(&Scene {
            books: Books {
                module,
                snapshot: &self.snapshot,
            },
            flight: &self.flight,
            wishes,
            mark: self.mark.map(price),
            breached: self.breached,
            unsettled: self.unsettled,
            beside: &self.beside,
            handed: self.handed,
            now: at(10_000),
        })
    }

    fn placed(&self) -> Vec<(LegId, CloseOrder)> {
        let wants = self.wants().into_iter();
        wants
            .filter_map(|want| match want {
                Want::Place { leg, order, .. } => Some((leg, order)),
                Want::Cancel { .. } => None,
            })
            .collect()
    }

    fn canceled(&self) -> Vec<ClientOrderId> {
        let wants = self.wants().into_iter();
        wants
            .filter_map(|want| match want {
                Want::Cancel { target, .. } => Some(target),
                Want::Place { .. } => None,
            })
            .collect()
    }
}

fn stop(of: &str, trigger: &str) -> (LegId, CloseOrder) {
    let order = CloseOrder::Stop {
        qty: qty(of),
        trigger: price(trigger),
    };
    (LegId::Stop, order)
}

fn is_stop((leg, _): &(LegId, CloseOrder)) -> bool {
    *leg == LegId::Stop
}

fn target(leg: u8, of: &str, at: &str) -> (LegId, CloseOrder) {
    let order = CloseOrder::Limit {
        qty: qty(of),
        price: price(at),
    };
    (LegId::TakeProfit(leg), order)
}

fn exit(of: &str) -> (LegId, CloseOrder) {
    (LegId::Exit, CloseOrder::Market { qty: qty(of) })
}

#[test]
fn an_unprotected_position_gets_a_stop_before_anything_else() {
    for (side, trigger) in [(Side::Long, "980"), (Side::Short, "1020")] {
        let case = Case::new(side, Vec::new());
        assert_eq!(case.placed(), [stop("1", trigger)], "{side}");
        assert!(case.canceled().is_empty());
    }
}

#[test]
fn a_missing_mark_does_not_delay_the_first_stop() {
    let mut case = Case::new(Side::Long, Vec::new());
    case.mark = None;
    assert_eq!(case.placed(), [stop("1", "980")]);
}

#[test]
fn a_protected_position_gets_its_take_profit_for_half() {
    for (side, trigger, at) in [(Side::Long, "980", "1030"), (Side::Short, "1020", "970")] {
        let case = Case::new(side, vec![own_stop(side, 1, "1", trigger)]);
        assert_eq!(case.placed(), [target(1, "0.5", at)], "{side}");
    }
}

#[test]
fn nothing_is_asked_for_once_everything_rests() {
    let side = Side::Long;
    let orders = vec![
        own_stop(side, 1, "1", "980"),
        own_target(side, 1, "0.5", "1030"),
    ];
    assert_eq!(Case::new(side, orders).wants(), []);
}

#[test]
fn an_incomplete_picture_asks_for_nothing() {
    let mut case = Case::new(Side::Long, Vec::new());
    case.snapshot.complete = false;
    assert_eq!(case.wants(), []);
}

#[test]
fn a_stop_that_fired_is_given_a_moment_and_then_closed_at_market() {
    let side = Side::Long;
    let mut fired = own_stop(side, 1, "1", "980");
    fired.status = OrderStatus::Triggering;
    fired.since = at(9_000);
    let mut case = Case::new(side, vec![fired]);
    assert_eq!(case.wants(), []);
    case.snapshot.orders[0].since = at(8_000);
    assert_eq!(case.placed(), [exit("1")]);
}

#[test]
fn a_level_behind_the_mark_is_an_exit_and_no_stop() {
    for (side, mark) in [(Side::Long, "979"), (Side::Short, "1021")] {
        let mut case = Case::new(side, vec![own_target(side, 1, "0.5", "1030")]);
        case.mark = Some(mark);
        assert_eq!(case.placed(), [exit("1")], "{side}");
        assert_eq!(case.canceled().len(), 1, "the take-profit makes way");
    }
}

#[test]
fn a_stop_that_the_venue_says_would_trigger_at_once_is_an_exit() {
    let mut case = Case::new(Side::Long, Vec::new());
    case.mark = None;
    case.breached = true;
    assert_eq!(case.placed(), [exit("1")]);
}

#[test]
fn a_tier_moves_the_stop_by_placing_before_canceling() {
    let side = Side::Long;
    let old = own_stop(side, 1, "1", "980");
    let mut case = Case::new(side, vec![old.clone(), own_target(side, 1, "0.25", "1010")]);
    case.mark = Some("1012");
    assert!(case.placed().contains(&stop("1", "1006")));
    assert!(
        case.canceled().is_empty(),
        "nothing is canceled before the new one rests"
    );
    case.snapshot.orders.push(own_stop(side, 2, "1", "1006"));
    assert!(!case.placed().iter().any(|(leg, _)| *leg == LegId::Stop));
    assert_eq!(case.canceled(), [old.client_order_id]);
}

#[test]
fn a_stop_is_never_loosened() {
    let side = Side::Short;
    let mut case = Case::new(side, vec![own_stop(side, 1, "1", "990")]);
    // The tier would want 994 here.
    case.mark = Some("988");
    assert!(!case.placed().iter().any(|(leg, _)| *leg == LegId::Stop));
}

#[test]
fn a_grown_position_gets_a_larger_stop_at_the_same_level() {
    let side = Side::Long;
    let mut case = Case::new(side, vec![own_stop(side, 1, "1", "985")]);
    case.snapshot.position.qty = qty("2");
    case.snapshot.position.initial_qty = qty("2");
    assert_eq!(case.placed(), [stop("2", "985")]);
    assert!(case.canceled().is_empty());
}

#[test]
fn a_shrunk_position_keeps_its_stop_which_closes_no_more_than_is_open() {
    let side = Side::Long;
    let large = own_stop(side, 1, "1", "985");
    let mut case = Case::new(side, vec![large.clone()]);
    case.snapshot.position.qty = qty("0.5");
    assert_eq!(case.placed().into_iter().find(is_stop), None);
    assert!(case.canceled().is_empty());
    case.snapshot.orders.push(own_stop(side, 2, "0.5", "985"));
    assert_eq!(case.canceled(), [large.client_order_id]);
}

#[test]
fn what_is_smaller_than_a_lot_causes_no_storm_of_stops() {
    let mut case = Case::new(Side::Long, Vec::new());
    case.snapshot.position.qty = qty("1.0004");
    assert_eq!(case.placed(), [stop("1", "980")]);
    case.snapshot
        .orders
        .push(own_stop(Side::Long, 1, "1", "980"));
    assert_eq!(case.wants(), []);
}

#[test]
fn a_stop_in_flight_is_not_asked_for_again() {
    let mut case = Case::new(Side::Long, Vec::new());
    let (_, order) = stop("1", "980");
    let pending = domain::flight::Pending {
        client_order_id: id(Module::PositionMonitor, Side::Long, LegId::Stop, 1),
        order,
        expires_at: at(12_000),
        status: OrderStatus::Submitting,
        heard: None,
    };
    case.flight.asked(LegId::Stop, pending);
    assert_eq!(case.wants(), []);
}

#[test]
fn a_close_position_stop_of_somebody_else_protects() {
    let disaster = CloseOrder::DisasterStop {
        trigger: price("990"),
    };
    let side = Side::Long;
    let foreign = resting(id(Module::ExitExecutor, side, LegId::Disaster, 1), disaster);
    let case = Case::new(side, vec![foreign]);
    assert_eq!(case.placed(), [target(1, "0.5", "1030")]);
}

#[test]
fn a_higher_tier_replaces_its_targets_by_canceling_first() {
    let side = Side::Long;
    let old = own_target(side, 1, "0.5", "1030");
    let mut case = Case::new(side, vec![own_stop(side, 1, "1", "1001"), old.clone()]);
    case.mark = Some("1007");
    assert_eq!(case.canceled(), [old.client_order_id]);
    assert!(case.placed().is_empty());
    case.snapshot.orders.pop();
    assert_eq!(case.placed(), [target(1, "0.25", "1008")]);
}

#[test]
fn a_target_that_was_filled_is_not_placed_again() {
    let side = Side::Long;
    let mut case = Case::new(side, vec![own_stop(side, 1, "0.75", "1001")]);
    case.mark = Some("1007");
    case.snapshot.position.qty = qty("0.75");
    assert_eq!(case.wants(), []);
}

#[test]
fn a_higher_tier_counts_what_lower_ones_have_closed() {
    let side = Side::Long;
    let mut case = Case::new(side, vec![own_stop(side, 1, "0.5", "1017.5")]);
    case.mark = Some("1024");
    case.snapshot.position.qty = qty("0.5");
    // 20 % and 20 % are done, 10 % of the last 30 % too.
    assert_eq!(case.placed(), [target(3, "0.2", "1025")]);
}

#[test]
fn no_take_profit_is_placed_while_a_fill_may_be_missing_from_the_picture() {
    let side = Side::Long;
    let mut case = Case::new(side, vec![own_stop(side, 1, "1", "980")]);
    case.unsettled = true;
    assert_eq!(case.wants(), []);
}

#[test]
fn take_profits_leave_room_for_limits_of_others() {
    let side = Side::Long;
    let limit = CloseOrder::Limit {
        qty: qty("0.8"),
        price: price("1020"),
    };
    let foreign = resting(ClientOrderId::new("by-hand").unwrap(), limit);
    let case = Case::new(side, vec![own_stop(side, 1, "1", "980"), foreign]);
    assert_eq!(case.placed(), [target(1, "0.2", "1030")]);
    assert!(
        case.canceled().is_empty(),
        "what is not ours is not touched"
    );
}

#[test]
fn a_proven_flat_position_is_swept_of_own_orders_only() {
    let side = Side::Long;
    let own = [
        own_stop(side, 1, "1", "980"),
        own_target(side, 1, "0.5", "1030"),
    ];
    let foreign = resting(id(Module::ExitExecutor, side, LegId::Stop, 1), own[0].order);
    let mut orders = own.to_vec();
    orders.push(foreign);
    let mut case = Case::new(side, orders);
    case.snapshot.position.qty = Qty::ZERO;
    assert_eq!(case.wants(), [], "flat is not proven");
    case.snapshot.flat_proven = true;
    let expected: Vec<_> = own
        .iter()
        .map(|order| order.client_order_id.clone())
        .collect();
    assert_eq!(case.canceled(), expected);
    case.beside.heir_of = vec![Module::ExitExecutor];
    assert_eq!(
        case.canceled().len(),
        expected.len() + 1,
        "what the brain left goes too"
    );
}

#[test]
fn a_stop_of_a_former_life_goes_once_this_lifes_own_rests() {
    let side = Side::Long;
    let cause = OrderCause {
        module: Module::PositionMonitor,
        side,
        epoch: Epoch(5),
        leg: LegId::Stop,
        generation: 1,
    };
    let (_, order) = stop("1", "970");
    let former = resting(ClientOrderId::derive(&symbol(), &cause), order);
    let mut case = Case::new(side, vec![former.clone()]);
    assert_eq!(case.placed(), [stop("1", "980")]);
    assert!(case.canceled().is_empty());
    case.snapshot.orders.push(own_stop(side, 1, "1", "980"));
    assert_eq!(case.canceled(), [former.client_order_id]);
}
