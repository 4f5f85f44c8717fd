//! `exitctl dataset export`: decisions of a replay, for training.

use std::fs::{self, File};
use std::io::BufWriter;

use lab::dataset::{self, Provenance, SCHEMA_VERSION};
use serde::Serialize;

use super::replay::{self, failure, words};
use crate::answer::{Answer, Trouble};
use crate::cli::{Dataset, DatasetExport, Format};
use crate::render;

const MANIFEST: &str = "manifest.json";

/// What the files are, beside them and as the answer.
#[derive(Debug, Serialize)]
struct Document {
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    kind: &'static str,
    schema_version: u32,
    file: String,
    rows: usize,
    data_sha256: String,
    entries_sha256: String,
    policies: Vec<PolicyDocument>,
    facts: Vec<String>,
    assumptions: Vec<String>,
}

#[derive(Debug, Serialize)]
struct PolicyDocument {
    name: String,
    hash: String,
}

/// Writes the files.
///
/// # Errors
/// [`Trouble`] where data, entries or policies can't be used, or files can't be written.
pub fn run(verb: &Dataset, format: Format) -> Result<Answer, Trouble> {
    let Dataset::Export(asked) = verb;
    let contenders = replay::named(&asked.policy)?;
    let plan = replay::plan(
        (&asked.market, &asked.trades, &asked.costs),
        contenders,
        asked.threads,
        true,
    )?;
    let run = replay::play(&plan, asked.quiet)?;
    let about = words::about(&asked.trades, &plan, 0);
    let provenance = Provenance::of(&plan, about.facts.clone());
    fs::create_dir_all(&asked.out).map_err(|error| unwritten(asked, error))?;
    let name = format!("decisions-v{SCHEMA_VERSION}.parquet");
    let file = File::create(asked.out.join(&name)).map_err(|error| unwritten(asked, error))?;
    let rows = dataset::write(&run, &plan, &provenance, BufWriter::new(file))
        .map_err(|error| unwritten(asked, error))?;
    let document = Document {
        api_version: "exitbrain/v1",
        kind: "Dataset",
        schema_version: SCHEMA_VERSION,
        file: name,
        rows,
        data_sha256: provenance.data,
        entries_sha256: provenance.entries,
        policies: provenance
            .policies
            .into_iter()
            .map(|(name, hash)| PolicyDocument { name, hash })
            .collect(),
        facts: about.facts,
        assumptions: about.assumptions,
    };
    let manifest = render::json(&document)?;
    let path = asked.out.join(MANIFEST);
    fs::write(&path, format!("{manifest}\n")).map_err(|error| unwritten(asked, error))?;
    let text = render::told(format, &document, |_| {
        format!(
            "{rows} rows in {}; what they are made of is in {}",
            asked.out.join(&document.file).display(),
            path.display()
        )
    })?;
    Ok(Answer::ok(text))
}

fn unwritten(asked: &DatasetExport, error: std::io::Error) -> Trouble {
    failure(format!("{} can't be written: {error}", asked.out.display()))
}
