//! The monitor's numbers and the pure rules over them: tiers of profit, stop levels, targets.
//!
//! Source: behaviour description 6.3 (tiers, distances) and 1.2 (the QT defaults).

use domain::decision::{StopReason, Target};
use domain::instrument::Instrument;
use domain::num::{MarginPct, Ratio};
use domain::{Position, Price, Side};
use rust_decimal::Decimal;

/// `QT_SL_PCT`: distance of the stop of an unprotected position, 2 % of entry.
pub const QT_SL_PCT: Ratio = Ratio::new(Decimal::from_parts(2, 0, 0, false, 2));
/// `QT_TP_PCT`: distance of its take-profit, 3 % of entry.
pub const QT_TP_PCT: Ratio = Ratio::new(Decimal::from_parts(3, 0, 0, false, 2));
/// `QT_PARTIAL_TP`: share of the position that it closes.
pub const QT_PARTIAL_TP: Ratio = Ratio::new(Decimal::from_parts(5, 0, 0, false, 1));
/// A moved stop keeps at least this distance from the mark: 0.5 %.
pub const MARK_DISTANCE_MIN: Ratio = Ratio::new(Decimal::from_parts(5, 0, 0, false, 3));
/// Where the first tier with a profit puts the stop: 0.1 % beyond entry.
const BREAKEVEN_OFFSET: Ratio = Ratio::new(Decimal::from_parts(1, 0, 0, false, 3));

/// Where a tier wants the stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopRule {
    /// Where it is.
    Hold,
    /// Just beyond entry.
    Breakeven,
    /// So many percent of the move from entry to mark are kept.
    Lock(u8),
}

/// One row of the tier table; whole percents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    /// It holds from this profit on, percent of margin.
    pub from: i64,
    /// The stop.
    pub stop: StopRule,
    /// Take-profits: (profit in percent of margin, percent of the initial quantity), nearest
    /// first. None: what rests is left alone.
    pub targets: &'static [(i64, i64)],
}

/// The table, lowest tier first; below the first row everything holds.
pub const TIERS: [Tier; 5] = [
    Tier {
        from: 5,
        stop: StopRule::Breakeven,
        targets: &[(8, 25)],
    },
    Tier {
        from: 10,
        stop: StopRule::Lock(50),
        targets: &[(10, 25), (15, 25)],
    },
    Tier {
        from: 20,
        stop: StopRule::Lock(70),
        targets: &[(12, 20), (18, 20), (25, 30)],
    },
    Tier {
        from: 35,
        stop: StopRule::Lock(85),
        targets: &[(20, 20), (28, 20), (35, 30)],
    },
    Tier {
        from: 60,
        stop: StopRule::Lock(90),
        targets: &[(30, 15), (40, 15), (50, 20)],
    },
];
/// The most that the targets of any one row close, as a share of the initial quantity.
pub const TARGETS_SHARE_MAX: Ratio = Ratio::new(Decimal::from_parts(7, 0, 0, false, 1));
const HOLD: Tier = Tier {
    from: i64::MIN,
    stop: StopRule::Hold,
    targets: &[],
};
/// Below this, percent of margin, a loss is worth a warning; the stop holds all the same.
const WARN_BELOW: i64 = -3;

/// Whether a loss is worth a warning.
#[must_use]
pub fn is_losing(pnl: MarginPct) -> bool {
    pnl.get() < Decimal::from(WARN_BELOW)
}

/// How many rows of the table a profit has reached; 0 holds.
#[must_use]
pub fn tier_index(pnl: MarginPct) -> usize {
    TIERS
        .iter()
        .take_while(|tier| pnl.get() >= Decimal::from(tier.from))
        .count()
}

/// The row with that index, see [`tier_index`].
#[must_use]
pub fn tier(index: usize) -> &'static Tier {
    index
        .checked_sub(1)
        .and_then(|row| TIERS.get(row))
        .unwrap_or(&HOLD)
}

/// Where the stop of an unprotected position goes.
#[must_use]
pub fn initial_stop(position: &Position, instrument: &Instrument) -> Option<Price> {
    let side = position.key.side;
    let raw = position.entry_price.offset(away(side, QT_SL_PCT))?;
    instrument.round_stop(side, raw)
}

/// Where `tier` wants the stop at this mark, rounded; none where it holds, or where the level
/// would lie nearer to the mark than [`MARK_DISTANCE_MIN`], or beyond it.
#[must_use]
pub fn tier_stop(
    tier: &Tier,
    position: &Position,
    mark: Price,
    instrument: &Instrument,
) -> Option<Price> {
    let side = position.key.side;
    let entry = position.entry_price;
    let raw = match tier.stop {
        StopRule::Hold => return None,
        StopRule::Breakeven => entry.offset(towards(side, BREAKEVEN_OFFSET))?,
        StopRule::Lock(percent) => {
            let moved = mark.get().checked_sub(entry.get())?;
            let share = Decimal::new(i64::from(percent), 2);
            let kept = moved.checked_mul(share)?;
            Price::new(entry.get().checked_add(kept)?).ok()?
        }
    };
    let level = instrument.round_stop(side, raw)?;
    let nearest = mark.offset(away(side, MARK_DISTANCE_MIN))?;
    let far_enough = !side.is_tighter(level, nearest);
    far_enough.then_some(level)
}

/// What a moved stop is called.
#[must_use]
pub const fn stop_reason(tier: &Tier) -> StopReason {
    match tier.stop {
        StopRule::Hold => StopReason::Initial,
        StopRule::Breakeven => StopReason::Breakeven,
        StopRule::Lock(_) => StopReason::ProfitLock,
    }
}

/// The take-profits of `tier`, nearest first; those of an unprotected position where it has none.
#[must_use]
pub fn targets(tier: &Tier, position: &Position, instrument: &Instrument) -> Vec<Target> {
    if tier.targets.is_empty() {
        let only = target(
            1,
            QT_TP_PCT,
            Ratio::ZERO,
            QT_PARTIAL_TP,
            position,
            instrument,
        );
        return only.into_iter().collect();
    }
    let mut from = Ratio::ZERO;
    let mut found = Vec::new();
    for ((profit, size), leg) in tier.targets.iter().zip(1_u8..) {
        let size = Ratio::new(Decimal::new(*size, 2));
        let distance = Decimal::new(*profit, 2).checked_div(position.leverage);
        let distance = distance.map(Ratio::new);
        found.extend(
            distance.and_then(|distance| target(leg, distance, from, size, position, instrument)),
        );
        from = Ratio::new(from.get() + size.get());
    }
    found
}

fn target(
    leg: u8,
    distance: Ratio,
    from: Ratio,
    size: Ratio,
    position: &Position,
    instrument: &Instrument,
) -> Option<Target> {
    let side = position.key.side;
    let raw = position.entry_price.offset(towards(side, distance))?;
    let price = instrument.round_target(side, raw)?;
    Some(Target {
        leg,
        price,
        from,
        size,
    })
}

fn towards(side: Side, distance: Ratio) -> Ratio {
    Ratio::new(distance.get() * side.sign())
}

fn away(side: Side, distance: Ratio) -> Ratio {
    towards(side.opposite(), distance)
}

#[cfg(test)]
mod tests;
