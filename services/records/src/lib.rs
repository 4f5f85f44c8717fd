//! What is written of a SHADOW run, and how: one line for each decision, closed position and bar
//! of marks; files that a crash can't spoil; the same rows as Parquet.
//!
//! [`Recorder`] says what becomes a line, without any I/O. [`Writer`] owns the folder.
//! [`read::folder`] reads it back.

pub mod bar;
pub mod closed;
pub mod entry;
pub mod ledger;
pub mod lives;
pub mod moment;
pub mod number;
pub mod parquet;
pub mod read;
pub mod recorder;
pub mod shadow;
pub mod writer;

pub use bar::MarkBar;
pub use closed::{ClosedPosition, Fill, Filters};
pub use entry::{Entry, Kind};
pub use ledger::{Ledger, Limits};
pub use moment::Moment;
pub use number::Number;
pub use recorder::Recorder;
pub use shadow::{DecisionType, RecordedDecision, RecordedSide, RiskState, ShadowRecord};
pub use writer::Writer;
