//! A module beside other modules: it acts only where it improves, and touches only what is its own.

use super::*;

use domain::Ratio;
use domain::decision::Target;

const MODULE: Module = Module::TrailingStopManager;
const LONG: Side = Side::Long;

fn trailing(trigger: &str) -> Wishes {
    Wishes {
        stop: Some(StopWish {
            price: price(trigger),
            reason: StopReason::Trailing,
        }),
        ..Wishes::default()
    }
}

/// A stop of the trailing manager for the whole position.
fn manager_stop(generation: u32, trigger: &str) -> RestingOrder {
    let (_, order) = stop("1", trigger);
    resting(id(MODULE, LONG, LegId::Stop, generation), order)
}

fn manager_target(of: &str, at: &str) -> RestingOrder {
    let (_, order) = target(1, of, at);
    resting(id(MODULE, LONG, LegId::TakeProfit(1), 1), order)
}

fn whole_at(at: &str) -> Wishes {
    Wishes {
        targets: Some(vec![Target {
            leg: 1,
            price: price(at),
            from: Ratio::ZERO,
            size: Ratio::ONE,
        }]),
        ..Wishes::default()
    }
}

impl Case {
    fn asked(&self, wishes: &Wishes) -> Vec<Want> {
        self.wants_for(&MODULE, wishes)
    }
}

fn orders(wants: &[Want]) -> Vec<CloseOrder> {
    let placed = wants.iter().filter_map(|want| match want {
        Want::Place { order, .. } => Some(*order),
        Want::Cancel { .. } => None,
    });
    placed.collect()
}

fn targets_of(wants: &[Want]) -> Vec<&ClientOrderId> {
    let canceled = wants.iter().filter_map(|want| match want {
        Want::Cancel { target, .. } => Some(target),
        Want::Place { .. } => None,
    });
    canceled.collect()
}

#[test]
fn a_stop_is_placed_only_where_it_is_tighter_than_every_stop_that_rests() {
    let mut case = Case::new(LONG, vec![own_stop(LONG, 1, "1", "1001")]);
    case.mark = Some("1050");
    for (wish, placed) in [("1000", false), ("1001.9", false), ("1002.1", true)] {
        assert_eq!(!case.asked(&trailing(wish)).is_empty(), placed, "{wish}");
    }
}

#[test]
fn the_stop_of_another_module_stays_when_a_tighter_one_rests() {
    let theirs = own_stop(LONG, 1, "1", "980");
    let mut case = Case::new(
        LONG,
        vec![theirs, manager_stop(1, "1000"), manager_stop(2, "1015")],
    );
    case.mark = Some("1050");
    let wants = case.asked(&trailing("1015"));
    assert_eq!(
        targets_of(&wants),
        [&manager_stop(1, "1000").client_order_id]
    );
    assert!(orders(&wants).is_empty());
}

#[test]
fn no_stop_is_canceled_before_the_new_one_rests() {
    let mut case = Case::new(LONG, vec![manager_stop(1, "1000")]);
    case.mark = Some("1050");
    let wants = case.asked(&trailing("1015"));
    assert_eq!(orders(&wants), [stop("1", "1015").1]);
    assert!(targets_of(&wants).is_empty());
}

#[test]
fn without_a_wish_the_own_stop_stays_and_follows_the_quantity() {
    let mut case = Case::new(LONG, vec![manager_stop(1, "1000")]);
    case.mark = Some("1050");
    assert_eq!(case.asked(&Wishes::default()), []);
    // Others cover the rest, and the own stop grows all the same.
    case.snapshot.orders.push(own_stop(LONG, 1, "2", "980"));
    case.snapshot.position.qty = qty("2");
    let wants = case.asked(&Wishes::default());
    assert_eq!(orders(&wants), [stop("2", "1000").1]);
}

#[test]
fn without_a_wish_and_a_stop_of_its_own_an_uncovered_position_is_left_to_others() {
    let case = Case::new(LONG, Vec::new());
    assert_eq!(case.asked(&Wishes::default()), []);
}

#[test]
fn a_stop_that_another_module_left_from_a_former_life_is_no_cover() {
    let cause = OrderCause {
        module: Module::PositionMonitor,
        side: LONG,
        epoch: Epoch(5),
        leg: LegId::Stop,
        generation: 1,
    };
    let former = resting(ClientOrderId::derive(&symbol(), &cause), stop("1", "970").1);
    let mut case = Case::new(LONG, vec![former.clone()]);
    assert_eq!(orders(&case.asked(&trailing("990"))), [stop("1", "990").1]);
    // Once any stop of this life covers the position, its owner takes it away.
    case.snapshot.orders.push(manager_stop(1, "990"));
    assert_eq!(case.canceled(), [former.client_order_id]);
}

#[test]
fn a_refused_level_closes_nothing_that_another_stop_covers() {
    let mut case = Case::new(LONG, vec![own_stop(LONG, 1, "1", "980")]);
    case.breached = true;
    assert!(orders(&case.asked(&trailing("1050"))).is_empty());
}

#[test]
fn a_fired_stop_of_another_module_is_not_waited_for_without_end() {
    let mut fired = own_stop(LONG, 1, "1", "980");
    fired.status = OrderStatus::Triggering;
    fired.since = at(8_000);
    let case = Case::new(LONG, vec![fired]);
    assert_eq!(orders(&case.asked(&Wishes::default())), [exit("1").1]);
}

#[test]
fn targets_fit_beside_those_of_another_incumbent_and_neither_gives_way() {
    let theirs = own_target(LONG, 1, "0.6", "1030");
    let stop = own_stop(LONG, 1, "1", "980");
    let mut case = Case::new(LONG, vec![stop, theirs]);
    let wishes = whole_at("1050");
    assert_eq!(orders(&case.asked(&wishes)), [target(1, "0.4", "1050").1]);
    case.snapshot.orders.push(manager_target("0.4", "1050"));
    assert_eq!(case.asked(&wishes), []);
    // Both were placed at the same moment: each is right by itself, and stays.
    case.snapshot.orders.pop();
    case.snapshot.orders.push(manager_target("1", "1050"));
    assert_eq!(case.asked(&wishes), []);
    // The other one is gone: there is room for the whole again.
    case.snapshot
        .orders
        .retain(|order| *order != own_target(LONG, 1, "0.6", "1030"));
    case.snapshot.orders.pop();
    case.snapshot.orders.push(manager_target("0.4", "1050"));
    let wants = case.asked(&wishes);
    assert_eq!(
        targets_of(&wants),
        [&manager_target("0.4", "1050").client_order_id]
    );
}

#[test]
fn a_stranger_takes_room_from_what_rests_already() {
    let limit = target(1, "0.8", "1020").1;
    let foreign = resting(ClientOrderId::new("by-hand").unwrap(), limit);
    let stop = own_stop(LONG, 1, "1", "980");
    let case = Case::new(LONG, vec![stop, foreign, manager_target("1", "1050")]);
    let wants = case.asked(&whole_at("1050"));
    assert_eq!(
        targets_of(&wants),
        [&manager_target("1", "1050").client_order_id]
    );
    assert!(orders(&wants).is_empty(), "cancel first");
}

#[test]
fn an_empty_list_of_targets_takes_the_own_ones_away_and_none_leaves_them() {
    let stop = own_stop(LONG, 1, "1", "980");
    let own = manager_target("0.4", "1050");
    let case = Case::new(
        LONG,
        vec![stop, own.clone(), own_target(LONG, 1, "0.5", "1030")],
    );
    assert_eq!(case.asked(&Wishes::default()), []);
    let none = Wishes {
        targets: Some(Vec::new()),
        ..Wishes::default()
    };
    assert_eq!(targets_of(&case.asked(&none)), [&own.client_order_id]);
}

#[test]
fn a_wish_to_close_frees_the_own_targets_and_closes_everything() {
    let stop = own_stop(LONG, 1, "1", "980");
    let own = manager_target("0.4", "1050");
    let case = Case::new(LONG, vec![stop, own.clone()]);
    let wishes = Wishes {
        exit: Some("enough"),
        ..Wishes::default()
    };
    let wants = case.asked(&wishes);
    assert_eq!(targets_of(&wants), [&own.client_order_id]);
    assert_eq!(orders(&wants), [exit("1").1]);
}

#[test]
fn the_room_of_a_module_that_comes_first_is_left_whether_it_rests_or_not() {
    let stop = own_stop(LONG, 1, "1", "980");
    let wishes = whole_at("1050");
    let mut case = Case::new(LONG, vec![stop.clone()]);
    case.beside.reserved = Ratio::basis_points(7_000);
    assert_eq!(orders(&case.asked(&wishes)), [target(1, "0.3", "1050").1]);
    // It was not known when this one was placed: it gives way, and comes again smaller.
    case.snapshot.orders.push(manager_target("1", "1050"));
    let wants = case.asked(&wishes);
    let rested = manager_target("1", "1050").client_order_id;
    assert_eq!(targets_of(&wants), [&rested]);
    assert!(orders(&wants).is_empty(), "cancel first");
    // What the first one has closed needs no room any more.
    case.snapshot.orders = vec![stop, manager_target("0.3", "1050")];
    for open in ["1", "0.6", "0.3"] {
        case.snapshot.position.qty = qty(open);
        assert!(targets_of(&case.asked(&wishes)).is_empty(), "{open}");
    }
}

#[test]
fn what_modules_left_that_are_gone_goes_after_the_life_and_not_before() {
    let gone = Module::HybridTpsl;
    let cause = |epoch| OrderCause {
        module: gone.clone(),
        side: LONG,
        epoch,
        leg: LegId::Stop,
        generation: 1,
    };
    let order = stop("1", "970").1;
    let name = |epoch| ClientOrderId::derive(&symbol(), &cause(epoch));
    let former = resting(name(Epoch(5)), order);
    let current = resting(name(crate::fixture::EPOCH), order);
    let own = own_stop(LONG, 1, "1", "980");
    let mut case = Case::new(LONG, vec![own.clone(), former.clone(), current.clone()]);
    assert_eq!(targets_of(&case.asked(&Wishes::default())).len(), 0);
    case.beside.heir_of = vec![gone.clone()];
    let wants = case.asked(&Wishes::default());
    assert_eq!(targets_of(&wants), [&former.client_order_id]);
    case.snapshot.position.qty = Qty::ZERO;
    case.snapshot.flat_proven = true;
    let wants = case.asked(&Wishes::default());
    let both = [&former.client_order_id, &current.client_order_id];
    assert_eq!(targets_of(&wants), both);
}
