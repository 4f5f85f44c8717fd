//! The system as a whole: real processes, a real bus, a paper venue.

pub mod fuzz;
pub mod nats;
pub mod real;
pub mod system;
pub mod world;
