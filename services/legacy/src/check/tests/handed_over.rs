//! What the executor has left: its stops count as held, its targets stay, its exit is finished.

use super::*;

fn executors_stop(side: Side, of: &str, trigger: &str) -> RestingOrder {
    let order = CloseOrder::Stop {
        qty: qty(of),
        trigger: price(trigger),
    };
    resting(id(Module::ExitExecutor, side, LegId::Stop, 1), order)
}

fn executors_target(side: Side, of: &str, at: &str) -> RestingOrder {
    let order = CloseOrder::Limit {
        qty: qty(of),
        price: price(at),
    };
    let leg = LegId::TakeProfit(1);
    resting(id(Module::ExitExecutor, side, leg, 1), order)
}

fn heir() -> Beside {
    Beside {
        heir_of: vec![Module::ExitExecutor],
        inherits: true,
        ..Beside::default()
    }
}

fn case(orders: Vec<RestingOrder>, beside: Beside) -> Case {
    Case {
        beside,
        ..Case::new(Side::Long, orders)
    }
}

#[test]
fn an_adequate_stop_of_the_executor_is_enough() {
    let case = case(vec![executors_stop(Side::Long, "1", "980")], heir());
    assert_eq!(case.placed().into_iter().find(is_stop), None);
    assert!(case.canceled().is_empty());
}

#[test]
fn a_tighter_stop_is_placed_first_and_then_the_executors_goes() {
    let executors = executors_stop(Side::Long, "1", "980");
    let mut case = case(vec![executors.clone()], heir());
    case.mark = Some("1012");
    assert!(case.placed().iter().any(is_stop));
    assert!(case.canceled().is_empty(), "not before its own is seen");
    case.snapshot
        .orders
        .push(own_stop(Side::Long, 1, "1", "1006"));
    assert_eq!(case.canceled(), [executors.client_order_id]);
}

#[test]
fn only_the_one_that_takes_over_touches_it() {
    let orders = vec![
        executors_stop(Side::Long, "1", "980"),
        own_stop(Side::Long, 1, "1", "990"),
    ];
    let beside = Beside {
        inherits: true,
        ..Beside::default()
    };
    assert!(case(orders.clone(), beside).canceled().is_empty());
    assert_eq!(case(orders, heir()).canceled().len(), 1);
}

#[test]
fn a_stop_that_the_position_outgrew_is_placed_for_all_of_it() {
    let mut case = case(vec![executors_stop(Side::Long, "1", "980")], heir());
    let whole = id(Module::ExitExecutor, Side::Long, LegId::Disaster, 1);
    let floor = CloseOrder::DisasterStop {
        trigger: price("950"),
    };
    case.snapshot.orders.push(resting(whole, floor));
    case.snapshot.position.qty = qty("1.5");
    case.snapshot.position.initial_qty = qty("1.5");
    assert!(case.placed().contains(&stop("1.5", "980")));
    assert!(case.canceled().is_empty());
}

#[test]
fn targets_of_the_executor_rest_and_own_ones_take_what_they_leave() {
    let orders = vec![
        executors_stop(Side::Long, "1", "980"),
        executors_target(Side::Long, "0.9", "1030"),
    ];
    let mut case = case(orders, heir());
    case.mark = Some("1012");
    assert!(case.canceled().is_empty());
    let limits = case
        .placed()
        .into_iter()
        .filter_map(|(_, order)| match order {
            CloseOrder::Limit { qty, .. } => Some(qty),
            _ => None,
        });
    let placed = limits.fold(Qty::ZERO, Qty::plus);
    assert!(placed <= qty("0.1"), "{placed}");
}

#[test]
fn an_exit_that_the_executor_left_is_finished_once_nothing_of_it_can_arrive() {
    let target = executors_target(Side::Long, "1", "1030");
    let orders = vec![executors_stop(Side::Long, "1", "980"), target.clone()];
    for (settled_ms, beside, exits) in [
        (10_000, heir(), true),
        (10_001, heir(), false),
        (10_000, Beside::default(), false),
    ] {
        let settled_at = at(settled_ms);
        let mut case = case(orders.clone(), beside);
        case.handed = Some(Closing { settled_at });
        let leg = (LegId::Exit, CloseOrder::Market { qty: qty("1") });
        assert_eq!(case.placed().contains(&leg), exits, "{settled_ms}");
        let freed = case.canceled().contains(&target.client_order_id);
        assert_eq!(freed, exits);
    }
}
