//! Intents in, approved or denied out: behaviour matrix, ownership, freshness, close-only.
//!
//! The guard also says which mode is in force. Only it holds the key that makes an approval
//! worth something to the gateway.

pub mod actor;
mod gateways;
mod mode;
mod passed;
pub mod wiring;

pub use actor::{Guard, GuardConfig};
