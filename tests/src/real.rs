//! Blows against a system of real processes, and what the venue saw of them.

mod look;
mod row;
mod seen;
mod trial;
mod watcher;

pub use row::Row;
pub use seen::Seen;
pub use trial::{IN_FLIGHT, MEANWHILE, Trial, options};
pub use watcher::Watcher;
