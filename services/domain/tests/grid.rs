//! The venue's grid changes while a position is open.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;
mod desk;

use common::*;
use desk::Desk;
use domain::Side;

/// Filters change while it is open: what was decided on the old grid is asked for on the new one,
/// the stop on the tighter side, the targets nearer.
#[test]
fn a_coarser_grid_moves_what_is_wished_onto_it() {
    let mut desk = Desk::new(position("BTCUSDT", Side::Long, "0.1", "50000"));
    desk.tick("50000");
    desk.obey();
    desk.snapshot.instrument.tick_size = dec("300");
    for _ in 0..4 {
        desk.tick("50000");
        desk.obey();
    }
    assert_eq!(desk.resting("sl"), ["49200"]);
    assert_eq!(desk.resting("tp"), ["50700", "51300"]);
}
