//! The result: a row for each check, with what to do.

use serde::Serialize;

use crate::answer::{Answer, Trouble};
use crate::cli::Format;
use crate::render::{self, table::table};

/// How a check went; the discriminant is the exit code, as of the plugins of Nagios.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    #[default]
    Ok = 0,
    /// Worth a look, or not to be told from here.
    Warn = 1,
    /// To be mended now.
    Fail = 2,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// What was checked.
    pub check: &'static str,
    /// How it went.
    pub verdict: Verdict,
    /// What was found.
    pub found: String,
    /// What to do; empty where there is nothing.
    pub todo: String,
}

impl Row {
    /// As it should be.
    pub fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self::new(check, Verdict::Ok, found, "")
    }

    /// Worth a look.
    pub fn warn(check: &'static str, found: impl Into<String>, todo: impl Into<String>) -> Self {
        Self::new(check, Verdict::Warn, found, todo)
    }

    /// To be mended now.
    pub fn fail(check: &'static str, found: impl Into<String>, todo: impl Into<String>) -> Self {
        Self::new(check, Verdict::Fail, found, todo)
    }

    /// As `verdict` says; what is well leaves nothing to do.
    pub fn new(
        check: &'static str,
        verdict: Verdict,
        found: impl Into<String>,
        todo: impl Into<String>,
    ) -> Self {
        let (found, todo) = (found.into(), todo.into());
        Self {
            check,
            verdict,
            found,
            todo,
        }
    }
}

/// The JSON form.
#[derive(Debug, Serialize)]
pub struct Report {
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    kind: &'static str,
    /// The worst of all.
    verdict: Verdict,
    checks: Vec<Row>,
}

impl Default for Report {
    fn default() -> Self {
        Self {
            api_version: "exitbrain/v1",
            kind: "Doctor",
            verdict: Verdict::Ok,
            checks: Vec::new(),
        }
    }
}

impl Report {
    /// Takes a check in.
    pub fn push(&mut self, row: Row) {
        self.verdict = self.verdict.max(row.verdict);
        self.checks.push(row);
    }

    /// The answer, with the exit code of the worst.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn answer(&self, format: Format) -> Result<Answer, Trouble> {
        let text = render::told(format, self, |_| self.text())?;
        let code = self.verdict as u8;
        Ok(Answer { text, code })
    }

    fn text(&self) -> String {
        let word = |verdict| match verdict {
            Verdict::Ok => "ok",
            Verdict::Warn => "WARN",
            Verdict::Fail => "FAIL",
        };
        let rows: Vec<_> = self
            .checks
            .iter()
            .map(|row| {
                let (found, todo) = (row.found.clone(), row.todo.clone());
                [row.check.into(), word(row.verdict).into(), found, todo]
            })
            .collect();
        table(["CHECK", "VERDICT", "FOUND", "TO DO"], &rows)
    }
}
