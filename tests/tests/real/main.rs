//! Blows on a real nats-server with separate processes: what is protected stays protected, by the
//! venue's own books.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod bus;
mod kill;
mod long;
mod neighbours;
mod network;
mod pause;
mod rollbacks;
mod shadow;
mod slow;
mod stop;
mod streams;
mod venue;
