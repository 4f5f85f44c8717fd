//! The gateway: the only process that holds exchange keys.

pub mod actor;
pub mod admin;
pub mod driver;
pub mod trace;
pub mod wiring;

pub use actor::{CallId, GatewayActor, GatewayConfig, GatewayEffect, VenueCall, VenueInput};
