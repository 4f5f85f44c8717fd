//! What closing costs: fees, slippage, funding. All money is decimal.

use records::{MarkBar, Number};
use rust_decimal::Decimal;
use serde::Serialize;

use domain::{Side, Span, Timestamp};

/// The venue charges funding at 00:00, 08:00 and 16:00 UTC.
const FUNDING_EVERY: Span = Span::from_hours(8);

/// What is assumed of the venue, as fractions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Costs {
    /// Fee of an order that takes.
    pub taker_fee: Decimal,
    /// Fee of a limit order that rested.
    pub maker_fee: Decimal,
    /// How much worse than the trigger or the mark a market order fills.
    pub slippage: Decimal,
}

impl Default for Costs {
    /// The venue's fees without any discount (0.05 % and 0.02 %), and two basis points.
    fn default() -> Self {
        Self {
            taker_fee: Decimal::new(5, 4),
            maker_fee: Decimal::new(2, 4),
            slippage: Decimal::new(2, 4),
        }
    }
}

/// One closing of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    /// When.
    pub at: Timestamp,
    /// Base asset.
    pub qty: Decimal,
    /// Quote currency.
    pub price: Decimal,
    /// Whether it rested as a limit order.
    pub maker: bool,
}

/// Profit and loss of one position, quote currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Outcome {
    /// Of the prices alone.
    pub gross: Decimal,
    /// Fees of what closed it; above zero.
    pub fees: Decimal,
    /// Funding; above zero where it was paid.
    pub funding: Decimal,
    /// What is left.
    pub net: Decimal,
}

/// The position that both sides close.
#[derive(Debug, Clone, Copy)]
pub struct Opened<'a> {
    /// Direction.
    pub side: Side,
    /// Average entry price.
    pub entry: Decimal,
    /// All of it, base asset.
    pub qty: Decimal,
    /// Time of the opening fill.
    pub at: Timestamp,
    /// Marks from the opening on, in the order of time.
    pub bars: &'a [&'a MarkBar],
}

/// `price` as a market order gets it that closes a position of `side`.
#[must_use]
pub fn slipped(side: Side, price: Decimal, costs: &Costs) -> Decimal {
    price * (Decimal::ONE - side.sign() * costs.slippage)
}

/// What closing by `exits` makes of the position. The fee of the opening is the same whoever
/// closes, and is left out.
#[must_use]
pub fn outcome(opened: &Opened<'_>, exits: &[Exit], costs: &Costs) -> Outcome {
    let sign = opened.side.sign();
    let gross = exits
        .iter()
        .map(|it| (it.price - opened.entry) * sign * it.qty);
    let gross: Decimal = gross.sum();
    let fee = |it: &Exit| {
        let rate = if it.maker {
            costs.maker_fee
        } else {
            costs.taker_fee
        };
        it.price * it.qty * rate
    };
    let fees: Decimal = exits.iter().map(fee).sum();
    let funding = funding(opened, exits);
    Outcome {
        gross,
        fees,
        funding,
        net: gross - fees - funding,
    }
}

/// Rate times notional of what is open, at each time of funding: longs pay where the rate is above
/// zero. A rate that nobody told counts as zero.
fn funding(opened: &Opened<'_>, exits: &[Exit]) -> Decimal {
    let Some(end) = exits.iter().map(|it| it.at).max() else {
        return Decimal::ZERO;
    };
    let every = FUNDING_EVERY.micros();
    let mut due = (opened.at.micros().div_euclid(every) + 1) * every;
    let mut paid = Decimal::ZERO;
    while due < end.micros() {
        let at = Timestamp::from_micros(due);
        let closed: Decimal = exits.iter().filter(|it| it.at <= at).map(|it| it.qty).sum();
        let bar = opened
            .bars
            .iter()
            .rev()
            .find(|bar| bar.timestamp.get() <= at);
        if let Some(bar) = bar {
            let rate = bar.funding_rate.map_or(Decimal::ZERO, Number::get);
            paid += rate * bar.close.get() * (opened.qty - closed) * opened.side.sign();
        }
        due += every;
    }
    paid
}
