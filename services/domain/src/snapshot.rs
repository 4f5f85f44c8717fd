//! What the gateway observes of one position, and what a service says of itself.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::ids::PositionKey;
use crate::instrument::Instrument;
use crate::mode::{Flags, Mode};
use crate::num::Qty;
use crate::order::RestingOrder;
use crate::position::{Position, Side};
use crate::time::Timestamp;

/// A position with everything that rests for it on the venue. It is a whole picture, repeated
/// every second and at every change: a lost one is healed by the next.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PositionSnapshot {
    /// The position; quantity zero once its life has ended.
    pub position: Position,
    /// The contract's filters.
    pub instrument: Instrument,
    /// Open orders of the symbol that close this side, ours and foreign, of both books.
    pub orders: Vec<RestingOrder>,
    /// Whether both books were read without error since the gateway started; before that the
    /// list may lack orders and nothing may be concluded from an absence.
    pub complete: bool,
    /// Whether "flat" is proven: a fill or account event said so, or two complete reads did.
    pub flat_proven: bool,
    /// Counts up with each snapshot of this gateway's boot.
    pub sequence: u64,
    /// When the picture was true.
    pub at: Timestamp,
    /// Fencing token of the gateway that tells it; an older build names none.
    pub fence: Option<u64>,
}

impl PositionSnapshot {
    /// Quantity covered by stops that protect: all of it where a close-position stop rests.
    #[must_use]
    pub fn protected_qty(&self) -> Qty {
        covered(self.position.qty, self.orders.iter())
    }
}

/// How much of `open` the protecting stops among `orders` cover.
#[must_use]
pub fn covered<'a>(open: Qty, orders: impl Iterator<Item = &'a RestingOrder>) -> Qty {
    let sum = orders
        .filter(|order| order.is_protecting_stop())
        .map(|order| order.open_qty().unwrap_or(open))
        .fold(Qty::ZERO, Qty::plus);
    sum.min(open)
}

/// The protecting stops among `orders` without which the others cover `open` all the same: the
/// fewest of the lowest `rank` stay, and of equal rank the tightest. Each stop closes no more than
/// is open, so one for more is as good as one that fits; of those at one level the one that fits
/// best stays. A stop whose cancel is on its way (`is_going`) covers nothing, and is named only
/// where nothing depends on it.
#[must_use]
pub fn surplus<'a>(
    side: Side,
    open: Qty,
    orders: impl Iterator<Item = &'a RestingOrder>,
    rank: impl Fn(&RestingOrder) -> u8,
    is_going: impl Fn(&RestingOrder) -> bool,
) -> Vec<&'a RestingOrder> {
    let mut stops: Vec<_> = orders.filter(|it| it.is_protecting_stop()).collect();
    stops.sort_by(|a, b| {
        let order = is_going(a).cmp(&is_going(b)).then(rank(a).cmp(&rank(b)));
        order.then_with(|| by_use(side, open, a, b))
    });
    let mut left = open;
    stops.retain(|stop| {
        let is_needed = !left.is_zero();
        if is_needed && !is_going(stop) {
            left = left.saturating_sub(stop.open_qty().unwrap_or(open));
        }
        !is_needed
    });
    stops
}

/// The tighter first; at one level the smallest that covers all of `open`, then the larger.
fn by_use(side: Side, open: Qty, a: &RestingOrder, b: &RestingOrder) -> Ordering {
    let level = a.order.stop_trigger().cmp(&b.order.stop_trigger());
    let tighter = match side {
        Side::Long => level.reverse(),
        Side::Short => level,
    };
    let (of_a, of_b) = (a.open_qty().unwrap_or(open), b.open_qty().unwrap_or(open));
    let fit = match (of_a >= open, of_b >= open) {
        (true, true) => of_a.cmp(&of_b),
        _ => of_b.cmp(&of_a),
    };
    tighter.then(fit)
}

/// Counters of exit orders. `total_orders` are attempts; by module and by kind are sent only.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExitMetrics {
    /// Sent to the venue, by module.
    pub sent_by_module: BTreeMap<String, u64>,
    /// Sent to the venue, by kind.
    pub sent_by_kind: BTreeMap<String, u64>,
    /// Refused because an incumbent asked in LIVE, by module.
    pub blocked_by_module: BTreeMap<String, u64>,
    /// Attempts of incumbents while the brain is on, blocked ones included.
    pub ownership_conflicts: u64,
    /// The venue's answers with an error, by code.
    pub venue_errors: BTreeMap<String, u64>,
    /// Refused by the guard or the gateway, by reason code.
    pub denied_by_code: BTreeMap<String, u64>,
}

impl ExitMetrics {
    /// Sent to the venue.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.sent_by_module.values().sum()
    }

    /// Blocked incumbents' orders.
    #[must_use]
    pub fn blocked_legacy_orders(&self) -> u64 {
        self.blocked_by_module.values().sum()
    }

    /// Attempts: sent and blocked.
    #[must_use]
    pub fn total_orders(&self) -> u64 {
        self.sent() + self.blocked_legacy_orders()
    }
}

/// Names of the services that heartbeat.
pub const SERVICES: [&str; 7] = [
    "market",
    "planner",
    "executor",
    "gateway-guard",
    "gateway",
    "legacy",
    "diagnostics",
];

/// Positions that a heartbeat lists at most.
pub const LISTED_MAX: usize = 1_024;

/// "I am alive, this is what I see", once a second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heartbeat {
    /// One of [`SERVICES`].
    pub service: String,
    /// Which instance of it.
    pub instance: String,
    /// Version of the build.
    pub build: String,
    /// The flags it was started with.
    pub flags: Flags,
    /// The mode that it resolves for itself, a kill included.
    pub mode: Mode,
    /// Revision of the mode snapshot that it acts on; 0 for none yet.
    pub revision: u64,
    /// Whether it has what it needs to do its work.
    pub ready: bool,
    /// Boot time in microseconds; its fencing token where it needs no lease.
    pub boot: u64,
    /// Counts up by one.
    pub sequence: u64,
    /// Positions that it protects right now (executor), or has taken over from one (incumbent).
    pub positions: Vec<PositionKey>,
    /// Positions on which it acts by a lease, with the fencing token of each (executor).
    pub owned: Vec<(PositionKey, u64)>,
    /// Order counters (guard, gateway).
    pub metrics: ExitMetrics,
    /// Named counters of its own: ticks, refusals by field, invariants broken.
    pub counters: BTreeMap<String, u64>,
    /// When.
    pub at: Timestamp,
}

/// Counter of a heartbeat: 1 where its service holds the lease by which it acts, 0 where it does
/// not; missing where it needs none.
pub const LEASE_HELD: &str = "lease.held";

/// Counter of a heartbeat: 1 while the store of leases does not answer its service.
pub const LEASE_STORE_LOST: &str = "lease.store_lost";

impl Heartbeat {
    /// Whether it only stands by for another instance, or for a lease: what it resolves and counts
    /// is not what happens.
    #[must_use]
    pub fn stands_by(&self) -> bool {
        self.holds_lease() == Some(false)
    }

    /// Whether it owns by lease; `None` where it needs none.
    #[must_use]
    pub fn holds_lease(&self) -> Option<bool> {
        self.counters.get(LEASE_HELD).map(|held| *held > 0)
    }

    /// Whether the store of leases does not answer it.
    #[must_use]
    pub fn lost_lease_store(&self) -> bool {
        self.counters
            .get(LEASE_STORE_LOST)
            .is_some_and(|lost| *lost > 0)
    }
}
