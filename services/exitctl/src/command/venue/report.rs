//! The result: a row for each check, for people and for programs.

use serde::Serialize;

use crate::answer::{Answer, Trouble};
use crate::cli::Format;
use crate::render::{self, table};

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// The gateway can live with it.
    Warn,
    /// It must be mended before the gateway trades.
    Bad,
    /// It was not asked, or can't be told.
    Unknown,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// What was checked.
    pub name: String,
    /// How it went.
    pub verdict: Verdict,
    /// What was found.
    pub detail: String,
}

impl Row {
    /// As it should be.
    pub fn ok(name: &str, detail: String) -> Self {
        Self::new(name, Verdict::Ok, detail)
    }

    /// Worth knowing.
    pub fn warn(name: &str, detail: String) -> Self {
        Self::new(name, Verdict::Warn, detail)
    }

    /// Not as it must be.
    pub fn bad(name: &str, detail: String) -> Self {
        Self::new(name, Verdict::Bad, detail)
    }

    /// Not to be told.
    pub fn unknown(name: &str, detail: String) -> Self {
        Self::new(name, Verdict::Unknown, detail)
    }

    fn new(name: &str, verdict: Verdict, detail: String) -> Self {
        let name = name.to_owned();
        Self {
            name,
            verdict,
            detail,
        }
    }
}

/// The JSON form.
#[derive(Debug, Serialize)]
pub struct Report {
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    kind: &'static str,
    venue: String,
    ok: bool,
    checks: Vec<Row>,
}

impl Report {
    /// An empty report about `venue`.
    pub fn new(venue: &str) -> Self {
        Self {
            api_version: "exitbrain/v1",
            kind: "VenueCheck",
            venue: venue.to_owned(),
            ok: true,
            checks: Vec::new(),
        }
    }

    /// Takes a check in.
    pub fn push(&mut self, row: Row) {
        self.ok &= row.verdict != Verdict::Bad;
        self.checks.push(row);
    }

    /// Takes checks in.
    pub fn extend(&mut self, rows: Vec<Row>) {
        for row in rows {
            self.push(row);
        }
    }

    /// The names of the checks that went so.
    pub fn names(&self, verdict: Verdict) -> Vec<&str> {
        let rows = self.checks.iter().filter(|row| row.verdict == verdict);
        rows.map(|row| row.name.as_str()).collect()
    }

    /// The answer: 0, or 3 where a check went badly.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn answer(&self, format: Format) -> Result<Answer, Trouble> {
        let text = render::told(format, self, |_| self.text())?;
        Ok(Answer::holds(text, self.ok))
    }

    fn text(&self) -> String {
        let word = |verdict| match verdict {
            Verdict::Ok => "ok",
            Verdict::Warn => "WARN",
            Verdict::Bad => "BAD",
            Verdict::Unknown => "unknown",
        };
        let rows: Vec<[String; 3]> = self
            .checks
            .iter()
            .map(|row| {
                [
                    row.name.clone(),
                    word(row.verdict).into(),
                    row.detail.clone(),
                ]
            })
            .collect();
        table::table(["CHECK", "VERDICT", "FOUND"], &rows)
    }
}
