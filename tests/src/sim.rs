//! The simulation: scripts drawn from seeds, played over the whole system, judged after each step.
//!
//! One seed is one [`Script`]: a system set up in one of many ways, and what befalls it. A script
//! is data, so the one that breaks a truth can be shrunk to the few steps that matter.

pub mod coverage;
pub mod fleet;
pub mod report;
pub mod shrink;

mod act;
mod added;
mod draw;
mod faults;
mod play;
mod scenes;
mod settle;
mod setup;
mod worst;

pub use act::Action;
pub use draw::{Script, Step};
pub use play::{Failure, Played, play, play_among};
pub use setup::Setup;
