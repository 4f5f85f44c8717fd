//! What holds of every decision and every wish, whatever the test.

use domain::decision::{Action, Decision};
use domain::desired::floor_price;
use domain::order::CloseOrder;
use domain::policy::Policy;
use domain::reconcile::Want;
use domain::snapshot::PositionSnapshot;
use domain::{Price, Qty, Side};

/// A stop is never beyond the floor, nor where the mark has been already; a part leaves less than
/// is open; together the targets close no more than the position.
pub fn decision(
    snapshot: &PositionSnapshot,
    policy: &Policy,
    mark: Option<Price>,
    decision: &Decision,
) {
    let (position, instrument) = (&snapshot.position, &snapshot.instrument);
    let side = position.key.side;
    assert!(position.is_open(), "a flat position: {decision:?}");
    assert_eq!(decision.confidence, decision.rule.confidence());
    match &decision.action {
        Action::MoveStop { price, .. } => {
            let floor = floor_price(position, instrument, policy).unwrap();
            assert!(
                !side.is_tighter(floor, *price),
                "beyond {floor}: {decision:?}"
            );
            let is_placed_wrong = |mark| side.stop_reached(*price, mark);
            assert!(!mark.is_some_and(is_placed_wrong), "{decision:?}");
        }
        Action::PartialClose { keep, .. } => assert!(*keep < position.qty, "{decision:?}"),
        Action::UpdateTargets { targets } => {
            let end = |pair: &[domain::decision::Target]| pair[0].from.get() + pair[0].size.get();
            let ordered = targets
                .windows(2)
                .all(|pair| end(pair) <= pair[1].from.get());
            let last = targets.last();
            let within = last.is_none_or(|it| it.from.get() + it.size.get() <= 1.into());
            assert!(ordered && within, "{decision:?}");
        }
        Action::FullExit | Action::NoChange => {}
    }
}

/// The stop of one life only tightens.
pub fn tightened(side: Side, before: Option<Price>, after: Option<Price>) {
    if let Some(before) = before {
        let after = after.expect("a stop does not go away");
        assert!(
            !side.is_tighter(before, after),
            "{before} to {after}, {side}"
        );
    }
}

/// No order is for nothing or for more than is open.
pub fn want(snapshot: &PositionSnapshot, want: &Want) {
    let Want::Place { order, .. } = want else {
        return;
    };
    let open = snapshot.position.qty;
    let qty = match order {
        CloseOrder::DisasterStop { .. } => open,
        other => other.qty().unwrap(),
    };
    assert!(Qty::ZERO < qty && qty <= open, "{want:?} of {open}");
}
