//! Prices: what a symbol trades at, and what a move sets off.

use rust_decimal::Decimal;

use super::types::{Side, WorkingType};
use super::{Book, Venue, VenueError};

/// One-minute bars kept per symbol: a day and a bit, the venue's own maximum per request is 1500.
const MAX_BARS: usize = 1_500;
/// Length of a bar, ms.
const BAR_MS: i64 = 60_000;
/// What a new last trade without a volume has taken, in steps.
const TRADE_LOTS: i64 = 1_000;

/// The prices of one symbol; zero means not known yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Market {
    /// Mark price.
    pub mark: Decimal,
    /// Index price.
    pub index: Decimal,
    /// Last trade.
    pub last: Decimal,
    /// Best bid.
    pub bid: Decimal,
    /// Best ask.
    pub ask: Decimal,
    /// Moment of the last change, ms.
    pub at_ms: i64,
}

impl Market {
    /// True once a price is known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !self.mark.is_zero() && !self.bid.is_zero() && !self.ask.is_zero()
    }

    /// The price that this working type watches.
    #[must_use]
    pub const fn watched(&self, working_type: WorkingType) -> Decimal {
        match working_type {
            WorkingType::MarkPrice => self.mark,
            WorkingType::ContractPrice => self.last,
        }
    }

    /// The price at which an order of this side takes.
    #[must_use]
    pub const fn taker_price(&self, side: Side) -> Decimal {
        match side {
            Side::Buy => self.ask,
            Side::Sell => self.bid,
        }
    }

    /// True when a resting order of this side at this price is touched.
    #[must_use]
    pub fn touches(&self, side: Side, price: Decimal) -> bool {
        match side {
            Side::Buy => self.ask <= price || self.last <= price,
            Side::Sell => self.bid >= price || self.last >= price,
        }
    }
}

/// A change of some of a symbol's prices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PriceUpdate {
    /// Mark price.
    pub mark: Option<Decimal>,
    /// Index price; follows the mark when absent.
    pub index: Option<Decimal>,
    /// Last trade; moves bid and ask, so many ticks apart as set, when those are absent.
    pub last: Option<Decimal>,
    /// Best bid.
    pub bid: Option<Decimal>,
    /// Best ask.
    pub ask: Option<Decimal>,
    /// Volume traded, base asset; when absent, a new last trade has taken 1000 steps.
    pub volume: Option<Decimal>,
}

impl PriceUpdate {
    /// Everything at one price.
    #[must_use]
    pub const fn at(price: Decimal) -> Self {
        Self {
            mark: Some(price),
            index: Some(price),
            last: Some(price),
            bid: None,
            ask: None,
            volume: None,
        }
    }
}

/// One bar of a minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// Start, ms.
    pub open_ms: i64,
    /// First price.
    pub open: Decimal,
    /// Highest price.
    pub high: Decimal,
    /// Lowest price.
    pub low: Decimal,
    /// Latest price.
    pub close: Decimal,
    /// Volume, base asset.
    pub volume: Decimal,
    /// Number of price changes in it.
    pub ticks: u64,
    /// The mark price in it.
    pub mark: Candle,
    /// The index price in it.
    pub index: Candle,
}

/// First, highest, lowest and latest price of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candle {
    /// First price.
    pub open: Decimal,
    /// Highest price.
    pub high: Decimal,
    /// Lowest price.
    pub low: Decimal,
    /// Latest price.
    pub close: Decimal,
}

impl Candle {
    /// Of one price.
    #[must_use]
    pub const fn at(price: Decimal) -> Self {
        Self {
            open: price,
            high: price,
            low: price,
            close: price,
        }
    }

    /// Takes in a later candle.
    pub fn join(&mut self, later: &Self) {
        self.high = self.high.max(later.high);
        self.low = self.low.min(later.low);
        self.close = later.close;
    }
}

impl Venue {
    /// Applies a price change: conditional orders fire first (adverse order of things), then
    /// resting limits fill.
    ///
    /// # Errors
    /// -1121 for an unknown symbol, -4001 for a price that is not positive.
    pub fn on_price(
        &mut self,
        symbol: &str,
        update: PriceUpdate,
        now_ms: i64,
    ) -> Result<(), VenueError> {
        self.advance(now_ms);
        let book = self.book_mut(symbol)?;
        check_positive(&update)?;
        book.set_market(&update, now_ms);
        let market = book.market;
        self.ticks = self.ticks.wrapping_add(1);
        self.fire_algos(symbol, &update, now_ms);
        self.fill_resting(symbol, market, now_ms);
        self.watch_margin(symbol, now_ms);
        Ok(())
    }

    /// Price changes applied so far.
    #[must_use]
    pub const fn ticks(&self) -> u64 {
        self.ticks
    }

    fn fill_resting(&mut self, symbol: &str, market: Market, now_ms: i64) {
        let Some(book) = self.books.get(symbol) else {
            return;
        };
        let open = book.open_orders.iter().filter_map(|id| self.orders.get(id));
        let touched = open.filter(|order| market.touches(order.side, order.price));
        let mut touched: Vec<(u64, u64)> = touched.map(|order| (order.queued, order.id)).collect();
        touched.sort_unstable();
        for (_, id) in touched {
            self.fill_maker(id, now_ms);
        }
    }
}

impl Book {
    fn set_market(&mut self, update: &PriceUpdate, now_ms: i64) {
        let around = update.last.map(|last| (last, self.around(last)));
        let market = &mut self.market;
        if let Some((last, (bid, ask))) = around {
            market.last = last;
            market.bid = bid;
            market.ask = ask;
        }
        market.bid = update.bid.unwrap_or(market.bid);
        market.ask = update.ask.unwrap_or(market.ask);
        if market.last.is_zero() {
            market.last = market.bid;
        }
        if let Some(mark) = update.mark {
            market.mark = mark;
            market.index = mark;
        }
        market.index = update.index.unwrap_or(market.index);
        market.at_ms = now_ms;
        let last = market.last;
        let taken = update.last.map(|_| self.trade_size());
        let volume = update.volume.or(taken).unwrap_or_default();
        if let Some(price) = update.last {
            self.tape.add(price, volume, now_ms);
        }
        self.add_to_bar(last, volume, now_ms);
    }

    /// Best bid and ask around a trade: one tick apart the trade was at the bid, farther apart it
    /// lies in their midst.
    fn around(&self, last: Decimal) -> (Decimal, Decimal) {
        let tick = self.spec.tick_size;
        let below = tick * Decimal::from((self.spread_ticks - 1) / 2);
        let bid = (last - below).max(tick.min(last));
        (bid, bid + tick * Decimal::from(self.spread_ticks))
    }

    fn trade_size(&self) -> Decimal {
        self.spec.step_size * Decimal::from(TRADE_LOTS)
    }

    fn add_to_bar(&mut self, price: Decimal, volume: Decimal, now_ms: i64) {
        if price.is_zero() {
            return;
        }
        let open_ms = now_ms - now_ms.rem_euclid(BAR_MS);
        let (mark, index) = (Candle::at(self.market.mark), Candle::at(self.market.index));
        if self.bars.back().is_none_or(|bar| bar.open_ms != open_ms) {
            self.bars.push_back(Bar {
                open_ms,
                open: price,
                high: price,
                low: price,
                close: price,
                volume: Decimal::ZERO,
                ticks: 0,
                mark,
                index,
            });
        }
        if self.bars.len() > MAX_BARS {
            self.bars.pop_front();
        }
        let Some(bar) = self.bars.back_mut() else {
            return;
        };
        bar.high = bar.high.max(price);
        bar.low = bar.low.min(price);
        bar.close = price;
        bar.volume = bar.volume.checked_add(volume).unwrap_or(bar.volume);
        bar.ticks += 1;
        bar.mark.join(&mark);
        bar.index.join(&index);
    }
}

/// Bounds of a plausible price: they keep every product and quotient far from the decimal's limit.
const MAX_PRICE: i64 = 1_000_000_000;
const MIN_PRICE: Decimal = Decimal::from_parts(1, 0, 0, false, 10);

fn check_positive(update: &PriceUpdate) -> Result<(), VenueError> {
    let given = [
        update.mark,
        update.index,
        update.last,
        update.bid,
        update.ask,
    ];
    let bad = |price: &Decimal| *price < MIN_PRICE || *price > Decimal::from(MAX_PRICE);
    match given.iter().flatten().find(|price| bad(price)) {
        Some(price) => Err(VenueError::new(
            -4001,
            format!("Price {price} is not plausible."),
        )),
        None => Ok(()),
    }
}
