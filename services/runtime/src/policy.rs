//! The policy file: what ships, with the numbers that a file sets in their place.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use domain::policy::{Fault, Policy};
use toml::Table;

use crate::ConfigError;

mod changes;
mod merge;
pub mod profile;

pub use changes::{Change, changes, write};
pub use profile::in_force;

/// Largest policy file; the shipped one with all its comments has a twentieth of that.
const FILE_BYTES_MAX: u64 = 256 * 1024;
/// Longest value that a fault repeats.
const VALUE_CHARS_MAX: usize = 60;

/// The policy in `file`, or the shipped one where none is named.
///
/// # Errors
/// [`ConfigError::Policy`] with every number that can't be used, [`ConfigError::PolicyFile`] where
/// the file can't be read.
pub fn load(file: Option<&Path>) -> Result<Policy, ConfigError> {
    let Some(path) = file else {
        return Ok(Policy::default());
    };
    parse(&read(path)?).map_err(|faults| ConfigError::Policy {
        path: path.into(),
        faults: listed(&faults),
    })
}

/// The text of a policy file.
///
/// # Errors
/// [`ConfigError::PolicyFile`] where it can't be read or is larger than one can be.
pub fn read(path: &Path) -> Result<String, ConfigError> {
    let fault = |source| ConfigError::PolicyFile {
        path: path.into(),
        source,
    };
    let file = File::open(path).map_err(fault)?;
    let mut text = String::new();
    let mut bounded = file.take(FILE_BYTES_MAX + 1);
    let bytes = bounded.read_to_string(&mut text).map_err(fault)?;
    if u64::try_from(bytes).is_ok_and(|bytes| bytes <= FILE_BYTES_MAX) {
        Ok(text)
    } else {
        let why = format!("it is larger than {FILE_BYTES_MAX} bytes");
        Err(fault(io::Error::new(io::ErrorKind::FileTooLarge, why)))
    }
}

/// The policy that `text` describes; what it leaves out is as shipped.
///
/// # Errors
/// Every fault at once: unknown keys, values of another kind, numbers out of range. Numbers of a
/// list that can't be read are judged once it can.
pub fn parse(text: &str) -> Result<Policy, Vec<Fault>> {
    let given: Table = text.parse().map_err(|error| vec![syntax(text, &error)])?;
    let (policy, mut faults) = merge::merge(&given);
    faults.extend(policy.faults());
    if faults.is_empty() {
        Ok(policy)
    } else {
        Err(faults)
    }
}

/// Text that is no TOML, by its line.
fn syntax(text: &str, error: &toml::de::Error) -> Fault {
    let before = error.span().and_then(|span| text.get(..span.start));
    let index = before.map_or(0, |before| before.matches('\n').count());
    Fault {
        field: format!("line {}", index + 1),
        value: clipped(text.lines().nth(index).unwrap_or_default().trim()),
        why: error.message().into(),
    }
}

fn clipped(text: &str) -> String {
    match text.char_indices().nth(VALUE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into(),
    }
}

fn listed(faults: &[Fault]) -> String {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    lines.join("; ")
}

#[cfg(test)]
mod tests;
