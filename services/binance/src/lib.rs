//! Binance USD-M adapter: pure request and answer data, and a thin layer that moves them.
//!
//! Everything but [`rest`], [`stream`], [`ws_api`] and [`transport`] is pure: no clock, no socket.
//! A request is data ([`request::ApiRequest`]), an answer is data ([`outcome::HttpResult`]), so the
//! whole system can be run in one thread against a simulated venue.

pub mod order_params;
pub mod outcome;
pub mod reaction;
pub mod request;
pub mod response;
pub mod rest;
pub mod sign;
pub mod stream;
pub mod symbol_rules;
pub mod transport;
pub mod user_event;
pub mod wire;
pub mod ws_api;

#[cfg(test)]
mod samples;

pub use order_params::{BuildError, PositionMode, PositionSide, VenueClose};
pub use outcome::{HttpResult, Outcome, TransportError};
pub use reaction::{Reaction, reaction};
pub use request::{ApiRequest, Method, Security};
pub use user_event::UserEvent;
pub use wire::ParseError;
