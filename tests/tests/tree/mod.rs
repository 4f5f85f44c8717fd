//! The project's files and lines, for rules about them.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test may")]

use std::fs;
use std::path::{Path, PathBuf};

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

pub fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

/// Every file with one of these endings that belongs to the project.
pub fn files(endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                let skipped = ["target", ".git", ".tools", ".run", "node_modules"];
                if !skipped.contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

pub fn assert_none(faults: &[String]) {
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

/// Files and their lines, for rules that look at one line.
pub fn lines_where(endings: &[&str], fault: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let mut faults = Vec::new();
    for path in files(endings) {
        let name = relative(&path);
        let text = fs::read_to_string(&path).unwrap();
        for (line, number) in text.lines().zip(1..) {
            if fault(&name, line) {
                faults.push(format!("{name}:{number}: {}", line.trim()));
            }
        }
    }
    faults
}

/// Names and lengths of functions, by indentation: rustfmt closes a body at the column where it
/// was opened.
pub fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let body = line.trim_start();
        let Some((head, rest)) = body.split_once("fn ") else {
            continue;
        };
        let qualifiers = [
            "pub",
            "pub(crate)",
            "pub(super)",
            "const",
            "async",
            "unsafe",
        ];
        if !head
            .split_whitespace()
            .all(|word| qualifiers.contains(&word))
        {
            continue;
        }
        let indent = line.len() - body.len();
        let closes = |line: &&str| {
            line.len() - line.trim_start().len() == indent && line.trim_start().starts_with('}')
        };
        let opens_here = body.ends_with('}') || body.ends_with(';');
        let length = if opens_here {
            1
        } else {
            1 + lines[index..].iter().position(closes).unwrap_or(0)
        };
        let name = rest.split(['(', '<']).next().unwrap_or_default();
        found.push((name.to_string(), length));
    }
    found
}
