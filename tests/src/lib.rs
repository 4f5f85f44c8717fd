//! The system as a whole: real processes, a real bus, a paper venue.

pub mod nats;
pub mod system;
pub mod world;
