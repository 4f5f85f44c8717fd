//! What was decided, what it looked at and what came of it, as Parquet for training.
//!
//! One row for each decision: state, action, outcome, confidence. The same data, policies and
//! entries give the same bytes; what they were is in the file's own metadata.

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use records::parquet::column::{other, schema, write_group};
use ring::digest::{Context, SHA256};

use crate::contender::{Contender, Kind};
use crate::run::{Plan, Run};

mod rows;
#[cfg(test)]
mod tests;

pub use rows::Decision;

/// Counts up with every change of a column's name, type or meaning.
pub const SCHEMA_VERSION: u32 = 1;
/// Rows of a row group: whoever reads the file holds one at a time.
const ROWS_MAX: usize = 20_000;
/// Begins each key of the file's metadata.
const KEY: &str = "exitbrain.";

/// What a file says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// SHA-256 over every price and every funding payment that was replayed, in order.
    pub data: String,
    /// SHA-256 over every entry.
    pub entries: String,
    /// Name and hash of each policy.
    pub policies: Vec<(String, String)>,
    /// Everything else that shaped it, in words.
    pub facts: Vec<String>,
}

impl Provenance {
    /// Of a plan.
    #[must_use]
    pub fn of(plan: &Plan, facts: Vec<String>) -> Self {
        Self {
            data: data_hash(plan),
            entries: entries_hash(plan),
            policies: plan.contenders.iter().map(policy).collect(),
            facts,
        }
    }

    fn metadata(&self) -> Vec<KeyValue> {
        let pair = |key: &str, value: String| KeyValue::new(format!("{KEY}{key}"), value);
        let policies = self.policies.iter();
        let policies: Vec<String> = policies
            .map(|(name, hash)| format!("{name} {hash}"))
            .collect();
        vec![
            pair("schema_version", SCHEMA_VERSION.to_string()),
            pair("data_sha256", self.data.clone()),
            pair("entries_sha256", self.entries.clone()),
            pair("policies", policies.join("\n")),
            pair("facts", self.facts.join("\n")),
        ]
    }
}

fn policy(contender: &Contender) -> (String, String) {
    let hash = match &contender.kind {
        Kind::Brain(policy) => format!("{:016x}", policy.hash()),
        Kind::Legacy(_) => String::new(),
    };
    (contender.name.clone(), hash)
}

/// Writes every decision of a run; returns how many rows there are.
///
/// # Errors
/// Those of the writer.
pub fn write(
    run: &Run,
    plan: &Plan,
    provenance: &Provenance,
    to: impl Write + Send,
) -> io::Result<usize> {
    let schema = schema("decision", &rows::columns(&[]))?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by(format!("exitbrain lab, schema {SCHEMA_VERSION}"))
        .set_key_value_metadata(Some(provenance.metadata()))
        .build();
    let properties = Arc::new(properties);
    let mut writer = SerializedFileWriter::new(to, schema, properties).map_err(other)?;
    let decisions = rows::decisions(run, plan);
    for part in decisions.chunks(ROWS_MAX) {
        write_group(&mut writer, rows::columns(part))?;
    }
    writer.close().map_err(other)?;
    Ok(decisions.len())
}

fn data_hash(plan: &Plan) -> String {
    let mut context = Context::new(&SHA256);
    for tape in &plan.tapes {
        context.update(tape.symbol.as_str().as_bytes());
        for side in [domain::Side::Long, domain::Side::Short] {
            for tick in tape.ticks(side) {
                context.update(&tick.at.micros().to_le_bytes());
                context.update(&tick.mark.normalize().serialize());
                if let Some(quote) = &tick.quote {
                    context.update(&quote.last.normalize().serialize());
                    if let Some((bid, ask)) = quote.book {
                        context.update(&bid.normalize().serialize());
                        context.update(&ask.normalize().serialize());
                    }
                }
            }
        }
        for payment in &tape.funding {
            context.update(&payment.at.micros().to_le_bytes());
            context.update(&payment.rate.normalize().serialize());
        }
    }
    hex(context)
}

fn entries_hash(plan: &Plan) -> String {
    let mut context = Context::new(&SHA256);
    for entry in &plan.entries {
        // The derived text names every field and value.
        context.update(format!("{entry:?}\n").as_bytes());
    }
    hex(context)
}

fn hex(context: Context) -> String {
    let digest = context.finish();
    digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
