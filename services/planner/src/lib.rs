//! Position, market and advice in, exit plan out. A dead planner leaves the plans that it made:
//! they stay valid for their own time, and protection never waits for one.

pub mod actor;
pub mod answer;
pub mod known;
pub mod router;
pub mod wiring;

pub use actor::Planner;
pub use router::ExitRouter;
