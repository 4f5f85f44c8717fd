//! The server's configuration, derived from the table: accounts, users, rights, the diversion.

use std::fmt;

use domain::mode::{Flags, Mode};
use thiserror::Error;

use crate::keys::PublicKeys;

mod accounts;
mod file;
mod plain;
mod rights;
mod server;

pub use server::{ServerOptions, ServerTls};

use file::Lines;

/// What the subjects allow. The server starts with [`Policy::Shadow`]; a replaced file and a reload
/// change it in milliseconds, and connections stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// The incumbents own exits.
    Legacy,
    /// The incumbents own exits, the executor only decides: it has no right to publish an intent.
    #[default]
    Shadow,
    /// The executor owns exits; the incumbents' intents are diverted.
    Live,
    /// LIVE for a share of the symbols: the executor may ask, and the incumbents still reach the
    /// guard, which blocks them symbol by symbol. Subjects can't be diverted for some symbols only.
    Staged,
}

impl Policy {
    /// The policy that belongs to flags.
    #[must_use]
    pub fn of(flags: &Flags) -> Self {
        match flags.resolve() {
            Mode::Legacy => Self::Legacy,
            Mode::Shadow => Self::Shadow,
            Mode::Live if flags.rollout_pct < 100 => Self::Staged,
            Mode::Live => Self::Live,
        }
    }

    /// Whether the executor may ask for orders.
    #[must_use]
    pub const fn lets_executor_ask(self) -> bool {
        matches!(self, Self::Live | Self::Staged)
    }

    /// Whether the server diverts what the incumbents ask for.
    #[must_use]
    pub const fn diverts(self) -> bool {
        matches!(self, Self::Live)
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Legacy => "LEGACY",
            Self::Shadow => "SHADOW",
            Self::Live => "LIVE",
            Self::Staged => "STAGED",
        })
    }
}

/// How the server keeps the identities apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layout {
    /// By accounts with imports and exports: approvals have a space of their own, which nobody can
    /// be made to publish into.
    #[default]
    Accounts,
    /// By permissions alone, in one space, for a server without accounts of ours. A reply can be
    /// made to arrive where approvals travel; there the guard's signature is the only wall.
    Plain,
}

/// Begins the second part of the file; what stands above is the server's own.
const RIGHTS: &str = "# Rights, ";

/// The whole configuration file: the server's own part, then the rights.
#[must_use]
pub fn render(keys: &PublicKeys, policy: Policy, options: &ServerOptions) -> String {
    let mut file = Lines::default();
    server::write(&mut file, options);
    let streams = options.jetstream_dir.is_some();
    whole(keys, policy, options.layout, &file.text, streams)
}

fn whole(keys: &PublicKeys, policy: Policy, layout: Layout, server: &str, streams: bool) -> String {
    let mut file = Lines::default();
    file.line(&format!(
        "# Bus policy {policy}. Made from the table of subjects: don't edit."
    ));
    file.text.push_str(server);
    match layout {
        Layout::Accounts => {
            file.line(&format!("{RIGHTS}{ACCOUNTS}"));
            accounts::write(&mut file, keys, policy, streams);
        }
        Layout::Plain => {
            file.line(&format!("{RIGHTS}{PLAIN}"));
            plain::write(&mut file, keys, policy);
        }
    }
    file.text
}

const ACCOUNTS: &str = "by accounts:";
const PLAIN: &str = "by permissions alone:";

/// A file that was not made here: its rights can't be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("it was not made by `exitctl bus config`: make it anew with that")]
pub struct NotOurs;

/// `old` with the rights of `policy`: the server's own part, addresses and files, stays as it is,
/// and so does the layout.
///
/// # Errors
/// [`NotOurs`] where `old` has no part of rights.
pub fn replace(old: &str, keys: &PublicKeys, policy: Policy) -> Result<String, NotOurs> {
    let (_, rest) = old.split_once('\n').ok_or(NotOurs)?;
    let (server, rights) = rest.split_once(RIGHTS).ok_or(NotOurs)?;
    let layout = match rights.lines().next() {
        Some(ACCOUNTS) => Layout::Accounts,
        Some(PLAIN) => Layout::Plain,
        _ => return Err(NotOurs),
    };
    let streams = server.contains(server::JETSTREAM);
    Ok(whole(keys, policy, layout, server, streams))
}

#[cfg(test)]
mod tests;
