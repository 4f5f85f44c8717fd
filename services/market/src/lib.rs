//! The venue's market streams in, marks and context out. It decides nothing about positions: a
//! dead market service stops trailing, never protection.

pub mod actor;
mod aside;
pub mod context;
pub mod drive;
pub mod feed;
pub mod parse;
pub mod regime;
pub mod route;
pub mod sieve;
pub mod spread;
pub mod stream;
pub mod wiring;

pub use actor::{Market, MarketInput};
