//! A venue that speaks Binance USD-M on loopback: pure matching core, pure wire layer, server.

pub mod clock;
pub mod config;
pub mod faults;
pub mod feed;
pub mod keys;
pub mod live;
pub mod protection;
pub mod rng;
pub mod server;
pub mod strategy;
pub mod venue;
pub mod wire;
pub mod world;
