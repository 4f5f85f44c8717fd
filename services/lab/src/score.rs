//! What lives are worth together: money in decimals, ratios for people.

use std::collections::BTreeMap;

use domain::market::Regime;
use domain::{Span, Timestamp};
use rust_decimal::Decimal;

use crate::trial::Outcome;

/// Decimals of ratios and means.
const SCALE: u32 = 4;

/// Sums over lives.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Score {
    /// How many.
    pub trades: u32,
    /// Of which gained something.
    pub wins: u32,
    /// What the wallet gained.
    pub pnl: Decimal,
    /// Of which price alone.
    pub gross: Decimal,
    /// Of which fees.
    pub fees: Decimal,
    /// Of which funding.
    pub funding: Decimal,
    /// Sum of the largest profits that marks showed.
    pub favourable: Decimal,
    /// Ended by a stop, or by the venue, at a loss.
    pub stop_outs: u32,
    /// Time in trade, all together.
    pub held: Span,
    /// Ends, by their way.
    pub exits: BTreeMap<String, u32>,
    /// Orders that were asked for.
    pub orders: u32,
    /// Of which guard or venue refused.
    pub refused: u32,
}

impl Score {
    /// Of these lives.
    pub fn of<'a>(lives: impl IntoIterator<Item = &'a Outcome>) -> Self {
        let mut score = Self::default();
        for life in lives {
            score.add(life);
        }
        score
    }

    fn add(&mut self, life: &Outcome) {
        let is_win = life.pnl > Decimal::ZERO;
        let is_stop_out = life.exit.is_stop() && !is_win;
        let held = life.closed_at.since(life.opened_at);
        self.trades += 1;
        self.wins += u32::from(is_win);
        self.pnl += life.pnl;
        self.gross += life.gross;
        self.fees += life.fees;
        self.funding += life.funding;
        self.favourable += life.favourable;
        self.stop_outs += u32::from(is_stop_out);
        self.held = Span::from_micros(self.held.micros().saturating_add(held.micros()));
        *self.exits.entry(life.exit.to_string()).or_default() += 1;
        self.orders += life.orders;
        self.refused += life.refused;
    }

    /// Share of the largest profits that was taken: the sum of what price alone brought, over the
    /// sum of the maximum favourable excursions. None where no mark ever showed a profit.
    #[must_use]
    pub fn captured(&self) -> Option<Decimal> {
        share(self.gross, self.favourable)
    }

    /// Share of the lives that gained something.
    #[must_use]
    pub fn win_rate(&self) -> Option<Decimal> {
        share(self.wins.into(), self.trades.into())
    }

    /// PnL of a life on average.
    #[must_use]
    pub fn mean(&self) -> Option<Decimal> {
        share(self.pnl, self.trades.into())
    }

    /// Time in trade of a life on average.
    #[must_use]
    pub fn mean_held(&self) -> Option<Span> {
        let each = self.held.micros().checked_div(self.trades.into())?;
        Some(Span::from_micros(each))
    }
}

fn share(part: Decimal, whole: Decimal) -> Option<Decimal> {
    Some(part.checked_div(whole)?.round_dp(SCALE))
}

/// The deepest fall of `equity` below its own highest point; zero or less.
#[must_use]
pub fn max_drawdown(equity: &[Decimal]) -> Decimal {
    let mut highest = equity.first().copied().unwrap_or_default();
    let mut deepest = Decimal::ZERO;
    for value in equity {
        highest = highest.max(*value);
        deepest = deepest.min(*value - highest);
    }
    deepest
}

/// Where a life belongs: a life that spans the split belongs to neither sample, because it was
/// shaped by what one sample knows and judged by the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sample {
    /// Over before the split.
    In,
    /// Opened after it.
    Out,
    /// Spans it.
    Purged,
}

impl Sample {
    /// Of a life.
    #[must_use]
    pub fn of(life: &Outcome, split: Timestamp) -> Self {
        if life.opened_at >= split {
            Self::Out
        } else if life.closed_at < split {
            Self::In
        } else {
            Self::Purged
        }
    }
}

/// Scores by the market's temper at the opening, of those that there were.
#[must_use]
pub fn by_regime(lives: &[Outcome]) -> BTreeMap<Regime, Score> {
    let mut scores: BTreeMap<Regime, Score> = BTreeMap::new();
    for life in lives {
        scores.entry(life.regime).or_default().add(life);
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawdown_is_the_deepest_fall_below_what_was_reached() {
        let path = [0, 5, 3, 9, -1, 4, 10, 2].map(Decimal::from);
        assert_eq!(max_drawdown(&path), Decimal::from(-10));
        assert_eq!(max_drawdown(&[]), Decimal::ZERO);
        assert_eq!(max_drawdown(&[-3, -2].map(Decimal::from)), Decimal::ZERO);
    }
}
