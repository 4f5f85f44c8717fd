//! A copy of the project to plant bugs in; what it is built into stays for the next time.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use tests::mutants::{Mutant, MutantError};

/// The project.
const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// Where the copy and what is built of it lie, from the project's folder.
const HERE: &str = "target/mutants";

/// The copy.
#[derive(Debug)]
pub struct Tree {
    project: PathBuf,
    copy: PathBuf,
    built: PathBuf,
}

impl Tree {
    /// Copies every file that is under version control, as it is now. A file that has not changed
    /// since the last time is left alone, so that it is not built again.
    ///
    /// # Errors
    /// Where a file can't be read or written, or `git` is missing.
    pub fn new() -> Result<Self, super::Failed> {
        let project = fs::canonicalize(PROJECT)?;
        let tree = Self {
            copy: project.join(HERE).join("tree"),
            built: project.join(HERE).join("target"),
            project,
        };
        let listed = Command::new("git")
            .args(["ls-files", "-z"])
            .current_dir(&tree.project)
            .output()?;
        let listed = String::from_utf8(listed.stdout)?;
        for file in listed.split('\0').filter(|it| !it.is_empty()) {
            tree.bring(Path::new(file))?;
        }
        Ok(tree)
    }

    fn bring(&self, file: &Path) -> io::Result<()> {
        let (from, to) = (self.project.join(file), self.copy.join(file));
        let wanted = fs::read(&from)?;
        if fs::read(&to).is_ok_and(|has| has == wanted) {
            return Ok(());
        }
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(&from, &to).map(|_| ())
    }

    /// Puts a bug in.
    ///
    /// # Errors
    /// [`MutantError`] where its places are not there.
    pub fn plant(&self, mutant: &Mutant) -> Result<(), MutantError> {
        for (path, text) in mutant.planted(&self.copy)? {
            fs::write(&path, text).map_err(|error| MutantError::File { path, error })?;
        }
        Ok(())
    }

    /// Takes it out again.
    ///
    /// # Errors
    /// Where a file can't be written.
    pub fn restore(&self, mutant: &Mutant) -> io::Result<()> {
        mutant.edits.iter().try_for_each(|it| self.bring(&it.file))
    }

    /// Builds what is there and lets it run; what the first failing seed says, or nothing where
    /// all seeds hold.
    ///
    /// # Errors
    /// Where it can't be built or run.
    pub fn simulate(&self, seeds: u64) -> Result<Option<String>, super::Failed> {
        let built = Command::new("cargo")
            .args([
                "build",
                "--release",
                "--quiet",
                "--package",
                "tests",
                "--bin",
                "sim",
            ])
            .env("CARGO_TARGET_DIR", &self.built)
            .current_dir(&self.copy)
            .status()?;
        if !built.success() {
            return Err("it does not compile".into());
        }
        let (seeds, from) = (seeds.to_string(), "1");
        let ran = Command::new(self.built.join("release/sim"))
            .args([
                "run",
                "--until-broken",
                "--seeds",
                seeds.as_str(),
                "--from",
                from,
            ])
            .env_remove("REPORT")
            .output()?;
        let text = String::from_utf8_lossy(&ran.stdout);
        let found = text.lines().find(|line| line.starts_with("seed "));
        Ok(found.map(str::to_owned))
    }
}
