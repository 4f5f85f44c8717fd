//! Which positions are open, what protects them, and by which plan.

use domain::{Span, Timestamp};
use prometheus_client::registry::Unit;

use super::{Page, seconds};
use crate::model::ReadModel;

pub(super) fn positions(page: &mut Page, model: &ReadModel, now: Timestamp) {
    let help = "Open positions not wholly covered by stops, past the placement window (I2)";
    page.gauge("naked_positions", help, model.positions.unprotected(now));
    let open = model.positions.iter().count();
    page.gauge("open_positions", "Open positions", open);
    let worst = model.positions.worst_uncovered(now);
    let help = "Largest part of an open position that no stop covers, past the placement window";
    page.ratio("unprotected_quantity", help, worst);
    let help = "From the first picture of a position without its whole stop to one with it";
    page.durations("naked_duration", help, model.positions.naked());
    let ages = model.plans.ages(&model.positions, now);
    let help = "Age of the oldest plan of an open position; 0 where there is none";
    let oldest = ages.max().unwrap_or(Span::ZERO);
    page.float("plan_age", help, Unit::Seconds, seconds(oldest));
    let help = "Pictures of positions beyond what is kept";
    page.counter("positions_untold", help, model.positions.untold());
}
