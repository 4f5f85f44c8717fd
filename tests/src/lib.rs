//! The system as a whole: real processes, a real bus, a paper venue.

pub mod book;
pub mod collector;
pub mod fuzz;
pub mod mutants;
pub mod nats;
pub mod neighbour;
pub mod real;
pub mod scrape;
pub mod shell;
pub mod sim;
pub mod system;
pub mod world;
