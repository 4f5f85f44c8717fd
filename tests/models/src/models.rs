//! Small models of how protection changes, walked to their end: every order of events.
//!
//! What decides is the domain's own: `decide`, `Desired`, `Flight` and `reconcile` for the
//! executor, `review` with its `Memory` for the guard, `recheck` for the gateway, `legacy::check`
//! for the successor. Only what lies between them is written down here, as everything that it may
//! do.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod desk;
mod heir;
mod house;
mod life;
mod output;
mod parts;
mod truths;
mod venue;
mod walk;
mod world;

mod demotion;
mod ladder;
mod lease;
mod left_exit;
mod owners;
mod replacement;
mod way_out;
