//! Planted bugs: read from `tests/mutants.toml`, and put into a copy of the project.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

/// The list, beside this crate's manifest.
const LIST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/mutants.toml");

/// One planted bug.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutant {
    /// What it is called.
    pub name: String,
    /// What is wrong, in words.
    pub says: String,
    /// Where.
    #[serde(rename = "edit")]
    pub edits: Vec<Edit>,
}

/// One place of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// The file, from the project's folder.
    pub file: PathBuf,
    /// The text there, once.
    pub old: String,
    /// What stands there instead.
    pub new: String,
}

/// Why a bug can't be planted.
#[derive(Debug, Error)]
pub enum MutantError {
    /// A file can't be read or written.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The list can't be read.
    #[error("{path}: {error}")]
    List {
        /// Which.
        path: PathBuf,
        /// Why.
        error: toml::de::Error,
    },
    /// The place has changed.
    #[error("mutant {name}: {file} has its text {times} times, not once; write it anew")]
    Place {
        /// Whose.
        name: String,
        /// Where.
        file: PathBuf,
        /// How often.
        times: usize,
    },
}

#[derive(Debug, Deserialize)]
struct List {
    #[serde(rename = "mutant")]
    mutants: Vec<Mutant>,
}

/// All of them.
///
/// # Errors
/// [`MutantError`] where the list can't be read.
pub fn all() -> Result<Vec<Mutant>, MutantError> {
    let path = Path::new(LIST);
    let text = read(path)?;
    let list: List = toml::from_str(&text).map_err(|error| MutantError::List {
        path: path.into(),
        error,
    })?;
    Ok(list.mutants)
}

impl Mutant {
    /// The files of the project in `tree` as they are with the bug in them.
    ///
    /// # Errors
    /// [`MutantError`] where a file can't be read, or a place is not there once.
    pub fn planted(&self, tree: &Path) -> Result<Vec<(PathBuf, String)>, MutantError> {
        let mut files: Vec<(PathBuf, String)> = Vec::new();
        for edit in &self.edits {
            let path = tree.join(&edit.file);
            let known = files.iter().position(|it| it.0 == path);
            let text = match known {
                Some(index) => files.remove(index).1,
                None => read(&path)?,
            };
            let times = text.matches(&edit.old).count();
            if times != 1 {
                let (name, file) = (self.name.clone(), edit.file.clone());
                return Err(MutantError::Place { name, file, times });
            }
            files.push((path, text.replacen(&edit.old, &edit.new, 1)));
        }
        Ok(files)
    }
}

fn read(path: &Path) -> Result<String, MutantError> {
    fs::read_to_string(path).map_err(|error| MutantError::File {
        path: path.into(),
        error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bug_can_be_planted_in_the_project_as_it_is() {
        let tree = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mutants = all().expect("the list is readable");
        assert!(mutants.len() >= 8, "{}", mutants.len());
        for mutant in mutants {
            let planted = mutant.planted(&tree).expect("its places are there");
            for (path, text) in planted {
                assert_ne!(read(&path).expect("it is there"), text, "{}", mutant.name);
            }
        }
    }
}
