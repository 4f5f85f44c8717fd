//! Two executors that are told the same, and what they are told.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test may")]

pub mod draw;
pub mod pair;
mod venue;
