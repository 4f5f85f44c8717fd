//! Review of intents: by mode and module, by freshness, by ownership, by what may be closed.
//! A `yes` is an [`Approved`], which nothing outside this module can make.

mod cover;
mod memory;
mod owners;

use alloc::format;
use alloc::string::String;
use thiserror::Error;

pub use cover::keeps_cover;
use cover::takes_cover;
pub use memory::Memory;

use crate::ids::{ClientOrderId, Epoch, Module, PositionKey};
use crate::intent::{OrderIntent, Wish};
use crate::mode::{MatrixVerdict, Mode, matrix};
use crate::num::{Price, Qty};
use crate::order::{CloseOrder, RestingOrder};
use crate::snapshot::PositionSnapshot;
use crate::time::{Span, Timestamp};

/// An intent dated farther ahead than this comes from a wrong clock.
pub const CLOCK_SKEW_MAX: Span = Span::from_millis(1_000);
/// An intent may be valid for this long at most.
pub const VALID_MAX: Span = Span::from_secs(5);

/// Why an intent was denied; `code` is stable, the rest are the facts.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "each field is named in the message")]
pub enum DenyReason {
    #[error("module {module} is an incumbent, and the mode is LIVE: the executor owns exits")]
    LegacyBlocked { module: Module },
    #[error("module {module:?} is in no list, and LIVE is an allow-list")]
    ModuleUnknown { module: String },
    #[error("the mode is {mode}: the executor sends nothing")]
    ModeNotLive { mode: Mode },
    #[error("expired {late_ms} ms ago")]
    IntentExpired { late_ms: i64 },
    #[error("dated {ahead_ms} ms ahead of our clock, or valid for longer than allowed")]
    IntentDate { ahead_ms: i64 },
    #[error("intent {id} or its sequence number {sequence} was seen before")]
    IntentRepeated { id: String, sequence: u64 },
    #[error("fencing token {fence} is older than {newest}: another owner has taken over")]
    OwnerFenced { fence: u64, newest: u64 },
    #[error("fencing token {fence} lies in the future: tokens are times in microseconds")]
    OwnerFuture { fence: u64 },
    #[error("without a lease only stops may be asked for")]
    OwnerUnleased,
    #[error("position {key} is unknown")]
    PositionUnknown { key: String },
    #[error("epoch {asked} is not the position's epoch {current}")]
    PositionEpoch { asked: Epoch, current: Epoch },
    #[error("position {key} is flat: nothing to close")]
    PositionFlat { key: String },
    #[error("quantity {asked} exceeds the open quantity {open}")]
    QuantityExceeds { asked: Qty, open: Qty },
    #[error("quantity is zero")]
    QuantityZero,
    #[error("price or quantity is off the venue's grid: {detail}")]
    FilterViolated { detail: String },
    #[error("stop {asked} is looser than the resting stop {resting}")]
    StopLoosened { asked: Price, resting: Price },
    #[error("canceling {target} would leave {covered} of {open} protected")]
    ProtectionLast {
        target: String,
        covered: Qty,
        open: Qty,
    },
    #[error("order id {id} does not belong to module {module} and this position")]
    OrderForeign { id: String, module: Module },
    #[error("a former order of this leg has an unknown outcome: wait for it")]
    OutcomePending,
    #[error("too many cancels of stops are under way: wait for them")]
    CancelsPending,
}

impl DenyReason {
    /// Stable code, `CATEGORY_CONDITION`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::LegacyBlocked { .. } => "LEGACY_BLOCKED",
            Self::ModuleUnknown { .. } => "MODULE_UNKNOWN",
            Self::ModeNotLive { .. } => "MODE_NOT_LIVE",
            Self::IntentExpired { .. } => "INTENT_EXPIRED",
            Self::IntentDate { .. } => "INTENT_DATE",
            Self::IntentRepeated { .. } => "INTENT_REPEATED",
            Self::OwnerFenced { .. } => "OWNER_FENCED",
            Self::OwnerFuture { .. } => "OWNER_FUTURE",
            Self::OwnerUnleased => "OWNER_UNLEASED",
            Self::PositionUnknown { .. } => "POSITION_UNKNOWN",
            Self::PositionEpoch { .. } => "POSITION_EPOCH",
            Self::PositionFlat { .. } => "POSITION_FLAT",
            Self::QuantityExceeds { .. } => "QUANTITY_EXCEEDS",
            Self::QuantityZero => "QUANTITY_ZERO",
            Self::FilterViolated { .. } => "FILTER_VIOLATED",
            Self::StopLoosened { .. } => "STOP_LOOSENED",
            Self::ProtectionLast { .. } => "PROTECTION_LAST",
            Self::OrderForeign { .. } => "ORDER_FOREIGN",
            Self::OutcomePending => "OUTCOME_PENDING",
            Self::CancelsPending => "CANCELS_PENDING",
        }
    }
}

/// An intent that passed. Only [`review`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved {
    intent: OrderIntent,
    conflict: bool,
}

impl Approved {
    /// What passed.
    #[must_use]
    pub const fn intent(&self) -> &OrderIntent {
        &self.intent
    }

    /// Whether an incumbent acts beside the brain: allowed, and counted.
    #[must_use]
    pub const fn is_conflict(&self) -> bool {
        self.conflict
    }

    /// The intent itself.
    #[must_use]
    pub fn into_intent(self) -> OrderIntent {
        self.intent
    }
}

/// What the guard looks at.
#[derive(Debug, Clone, Copy)]
pub struct GuardView<'a> {
    /// The mode in force.
    pub mode: Mode,
    /// The position as last observed, where it is known.
    pub snapshot: Option<&'a PositionSnapshot>,
    /// Now.
    pub now: Timestamp,
}

/// Reviews an intent. Whatever the verdict, its sequence number is used up.
///
/// # Errors
/// [`DenyReason`] with the first rule that it breaks.
pub fn review(
    intent: OrderIntent,
    view: &GuardView<'_>,
    memory: &mut Memory,
) -> Result<Approved, DenyReason> {
    let admitted = memory.admit(&intent, view.now);
    let conflict = by_module(&intent.module, view.mode)?;
    admitted?;
    by_date(&intent, view.now)?;
    let snapshot = by_position(&intent, view.snapshot)?;
    match &intent.wish {
        Wish::Place { order, .. } => by_order(&intent, order, snapshot)?,
        Wish::Cancel { target, .. } => {
            entitled(&intent, target, snapshot, view.mode)?;
            let takes_cover = takes_cover(target, snapshot, memory)?;
            if takes_cover && !memory.canceling(target, view.now) {
                return Err(DenyReason::CancelsPending);
            }
        }
    }
    Ok(Approved { intent, conflict })
}

/// The gateway's own second look, at mode and dates alone: what it can know without the guard.
///
/// # Errors
/// [`DenyReason`] where the guard should have said no.
pub fn recheck(intent: OrderIntent, mode: Mode, now: Timestamp) -> Result<Approved, DenyReason> {
    let conflict = may_send(&intent.module, mode)?;
    by_date(&intent, now)?;
    Ok(Approved { intent, conflict })
}

/// Whether orders and cancels of `module` may leave in `mode`; true where that is an ownership
/// conflict.
///
/// # Errors
/// [`DenyReason`] where they may not.
pub fn may_send(module: &Module, mode: Mode) -> Result<bool, DenyReason> {
    let conflict = by_module(module, mode)?;
    if *module == Module::ExitExecutor && mode != Mode::Live {
        return Err(DenyReason::ModeNotLive { mode });
    }
    Ok(conflict)
}

fn by_module(module: &Module, mode: Mode) -> Result<bool, DenyReason> {
    match matrix(mode, module) {
        MatrixVerdict::Allow | MatrixVerdict::AllowUnknown => Ok(false),
        MatrixVerdict::AllowWithConflict => Ok(true),
        MatrixVerdict::Block => Err(DenyReason::LegacyBlocked {
            module: module.clone(),
        }),
        MatrixVerdict::DenyUnknown => Err(DenyReason::ModuleUnknown {
            module: module.name().into(),
        }),
    }
}

fn by_date(intent: &OrderIntent, now: Timestamp) -> Result<(), DenyReason> {
    if intent.expires_at <= now {
        let late_ms = now.since(intent.expires_at).millis();
        return Err(DenyReason::IntentExpired { late_ms });
    }
    let ahead = intent.created_at.since(now);
    let valid = intent.expires_at.since(intent.created_at);
    if ahead > CLOCK_SKEW_MAX || valid > VALID_MAX {
        return Err(DenyReason::IntentDate {
            ahead_ms: ahead.millis(),
        });
    }
    Ok(())
}

fn by_position<'a>(
    intent: &OrderIntent,
    snapshot: Option<&'a PositionSnapshot>,
) -> Result<&'a PositionSnapshot, DenyReason> {
    let key = |key: &PositionKey| format!("{key}");
    let Some(snapshot) = snapshot else {
        return Err(DenyReason::PositionUnknown {
            key: key(&intent.key),
        });
    };
    let position = &snapshot.position;
    if position.epoch != intent.epoch {
        let (asked, current) = (intent.epoch, position.epoch);
        return Err(DenyReason::PositionEpoch { asked, current });
    }
    if !position.is_open() && matches!(intent.wish, Wish::Place { .. }) {
        return Err(DenyReason::PositionFlat {
            key: key(&intent.key),
        });
    }
    Ok(snapshot)
}

fn by_order(
    intent: &OrderIntent,
    order: &CloseOrder,
    snapshot: &PositionSnapshot,
) -> Result<(), DenyReason> {
    let position = &snapshot.position;
    let id = intent.client_order_id();
    let cause = id.cause(&intent.key.symbol);
    let derived = cause.is_some_and(|cause| {
        cause.module == intent.module
            && cause.epoch == intent.epoch
            && cause.side == intent.key.side
    });
    if !derived {
        let module = intent.module.clone();
        return Err(DenyReason::OrderForeign {
            id: id.as_str().into(),
            module,
        });
    }
    if let Some(asked) = order.qty() {
        let open = position.qty;
        if asked.is_zero() {
            return Err(DenyReason::QuantityZero);
        }
        if asked > open {
            return Err(DenyReason::QuantityExceeds { asked, open });
        }
    }
    on_grid(order, snapshot)?;
    not_looser(intent, order, snapshot)
}

fn on_grid(order: &CloseOrder, snapshot: &PositionSnapshot) -> Result<(), DenyReason> {
    let instrument = &snapshot.instrument;
    let price = match order {
        CloseOrder::Limit { price, .. } => Some(*price),
        CloseOrder::Stop { trigger, .. } | CloseOrder::DisasterStop { trigger } => Some(*trigger),
        CloseOrder::Market { .. } => None,
    };
    let side = snapshot.position.key.side;
    let rounded_price = price.and_then(|price| instrument.round_stop(side, price));
    let rounded_qty = order.qty().map(|qty| match order {
        CloseOrder::Market { .. } => instrument.floor_market_qty(qty),
        CloseOrder::Limit { .. } | CloseOrder::Stop { .. } | CloseOrder::DisasterStop { .. } => {
            instrument.floor_qty(qty)
        }
    });
    if rounded_price == price && rounded_qty == order.qty() {
        return Ok(());
    }
    Err(DenyReason::FilterViolated {
        detail: format!("{order:?}"),
    })
}

/// The working stop of one life only tightens: against every stop of the same owner and life.
fn not_looser(
    intent: &OrderIntent,
    order: &CloseOrder,
    snapshot: &PositionSnapshot,
) -> Result<(), DenyReason> {
    let CloseOrder::Stop { trigger: asked, .. } = order else {
        return Ok(());
    };
    let (module, key) = (&intent.module, &intent.key);
    let own = (module, intent.epoch);
    match tightest_stop(own, key, snapshot.orders.iter()) {
        Some(resting) if key.side.is_tighter(resting, *asked) => Err(DenyReason::StopLoosened {
            asked: *asked,
            resting,
        }),
        _ => Ok(()),
    }
}

/// The tightest working stop among `orders` that a module has for one life of a position.
#[must_use]
pub fn tightest_stop<'a>(
    (module, epoch): (&Module, Epoch),
    key: &PositionKey,
    orders: impl Iterator<Item = &'a RestingOrder>,
) -> Option<Price> {
    let own = |resting: &&RestingOrder| {
        let cause = resting.client_order_id.cause(&key.symbol);
        cause.is_some_and(|cause| cause.module == *module && cause.epoch == epoch)
    };
    let stops = orders
        .filter(own)
        .filter_map(|resting| match resting.order {
            CloseOrder::Stop { trigger, .. } => Some(trigger),
            _ => None,
        });
    stops.reduce(|a, b| key.side.tighter(a, b))
}

/// Nobody touches what isn't theirs: a module its own orders, the executor what incumbents left,
/// and outside LIVE an incumbent what the executor has handed over, and what any of us has left of
/// an ended life. Its owner may be gone, and then it would cut the next one. Orders that other
/// incumbents have for this life are their business.
fn entitled(
    intent: &OrderIntent,
    target: &ClientOrderId,
    snapshot: &PositionSnapshot,
    mode: Mode,
) -> Result<(), DenyReason> {
    let position = &snapshot.position;
    let cause = target.cause(&intent.key.symbol);
    let entitled = cause.is_some_and(|cause| {
        let ended = !position.is_open() || cause.epoch != position.epoch;
        let is_left = ended || cause.module == Module::ExitExecutor;
        let inherits = mode != Mode::Live && intent.module.is_legacy() && is_left;
        let sweeps = intent.module == Module::ExitExecutor || inherits;
        cause.side == intent.key.side && (cause.module == intent.module || sweeps)
    });
    if entitled {
        return Ok(());
    }
    let (id, module) = (target.as_str().into(), intent.module.clone());
    Err(DenyReason::OrderForeign { id, module })
}
