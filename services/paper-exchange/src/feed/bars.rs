//! 1-minute bars and trades from CSV.

use rust_decimal::Decimal;

use super::{Lean, PricePoint};

/// A quarter of a minute: the distance of a bar's four points, ms.
const QUARTER_MS: i64 = 15_000;

/// Some three thousand years after 1970, ms.
const MAX_MS: i64 = 100_000_000_000_000;
/// Bound of a plausible volume: keeps sums of a day far from the decimal's limit.
const MAX_VOLUME: i64 = 1_000_000_000_000_000;

/// One bar of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BarRow {
    pub(super) open_ms: i64,
    pub(super) open: Decimal,
    pub(super) high: Decimal,
    pub(super) low: Decimal,
    pub(super) close: Decimal,
    pub(super) volume: Decimal,
}

impl BarRow {
    /// Reads `open_time_ms,open,high,low,close,volume`.
    pub(super) fn read(line: &str) -> Result<Self, String> {
        let mut fields = line.split(',');
        let mut field = |name: &str| fields.next().ok_or_else(|| format!("{name} is missing"));
        let open_ms = moment("open_time_ms", field("open_time_ms")?)?;
        let mut price = |name: &str| positive(name, field(name)?);
        let bar = Self {
            open_ms,
            open: price("open")?,
            high: price("high")?,
            low: price("low")?,
            close: price("close")?,
            volume: volume(field("volume")?)?,
        };
        let inside = |value: Decimal| (bar.low..=bar.high).contains(&value);
        if inside(bar.open) && inside(bar.close) {
            return Ok(bar);
        }
        Err("open or close lies outside low and high".to_owned())
    }

    /// The first point: the open.
    pub(super) fn first(&self, symbol: &str) -> PricePoint {
        self.point(symbol, 0, self.open)
    }

    /// The other three points, the extreme that hurts the position first.
    pub(super) fn rest(&self, symbol: &str, lean: Lean) -> [PricePoint; 3] {
        let (near, far) = match lean {
            Lean::Long | Lean::Flat => (self.low, self.high),
            Lean::Short => (self.high, self.low),
        };
        [
            self.point(symbol, 1, near),
            self.point(symbol, 2, far),
            self.point(symbol, 3, self.close),
        ]
    }

    fn point(&self, symbol: &str, quarter: i64, price: Decimal) -> PricePoint {
        let volume = self.volume / Decimal::from(4);
        PricePoint::at(symbol, self.open_ms + quarter * QUARTER_MS, price, volume)
    }
}

/// Reads `trade_id,price,quantity,trade_time_ms,...`.
pub(super) fn read_trade(symbol: &str, line: &str) -> Result<PricePoint, String> {
    let fields: Vec<&str> = line.split(',').collect();
    let [_, price, qty, at_ms, ..] = fields.as_slice() else {
        return Err("fewer than four fields".to_owned());
    };
    let price = positive("price", price)?;
    let at_ms = moment("trade_time_ms", at_ms)?;
    Ok(PricePoint::at(symbol, at_ms, price, volume(qty)?))
}

/// A time in ms, not before 1970 and not so late that a later one could not be told.
fn moment(name: &str, text: &str) -> Result<i64, String> {
    plausible(
        name,
        text.parse().map_err(|_| format!("{name} is {text:?}"))?,
    )
}

/// The same of a number.
pub(super) fn plausible(name: &str, at_ms: i64) -> Result<i64, String> {
    if (0..MAX_MS).contains(&at_ms) {
        return Ok(at_ms);
    }
    Err(format!("{name} is {at_ms}, not a plausible time"))
}

/// A price above zero and below a thousand millions.
pub(super) fn positive(name: &str, text: &str) -> Result<Decimal, String> {
    let value: Decimal = text.parse().map_err(|_| format!("{name} is {text:?}"))?;
    if value > Decimal::ZERO && value < Decimal::from(1_000_000_000) {
        return Ok(value);
    }
    Err(format!("{name} is {value}, not a plausible price"))
}

/// A volume, zero or more, below a thousand million millions.
pub(super) fn volume(text: &str) -> Result<Decimal, String> {
    let value: Decimal = text.parse().map_err(|_| format!("volume is {text:?}"))?;
    if (Decimal::ZERO..Decimal::from(MAX_VOLUME)).contains(&value) {
        return Ok(value);
    }
    Err(format!("volume is {value}, not a plausible volume"))
}
