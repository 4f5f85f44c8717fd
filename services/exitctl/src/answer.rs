//! What a command comes back with: text and an exit code, or what went wrong.

use thiserror::Error;

/// The exit codes, one meaning each.
pub mod code {
    /// Done.
    pub const OK: u8 = 0;
    /// It did not work.
    pub const FAILURE: u8 = 1;
    /// It was asked for wrongly (clap's own code too).
    pub const USAGE: u8 = 2;
    /// It worked, and what was looked for does not hold.
    pub const CONDITION: u8 = 3;
    /// Nobody answered in time.
    pub const UNREACHABLE: u8 = 4;
    /// Whoever was asked does not take it from us.
    pub const DENIED: u8 = 5;
    /// What it was to change has changed meanwhile.
    pub const CONFLICT: u8 = 6;
    /// The time to look on was up, as of timeout(1).
    pub const TIME_UP: u8 = 124;
}

/// Text for stdout and the exit code that goes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Without the last line break.
    pub text: String,
    /// Exit code.
    pub code: u8,
}

impl Answer {
    /// An answer that all went well.
    pub const fn ok(text: String) -> Self {
        Self {
            text,
            code: code::OK,
        }
    }

    /// An answer whose code says whether what was asked after holds.
    pub const fn holds(text: String, holds: bool) -> Self {
        let code = if holds { code::OK } else { code::CONDITION };
        Self { text, code }
    }

    /// Everything is printed, and there was no more time to look on.
    pub const fn time_up() -> Self {
        Self {
            text: String::new(),
            code: code::TIME_UP,
        }
    }

    /// All went well, and everything is printed.
    pub const fn silent() -> Self {
        Self::ok(String::new())
    }
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum Trouble {
    /// It did not work.
    #[error("{0}")]
    Failure(String),
    /// It was asked for wrongly.
    #[error("{0}")]
    Usage(String),
    /// Nobody answered in time.
    #[error("{0}")]
    Unreachable(String),
    /// Whoever was asked does not take it from us.
    #[error("{0}")]
    Denied(String),
    /// What it was to change has changed meanwhile.
    #[error("{0}")]
    Conflict(String),
}

impl Trouble {
    /// The exit code.
    pub const fn code(&self) -> u8 {
        match self {
            Self::Failure(_) => code::FAILURE,
            Self::Usage(_) => code::USAGE,
            Self::Unreachable(_) => code::UNREACHABLE,
            Self::Denied(_) => code::DENIED,
            Self::Conflict(_) => code::CONFLICT,
        }
    }

    /// The same trouble, with more words after its own.
    #[must_use]
    pub fn and(mut self, more: &str) -> Self {
        match &mut self {
            Self::Failure(text)
            | Self::Usage(text)
            | Self::Unreachable(text)
            | Self::Denied(text)
            | Self::Conflict(text) => text.push_str(more),
        }
        self
    }
}
