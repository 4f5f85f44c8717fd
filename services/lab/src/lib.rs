//! The lab: policies tried on recorded markets, and how what came of it is shown.
//!
//! The same planner, executor, incumbents, guard's review and venue core that run in production are
//! driven in one thread on a virtual clock ([`trial`]). What is left out and what is assumed is
//! listed in `docs/replay.md`.

pub mod contender;
pub mod costs;
pub mod dataset;
pub mod document;
pub mod entries;
pub mod moment;
pub mod overfit;
pub mod page;
pub mod report;
pub mod run;
pub mod score;
pub mod search;
pub mod shadow;
pub mod study;
pub mod tape;
pub mod trial;
