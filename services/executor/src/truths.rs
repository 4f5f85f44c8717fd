//! The invariants that the executor can judge of itself: what it wants only tightens, what it asks
//! for bears a derived name and lies on the venue's grid, and its plan is in force.

use domain::Price;
use domain::Timestamp;
use domain::intent::{OrderIntent, Wish};
use domain::invariant::{
    Violation, i4_stop_only_tightens, i11_derived_id, i14_on_grid, i15_plan_in_force,
};

use crate::life::Life;

/// What one step of `life` broke, given the stop that was desired before it.
pub(crate) fn judge(
    life: &Life,
    before: Option<Price>,
    intents: &[OrderIntent],
    now: Timestamp,
) -> Vec<Violation> {
    let snapshot = life.snapshot();
    let side = snapshot.position.key.side;
    let mut verdicts = vec![i4_stop_only_tightens(side, before, life.desired().stop)];
    if let Some(plan) = life.plan_in_use(now) {
        verdicts.push(i15_plan_in_force(plan, &snapshot.position, now));
    }
    for intent in intents {
        let Wish::Place {
            client_order_id,
            order,
        } = &intent.wish
        else {
            continue;
        };
        verdicts.push(i14_on_grid(&snapshot.instrument, side, order));
        if let Some(cause) = client_order_id.cause(&intent.key.symbol) {
            verdicts.push(i11_derived_id(&intent.key.symbol, &cause, client_order_id));
        }
    }
    verdicts.into_iter().filter_map(Result::err).collect()
}
