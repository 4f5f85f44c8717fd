//! How long nothing is to be asked for, if nothing is observed meanwhile.

use super::{Scene, TRIGGERED_PATIENCE, stops};
use crate::decide::Rest;
use crate::snapshot::PositionSnapshot;
use crate::time::{Span, Timestamp};

/// A span of exactly the patience is not longer than it yet.
const INSTANT: Span = Span::from_micros(1);

/// Names the moments at which time alone may change what [`super::reconcile`] asks for, after it
/// has asked for nothing. `false` where something is on its way: each look may find it settled.
#[must_use]
pub fn rest(scene: &Scene<'_>, rest: &mut Rest) -> bool {
    if !scene.flight.is_landed() {
        return false;
    }
    for moment in scene.flight.pauses_end() {
        rest.moment(moment, scene.now);
    }
    for order in &scene.snapshot.orders {
        rest.moment(order.since + stops::KNOWN_AFTER, scene.now);
    }
    true
}

/// Names the moments at which a stop that has fired counts as stuck.
pub fn watch_fired(snapshot: &PositionSnapshot, now: Timestamp, rest: &mut Rest) {
    for order in stops::fired(snapshot) {
        rest.moment(order.since + TRIGGERED_PATIENCE + INSTANT, now);
    }
}
