//! The sixteen truths of the system, each one pure function: run in tests and in the simulation
//! after every step, and in production as a metric.

use alloc::format;
use alloc::string::String;
use core::fmt;

use crate::ids::{ClientOrderId, Module, OrderCause, Symbol};
use crate::instrument::Instrument;
use crate::mode::Mode;
use crate::num::{Price, Qty};
use crate::order::{CloseOrder, OrderEvent, OrderStatus};
use crate::plan::ExitPlan;
use crate::position::{Position, Side};
use crate::snapshot::ExitMetrics;
use crate::time::{Span, Timestamp};

/// A truth that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Its name: `I4_stop_only_tightens`.
    pub name: &'static str,
    /// The facts.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.detail)
    }
}

/// What a check returns.
pub type Verdict = Result<(), Violation>;

fn holds(name: &'static str, truth: bool, detail: impl FnOnce() -> String) -> Verdict {
    if truth {
        Ok(())
    } else {
        Err(Violation {
            name,
            detail: detail(),
        })
    }
}

/// I1: orders for one position come from one owner: its fencing token never goes back.
///
/// # Errors
/// [`Violation`] where it does.
pub fn i1_one_writer(newest: u64, fence: u64) -> Verdict {
    holds("I1_one_writer", fence >= newest, || {
        format!("token {fence} after {newest}")
    })
}

/// I2: an open position is covered by resting stops, or is inside the placement window, or an
/// alarm is active.
///
/// # Errors
/// [`Violation`] where it is none of these.
pub fn i2_protected(
    position: &Position,
    covered: Qty,
    window: Span,
    alarm: bool,
    now: Timestamp,
) -> Verdict {
    let fresh = position.age(now) <= window;
    let truth = !position.is_open() || covered >= position.qty || fresh || alarm;
    holds("I2_protected", truth, || {
        format!("{} has {covered} of {} covered", position.key, position.qty)
    })
}

/// I3: a stop is canceled only when what remains covers the position.
///
/// # Errors
/// [`Violation`] where less remains.
pub fn i3_place_confirm_cancel(open: Qty, covered_without: Qty) -> Verdict {
    holds("I3_place_confirm_cancel", covered_without >= open, || {
        format!("a cancel would leave {covered_without} of {open} covered")
    })
}

/// I4: the stop of one life only tightens.
///
/// # Errors
/// [`Violation`] where it loosens or goes away.
pub fn i4_stop_only_tightens(side: Side, before: Option<Price>, after: Option<Price>) -> Verdict {
    let truth = match (before, after) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(before), Some(after)) => !side.is_tighter(before, after),
    };
    holds("I4_stop_only_tightens", truth, || {
        format!("from {before:?} to {after:?}, {side}")
    })
}

/// I5: an exit never reverses or increases a position.
///
/// # Errors
/// [`Violation`] where the quantity grew or the side changed by an exit.
pub fn i5_never_reverses(before: (Side, Qty), after: (Side, Qty)) -> Verdict {
    let truth = after.1.is_zero() || (before.0 == after.0 && after.1 <= before.1);
    holds("I5_never_reverses", truth, || {
        format!("an exit led from {before:?} to {after:?}")
    })
}

/// I6: in SHADOW nothing of the executor reaches the venue.
///
/// # Errors
/// [`Violation`] where something does.
pub fn i6_shadow_sends_nothing(mode: Mode, module: &Module) -> Verdict {
    let truth = mode == Mode::Live || *module != Module::ExitExecutor;
    holds("I6_shadow_sends_nothing", truth, || {
        format!("{module} sent an order in {mode}")
    })
}

/// I7: one revision means one mode.
///
/// # Errors
/// [`Violation`] where two services read one revision differently.
pub fn i7_one_mode(a: (u64, Mode), b: (u64, Mode)) -> Verdict {
    let truth = a.0 != b.0 || a.1 == b.1;
    holds("I7_one_mode", truth, || {
        format!("revision {} is both {} and {}", a.0, a.1, b.1)
    })
}

/// I8: an incumbent stands aside only on a fresh heartbeat of its successor.
///
/// # Errors
/// [`Violation`] where it stands aside for a silent or unheard one.
pub fn i8_stands_aside(aside: bool, heard_ago: Option<Span>, age_max: Span) -> Verdict {
    let truth = !aside || heard_ago.is_some_and(|age| age <= age_max);
    holds("I8_stands_aside", truth, || {
        format!("stands aside, successor heard {heard_ago:?} ago")
    })
}

/// I9: unknown is neither flat nor rejected: "flat" needs proof.
///
/// # Errors
/// [`Violation`] where a position is called flat without it.
pub fn i9_unknown_is_not_flat(says_flat: bool, venue_open: Qty, proven: bool) -> Verdict {
    let truth = !says_flat || !proven || venue_open.is_zero();
    holds("I9_unknown_is_not_flat", truth, || {
        format!("called flat with {venue_open} open")
    })
}

/// I10: only news of fills change what is filled.
///
/// # Errors
/// [`Violation`] where another report does.
pub fn i10_only_fills_fill(before: Qty, event: &OrderEvent) -> Verdict {
    let fill = matches!(
        event.status,
        OrderStatus::Filled
            | OrderStatus::PartiallyFilled
            | OrderStatus::Canceled
            | OrderStatus::Expired
    );
    let truth = fill || event.filled_qty <= before;
    holds("I10_only_fills_fill", truth, || {
        format!(
            "{} told {} filled, {before} before",
            event.status, event.filled_qty
        )
    })
}

/// I11: an order's name is derived from its cause.
///
/// # Errors
/// [`Violation`] where it isn't.
pub fn i11_derived_id(symbol: &Symbol, cause: &OrderCause, id: &ClientOrderId) -> Verdict {
    let derived = ClientOrderId::derive(symbol, cause);
    holds("I11_derived_id", derived == *id, || {
        format!("{id} should be {derived}")
    })
}

/// I12: losing advice, market data, regime or bus removes no protection.
///
/// # Errors
/// [`Violation`] where less is covered after the loss, of the same position.
pub fn i12_loss_keeps_protection(open: Qty, before: Qty, after: Qty) -> Verdict {
    let truth = after >= before.min(open);
    holds("I12_loss_keeps_protection", truth, || {
        format!("{before} covered before, {after} after")
    })
}

/// I13: every refusal is counted.
///
/// # Errors
/// [`Violation`] where some are not.
pub fn i13_refusals_counted(refused: u64, counted: u64) -> Verdict {
    holds("I13_refusals_counted", refused == counted, || {
        format!("{refused} refused, {counted} counted")
    })
}

/// I14: what leaves is in the venue's units: on the grid of price and quantity.
///
/// # Errors
/// [`Violation`] where it isn't.
pub fn i14_on_grid(instrument: &Instrument, side: Side, order: &CloseOrder) -> Verdict {
    let price = match order {
        CloseOrder::Limit { price, .. } => Some(*price),
        other => other.stop_trigger(),
    };
    let price_ok = price.is_none_or(|price| instrument.round_stop(side, price) == Some(price));
    let qty_ok = order.qty().is_none_or(|qty| match order {
        CloseOrder::Market { .. } => instrument.floor_market_qty(qty) == qty,
        _ => instrument.floor_qty(qty) == qty,
    });
    holds("I14_on_grid", price_ok && qty_ok, || {
        format!("{order:?} of {}", instrument.symbol)
    })
}

/// I15: a plan acts only in its own life of the position, and before it expires.
///
/// # Errors
/// [`Violation`] where it outlives either.
pub fn i15_plan_in_force(plan: &ExitPlan, position: &Position, now: Timestamp) -> Verdict {
    let truth = plan.key == position.key && plan.epoch == position.epoch && !plan.is_expired(now);
    holds("I15_plan_in_force", truth, || {
        format!(
            "plan {} of epoch {} used in epoch {}",
            plan.id, plan.epoch, position.epoch
        )
    })
}

/// I16: attempted, sent and blocked are different counters that add up.
///
/// # Errors
/// [`Violation`] where they don't.
pub fn i16_counters_add_up(metrics: &ExitMetrics) -> Verdict {
    let by_kind: u64 = metrics.sent_by_kind.values().sum();
    let truth = by_kind == metrics.sent()
        && metrics.blocked_legacy_orders() <= metrics.ownership_conflicts
        && metrics.total_orders() == metrics.sent() + metrics.blocked_legacy_orders();
    holds("I16_counters_add_up", truth, || format!("{metrics:?}"))
}
