//! The only place that prints: the table to stdout, everything else to stderr.
#![allow(clippy::print_stdout, clippy::print_stderr)]

/// Something worth knowing while it runs.
pub fn note(text: &str) {
    eprintln!("mutants: {text}");
}

/// What became of a bug.
pub fn row(name: &str, says: &str, found: Option<&str>) {
    let found = found.unwrap_or("nothing broken");
    println!("| {name} | {says} | {found} |");
}
