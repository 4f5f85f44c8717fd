//! One thing to be written, and the file that it belongs to.

use serde::Serialize;

use crate::bar::MarkBar;
use crate::closed::ClosedPosition;
use crate::moment::Moment;
use crate::shadow::ShadowRecord;

/// The three files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Decisions of SHADOW.
    Shadow,
    /// Closed positions.
    Closed,
    /// Bars of marks.
    Marks,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Shadow, Self::Closed, Self::Marks];

    /// Begins the name of each of its files.
    #[must_use]
    pub const fn stem(self) -> &'static str {
        match self {
            Self::Shadow => "exit_brain_shadow",
            Self::Closed => "exit_brain_closed",
            Self::Marks => "exit_brain_marks",
        }
    }

    /// Its name in counters.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shadow => "shadow",
            Self::Closed => "closed",
            Self::Marks => "marks",
        }
    }
}

/// One thing to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A decision.
    Shadow(Box<ShadowRecord>),
    /// A closed position.
    Closed(Box<ClosedPosition>),
    /// A bar of marks.
    Bar(MarkBar),
}

impl Entry {
    /// Which file it belongs to.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Shadow(_) => Kind::Shadow,
            Self::Closed(_) => Kind::Closed,
            Self::Bar(_) => Kind::Marks,
        }
    }

    /// Its time.
    #[must_use]
    pub const fn at(&self) -> Moment {
        match self {
            Self::Shadow(record) => record.timestamp,
            Self::Closed(record) => record.timestamp,
            Self::Bar(bar) => bar.timestamp,
        }
    }

    /// Its line, the line's end included.
    ///
    /// # Errors
    /// [`serde_json::Error`] where a number can't be written, which no decimal is known to be.
    pub fn line(&self) -> Result<String, serde_json::Error> {
        match self {
            Self::Shadow(record) => line(record),
            Self::Closed(record) => line(record),
            Self::Bar(bar) => line(bar),
        }
    }
}

fn line(value: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut line = serde_json::to_string(value)?;
    line.push('\n');
    Ok(line)
}
