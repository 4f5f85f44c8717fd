//! Where the venue is and with which keys to ask it: the gateway's settings, and what is typed.

use std::fs;
use std::path::Path;
use std::time::Duration;

use binance::rest::{RestClient, RestConfig};
use binance::sign::Credentials;
use domain::Symbol;
use runtime::config::{self, Config, KeyKind, PositionMode, VenueConfig};
use zeroize::Zeroizing;

use crate::answer::Trouble;
use crate::cli::{VenueCheck, VenueMode};

/// A key file is a line; a PEM a few hundred bytes.
const KEY_FILE_MAX: u64 = 16 * 1_024;

/// Everything that the checks go by.
pub struct Settings {
    /// Addresses, modes, key files.
    pub venue: VenueConfig,
    /// The symbols that the deployment acts on; none for all.
    pub symbols: Vec<Symbol>,
    /// Whether the key can log a session on.
    pub credentials_can_log_on: bool,
}

impl Settings {
    /// Out of file, environment and command line, the latter winning.
    ///
    /// # Errors
    /// [`Trouble::Usage`] where they can't be used.
    pub fn of(asked: &VenueCheck) -> Result<Self, Trouble> {
        let config = load(asked.config.as_deref())?;
        let mut venue = config.venue;
        let typed = |value: &Option<String>, into: &mut String| {
            if let Some(value) = value {
                into.clone_from(value);
            }
        };
        typed(&asked.rest_url, &mut venue.rest_url);
        typed(&asked.ws_api_url, &mut venue.ws_api_url);
        if let Some(path) = &asked.key_file {
            venue.key_file.clone_from(path);
        }
        if let Some(path) = &asked.secret_file {
            venue.secret_file.clone_from(path);
        }
        venue.position_mode = match asked.position_mode {
            None => venue.position_mode,
            Some(VenueMode::OneWay) => PositionMode::OneWay,
            Some(VenueMode::Hedge) => PositionMode::Hedge,
        };
        let symbols = match asked.symbols.is_empty() {
            true => config.market.symbols,
            false => asked.symbols.clone(),
        };
        let credentials_can_log_on = credentials(&venue)?.can_log_on();
        Ok(Self {
            venue,
            symbols,
            credentials_can_log_on,
        })
    }

    /// The client for all questions.
    ///
    /// # Errors
    /// [`Trouble::Usage`] where address or keys can't be used.
    pub fn client(&self, timeout: Duration) -> Result<RestClient, Trouble> {
        let config = RestConfig {
            base_url: self.venue.rest_url.clone(),
            recv_window_ms: self.venue.recv_window_ms,
            timeout,
        };
        let credentials = credentials(&self.venue)?;
        RestClient::new(&config, credentials).map_err(|error| Trouble::Usage(error.to_string()))
    }

    /// What kind of key it is, and whether the settings say so too.
    pub const fn kind(&self) -> &'static str {
        match (self.credentials_can_log_on, self.venue.key_kind) {
            (true, KeyKind::Ed25519) => "Ed25519 key",
            (true, KeyKind::Hmac) => "Ed25519 key (venue.key_kind says hmac)",
            (false, KeyKind::Hmac) => "HMAC key",
            (false, KeyKind::Ed25519) => "HMAC key (venue.key_kind says ed25519)",
        }
    }
}

fn load(file: Option<&Path>) -> Result<Config, Trouble> {
    Config::load(config::variables(file)).map_err(|error| Trouble::Usage(error.to_string()))
}

fn credentials(venue: &VenueConfig) -> Result<Credentials, Trouble> {
    let api_key = read("venue.key_file", &venue.key_file)?;
    let secret = read("venue.secret_file", &venue.secret_file)?;
    let credentials = Credentials::from_file_contents(&api_key, &secret);
    credentials.map_err(|error| Trouble::Usage(error.to_string()))
}

fn read(key: &str, path: &Path) -> Result<Zeroizing<String>, Trouble> {
    let fault = |why: String| {
        Trouble::Usage(format!(
            "{key} {}: {why}; run this where the keys are",
            path.display()
        ))
    };
    let size = fs::metadata(path).map_err(|error| fault(error.to_string()))?;
    if size.len() > KEY_FILE_MAX {
        return Err(fault("too long for a key file".into()));
    }
    let text = fs::read_to_string(path).map_err(|error| fault(error.to_string()))?;
    Ok(Zeroizing::new(text))
}
