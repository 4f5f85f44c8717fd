//! The incumbent exit modules, kept able to protect every position for as long as the brain does
//! not provably do it.

pub mod position_monitor;
pub mod wiring;

pub use position_monitor::PositionMonitor;
