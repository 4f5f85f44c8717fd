//! The table as a page for people.

use std::fmt::Write;

use crate::identity::Identity;
use crate::map::{ROWS, Row};

/// The table of `docs/bus.md`, in Markdown. Each subject, what it carries, who alone writes it, who
/// reads it.
#[must_use]
pub fn docs_table() -> String {
    let mut table =
        String::from("| subject | message | only writer | readers |\n|---|---|---|---|\n");
    for row in ROWS {
        let written = writeln!(
            table,
            "| `{}` | {} | {} | {} |",
            row.pattern,
            row.message,
            writer(row),
            readers(row.readers)
        );
        debug_assert!(written.is_ok(), "writing to a string can't fail");
    }
    table
}

fn writer(row: &Row) -> String {
    if row.is_diverted() {
        return "(the server, in LIVE)".into();
    }
    row.writer.to_string()
}

fn readers(readers: &[Identity]) -> String {
    let mut names: Vec<&str> = Vec::new();
    let all_legacy = Identity::ALL
        .iter()
        .filter(|identity| identity.is_legacy())
        .all(|identity| readers.contains(identity));
    for reader in readers {
        if !(all_legacy && reader.is_legacy()) {
            names.push(reader.name());
        }
    }
    if all_legacy {
        names.push("all legacy modules");
    }
    names.join(", ")
}
