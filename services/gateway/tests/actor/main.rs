//! The gateway's state machine against the paper venue, in one thread, with time as an argument.

mod approvals;
mod boot;
mod orders;
mod picture;
mod unknown;
mod world;
