//! A stand-in for the trading side: opens positions in the venue's account, never closes them.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::rng::SplitMix64;
use crate::venue::{NewOrder, Order, PositionSide, Side, SymbolSpec, Venue};

/// Share of the smallest take-profit leg: a quarter of the position must still be tradable.
const SMALLEST_LEG: i64 = 4;
/// A minimum that forces more than this many times the largest wanted notional is left alone.
const MAX_STRETCH: i64 = 2;

/// How the stand-in trades.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrategyConfig {
    /// Symbols it opens.
    pub symbols: Vec<String>,
    /// Time a symbol stays flat before it is opened again, ms.
    pub cooldown_ms: i64,
    /// Smallest notional, USDT.
    pub min_notional: i64,
    /// Largest notional, USDT.
    pub max_notional: i64,
    /// Leverage it sets.
    pub leverage: u32,
    /// Positions open at the same time.
    pub max_open: usize,
    /// Chance in a million, per step, that an open position is added to (once per position).
    pub add_chance_ppm: u32,
}

impl Default for StrategyConfig {
    fn default() -> Self {
        Self {
            symbols: Vec::new(),
            cooldown_ms: 5_000,
            min_notional: 500,
            max_notional: 5_000,
            leverage: 5,
            max_open: 16,
            add_chance_ppm: 0,
        }
    }
}

/// The stand-in, deterministic from its seed.
#[derive(Debug, Clone)]
pub struct Strategy {
    config: StrategyConfig,
    rng: SplitMix64,
    slots: BTreeMap<String, Slot>,
    sent: u64,
    refused: u64,
}

/// What it remembers of a symbol.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    not_before_ms: Option<i64>,
    opened_before: bool,
    added: bool,
}

impl Strategy {
    /// A stand-in that has not traded yet.
    #[must_use]
    pub fn new(config: StrategyConfig, seed: u64) -> Self {
        let slots = config
            .symbols
            .iter()
            .map(|symbol| (symbol.clone(), Slot::default()));
        Self {
            slots: slots.collect(),
            rng: SplitMix64::new(seed ^ 0x5354_5241_5445_4759),
            config,
            sent: 0,
            refused: 0,
        }
    }

    /// Opens what is due and returns the orders.
    pub fn step(&mut self, venue: &mut Venue, now_ms: i64) -> Vec<Order> {
        let mut open = venue.open_positions().count();
        let mut orders = Vec::new();
        for symbol in self.config.symbols.clone() {
            let order = self.step_symbol(venue, &symbol, open < self.config.max_open, now_ms);
            if let Some(order) = order {
                open += 1;
                orders.push(order);
            }
        }
        orders
    }

    /// Orders sent so far.
    #[must_use]
    pub const fn sent(&self) -> u64 {
        self.sent
    }

    /// Orders the venue refused so far.
    #[must_use]
    pub const fn refused(&self) -> u64 {
        self.refused
    }

    fn step_symbol(
        &mut self,
        venue: &mut Venue,
        symbol: &str,
        may_open: bool,
        now_ms: i64,
    ) -> Option<Order> {
        let market = venue.market(symbol).filter(|market| market.is_known())?;
        let held = venue
            .open_legs_of(symbol)
            .next()
            .map(|held| (held.leg, held.qty));
        if let Some((leg, qty)) = held {
            return self.maybe_add(venue, symbol, leg, qty, now_ms);
        }
        let cooldown = self.config.cooldown_ms;
        let slot = self.slots.get_mut(symbol)?;
        let not_before = match slot.not_before_ms {
            Some(at_ms) => at_ms,
            None => {
                // The first entries are spread; later ones wait the full cooldown.
                let least = if slot.opened_before { cooldown } else { 0 };
                let wait = self.rng.between(least, cooldown);
                slot.not_before_ms = Some(now_ms + wait);
                slot.added = false;
                now_ms + wait
            }
        };
        if now_ms < not_before || !may_open {
            return None;
        }
        let side = if self.rng.chance_ppm(500_000) {
            Side::Buy
        } else {
            Side::Sell
        };
        let notional = self
            .rng
            .between(self.config.min_notional, self.config.max_notional);
        let qty = self.size(venue.spec(symbol)?, notional, market.mark);
        let order = qty
            .map(|qty| NewOrder::market(symbol, side, qty).on_leg(venue.opening_leg(side)))
            .and_then(|order| self.send(venue, order, now_ms));
        // Opened, refused or unable: either way the next try waits for the cooldown.
        let slot = self.slots.get_mut(symbol)?;
        slot.opened_before |= order.is_some();
        slot.not_before_ms = order.is_none().then_some(now_ms + cooldown);
        order
    }

    fn maybe_add(
        &mut self,
        venue: &mut Venue,
        symbol: &str,
        leg: PositionSide,
        position: Decimal,
        now_ms: i64,
    ) -> Option<Order> {
        let slot = self.slots.get_mut(symbol)?;
        slot.not_before_ms = None;
        if slot.added || !self.rng.chance_ppm(self.config.add_chance_ppm) {
            return None;
        }
        slot.added = true;
        let side = if position.is_sign_negative() {
            Side::Sell
        } else {
            Side::Buy
        };
        let qty = venue.spec(symbol)?.floor_qty(position.abs() / Decimal::TWO);
        self.send(
            venue,
            NewOrder::market(symbol, side, qty).on_leg(leg),
            now_ms,
        )?;
        None
    }

    fn send(&mut self, venue: &mut Venue, order: NewOrder, now_ms: i64) -> Option<Order> {
        self.sent += 1;
        let id = format!("bot-{}", self.sent);
        let leverage = venue.set_leverage(&order.symbol, self.config.leverage, now_ms);
        let order = order.with_client_id(&id);
        let placed = leverage.and_then(|()| venue.place_order(order, now_ms));
        if placed.is_err() {
            self.refused += 1;
        }
        placed.ok()
    }

    /// A quantity near the notional, of which a quarter is still a tradable order.
    fn size(&self, spec: &SymbolSpec, notional: i64, mark: Decimal) -> Option<Decimal> {
        let wanted = spec.floor_qty(Decimal::from(notional).checked_div(mark)?);
        let leg = spec.min_qty.max(spec.min_notional.checked_div(mark)?);
        let leg = spec.floor_qty(leg) + spec.step_size;
        let qty = wanted
            .max(leg * Decimal::from(SMALLEST_LEG))
            .min(spec.max_market_qty);
        let most = Decimal::from(self.config.max_notional.saturating_mul(MAX_STRETCH));
        (qty.checked_mul(mark)? <= most).then_some(qty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::venue::{PriceUpdate, VenueConfig};

    const SYMBOLS: [(&str, i64); 3] = [("BTCUSDT", 60_000), ("ETHUSDT", 3_000), ("XRPUSDT", 2)];

    fn venue() -> Venue {
        let mut venue = Venue::new(VenueConfig::default());
        for (symbol, price) in SYMBOLS {
            venue
                .on_price(symbol, PriceUpdate::at(price.into()), 0)
                .unwrap();
        }
        venue
    }

    fn strategy(seed: u64) -> Strategy {
        let symbols = SYMBOLS
            .iter()
            .map(|(symbol, _)| (*symbol).to_owned())
            .collect();
        Strategy::new(
            StrategyConfig {
                symbols,
                ..StrategyConfig::default()
            },
            seed,
        )
    }

    fn run(strategy: &mut Strategy, venue: &mut Venue, until_ms: i64) -> Vec<Order> {
        (0..until_ms / 100)
            .flat_map(|n| strategy.step(venue, n * 100))
            .collect()
    }

    #[test]
    fn every_symbol_is_opened_once_and_left_alone() {
        let (mut strategy, mut venue) = (strategy(1), venue());
        let orders = run(&mut strategy, &mut venue, 60_000);
        assert_eq!((orders.len(), strategy.refused()), (3, 0));
        assert!(
            orders
                .iter()
                .all(|order| order.client_id.starts_with("bot-"))
        );
        assert_eq!(venue.leverage("BTCUSDT"), Some(5));
    }

    #[test]
    fn a_quarter_of_every_position_is_a_tradable_order() {
        for seed in 0..50 {
            let (mut strategy, mut venue) = (strategy(seed), venue());
            for order in run(&mut strategy, &mut venue, 10_000) {
                let spec = venue.spec(&order.symbol).unwrap();
                let leg = spec.floor_qty(order.qty / Decimal::from(4));
                let mark = venue.market(&order.symbol).unwrap().mark;
                assert!(leg >= spec.min_qty && leg * mark >= spec.min_notional);
            }
        }
    }

    #[test]
    fn a_closed_symbol_is_opened_again_after_the_cooldown() {
        let (mut strategy, mut venue) = (strategy(1), venue());
        run(&mut strategy, &mut venue, 10_000);
        let qty = venue.position("BTCUSDT").unwrap().qty;
        let side = if qty.is_sign_negative() {
            Side::Buy
        } else {
            Side::Sell
        };
        venue
            .place_order(NewOrder::market("BTCUSDT", side, qty.abs()), 10_000)
            .unwrap();
        let opens_at = |n: &i64| {
            let orders = strategy.step(&mut venue, n * 100);
            orders.iter().any(|order| order.symbol == "BTCUSDT")
        };
        assert_eq!((100..200).find(opens_at), Some(150));
    }

    #[test]
    fn the_bound_of_open_positions_holds() {
        let mut strategy = strategy(1);
        strategy.config.max_open = 2;
        assert_eq!(run(&mut strategy, &mut venue(), 60_000).len(), 2);
    }

    #[test]
    fn the_same_seed_trades_the_same() {
        let orders = |seed| run(&mut strategy(seed), &mut venue(), 20_000);
        assert_eq!(orders(4), orders(4));
        assert_ne!(orders(4), orders(5));
    }
}
