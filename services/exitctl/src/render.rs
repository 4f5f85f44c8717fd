//! Answers as text; pure functions of what was heard.

use std::fmt::Display;

use proto::wire::PositionStatus;
use serde::Serialize;

use crate::answer::Trouble;
use crate::cli::Format;

pub mod number;
pub mod plan;
pub mod status;
pub mod story;
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

/// `main.BTCUSDT.LONG`.
pub fn position_name(position: &PositionStatus) -> String {
    format!("{}.{}.{}", position.account, position.symbol, position.side)
}

/// `document` as `format` wants it; `people` writes it for people, and is told the format too, for
/// some tables have more columns where there is room.
///
/// # Errors
/// As [`json`].
pub fn told(
    format: Format,
    document: &impl Serialize,
    people: impl FnOnce(Format) -> String,
) -> Result<String, Trouble> {
    match format {
        Format::Table | Format::Wide => Ok(people(format)),
        Format::Json => json(document),
        Format::Yaml => yaml(document),
        Format::Html => Err(unwritable(
            "there is no page of it; use table, json or yaml",
        )),
    }
}

/// The same document in YAML. Every text is quoted: a decimal must not become a binary fraction,
/// nor a name a truth, in whatever reads it.
///
/// # Errors
/// As [`json`].
pub fn yaml(value: &impl Serialize) -> Result<String, Trouble> {
    let options = serde_saphyr::ser_options! { quote_all: true };
    serde_saphyr::to_string_with_options(value, options)
        .map(|text| text.trim_end().to_owned())
        .map_err(unwritable)
}

/// `value` as JSON, the way the endpoint writes it.
///
/// # Errors
/// Where it can't be written, which only a broken build could cause.
pub fn json(value: &impl Serialize) -> Result<String, Trouble> {
    serde_json::to_string_pretty(value).map_err(unwritable)
}

/// `value` as JSON on one line, for a stream of documents.
///
/// # Errors
/// As [`json`].
pub fn json_line(value: &impl Serialize) -> Result<String, Trouble> {
    serde_json::to_string(value).map_err(unwritable)
}

fn unwritable(error: impl Display) -> Trouble {
    Trouble::Failure(format!("the answer can't be written: {error}"))
}
