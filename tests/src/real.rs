//! Blows against a system of real processes, and what the venue saw of them.

mod disk;
mod ground;
mod look;
mod rollback;
mod row;
mod seen;
mod streams;
mod trial;
mod watcher;

pub use disk::Disk;
pub use ground::{Cut, Ground};
pub use rollback::{Descent, Rollback};
pub use row::{Row, Takeover};
pub use seen::Seen;
pub use streams::{Streams, connect};
pub use trial::{IN_FLIGHT, MEANWHILE, Trial, options};
pub use watcher::Watcher;
