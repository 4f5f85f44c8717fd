//! One row of the table of blows.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

/// The file that gets the rows; where it is unset, nobody asked for a table.
const ROWS: &str = "CRASHES_ROWS";
/// The same for the table of takeovers.
const TAKEOVERS: &str = "CRASHES_TAKEOVERS";

/// What one blow did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What was done.
    pub blow: String,
    /// Positions that were open.
    pub positions: usize,
    /// Longest time that a position which had its stop was without one, ms.
    pub lost_ms: u64,
    /// Longest time that a position opened at or in the blow took to its first stop, ms.
    pub first_stop_ms: Option<u64>,
    /// How long the blow lasted, ms.
    pub outage_ms: u64,
    /// From its end until everything was as before, ms.
    pub rebuilt_ms: u64,
    /// Orders that the venue was sent twice.
    pub twice: u64,
    /// Stops that were asked for again under another name while the fate of the first was not
    /// known, and that the venue refused because it holds the first.
    pub again: u64,
}

impl Row {
    /// The row in Markdown.
    #[must_use]
    pub fn render(&self) -> String {
        let Self {
            blow,
            positions,
            lost_ms,
            outage_ms,
            rebuilt_ms,
            twice,
            again,
            ..
        } = self;
        let first_stop = self.first_stop_ms.map_or("-".into(), |ms| ms.to_string());
        format!(
            "| {blow} | {positions} | {lost_ms} | {first_stop} | {outage_ms} | {rebuilt_ms} \
             | {twice} | {again} |\n"
        )
    }

    /// Says plainly that a blow can't be struck on this machine, and why.
    ///
    /// # Panics
    /// Where the table can't be written.
    pub fn skip(blow: &str, why: &str) {
        // Past the test runner's own capture: whoever reads the run must see what it did not show.
        let line = format!("SKIPPED: {blow}: {why}\n");
        io::stderr().write_all(line.as_bytes()).unwrap_or_default();
        let row = format!("| {blow} | skipped: {why} | | | | | | |\n");
        append(ROWS, &row).unwrap_or_else(|error| panic!("the row of {blow}: {error}"));
    }

    /// Appends it to the file that was asked for; each test is a process of its own.
    ///
    /// # Errors
    /// Where the disk says so.
    pub fn file(&self) -> io::Result<()> {
        append(ROWS, &self.render())
    }
}

/// How long a standby took to act after the one that acted was struck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Takeover {
    /// What was done.
    pub blow: String,
    /// From the blow until the standby says that it acts, ms.
    pub took_ms: u64,
}

impl Takeover {
    /// The row in Markdown.
    #[must_use]
    pub fn render(&self) -> String {
        format!("| {} | {} |\n", self.blow, self.took_ms)
    }

    /// Appends it to the file that was asked for.
    ///
    /// # Errors
    /// Where the disk says so.
    pub fn file(&self) -> io::Result<()> {
        append(TAKEOVERS, &self.render())
    }
}

/// Appends a row to the file that the variable names, if somebody wants it.
pub(super) fn append(variable: &str, row: &str) -> io::Result<()> {
    let Some(path) = std::env::var_os(variable) else {
        return Ok(());
    };
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(Path::new(&path));
    // One write: rows of tests that end together don't mix.
    file?.write_all(row.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_one_line_with_a_cell_for_each_number() {
        let row = Row {
            blow: "kill -9 gateway".into(),
            positions: 4,
            lost_ms: 0,
            first_stop_ms: None,
            outage_ms: 900,
            rebuilt_ms: 1_200,
            twice: 0,
            again: 1,
        };
        assert_eq!(
            row.render(),
            "| kill -9 gateway | 4 | 0 | - | 900 | 1200 | 0 | 1 |\n"
        );
        let takeover = Takeover {
            blow: "kill -9 gateway".into(),
            took_ms: 3_400,
        };
        assert_eq!(takeover.render(), "| kill -9 gateway | 3400 |\n");
    }
}
