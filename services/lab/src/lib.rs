//! The lab: what is tried on recorded markets, and how it is shown.

pub mod page;
pub mod shadow;
