//! The wire: schemas, and the only border at which bytes become domain values.
//!
//! Whatever is not exactly a valid message is refused with the field and the value named. Nothing
//! in here panics on input; nothing is silently replaced by a default.

mod admin;
mod body;
mod control;
mod decision;
mod error;
mod market;
pub mod moment;
mod order;
mod performance;
mod plan;
mod position;
mod read;
mod request;
mod signal;
mod status;

pub use admin::{Canary, DirectKill};
pub use error::{Wire, WireError};
pub use order::SignedApproval;
pub use status::{plan_status, strategy_name};

/// The schemas as a serialized `FileDescriptorSet`, for gRPC reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/exitbrain.bin"));

/// The generated messages, and client and server of the status service.
pub mod wire {
    #![allow(missing_docs, clippy::all, clippy::pedantic)]
    #![allow(clippy::let_underscore_must_use, reason = "generated code")]
    #![allow(
        rustdoc::invalid_html_tags,
        reason = "subjects stand as <symbol> in the schemas"
    )]
    tonic::include_proto!("exitbrain.v1");
}
