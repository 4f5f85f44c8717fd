//! `exitctl shadow report`: what the records of a SHADOW run tell.

use std::path::Path;

use lab::shadow::costs::Costs;
use lab::shadow::verdict::Word;
use lab::shadow::{Report, html, report, text};
use records::{Moment, read};
use serde::Serialize;

use crate::answer::{Answer, Trouble};
use crate::cli::{Format, Shadow, ShadowReport};
use crate::render;

/// The JSON form.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    kind: &'static str,
    #[serde(flatten)]
    report: &'a Report,
}

/// Makes the report.
///
/// # Errors
/// [`Trouble::Failure`] where there are no records, or the report can't be written.
pub fn run(verb: &Shadow, format: Format) -> Result<Answer, Trouble> {
    let Shadow::Report(asked) = verb;
    let now = runtime::now();
    let since = now - asked.since;
    let from = &asked.records;
    let found = read::folder(from, since).map_err(|error| {
        Trouble::Failure(format!(
            "--records {from:?} can't be read: {error}; name the folder of records.dir"
        ))
    })?;
    if found.decisions.is_empty() {
        return Err(Trouble::Failure(format!(
            "--records {from:?} holds no decision since {}; is EXIT_EXECUTOR_MODE=SHADOW, and does \
             records.dir of diagnostics name it?",
            Moment(since).text()
        )));
    }
    let report = report(&found, Moment(since), Moment(now), costs(asked));
    let told = told(&report, format)?;
    let text = match &asked.out {
        None => told,
        Some(path) => written(path, &told, &report)?,
    };
    let is_promoted = report.verdict.word == Word::Promote;
    Ok(Answer::holds(text, is_promoted))
}

const fn costs(asked: &ShadowReport) -> Costs {
    Costs {
        taker_fee: asked.taker_bps,
        maker_fee: asked.maker_bps,
        slippage: asked.slippage_bps,
    }
}

fn told(report: &Report, format: Format) -> Result<String, Trouble> {
    if format == Format::Html {
        return html::html(report).map_err(|error| Trouble::Failure(error.to_string()));
    }
    let document = Document {
        api_version: "exitbrain/v1",
        kind: "ShadowReport",
        report,
    };
    render::told(format, &document, |_| text::text(report))
}

/// Writes the file and says the verdict.
fn written(path: &Path, told: &str, report: &Report) -> Result<String, Trouble> {
    std::fs::write(path, told)
        .map_err(|error| Trouble::Failure(format!("--out {path:?} can't be written: {error}")))?;
    let verdict = &report.verdict;
    let word = verdict.word.words();
    let reasons = verdict.reasons.join("; ");
    Ok(format!("{word}: {reasons}\nwritten to {}", path.display()))
}
