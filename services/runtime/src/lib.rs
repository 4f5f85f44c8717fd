//! What every service needs and none should think about: the loop, the clock, settings, logs,
//! the bus connection and an orderly end.
//!
//! ```no_run
//! # use std::process::ExitCode;
//! # struct Silent;
//! # impl runtime::Actor for Silent {
//! #     type Effect = bus::Message;
//! #     fn hear(&mut self, _: domain::Timestamp, _: bus::Heard, _: &mut Vec<bus::Message>) {}
//! #     fn beat(&mut self, _: domain::Timestamp, _: &mut Vec<bus::Message>) {}
//! #     fn refused(&mut self, _: domain::Timestamp, _: &bus::BadMessage) {}
//! # }
//! fn main() -> ExitCode {
//!     let patterns = vec!["market.mark.*".to_owned()];
//!     runtime::serve("planner", bus::Identity::Planner, patterns, |_node| Ok(Silent))
//! }
//! ```

pub mod actor;
pub mod clock;
pub mod config;
pub mod lease;
pub mod node;
pub mod policy;
pub mod ports;
pub mod protection;
pub mod pulse;
pub mod shutdown;
pub mod telemetry;
pub mod trace;

mod connect;
mod probe;
pub mod start;

pub use actor::{Actor, BEAT, Effect, Ended};
pub use clock::now;
pub use config::{Config, ConfigError};
pub use lease::Ownership;
pub use node::Node;
pub use pulse::Pulse;
pub use shutdown::Shutdown;
pub use start::{EXIT_CONFIG, Failure, Part, install_crypto, main, serve, serve_parts};
pub use trace::{Says, Tracer};
