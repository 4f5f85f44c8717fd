//! Answers as text; pure functions of what was heard.

use serde::Serialize;

use crate::answer::Trouble;

pub mod number;
pub mod plan;
pub mod status;
pub mod table;

/// Whether colours are used. They never carry anything that the text does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// None.
    Plain,
    /// ANSI.
    Colored,
}

impl Paint {
    /// `text` in bold and in `color` (an SGR number), where colours are used.
    pub fn bold(self, color: u8, text: &str) -> String {
        match self {
            Self::Plain => text.into(),
            Self::Colored => format!("\u{1b}[1;{color}m{text}\u{1b}[0m"),
        }
    }
}

/// `value` as JSON, the way the endpoint writes it.
///
/// # Errors
/// Where it can't be written, which only a broken build could cause.
pub fn json(value: &impl Serialize) -> Result<String, Trouble> {
    serde_json::to_string_pretty(value)
        .map_err(|error| Trouble::Failure(format!("the answer can't be written: {error}")))
}
