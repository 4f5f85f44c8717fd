//! What a check found, in each of its forms.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::answer::{Answer, Trouble};
use crate::cli::{CheckFormat, Format};
use crate::render;

/// The verdict; the discriminant is the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verdict {
    /// As it should be.
    Ok = 0,
    /// Worth a look.
    Warning = 1,
    /// To be mended now.
    Critical = 2,
    /// Not to be told.
    Unknown = 3,
}

impl Verdict {
    const fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// Something that was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figure {
    name: &'static str,
    value: u64,
    /// Warning and critical range in the words of Nagios: `0` is everything above 0.
    limits: &'static str,
}

impl Figure {
    /// Any number is well.
    pub const fn plain(name: &'static str, value: u64) -> Self {
        let limits = ";";
        Self {
            name,
            value,
            limits,
        }
    }

    /// More than none is a warning.
    pub const fn warning(name: &'static str, value: u64) -> Self {
        let limits = "0;";
        Self {
            name,
            value,
            limits,
        }
    }

    /// More than none is critical.
    pub const fn critical(name: &'static str, value: u64) -> Self {
        let limits = ";0";
        Self {
            name,
            value,
            limits,
        }
    }
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How it went.
    pub verdict: Verdict,
    /// In a sentence.
    pub text: String,
    figures: Vec<Figure>,
}

/// The JSON form.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    kind: &'static str,
    check: &'a str,
    verdict: Verdict,
    exit_code: u8,
    text: &'a str,
    figures: BTreeMap<&'a str, u64>,
}

impl Finding {
    /// A finding that counted nothing.
    pub const fn new(verdict: Verdict, text: String) -> Self {
        let figures = Vec::new();
        Self {
            verdict,
            text,
            figures,
        }
    }

    /// The finding with `figure`.
    pub fn counting(mut self, figure: Figure) -> Self {
        self.figures.push(figure);
        self
    }

    /// The finding of `check` as it was asked for; `output` counts where `format` is not typed.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn answer(
        &self,
        check: &str,
        format: Option<CheckFormat>,
        output: Format,
    ) -> Result<Answer, Trouble> {
        let document = Document {
            api_version: "exitbrain/v1",
            kind: "Check",
            check,
            verdict: self.verdict,
            exit_code: self.verdict as u8,
            text: &self.text,
            figures: self.figures.iter().map(|it| (it.name, it.value)).collect(),
        };
        let text = match format {
            None => render::told(output, &document, |_| self.line())?,
            Some(CheckFormat::Text) => self.line(),
            Some(CheckFormat::Json) => render::json(&document)?,
            Some(CheckFormat::Nagios) => self.nagios(check),
            Some(CheckFormat::Prometheus) => self.prometheus(check),
        };
        let code = self.verdict as u8;
        Ok(Answer { text, code })
    }

    fn line(&self) -> String {
        let said = format!("{} - {}", self.verdict.name(), self.text);
        let figures = self.figures.iter();
        let figures: Vec<_> = figures
            .map(|it| format!("{}={}", it.name, it.value))
            .collect();
        if figures.is_empty() {
            return said;
        }
        format!("{said} | {}", figures.join(" "))
    }

    /// Plugin output: one line, and no bar in it but the one before the performance data.
    fn nagios(&self, check: &str) -> String {
        let text = self.text.replace('|', "/").replace(['\n', '\r'], " ");
        let said = format!(
            "EXITBRAIN {} {} - {text}",
            check.to_uppercase(),
            self.verdict.name()
        );
        let figures = self.figures.iter();
        let figures: Vec<_> = figures
            .map(|it| format!("{}={};{};0", it.name, it.value, it.limits))
            .collect();
        if figures.is_empty() {
            return said;
        }
        format!("{said} | {}", figures.join(" "))
    }

    /// Text exposition; the names are of a fixed set, so nothing in it needs escaping.
    fn prometheus(&self, check: &str) -> String {
        let mut lines = vec![
            "# HELP exitbrain_check_verdict 0 ok, 1 warning, 2 critical, 3 unknown.".into(),
            "# TYPE exitbrain_check_verdict gauge".into(),
            format!(
                "exitbrain_check_verdict{{check=\"{check}\"}} {}",
                self.verdict as u8
            ),
        ];
        if !self.figures.is_empty() {
            lines.push("# HELP exitbrain_check_figure What a check counted.".into());
            lines.push("# TYPE exitbrain_check_figure gauge".into());
        }
        lines.extend(self.figures.iter().map(|it| {
            let (name, value) = (it.name, it.value);
            format!("exitbrain_check_figure{{check=\"{check}\",figure=\"{name}\"}} {value}")
        }));
        lines.join("\n")
    }
}
