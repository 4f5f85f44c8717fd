//! How a venue is set up.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::rules::Rules;
use super::spec::SymbolSpec;
use crate::wire::Credentials;

/// What happens when a reduce-only MARKET order meets resting reduce-only orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReduceOnlyPolicy {
    /// The market order wins; resting orders shrink or expire with reason 4.
    #[default]
    KnockOut,
    /// The market order is refused with -4118 when both together would cross zero.
    Reject,
}

/// Settings of one venue. `Default` is every built-in symbol and 1,000,000 USDT.
#[derive(Debug, Clone)]
pub struct VenueConfig {
    /// Traded symbols.
    pub symbols: Vec<SymbolSpec>,
    /// Opening wallet balance, USDT.
    pub wallet: Decimal,
    /// Maker fee rate (0.0002 = 0.02 %).
    pub maker_fee: Decimal,
    /// Taker fee rate.
    pub taker_fee: Decimal,
    /// Leverage of a symbol until it is changed.
    pub leverage: u32,
    /// Funding rate of each symbol until it is changed.
    pub funding_rate: Decimal,
    /// Time between two funding payments, ms (8 h).
    pub funding_interval_ms: i64,
    /// Ticks from the best bid to the best ask where the price source has no book of its own.
    pub spread_ticks: u32,
    /// True: hedge mode at first; `positionSide/dual` switches it.
    pub hedge: bool,
    /// See [`ReduceOnlyPolicy`].
    pub reduce_only_policy: ReduceOnlyPolicy,
    /// True: an off-tick trigger price is refused with -4014. The measured venue accepts it.
    pub strict_trigger_tick: bool,
    /// Delay between a position becoming flat and its GTE_GTC orders expiring, ms.
    pub gte_expiry_delay_ms: i64,
    /// -4509 for this long after a position opens, although it is there, ms.
    pub gte_blind_ms: i64,
    /// About what one level of the book holds, USDT: larger orders walk from level to level and
    /// a touched resting order fills in parts. Zero: everything fills whole at the touch.
    pub level_notional: Decimal,
    /// Seed of the quantities in the book.
    pub book_seed: u64,
    /// Open conditional orders per account (Binance: 200).
    pub max_algo_orders: usize,
    /// Switches and scenarios.
    pub rules: Rules,
    /// Keys to verify; `None` switches key and signature checks off (in-process simulation).
    pub credentials: Option<Credentials>,
}

impl Default for VenueConfig {
    fn default() -> Self {
        Self {
            symbols: SymbolSpec::builtin(),
            wallet: Decimal::from(1_000_000),
            maker_fee: Decimal::new(2, 4),
            taker_fee: Decimal::new(4, 4),
            leverage: 20,
            funding_rate: Decimal::new(1, 4),
            funding_interval_ms: 28_800_000,
            spread_ticks: 1,
            hedge: false,
            reduce_only_policy: ReduceOnlyPolicy::KnockOut,
            strict_trigger_tick: false,
            gte_expiry_delay_ms: 0,
            gte_blind_ms: 0,
            level_notional: Decimal::from(200_000),
            book_seed: 1,
            max_algo_orders: 200,
            rules: Rules::default(),
            credentials: None,
        }
    }
}
