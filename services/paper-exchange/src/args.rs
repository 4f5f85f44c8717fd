//! The command line: every option with its default, and examples.

use std::path::PathBuf;

use clap::Parser;
use paper_exchange::config::{Config, ConfigError};
use paper_exchange::faults::EventOrder;

const ABOUT: &str = "\
A venue that speaks Binance USD-M futures on your own machine: REST, market and user streams, the
WebSocket API, with one account, real filters and no real money.";

const EXAMPLES: &str = "\
Examples:
  A synthetic market, keys made for you in ./keys:
    paper-exchange --keys-dir keys --listen 127.0.0.1:9080
  A dry run on the live prices of the real venue (public data only, nothing is sent there):
    paper-exchange --keys-dir keys --listen 127.0.0.1:9080 --live-market --symbols BTCUSDT,ETHUSDT
  Hedge mode, unsigned requests, prices only by hand:
    paper-exchange --no-verify --hedge --data manual --strategy off --listen 127.0.0.1:9080
    curl -d '{\"symbol\":\"BTCUSDT\",\"price\":60000}' http://127.0.0.1:9080/paper/price
  A month of recorded bars at sixty times their speed, with faults:
    paper-exchange --no-verify --data bars/BTCUSDT-1m.csv.zst --speed 60x --faults faults.toml

Addresses, all on one port:
  http://HOST:PORT/fapi/...                     REST
  ws://HOST:PORT/{public,market,private}/...    streams
  ws://HOST:PORT/ws-fapi/v1                     WebSocket API
  http://HOST:PORT/paper/...                    report, price, open, close, adl, funding,
                                                symbol, faults

Every switch of a TOML file (--config) and every fault: docs/paper-exchange.md";

/// See [`ABOUT`].
#[derive(Debug, Parser)]
#[command(about = ABOUT, long_about = ABOUT, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Settings in TOML; the options below win over it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address to listen on; port 0 takes a free one [default: 127.0.0.1:0].
    #[arg(long, value_name = "IP:PORT")]
    listen: Option<String>,
    /// Also listen on an address that others can reach (a container); off by default.
    #[arg(long)]
    allow_remote: bool,
    /// Price data: `synthetic`, `manual` (never moves by itself), a file or a folder
    /// [default: synthetic].
    #[arg(long, value_name = "WHAT")]
    data: Option<String>,
    /// Seed of market, strategy and faults [default: 1].
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Market time per wall time of recorded or synthetic data, e.g. 60x [default: 1x].
    #[arg(long, value_name = "FACTOR")]
    speed: Option<String>,
    /// Symbols, comma-separated [default: those of the data, or all built-in ones].
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    symbols: Option<Vec<String>>,
    /// Whether a stand-in strategy opens positions by itself [default: on; off with
    /// --live-market].
    #[arg(long, value_parser = on_or_off, value_name = "on|off", overrides_with = "strategy")]
    strategy: Option<bool>,
    /// Start in hedge mode instead of one-way mode.
    #[arg(long)]
    hedge: bool,
    /// Folder with the keys; those that are not there are made.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["api_key_file", "secret_file",
        "ed25519_public_key_file", "rsa_public_key_file"])]
    pub(crate) keys_dir: Option<PathBuf>,
    /// File with the API key.
    #[arg(long, value_name = "FILE")]
    api_key_file: Option<PathBuf>,
    /// File with the HMAC secret.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// File with the Ed25519 public key (PEM, base64 or hex).
    #[arg(long, value_name = "FILE")]
    ed25519_public_key_file: Option<PathBuf>,
    /// File with the RSA public key (PEM).
    #[arg(long, value_name = "FILE")]
    rsa_public_key_file: Option<PathBuf>,
    /// Accept requests without key and signature.
    #[arg(long)]
    no_verify: bool,
    /// Take prices, trades, books and filters from the real venue's public data.
    #[arg(long)]
    live_market: bool,
    /// The real venue's REST [default: https://fapi.binance.com].
    #[arg(long, value_name = "URL")]
    live_rest: Option<String>,
    /// The real venue's streams [default: wss://fstream.binance.com].
    #[arg(long, value_name = "URL")]
    live_ws: Option<String>,
    /// Live prices older than this are not traded on, ms [default: 10000].
    #[arg(long, value_name = "MS")]
    live_stale_ms: Option<i64>,
    /// Fault plan, TOML or JSON; also `POST /paper/faults` while it runs.
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    /// Order of user events of one moment [default: measured].
    #[arg(long, value_parser = event_order, value_name = "measured|shuffled")]
    event_order: Option<EventOrder>,
    /// File that gets the chosen addresses as JSON.
    #[arg(long, value_name = "FILE")]
    ports_file: Option<PathBuf>,
}

impl Args {
    /// The settings: the file's, if any, with these options on top.
    pub(crate) fn settings(self) -> Result<Config, ConfigError> {
        let mut config = match &self.config {
            Some(path) => Config::read(path)?,
            None => Config::default(),
        };
        config.listen = self.listen.unwrap_or(config.listen);
        config.allow_remote |= self.allow_remote;
        config.data = self.data.unwrap_or(config.data);
        config.seed = self.seed.unwrap_or(config.seed);
        config.speed = self.speed.unwrap_or(config.speed);
        config.symbols = self.symbols.unwrap_or(config.symbols);
        config.hedge |= self.hedge;
        config.verify &= !self.no_verify;
        config.api_key_file = self.api_key_file.or(config.api_key_file);
        config.secret_file = self.secret_file.or(config.secret_file);
        config.ed25519_public_key_file = self
            .ed25519_public_key_file
            .or(config.ed25519_public_key_file);
        config.rsa_public_key_file = self.rsa_public_key_file.or(config.rsa_public_key_file);
        config.live_market |= self.live_market;
        config.live_rest = self.live_rest.unwrap_or(config.live_rest);
        config.live_ws = self.live_ws.unwrap_or(config.live_ws);
        config.live_stale_ms = self.live_stale_ms.unwrap_or(config.live_stale_ms);
        // A dry run on live prices is the user's own: nobody else opens positions unasked.
        let strategy = self.strategy.or(config.live_market.then_some(false));
        config.strategy = strategy.unwrap_or(config.strategy);
        config.faults = self.faults.or(config.faults);
        config.event_order = self.event_order.unwrap_or(config.event_order);
        config.ports_file = self.ports_file.or(config.ports_file);
        Ok(config)
    }
}

fn on_or_off(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(format!("{text:?} is neither on nor off")),
    }
}

fn event_order(text: &str) -> Result<EventOrder, String> {
    match text {
        "measured" => Ok(EventOrder::Measured),
        "shuffled" => Ok(EventOrder::Shuffled),
        _ => Err(format!("{text:?} is neither measured nor shuffled")),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_help_teaches_every_option_and_shows_examples() {
        let mut command = Args::command();
        command.clone().debug_assert();
        for argument in command.get_arguments().filter(|a| a.get_id() != "help") {
            assert!(argument.get_help().is_some(), "{}", argument.get_id());
        }
        let help = command.render_long_help().to_string();
        for text in [
            "Examples:",
            "--live-market",
            "ws-fapi/v1",
            "[default: 10000]",
        ] {
            assert!(help.contains(text), "{text} is missing:\n{help}");
        }
    }

    #[test]
    fn options_win_and_a_live_market_has_no_stand_in_unless_asked() {
        let settings = |args: &[&str]| {
            let args = ["paper-exchange"].iter().chain(args);
            Args::try_parse_from(args).unwrap().settings().unwrap()
        };
        let plain = settings(&[]);
        assert!(plain.strategy && plain.verify && !plain.live_market);
        let live = settings(&["--live-market", "--live-ws", "ws://host"]);
        assert!(live.live_market && !live.strategy);
        assert_eq!(live.live_ws, "ws://host");
        assert!(settings(&["--live-market", "--strategy", "on"]).strategy);
        assert!(settings(&["--strategy", "off", "--strategy", "on"]).strategy);
        let shuffled = settings(&["--event-order", "shuffled"]);
        assert_eq!(shuffled.event_order, EventOrder::Shuffled);
        let both = ["paper-exchange", "--keys-dir", "d", "--secret-file", "f"];
        assert!(Args::try_parse_from(both).is_err());
    }
}
