//! Several own stops beside each other: what is superfluous goes, whatever moves meanwhile.

use super::*;

/// Side, a loose and a tight level, and a mark that wishes for a tighter one than the loose.
const SIDES: [(Side, &str, &str, &str); 2] = [
    (Side::Long, "980", "990", "1012"),
    (Side::Short, "1020", "1010", "988"),
];

fn names(orders: &[RestingOrder]) -> Vec<ClientOrderId> {
    let names = orders.iter().map(|order| order.client_order_id.clone());
    names.collect()
}

#[test]
fn superfluous_stops_go_though_none_fits_the_quantity_exactly() {
    for (side, loose, ..) in SIDES {
        let stops: Vec<_> = (1..=5)
            .map(|number| own_stop(side, number, &format!("0.9{}", 10 - number), loose))
            .collect();
        let mut case = Case::new(side, stops.clone());
        case.snapshot.position.qty = qty("0.944");
        // The smallest that covers all stays.
        let mut canceled = case.canceled();
        canceled.reverse();
        assert_eq!(canceled, names(&stops[..4]), "{side}");
        assert_eq!(case.placed().into_iter().find(is_stop), None);
    }
}

#[test]
fn a_better_level_waits_until_the_superfluous_stop_is_gone() {
    for (side, loose, _, mark) in SIDES {
        let stops = [own_stop(side, 1, "1", loose), own_stop(side, 2, "1", loose)];
        let mut case = Case::new(side, stops.to_vec());
        case.mark = Some(mark);
        assert_eq!(case.canceled().len(), 1, "{side}");
        assert_eq!(case.placed().into_iter().find(is_stop), None, "{side}");
        case.snapshot.orders.pop();
        assert!(case.placed().iter().any(is_stop), "{side}");
    }
}

#[test]
fn stops_that_only_together_cover_a_grown_position_stay_until_one_covers_it() {
    for (side, loose, ..) in SIDES {
        let stops = [
            own_stop(side, 1, "1", loose),
            own_stop(side, 2, "1.1", loose),
        ];
        let mut case = Case::new(side, stops.to_vec());
        case.snapshot.position.qty = qty("1.2");
        case.snapshot.position.initial_qty = qty("1.2");
        assert!(case.canceled().is_empty(), "{side}");
        assert!(case.placed().contains(&stop("1.2", loose)), "{side}");
        case.snapshot.orders.push(own_stop(side, 3, "1.2", loose));
        let mut canceled = case.canceled();
        canceled.sort();
        let mut expected = names(&stops);
        expected.sort();
        assert_eq!(canceled, expected, "{side}");
    }
}

#[test]
fn a_tighter_stop_for_a_part_stays_beside_one_for_the_whole() {
    for (side, loose, tight, _) in SIDES {
        let stops = [
            own_stop(side, 1, "1", loose),
            own_stop(side, 2, "0.4", tight),
        ];
        let case = Case::new(side, stops.to_vec());
        assert!(case.canceled().is_empty(), "{side}");
        assert!(case.placed().contains(&stop("1", tight)), "{side}");
    }
}

#[test]
fn a_stop_whose_cancel_is_on_its_way_covers_nothing() {
    let side = Side::Long;
    let stops = [own_stop(side, 1, "1", "980"), own_stop(side, 2, "1", "980")];
    let mut case = Case::new(side, stops.to_vec());
    let first = case.canceled();
    assert_eq!(first.len(), 1);
    case.flight.cancel_asked(&first[0], at(10_000), at(12_000));
    // The one that stays stays, in whatever order the two are told.
    case.snapshot.orders.reverse();
    assert!(case.canceled().is_empty());
}

#[test]
fn former_lives_make_room_before_this_life_is_covered() {
    let side = Side::Long;
    let former = (1..=3).map(|generation| {
        let cause = OrderCause {
            module: Module::PositionMonitor,
            side,
            epoch: Epoch(5),
            leg: LegId::Stop,
            generation,
        };
        let (_, order) = stop("1", "970");
        resting(ClientOrderId::derive(&symbol(), &cause), order)
    });
    let case = Case::new(side, former.collect());
    assert_eq!(case.placed(), [stop("1", "980")]);
    assert_eq!(case.canceled().len(), 2, "one of them protects");
}
