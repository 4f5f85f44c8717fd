//! Whether a position has its whole stop (I2), as every service that hears of positions says it.

use domain::snapshot::PositionSnapshot;
use domain::{Position, Qty, Span, Timestamp};

use crate::pulse::Pulse;

/// A new position may lack its stop for so long: the disaster stop is placed within it.
pub const PLACEMENT_WINDOW: Span = Span::from_secs(1);
/// Counter of a heartbeat: open positions without their whole stop, past the placement window, as
/// its service sees them.
pub const POSITIONS_NAKED: &str = "positions_naked";

/// Whether stops cover less than what is open, past the time that a new position is given.
#[must_use]
pub fn is_unprotected(snapshot: &PositionSnapshot, now: Timestamp) -> bool {
    lacks_stop(&snapshot.position, snapshot.protected_qty(), now)
}

/// The same of a position and of what its stops cover.
#[must_use]
pub fn lacks_stop(position: &Position, covered: Qty, now: Timestamp) -> bool {
    covered < position.qty && position.age(now) > PLACEMENT_WINDOW
}

/// Counts those of `snapshots` that are unprotected, where the service measures itself.
pub fn measure<'a>(
    pulse: &mut Pulse,
    snapshots: impl Iterator<Item = &'a PositionSnapshot>,
    now: Timestamp,
) {
    if pulse.measures() {
        let naked = snapshots.filter(|it| is_unprotected(it, now)).count();
        pulse.set(POSITIONS_NAKED, u64::try_from(naked).unwrap_or(u64::MAX));
    }
}
