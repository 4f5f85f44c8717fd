//! The server's file: read once, replaced in one step.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::answer::Trouble;

/// The server's file as it was read.
pub struct ServerFile {
    path: PathBuf,
    pub text: String,
    mode: u32,
}

impl ServerFile {
    pub fn read(path: &Path) -> Result<Self, Trouble> {
        // Where it is a link, the link stays and what it leads to is replaced.
        let named = |error: io::Error| {
            Trouble::Failure(format!(
                "{}: {error}; name the server's own file, or make one with: exitctl bus config",
                path.display()
            ))
        };
        let path = fs::canonicalize(path).map_err(named)?;
        let text = fs::read_to_string(&path).map_err(named)?;
        let mode = fs::metadata(&path).map_err(named)?.mode();
        Ok(Self { path, text, mode })
    }

    /// Whether nobody has written to it since it was read: what was made of the old text would
    /// undo that.
    pub fn is_unchanged(&self) -> Result<(), Trouble> {
        if fs::read_to_string(&self.path).is_ok_and(|text| text == self.text) {
            return Ok(());
        }
        Err(Trouble::Conflict(format!(
            "{} was changed by somebody else meanwhile; it was left as it is now: look at it, and \
             ask again",
            self.path.display()
        )))
    }

    /// The file's next content, whole and on the disk, beside it.
    pub fn write_beside(&self, text: &str) -> Result<Fresh, Trouble> {
        let mut name = self.path.as_os_str().to_owned();
        name.push(format!(".{}.new", std::process::id()));
        let fresh = Fresh {
            path: name.into(),
            to: self.path.clone(),
        };
        let write = || {
            let options = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&fresh.path);
            let mut file: File = options?;
            file.set_permissions(fs::Permissions::from_mode(self.mode & 0o777))?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        write().map_err(|error| Trouble::Failure(format!("{}: {error}", fresh.path.display())))?;
        Ok(fresh)
    }
}

/// A file that is to take the place of another; without that it is removed.
pub struct Fresh {
    pub path: PathBuf,
    to: PathBuf,
}

impl Fresh {
    /// In one step: a server that starts meanwhile reads the old one or the new one.
    pub fn replace(self) -> Result<(), Trouble> {
        fs::rename(&self.path, &self.to)
            .map_err(|error| Trouble::Failure(format!("{}: {error}", self.to.display())))
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        // Gone already, where it has taken the other's place.
        drop(fs::remove_file(&self.path));
    }
}
