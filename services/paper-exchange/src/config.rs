//! Settings: a TOML file, overridden by the command line.

mod bounds;
mod error;

use std::path::{Path, PathBuf};

pub use error::ConfigError;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::faults::{EventOrder, FaultPlan, Faults};
use crate::feed::{Feed, Replay, Speed};
use crate::live::{DEFAULT_STALE_MS, LiveState, PRODUCTION_REST, PRODUCTION_WS};
use crate::protection::{DEFAULT_WINDOW_MS, ProtectionJudge};
use crate::server::SocketConfig;
use crate::strategy::{Strategy, StrategyConfig};
use crate::venue::{ReduceOnlyPolicy, Rules, SymbolSpec, Venue, VenueConfig};
use crate::wire::Credentials;
use crate::world::World;

/// Largest file of settings, keys or faults, bytes.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// Followed on the real market when no symbols are set.
const LIVE_SYMBOLS: [&str; 3] = ["BTCUSDT", "ETHUSDT", "SOLUSDT"];

/// All settings. Times in ms, money in USDT.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Address; port 0 takes a free one.
    pub listen: String,
    /// `synthetic`, `manual`, a file or a folder.
    pub data: String,
    /// Seed of market, strategy and faults.
    pub seed: u64,
    /// Original time per wall time.
    pub speed: String,
    /// Symbols; empty means those of the data, or all built-in ones.
    pub symbols: Vec<String>,
    /// Whether the stand-in strategy opens positions.
    pub strategy: bool,
    /// See [`StrategyConfig`].
    pub cooldown_ms: i64,
    /// See [`StrategyConfig`].
    pub min_notional: i64,
    /// See [`StrategyConfig`].
    pub max_notional: i64,
    /// See [`StrategyConfig`].
    pub leverage: u32,
    /// See [`StrategyConfig`].
    pub max_open: usize,
    /// See [`StrategyConfig`].
    pub add_chance_ppm: u32,
    /// Opening balance.
    pub wallet: Decimal,
    /// Maker fee rate of the account.
    pub maker_fee: Decimal,
    /// Taker fee rate of the account.
    pub taker_fee: Decimal,
    /// See [`VenueConfig`].
    pub funding_rate: Decimal,
    /// See [`VenueConfig`].
    pub funding_interval_ms: i64,
    /// Hedge mode at first; see [`VenueConfig`].
    pub hedge: bool,
    /// See [`VenueConfig`].
    pub spread_ticks: u32,
    /// See [`VenueConfig`].
    pub reduce_only_policy: ReduceOnlyPolicy,
    /// See [`VenueConfig`].
    pub strict_trigger_tick: bool,
    /// See [`VenueConfig`].
    pub gte_expiry_delay_ms: i64,
    /// See [`VenueConfig`].
    pub gte_blind_ms: i64,
    /// See [`VenueConfig`].
    pub level_notional: Decimal,
    /// See [`VenueConfig`].
    pub rules: Rules,
    /// Placement window of the judge.
    pub window_ms: i64,
    /// Whether keys and signatures are checked.
    pub verify: bool,
    /// File with the API key.
    pub api_key_file: Option<PathBuf>,
    /// File with the HMAC secret.
    pub secret_file: Option<PathBuf>,
    /// File with the Ed25519 public key.
    pub ed25519_public_key_file: Option<PathBuf>,
    /// File with the RSA public key, PEM.
    pub rsa_public_key_file: Option<PathBuf>,
    /// File with the fault plan, TOML or JSON.
    pub faults: Option<PathBuf>,
    /// Order of user events of one moment, where the fault plan says nothing else.
    pub event_order: EventOrder,
    /// Whether the market is the real venue's, in place of `data`; see [`Config::build_live`].
    pub live_market: bool,
    /// Where the real venue's public REST answers.
    pub live_rest: String,
    /// Where the real venue's public streams are.
    pub live_ws: String,
    /// Prices older than this are not traded on, ms.
    pub live_stale_ms: i64,
    /// Clocks and bounds of the sockets.
    pub sockets: SocketConfig,
    /// File that gets the chosen addresses.
    pub ports_file: Option<PathBuf>,
    /// Whether an address other than loopback may be listened on.
    pub allow_remote: bool,
}

impl Default for Config {
    fn default() -> Self {
        let strategy = StrategyConfig::default();
        let venue = VenueConfig::default();
        Self {
            listen: "127.0.0.1:0".to_owned(),
            data: "synthetic".to_owned(),
            seed: 1,
            speed: "1x".to_owned(),
            symbols: Vec::new(),
            strategy: true,
            cooldown_ms: strategy.cooldown_ms,
            min_notional: strategy.min_notional,
            max_notional: strategy.max_notional,
            leverage: strategy.leverage,
            max_open: strategy.max_open,
            add_chance_ppm: strategy.add_chance_ppm,
            wallet: venue.wallet,
            maker_fee: venue.maker_fee,
            taker_fee: venue.taker_fee,
            funding_rate: venue.funding_rate,
            funding_interval_ms: venue.funding_interval_ms,
            hedge: venue.hedge,
            spread_ticks: venue.spread_ticks,
            reduce_only_policy: venue.reduce_only_policy,
            strict_trigger_tick: venue.strict_trigger_tick,
            gte_expiry_delay_ms: venue.gte_expiry_delay_ms,
            gte_blind_ms: venue.gte_blind_ms,
            level_notional: venue.level_notional,
            rules: venue.rules,
            window_ms: DEFAULT_WINDOW_MS,
            verify: true,
            api_key_file: None,
            secret_file: None,
            ed25519_public_key_file: None,
            rsa_public_key_file: None,
            faults: None,
            event_order: EventOrder::Measured,
            live_market: false,
            live_rest: PRODUCTION_REST.to_owned(),
            live_ws: PRODUCTION_WS.to_owned(),
            live_stale_ms: DEFAULT_STALE_MS,
            sockets: SocketConfig::default(),
            ports_file: None,
            allow_remote: false,
        }
    }
}

impl Config {
    /// Reads a TOML file.
    ///
    /// # Errors
    /// [`ConfigError::Unreadable`], [`ConfigError::Invalid`] with the key's name.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = read_file(path)?;
        let invalid = |error: toml::de::Error| ConfigError::Invalid {
            path: path.to_owned(),
            message: error.to_string(),
        };
        toml::from_str(&text).map_err(invalid)
    }

    /// Builds the world that these settings describe.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn build(&self, now_ms: i64) -> Result<World, ConfigError> {
        let speed: Speed = self.speed.parse()?;
        let feed = Feed::open(&self.data, &self.symbols, self.seed)?;
        let symbols = self.chosen_symbols(&feed);
        let specs = symbols
            .iter()
            .map(|name| SymbolSpec::named_or_generic(name));
        self.assemble(Replay::new(feed, speed), specs.collect(), now_ms)
    }

    /// Builds a world on the real market, with the filters that the real venue told.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn build_live(&self, specs: Vec<SymbolSpec>, now_ms: i64) -> Result<World, ConfigError> {
        let symbols: Vec<String> = specs.iter().map(|spec| spec.symbol.clone()).collect();
        let replay = Replay::new(Feed::Manual, Speed::REAL_TIME);
        let mut world = self.assemble(replay, specs, now_ms)?;
        world.live = Some(LiveState::new(&self.live_ws, &symbols, self.live_stale_ms));
        Ok(world)
    }

    /// The symbols to be followed on the real market: those that are set, or three large ones.
    #[must_use]
    pub fn live_symbols(&self) -> Vec<String> {
        if self.symbols.is_empty() {
            return LIVE_SYMBOLS.map(str::to_owned).to_vec();
        }
        self.symbols.clone()
    }

    fn assemble(
        &self,
        replay: Replay,
        specs: Vec<SymbolSpec>,
        now_ms: i64,
    ) -> Result<World, ConfigError> {
        self.check_bounds()?;
        let symbols = specs.iter().map(|spec| spec.symbol.clone()).collect();
        let mut venue = Venue::new(self.venue_config(specs)?);
        venue.number_from(now_ms);
        let strategy = self
            .strategy
            .then(|| Strategy::new(self.strategy_config(symbols), self.seed));
        let faults = Faults::new(self.fault_plan()?);
        let judge = ProtectionJudge::new(self.window_ms);
        let mut world = World::new(venue, replay, strategy, faults, judge, now_ms);
        world.sockets = self.sockets;
        Ok(world)
    }

    fn chosen_symbols(&self, feed: &Feed) -> Vec<String> {
        if !self.symbols.is_empty() {
            return self.symbols.clone();
        }
        let known = feed.symbols();
        if !known.is_empty() {
            return known;
        }
        SymbolSpec::builtin()
            .into_iter()
            .map(|spec| spec.symbol)
            .collect()
    }

    fn venue_config(&self, symbols: Vec<SymbolSpec>) -> Result<VenueConfig, ConfigError> {
        Ok(VenueConfig {
            symbols,
            wallet: self.wallet,
            maker_fee: self.maker_fee,
            taker_fee: self.taker_fee,
            funding_rate: self.funding_rate,
            funding_interval_ms: self.funding_interval_ms,
            hedge: self.hedge,
            spread_ticks: self.spread_ticks,
            reduce_only_policy: self.reduce_only_policy,
            strict_trigger_tick: self.strict_trigger_tick,
            gte_expiry_delay_ms: self.gte_expiry_delay_ms,
            gte_blind_ms: self.gte_blind_ms,
            level_notional: self.level_notional.max(Decimal::ZERO),
            book_seed: self.seed,
            rules: self.rules.clone(),
            credentials: self.credentials()?,
            ..VenueConfig::default()
        })
    }

    fn strategy_config(&self, symbols: Vec<String>) -> StrategyConfig {
        StrategyConfig {
            symbols,
            cooldown_ms: self.cooldown_ms,
            min_notional: self.min_notional,
            max_notional: self.max_notional,
            leverage: self.leverage,
            max_open: self.max_open,
            add_chance_ppm: self.add_chance_ppm,
        }
    }

    fn credentials(&self) -> Result<Option<Credentials>, ConfigError> {
        if !self.verify {
            return Ok(None);
        }
        let key_file = self.api_key_file.as_deref();
        let key_file = key_file.ok_or(ConfigError::NoKey {
            missing: "api_key_file",
        })?;
        let unusable = |path: &Path| {
            let path = path.to_owned();
            move |source| ConfigError::Key { path, source }
        };
        let api_key = read_file(key_file)?;
        let mut credentials = Credentials::new(&api_key).map_err(unusable(key_file))?;
        if let Some(path) = &self.secret_file {
            credentials = credentials.with_secret(&read_file(path)?);
        }
        if let Some(path) = &self.ed25519_public_key_file {
            let key = read_file(path)?;
            credentials = credentials.with_ed25519(&key).map_err(unusable(path))?;
        }
        if let Some(path) = &self.rsa_public_key_file {
            let key = read_file(path)?;
            credentials = credentials.with_rsa(&key).map_err(unusable(path))?;
        }
        let keys = [
            &self.secret_file,
            &self.ed25519_public_key_file,
            &self.rsa_public_key_file,
        ];
        if keys.iter().all(|key| key.is_none()) {
            return Err(ConfigError::NoKey {
                missing: "secret_file, ed25519_public_key_file or rsa_public_key_file",
            });
        }
        Ok(Some(credentials))
    }

    fn fault_plan(&self) -> Result<FaultPlan, ConfigError> {
        let Some(path) = &self.faults else {
            return Ok(FaultPlan {
                seed: self.seed,
                event_order: self.event_order,
                ..FaultPlan::default()
            });
        };
        let text = read_file(path)?;
        let is_json = path
            .extension()
            .is_some_and(|extension| extension == "json");
        let plan = if is_json {
            serde_json::from_str(&text).map_err(|error| error.to_string())
        } else {
            toml::from_str(&text).map_err(|error| error.to_string())
        };
        let mut plan: FaultPlan = plan.map_err(|message| ConfigError::Invalid {
            path: path.clone(),
            message,
        })?;
        // A plan without a seed of its own follows the exchange's.
        if plan.seed == 0 {
            plan.seed = self.seed;
        }
        if plan.event_order == EventOrder::Measured {
            plan.event_order = self.event_order;
        }
        Ok(plan)
    }
}

fn read_file(path: &Path) -> Result<String, ConfigError> {
    let unreadable = |source| ConfigError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > MAX_FILE_BYTES {
        return Err(ConfigError::TooLarge {
            path: path.to_owned(),
            most: MAX_FILE_BYTES,
        });
    }
    std::fs::read_to_string(path).map_err(unreadable)
}

#[cfg(test)]
mod tests;
