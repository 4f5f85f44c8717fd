//! The rules of closing a perpetual-futures position, as pure functions over plain values.
//!
//! Deliberately absent: clock, socket, file, environment, thread, random source, float. The crate
//! is `no_std`, so most of these can't even be named here. Time comes in as an argument, effects
//! go out as values. The modules stand in reading order.
#![no_std]
#![warn(clippy::float_arithmetic)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod num;
pub mod time;

pub mod grid;
pub mod ids;
pub mod instrument;
pub mod market;
pub mod position;
pub mod signal;

pub mod mode;
pub mod policy;

pub mod triggers;

pub mod decide;
pub mod decision;
pub mod desired;
pub mod ladder;
pub mod order;
pub mod plan;

pub mod flatten;
pub mod flight;
pub mod handover;
pub mod intent;
pub mod reconcile;
pub mod shadow;
pub mod snapshot;

pub mod guard;
pub mod lease;

pub mod performance;

pub mod invariant;

pub use ids::{Account, Epoch, LegId, Module, PositionKey, Symbol};
pub use num::{MarginPct, Money, Price, PricePct, Qty, Ratio};
pub use position::{Position, Side};
pub use time::{Span, Timestamp};
