//! What is known of the real market, and the rule that nothing trades on what is stale.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{LiveInput, LiveRoute, LiveUpdate};
use crate::venue::{PriceUpdate, Venue, VenueError};
use crate::wire::{WireRequest, WireResponse, params_of, status_of};

/// The live prices of every followed symbol.
///
/// A price reaches the venue only while both the symbol's book and its mark are fresh; so neither
/// an order nor a trigger ever meets an old one.
#[derive(Debug)]
pub struct LiveState {
    ws: String,
    stale_ms: i64,
    symbols: BTreeMap<String, Known>,
    public_up: bool,
    market_up: bool,
    lost: u64,
    malformed: u64,
    refused: u64,
}

/// What is known of one symbol.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    /// Bid, ask and when they came.
    book: Option<(Decimal, Decimal, i64)>,
    /// Mark, index and when they came.
    mark: Option<(Decimal, Decimal, i64)>,
}

impl Known {
    fn book_age_ms(&self, now_ms: i64) -> Option<i64> {
        self.book.map(|(_, _, at_ms)| now_ms.saturating_sub(at_ms))
    }

    fn mark_age_ms(&self, now_ms: i64) -> Option<i64> {
        self.mark.map(|(_, _, at_ms)| now_ms.saturating_sub(at_ms))
    }

    fn is_fresh(&self, stale_ms: i64, now_ms: i64) -> bool {
        let fresh = |age: Option<i64>| age.is_some_and(|age| age <= stale_ms);
        fresh(self.book_age_ms(now_ms)) && fresh(self.mark_age_ms(now_ms))
    }
}

impl LiveState {
    /// Nothing known yet of these symbols, whose streams are at `ws`; prices older than `stale_ms`
    /// are stale.
    #[must_use]
    pub fn new(ws: &str, symbols: &[String], stale_ms: i64) -> Self {
        let symbols = symbols.iter().map(|name| (name.clone(), Known::default()));
        Self {
            ws: ws.to_owned(),
            stale_ms,
            symbols: symbols.collect(),
            public_up: false,
            market_up: false,
            lost: 0,
            malformed: 0,
            refused: 0,
        }
    }

    /// Where the streams are.
    #[must_use]
    pub fn ws(&self) -> &str {
        &self.ws
    }

    /// The followed symbols.
    #[must_use]
    pub fn symbols(&self) -> Vec<String> {
        self.symbols.keys().cloned().collect()
    }

    /// True when this symbol must not trade: its book or its mark is old or unknown.
    #[must_use]
    pub fn is_stale(&self, symbol: &str, now_ms: i64) -> bool {
        let known = self.symbols.get(symbol);
        known.is_some_and(|known| !known.is_fresh(self.stale_ms, now_ms))
    }

    /// Takes what has come and hands fresh prices to the venue.
    pub fn on(&mut self, venue: &mut Venue, input: LiveInput, now_ms: i64) {
        match input {
            LiveInput::Up(LiveRoute::Public) => self.public_up = true,
            LiveInput::Up(LiveRoute::Market) => self.market_up = true,
            LiveInput::Down(route) => self.forget(route),
            LiveInput::News(updates, malformed) => {
                self.malformed += malformed;
                for update in updates {
                    self.take(venue, update, now_ms);
                }
            }
        }
    }

    /// The refusal of a request that would trade a symbol whose prices are stale.
    pub fn gate(&mut self, request: &WireRequest, now_ms: i64) -> Option<WireResponse> {
        let orders = [
            "/fapi/v1/order",
            "/fapi/v1/batchOrders",
            "/fapi/v1/algoOrder",
        ];
        let places = matches!(request.method.as_str(), "POST" | "PUT");
        if !places || !orders.contains(&request.path.as_str()) {
            return None;
        }
        let params = params_of(request)?;
        let symbol = params.get("symbol").map_or("", String::as_str);
        let batch = params.get("batchOrders").map_or("", String::as_str);
        let mut stale = self
            .symbols
            .keys()
            .filter(|name| self.is_stale(name, now_ms));
        let is_named = |name: &&String| *name == symbol || batch.contains(&format!("\"{name}\""));
        stale.find(is_named)?;
        self.refused += 1;
        let error = stale_error();
        Some(WireResponse::error(status_of(error.code), &error))
    }

    /// For `GET /paper/report`.
    #[must_use]
    pub fn report(&self, now_ms: i64) -> Value {
        let symbol = |(name, known): (&String, &Known)| {
            let row = json!({
                "book_age_ms": known.book_age_ms(now_ms),
                "mark_age_ms": known.mark_age_ms(now_ms),
                "stale": !known.is_fresh(self.stale_ms, now_ms),
            });
            (name.clone(), row)
        };
        json!({
            "public_up": self.public_up,
            "market_up": self.market_up,
            "connections_lost": self.lost,
            "malformed_frames": self.malformed,
            "refused_as_stale": self.refused,
            "stale_after_ms": self.stale_ms,
            "symbols": self.symbols.iter().map(symbol).collect::<serde_json::Map<_, _>>(),
        })
    }

    fn forget(&mut self, route: LiveRoute) {
        self.lost += 1;
        match route {
            LiveRoute::Public => self.public_up = false,
            LiveRoute::Market => self.market_up = false,
        }
        for known in self.symbols.values_mut() {
            match route {
                LiveRoute::Public => known.book = None,
                LiveRoute::Market => known.mark = None,
            }
        }
    }

    fn take(&mut self, venue: &mut Venue, update: LiveUpdate, now_ms: i64) {
        let stale_ms = self.stale_ms;
        let (symbol, trade) = match update {
            LiveUpdate::Depth {
                symbol,
                notional,
                span,
            } => {
                venue.set_book_depth(&symbol, notional, span);
                return;
            }
            LiveUpdate::Book { symbol, bid, ask } => {
                self.with(&symbol, |known| known.book = Some((bid, ask, now_ms)));
                (symbol, None)
            }
            LiveUpdate::Mark {
                symbol,
                mark,
                index,
                funding,
            } => {
                self.with(&symbol, |known| known.mark = Some((mark, index, now_ms)));
                if let Err(error) = venue.set_funding_rate(&symbol, funding) {
                    tracing::debug!(error = error.message, "a live funding rate was refused");
                }
                (symbol, None)
            }
            LiveUpdate::Trade { symbol, price, qty } => (symbol, Some((price, qty))),
        };
        let Some(known) = self.symbols.get(&symbol) else {
            return;
        };
        if !known.is_fresh(stale_ms, now_ms) {
            return;
        }
        let update = PriceUpdate {
            mark: known.mark.map(|(mark, _, _)| mark),
            index: known.mark.map(|(_, index, _)| index),
            last: trade.map(|(price, _)| price),
            bid: known.book.map(|(bid, _, _)| bid),
            ask: known.book.map(|(_, ask, _)| ask),
            volume: trade.map(|(_, qty)| qty),
        };
        if venue.on_price(&symbol, update, now_ms).is_err() {
            self.malformed += 1;
        }
    }

    fn with(&mut self, symbol: &str, change: impl FnOnce(&mut Known)) {
        if let Some(known) = self.symbols.get_mut(symbol) {
            change(known);
        }
    }
}

/// What an order meets while prices are stale: definite, nothing was executed.
pub(crate) fn stale_error() -> VenueError {
    VenueError::new(
        -2020,
        "Unable to fill. The live prices of this symbol are stale.",
    )
}
