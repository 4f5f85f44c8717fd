//! Typed subjects over NATS, and the one table of who may say what.
//!
//! A subject that is not in [`map::ROWS`] does not exist. The table gives the server's permissions
//! ([`policy`]), the page `docs/bus.md` ([`docs_table`]) and the meaning of a message ([`decode`]).

pub mod approval;
pub mod canary;
mod client;
mod docs;
mod faults;
mod heard;
mod identity;
mod inbox;
pub mod keys;
pub mod kill;
pub mod lease;
pub mod map;
mod message;
pub mod policy;
mod signature;
pub mod subjects;
pub mod system;
mod tls;
mod trace;

pub use client::{BusError, Client, ConnectOptions};
pub use docs::docs_table;
pub use faults::FaultCounters;
pub use heard::{Heard, Sealed, decode};
pub use identity::{AccountName, Identity};
pub use inbox::Inbox;
pub use lease::LeaseStore;
pub use message::{BadMessage, Message};
pub use subjects::{Pattern, Subject};
pub use tls::{CertFiles, ClientTls};
pub use trace::{NoTraceParent, TRACEPARENT, TraceParent};
