//! One listened-to market stream: what it was told last, and what it is told next.

use std::collections::BTreeMap;

use crate::venue::{Bar, Book, Market, OrderUpdate, SymbolSpec, SymbolStatus, Venue};
use crate::wire::{
    Levels, StreamKind, StreamName, UpdateIds, agg_trade_json, book_ticker_json,
    contract_info_json, depth_json, force_order_json, kline_json, latest_bars, mark_price_json,
    mini_ticker_json, ticker_json, trade_json,
};

/// Events of one stream are this far apart at least, ms, however fast the market is replayed.
const EMIT_MS: i64 = 50;
/// A symbol that does not move is shown again after this long, ms.
const REPEAT_MS: i64 = 1_000;
/// The venue's own cadences, ms.
const AGG_TRADE_MS: i64 = 100;
const KLINE_MS: i64 = 250;
const TICKER_MS: i64 = 2_000;
const ALL_TICKERS_MS: i64 = 1_000;
const FORCE_ORDER_MS: i64 = 1_000;
/// Trades of one event's span; of more only the newest are told.
const MAX_TRADES: usize = 100;
/// How market time shrinks to wall time in a replay, ms.
pub(super) type Pace<'a> = &'a dyn Fn(i64) -> i64;

/// One stream.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) stream: StreamName,
    at_ms: i64,
    ticks: u64,
    trade_id: u64,
    markets: BTreeMap<String, Market>,
    levels: Option<(u64, Levels)>,
    bar: Option<Bar>,
    listed: BTreeMap<String, (SymbolSpec, SymbolStatus)>,
    forced: Vec<OrderUpdate>,
}

impl Told {
    /// A stream that somebody begins to listen to now: what was traded before is history.
    pub(super) fn new(stream: StreamName, venue: &Venue) -> Self {
        let book = stream.symbol.as_ref().and_then(|own| venue.books.get(own));
        let trade_id = book.map_or(0, newest_trade);
        Self {
            stream,
            at_ms: i64::MIN,
            ticks: 0,
            trade_id,
            markets: BTreeMap::new(),
            levels: None,
            bar: None,
            listed: BTreeMap::new(),
            forced: Vec::new(),
        }
    }
}

fn newest_trade(book: &Book) -> u64 {
    book.tape.trades().next_back().map_or(0, |trade| trade.id)
}

/// What every stream looks at.
pub(super) struct Moment<'a> {
    pub(super) venue: &'a Venue,
    pub(super) pace: Pace<'a>,
    pub(super) now_ms: i64,
    pub(super) hurry: bool,
}

impl Moment<'_> {
    /// The symbols that a stream is about, those without a price left out.
    fn symbols(&self, stream: &StreamName) -> Vec<String> {
        let books = self.venue.books.iter();
        books
            .filter(|(name, book)| {
                book.market.is_known() && stream.symbol.as_ref().is_none_or(|own| own == *name)
            })
            .map(|(name, _)| name.clone())
            .collect()
    }
}

impl Told {
    /// Everything that is due now.
    pub(super) fn texts(&mut self, now: &Moment<'_>, forced: &[OrderUpdate]) -> Vec<String> {
        match self.stream.kind.clone() {
            StreamKind::MarkPrice { every_ms } => self.periodic(now, every_ms, |symbol| {
                mark_price_json(now.venue, symbol, now.now_ms)
            }),
            StreamKind::Ticker => {
                let every_ms = self.ticker_ms();
                self.periodic(now, every_ms, |symbol| {
                    ticker_json(now.venue, symbol, now.now_ms)
                })
            }
            StreamKind::MiniTicker => {
                let every_ms = self.ticker_ms();
                self.periodic(now, every_ms, |symbol| {
                    mini_ticker_json(now.venue, symbol, now.now_ms)
                })
            }
            StreamKind::BookTicker => self.book_tickers(now),
            StreamKind::AggTrade => self.trades(now, AGG_TRADE_MS),
            StreamKind::Trade => self.trades(now, EMIT_MS),
            StreamKind::Depth { every_ms } => self.depth(now, every_ms),
            StreamKind::PartialDepth { levels, every_ms } => {
                self.partial_depth(now, levels, every_ms)
            }
            StreamKind::Kline {
                interval,
                continuous,
            } => self.kline(now, &interval, continuous),
            StreamKind::ForceOrder => self.force_orders(now, forced),
            StreamKind::ContractInfo => self.contract_infos(now),
        }
    }

    const fn ticker_ms(&self) -> i64 {
        if self.stream.symbol.is_some() {
            TICKER_MS
        } else {
            ALL_TICKERS_MS
        }
    }

    /// True when it may speak again: the cadence in market time while the market moves.
    fn is_due(&self, now: &Moment<'_>, every_ms: i64) -> bool {
        let moved = now.venue.ticks() != self.ticks;
        let wait_ms = if now.hurry {
            0
        } else if moved {
            (now.pace)(every_ms).max(EMIT_MS)
        } else {
            every_ms.max(EMIT_MS)
        };
        self.at_ms.saturating_add(wait_ms) <= now.now_ms
    }

    const fn spoke(&mut self, now: &Moment<'_>) {
        self.at_ms = now.now_ms;
        self.ticks = now.venue.ticks();
    }

    fn periodic(
        &mut self,
        now: &Moment<'_>,
        every_ms: i64,
        text: impl Fn(&str) -> Option<String>,
    ) -> Vec<String> {
        if !self.is_due(now, every_ms) {
            return Vec::new();
        }
        let symbols = now.symbols(&self.stream);
        let texts: Vec<String> = symbols.iter().filter_map(|symbol| text(symbol)).collect();
        if texts.is_empty() {
            return texts;
        }
        self.spoke(now);
        match self.stream.symbol {
            Some(_) => texts,
            None => vec![format!("[{}]", texts.join(","))],
        }
    }

    fn book_tickers(&mut self, now: &Moment<'_>) -> Vec<String> {
        let repeats = self.at_ms.saturating_add(REPEAT_MS) <= now.now_ms;
        let moved = now.venue.ticks() != self.ticks;
        let speaks = repeats || (moved && self.is_due(now, EMIT_MS));
        if !speaks {
            return Vec::new();
        }
        let mut texts = Vec::new();
        for symbol in now.symbols(&self.stream) {
            let Some(market) = now.venue.market(&symbol) else {
                continue;
            };
            let is_same = self
                .markets
                .get(&symbol)
                .is_some_and(|told| (told.bid, told.ask) == (market.bid, market.ask));
            if repeats || !is_same {
                texts.extend(book_ticker_json(now.venue, &symbol, now.now_ms));
                self.markets.insert(symbol, market);
            }
        }
        if !texts.is_empty() {
            self.spoke(now);
        }
        texts
    }

    fn trades(&mut self, now: &Moment<'_>, every_ms: i64) -> Vec<String> {
        let Some(book) = self.own_book(now) else {
            return Vec::new();
        };
        let (newest, known) = (newest_trade(book), self.trade_id);
        if newest == known || !self.is_due(now, every_ms) {
            return Vec::new();
        }
        self.trade_id = newest;
        self.spoke(now);
        let fresh = book
            .tape
            .trades()
            .rev()
            .take_while(|trade| known < trade.id);
        let mut fresh: Vec<_> = fresh.take(MAX_TRADES).collect();
        fresh.reverse();
        let is_raw = self.stream.kind == StreamKind::Trade;
        let text = |trade| match is_raw {
            true => trade_json(book, trade, now.now_ms),
            false => agg_trade_json(book, trade, now.now_ms),
        };
        fresh.into_iter().map(text).collect()
    }

    /// Differences: each begins with the id where the one before ended, so that a snapshot taken
    /// at any moment fits one of them (`U` <= `lastUpdateId` <= `u`).
    fn depth(&mut self, now: &Moment<'_>, every_ms: i64) -> Vec<String> {
        let Some(book) = self.own_book(now).filter(|book| book.market.is_known()) else {
            return Vec::new();
        };
        let ticks = now.venue.ticks();
        let Some((before, levels)) = &self.levels else {
            self.levels = Some((ticks, Levels::whole(book)));
            return Vec::new();
        };
        if *before == ticks || !self.is_due(now, every_ms) {
            return Vec::new();
        }
        let after = Levels::whole(book);
        let change = after.since(levels);
        if change == Levels::default() {
            return Vec::new();
        }
        let ids = UpdateIds {
            first: *before,
            last: ticks,
            before: *before,
        };
        self.levels = Some((ticks, after));
        self.spoke(now);
        vec![depth_json(book, &change, ids, now.now_ms)]
    }

    fn partial_depth(&mut self, now: &Moment<'_>, levels: u32, every_ms: i64) -> Vec<String> {
        let Some(book) = self.own_book(now).filter(|book| book.market.is_known()) else {
            return Vec::new();
        };
        let ticks = now.venue.ticks();
        let before = self.levels.as_ref().map(|(before, _)| *before);
        if before == Some(ticks) || !self.is_due(now, every_ms) {
            return Vec::new();
        }
        let after = Levels::of(book, levels);
        let is_same = self.levels.as_ref().is_some_and(|(_, told)| *told == after);
        if is_same {
            return Vec::new();
        }
        let before = before.unwrap_or(ticks);
        let ids = UpdateIds {
            first: before,
            last: ticks,
            before,
        };
        let text = depth_json(book, &after, ids, now.now_ms);
        self.levels = Some((ticks, after));
        self.spoke(now);
        vec![text]
    }

    fn kline(&mut self, now: &Moment<'_>, interval: &str, continuous: bool) -> Vec<String> {
        let Some(symbol) = self.stream.symbol.clone() else {
            return Vec::new();
        };
        if now.venue.ticks() == self.ticks || !self.is_due(now, KLINE_MS) {
            return Vec::new();
        }
        let bars = latest_bars(now.venue, &symbol, interval);
        let told_ms = self.bar.as_ref().map(|bar| bar.open_ms);
        let newest_ms = bars.last().map_or(i64::MIN, |bar| bar.open_ms);
        // The last event of a bar comes when the next one has begun.
        let fresh = bars.iter().filter(|bar| match told_ms {
            Some(told_ms) => {
                told_ms <= bar.open_ms
                    && (bar.open_ms < newest_ms || self.bar.as_ref() != Some(*bar))
            }
            None => bar.open_ms == newest_ms,
        });
        let fresh: Vec<&Bar> = fresh.collect();
        let text =
            |bar: &&Bar| kline_json(now.venue, &symbol, interval, bar, continuous, now.now_ms);
        let texts: Vec<String> = fresh.iter().filter_map(text).collect();
        self.bar = bars.last().cloned();
        self.spoke(now);
        texts
    }

    /// The largest of each second, as on the venue.
    fn force_orders(&mut self, now: &Moment<'_>, forced: &[OrderUpdate]) -> Vec<String> {
        let own = |update: &&OrderUpdate| {
            let symbol = &update.order.symbol;
            self.stream.symbol.as_ref().is_none_or(|own| own == symbol)
        };
        let fresh: Vec<OrderUpdate> = forced.iter().filter(own).cloned().collect();
        self.forced.extend(fresh);
        if self.forced.is_empty() || now.now_ms < self.at_ms.saturating_add(FORCE_ORDER_MS) {
            return Vec::new();
        }
        self.spoke(now);
        let mut largest: BTreeMap<String, OrderUpdate> = BTreeMap::new();
        for update in std::mem::take(&mut self.forced) {
            let symbol = update.order.symbol.clone();
            let is_larger = largest
                .get(&symbol)
                .is_none_or(|known| known.order.filled <= update.order.filled);
            if is_larger {
                largest.insert(symbol, update);
            }
        }
        let text = |update: &OrderUpdate| force_order_json(update, now.now_ms);
        largest.values().map(text).collect()
    }

    /// Symbols whose rules or status have changed since somebody began to listen.
    fn contract_infos(&mut self, now: &Moment<'_>) -> Vec<String> {
        if now.now_ms < self.at_ms.saturating_add(REPEAT_MS) {
            return Vec::new();
        }
        let is_first = self.at_ms == i64::MIN;
        self.at_ms = now.now_ms;
        let mut texts = Vec::new();
        for (symbol, book) in &now.venue.books {
            let status = now.venue.symbol_status(symbol);
            let told = self.listed.get(symbol);
            if told.is_some_and(|(spec, old)| *spec == book.spec && *old == status) {
                continue;
            }
            texts.push(contract_info_json(&book.spec, status, now.now_ms));
            let listed = (book.spec.clone(), status);
            self.listed.insert(symbol.clone(), listed);
        }
        if is_first { Vec::new() } else { texts }
    }

    fn own_book<'a>(&self, now: &Moment<'a>) -> Option<&'a Book> {
        now.venue.book(self.stream.symbol.as_deref()?).ok()
    }
}
