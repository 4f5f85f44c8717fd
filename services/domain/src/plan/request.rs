//! An incumbent's question for a plan, and the answer in the incumbent's own terms.

use alloc::string::String;

use super::convert::DynamicTpsl;
use crate::ids::{Epoch, Module, PositionKey};
use crate::time::Timestamp;

/// "What would you do with this position?"
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRequest {
    /// Tells the answers apart; the asker's own counter.
    pub id: u64,
    /// Who asks.
    pub module: Module,
    /// About which position.
    pub key: PositionKey,
    /// Which life of it.
    pub epoch: Epoch,
    /// When it was asked.
    pub at: Timestamp,
    /// When the asker goes on without an answer.
    pub expires_at: Timestamp,
}

/// The answer to a [`PlanRequest`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanReply {
    /// Of the request.
    pub id: u64,
    /// Who asked.
    pub module: Module,
    /// About which position.
    pub key: PositionKey,
    /// Which life of it.
    pub epoch: Epoch,
    /// The plan as dynamic take-profit and stop, or why there is none.
    pub answer: Result<DynamicTpsl, String>,
    /// When it was answered.
    pub at: Timestamp,
}
