//! The gateway's state machine against the paper venue, in one thread, with time as an argument.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod approvals;
mod boot;
mod chaos;
mod clock;
mod codes;
mod desk;
mod direct;
mod late;
mod limits;
mod orders;
mod picture;
mod scripted;
mod second_look;
mod unknown;
mod way;
mod world;
