//! What travels, and what was refused.

use thiserror::Error;

use crate::trace::TraceParent;

/// Bytes on a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Where it was, or is to be, published.
    pub subject: String,
    /// The encoded value.
    pub payload: Vec<u8>,
    /// The span that it was said in, where spans are exported.
    pub trace: Option<TraceParent>,
}

impl Message {
    /// A message outside of any trace.
    #[must_use]
    pub const fn new(subject: String, payload: Vec<u8>) -> Self {
        Self {
            subject,
            payload,
            trace: None,
        }
    }
}

/// A message that is refused, with the subject, the field and the value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("message on {subject} refused: {error}")]
pub struct BadMessage {
    /// Where it came by.
    pub subject: String,
    /// What is wrong with it; its field is `subject` where the subject itself is.
    pub error: proto::WireError,
}

impl BadMessage {
    /// The path of the refused field, to be counted by.
    #[must_use]
    pub fn field(&self) -> String {
        format!("{}.{}", self.error.message, self.error.field)
    }
}
