//! Plan, mark and observed orders in; decisions and intents out.
//!
//! The executor holds the *desired* protection of each position, compares it with what the venue
//! is observed to hold, and asks for the difference. It reads no clock and does no I/O.

pub mod actor;
mod authors;
mod ended;
mod feeds;
mod handover;
mod intents;
mod life;
mod owners;
mod records;
mod standby;
mod truths;
mod watch;
pub mod wiring;

pub use actor::{Executor, ExecutorConfig};
