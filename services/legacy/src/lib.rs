//! The incumbent exit modules, kept able to protect every position for as long as the brain does
//! not provably do it.
//!
//! They are one state machine ([`Incumbent`]) with a [`Method`] each; the table is in [`roles`].

pub mod actor;
pub mod books;
pub mod check;
pub mod fellows;
pub mod intents;
pub mod method;
pub mod outlook;
pub mod roles;
pub mod succession;
pub mod watch;
pub mod wiring;

pub mod advice;
pub mod levels;

pub mod dynamic_tpsl;
pub mod dynamic_trailing_rearm;
pub mod event_driven_executor;
pub mod hybrid_tpsl;
pub mod position_monitor;
pub mod trailing_stop_manager;

pub use actor::Incumbent;
pub use method::Method;
pub use roles::Role;

#[cfg(test)]
mod fixture;
