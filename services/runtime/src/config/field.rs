//! Reads single values and refuses, with the value and what it should be, those that can't work.

use std::net::SocketAddr;
use std::path::PathBuf;

use bus::{CertFiles, ClientTls};
use domain::{Account, Module, Symbol};
use serde::Deserialize;
use serde::de::{Deserializer, Error};

/// Symbols that one market process may follow: the venue allows 1,024 streams a connection, and
/// three are used for each symbol.
const SYMBOLS_MAX: usize = 300;
/// The venue refuses a longer one.
const RECV_WINDOW_MS_MAX: u32 = 60_000;

pub(super) fn bus_url<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    url(from, &["nats://", "tls://"])
}

/// As `[bus.tls]` is written.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct TlsFiles {
    ca_file: Option<PathBuf>,
    cert_file: Option<PathBuf>,
    key_file: Option<PathBuf>,
}

pub(super) fn client_tls<'de, D: Deserializer<'de>>(from: D) -> Result<ClientTls, D::Error> {
    let files = TlsFiles::deserialize(from)?;
    let identity = match (files.cert_file, files.key_file) {
        (None, None) => None,
        (Some(cert_file), Some(key_file)) => Some(CertFiles {
            cert_file,
            key_file,
        }),
        (Some(_), None) => return Err(D::Error::custom("cert_file needs key_file beside it")),
        (None, Some(_)) => return Err(D::Error::custom("key_file needs cert_file beside it")),
    };
    Ok(ClientTls {
        ca_file: files.ca_file,
        identity,
    })
}

pub(super) fn rest_url<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    url(from, &["https://", "http://"])
}

pub(super) fn ws_url<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    url(from, &["wss://", "ws://"])
}

/// As [`ws_url`]; the empty text means none.
pub(super) fn optional_ws_url<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    match text.is_empty() {
        true => Ok(text),
        false => checked(text, &["wss://", "ws://"]),
    }
}

fn url<'de, D: Deserializer<'de>>(from: D, schemes: &[&str]) -> Result<String, D::Error> {
    checked(String::deserialize(from)?, schemes)
}

fn checked<E: Error>(text: String, schemes: &[&str]) -> Result<String, E> {
    let host = schemes.iter().find_map(|scheme| text.strip_prefix(scheme));
    let blank = |c: char| c.is_whitespace() || c.is_control();
    if host.is_none_or(|host| host.is_empty() || host.contains(blank)) {
        let schemes = schemes.join(" or ");
        return Err(E::custom(format!(
            "{text:?} is no usable address: it must begin with {schemes} and name a host"
        )));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

pub(super) fn account<'de, D: Deserializer<'de>>(from: D) -> Result<Account, D::Error> {
    Account::new(&String::deserialize(from)?).map_err(D::Error::custom)
}

pub(super) fn symbols<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Symbol>, D::Error> {
    let names = Vec::<String>::deserialize(from)?;
    if names.len() > SYMBOLS_MAX {
        let count = names.len();
        return Err(D::Error::custom(format!(
            "{count} symbols are too many: use up to {SYMBOLS_MAX} a market service"
        )));
    }
    let mut symbols = Vec::with_capacity(names.len());
    for name in &names {
        let symbol = Symbol::new(name).map_err(D::Error::custom)?;
        if symbols.contains(&symbol) {
            return Err(D::Error::custom(format!("{name:?} stands there twice")));
        }
        symbols.push(symbol);
    }
    Ok(symbols)
}

pub(super) fn incumbents<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Module>, D::Error> {
    let names = Vec::<String>::deserialize(from)?;
    if names.is_empty() {
        return Err(D::Error::custom(
            "[] names no incumbent: name one, or run no legacy service",
        ));
    }
    let mut modules = Vec::with_capacity(names.len());
    for name in &names {
        let module = Module::from_name(name);
        if !module.is_legacy() {
            return Err(D::Error::custom(format!("{name:?} is no incumbent module")));
        }
        if modules.contains(&module) {
            return Err(D::Error::custom(format!("{name:?} stands there twice")));
        }
        modules.push(module);
    }
    Ok(modules)
}

pub(super) fn recv_window_ms<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    let value = u32::deserialize(from)?;
    if !(1..=RECV_WINDOW_MS_MAX).contains(&value) {
        return Err(D::Error::custom(format!(
            "{value} is out of range: use 1 to {RECV_WINDOW_MS_MAX}"
        )));
    }
    Ok(value)
}

pub(super) fn address<'de, D: Deserializer<'de>>(from: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map_err(|_| {
        D::Error::custom(format!(
            "{text:?} is no address: use ip:port, as in 127.0.0.1:8080"
        ))
    })
}
