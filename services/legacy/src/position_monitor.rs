//! The periodic monitor: gives an unprotected position its stop, moves stops by tiers of profit,
//! keeps take-profits resting. It stands aside only for a successor that provably acts.

pub mod actor;
pub mod check;
pub mod rules;
pub mod succession;
pub mod watch;

pub use actor::PositionMonitor;

#[cfg(test)]
mod fixture;
