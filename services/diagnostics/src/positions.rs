//! The answer to "what is open, and what protects it": a pure function of the model.

use domain::Timestamp;
use domain::snapshot::PositionSnapshot;
use proto::wire::{PositionList, PositionsRequest};

use crate::asked::Asked;
use crate::model::ReadModel;
use crate::status::position;

/// The open positions that `asked` is about, as known at `now`.
#[must_use]
pub fn positions(model: &ReadModel, asked: &PositionsRequest, now: Timestamp) -> PositionList {
    let which = Asked {
        symbol: asked.symbol.as_deref(),
        side: asked.side.as_deref(),
        ..Asked::default()
    };
    let asked_for = |it: &&PositionSnapshot| which.covers(&it.position.key);
    let row = |snapshot| position(model, snapshot, now);
    PositionList {
        positions: model.positions.iter().filter(asked_for).map(row).collect(),
    }
}
