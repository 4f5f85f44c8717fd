//! The keys of a settings file.

use std::fmt;
use std::path::Path;

use super::{POLICED, SERVICES, without_login};
use crate::config::{Config, KeyKind, Leases, PositionMode};

const GATEWAY: &[&str] = &["gateway"];
const MARKET: &[&str] = &["market"];
const DIAGNOSTICS: &[&str] = &["diagnostics"];
const LEASED: &[&str] = &["executor", "gateway-guard", "gateway"];

/// One key of the file.
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
    pub(super) services: &'static [&'static str],
    pub(super) doc: &'static str,
    pub(super) read: fn(&Config) -> Option<String>,
}

const fn key(
    name: &'static str,
    kind: &'static str,
    services: &'static [&'static str],
    doc: &'static str,
    read: fn(&Config) -> Option<String>,
) -> Key {
    Key {
        name,
        kind,
        services,
        doc,
        read,
    }
}

const FILE: &str = "path";
const ADDRESS: &str = "ip:port";

/// Every key that a settings file may have; a test holds them against the types that are read.
pub(super) const KEYS: &[Key] = &[
    key(
        "bus.url",
        "nats:// or tls:// address",
        SERVICES,
        "where the bus is",
        |it| Some(without_login(&it.bus.url)),
    ),
    key(
        "bus.keys_dir",
        "folder",
        SERVICES,
        "holds <identity>.nk and <identity>.pub",
        |it| path(&it.bus.keys_dir),
    ),
    key(
        "bus.leases",
        "kv or none",
        LEASED,
        "how it is settled which of several processes acts",
        |it| {
            let name = match it.bus.leases {
                Leases::Kv => "kv",
                Leases::None => "none",
            };
            Some(name.into())
        },
    ),
    key(
        "bus.tls.ca_file",
        FILE,
        SERVICES,
        "authority of the server's certificate; with it plain text is refused",
        |it| it.bus.tls.ca_file.as_deref().and_then(path),
    ),
    key(
        "bus.tls.cert_file",
        FILE,
        SERVICES,
        "our own certificate, where the server asks for one",
        |it| path(&it.bus.tls.identity.as_ref()?.cert_file),
    ),
    key(
        "bus.tls.key_file",
        FILE,
        SERVICES,
        "private key of our own certificate",
        |it| path(&it.bus.tls.identity.as_ref()?.key_file),
    ),
    key(
        "venue.rest_url",
        "https:// or http:// address",
        GATEWAY,
        "the venue's requests",
        |it| Some(without_login(&it.venue.rest_url)),
    ),
    key(
        "venue.ws_url",
        "wss:// or ws:// address",
        GATEWAY,
        "the venue's events of the account",
        |it| Some(without_login(&it.venue.ws_url)),
    ),
    key(
        "venue.ws_api_url",
        "wss:// or ws:// address",
        GATEWAY,
        "the venue's socket for orders; empty means requests alone",
        |it| Some(without_login(&it.venue.ws_api_url)),
    ),
    key(
        "venue.account",
        "one token of a subject",
        GATEWAY,
        "our name for the account",
        |it| Some(it.venue.account.to_string()),
    ),
    key("venue.key_file", FILE, GATEWAY, "holds the API key", |it| {
        path(&it.venue.key_file)
    }),
    key(
        "venue.secret_file",
        FILE,
        GATEWAY,
        "holds the secret, or the private key in PEM",
        |it| path(&it.venue.secret_file),
    ),
    key(
        "venue.key_kind",
        "hmac or ed25519",
        GATEWAY,
        "how requests are signed",
        |it| {
            let name = match it.venue.key_kind {
                KeyKind::Hmac => "hmac",
                KeyKind::Ed25519 => "ed25519",
            };
            Some(name.into())
        },
    ),
    key(
        "venue.recv_window_ms",
        "milliseconds, 1 to 60000",
        GATEWAY,
        "how long a signed request is valid",
        |it| Some(it.venue.recv_window_ms.to_string()),
    ),
    key(
        "venue.position_mode",
        "one_way or hedge",
        GATEWAY,
        "the position mode that the account must be in",
        |it| {
            let name = match it.venue.position_mode {
                PositionMode::OneWay => "one_way",
                PositionMode::Hedge => "hedge",
            };
            Some(name.into())
        },
    ),
    key(
        "gateway.admin_listen",
        ADDRESS,
        GATEWAY,
        "the admin port, for exitctl kill --direct",
        |it| Some(it.gateway.admin_listen.to_string()),
    ),
    key(
        "gateway.ports_file",
        FILE,
        GATEWAY,
        "where the address really taken is written as JSON",
        |it| it.gateway.ports_file.as_deref().and_then(path),
    ),
    key(
        "market.symbols",
        "list of contracts, at most 300",
        &["market", "gateway"],
        "contracts to follow and to act on",
        |it| Some(list(&it.market.symbols)),
    ),
    key(
        "market.ws_url",
        "wss:// or ws:// address",
        MARKET,
        "the venue's market streams",
        |it| Some(without_login(&it.market.ws_url)),
    ),
    key(
        "diagnostics.http_listen",
        ADDRESS,
        DIAGNOSTICS,
        "the HTTP endpoints",
        |it| Some(it.diagnostics.http_listen.to_string()),
    ),
    key(
        "diagnostics.grpc_listen",
        ADDRESS,
        DIAGNOSTICS,
        "the gRPC endpoint, which exitctl asks",
        |it| Some(it.diagnostics.grpc_listen.to_string()),
    ),
    key(
        "diagnostics.ports_file",
        FILE,
        DIAGNOSTICS,
        "where the addresses really taken are written as JSON",
        |it| it.diagnostics.ports_file.as_deref().and_then(path),
    ),
    key(
        "records.dir",
        "folder",
        DIAGNOSTICS,
        "where a SHADOW run is recorded; none means nowhere",
        |it| it.records.dir.as_deref().and_then(path),
    ),
    key(
        "records.segment_mb",
        "1 to 1024, MiB",
        DIAGNOSTICS,
        "a file of records of this size is closed",
        |it| Some(it.records.segment_mb.to_string()),
    ),
    key(
        "records.total_mb",
        "1 to 1048576, MiB",
        DIAGNOSTICS,
        "closed files of records together; the oldest go first",
        |it| Some(it.records.total_mb.to_string()),
    ),
    key(
        "records.keep_days",
        "1 to 3650, days",
        DIAGNOSTICS,
        "closed files of older days go",
        |it| Some(it.records.keep_days.to_string()),
    ),
    key(
        "legacy.modules",
        "list of incumbents",
        &["legacy"],
        "incumbent modules to run",
        |it| Some(list(&it.legacy.modules)),
    ),
    key(
        "policy.file",
        FILE,
        POLICED,
        "the policy file; none means what ships",
        |it| it.policy.file.as_deref().and_then(path),
    ),
    key(
        "probe.listen",
        ADDRESS,
        SERVICES,
        "address of /livez and /readyz; none means no such port",
        |it| it.probe.listen.map(|it| it.to_string()),
    ),
];

fn path(path: &Path) -> Option<String> {
    Some(path.display().to_string())
}

fn list(items: &[impl fmt::Display]) -> String {
    let items: Vec<_> = items.iter().map(ToString::to_string).collect();
    items.join(",")
}
