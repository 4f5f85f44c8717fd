//! A disk of its own for the bus, so small that it can be filled.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::system::process::find_on_path;
use crate::system::{NATS, Places, System, SystemOptions, WorkDir};

/// More than the server needs to start, little enough to be filled in a moment.
const SIZE: &str = "size=64m";
/// The file that fills it.
const FILLER: &str = "filler";
/// Mounts the disk on the first argument and becomes the rest.
const MOUNT: &str = "mkdir -p \"$0\" && mount -t tmpfs -o \"$SIZE\" tmpfs \"$0\" && exec \"$@\"";

/// The disk. It is mounted where only the bus sees it, and is gone with it.
#[derive(Debug)]
pub struct Disk {
    parent: TempDir,
}

impl Disk {
    /// A disk that can be mounted here.
    ///
    /// # Errors
    /// Why it can't.
    pub fn new() -> Result<Self, String> {
        let parent = tempfile::tempdir().map_err(|error| error.to_string())?;
        let place = parent.path().join("probe");
        let mut probe = Command::new("unshare");
        probe
            .args(["--mount", "sh", "-c", &script()])
            .arg(&place)
            .arg("true");
        let output = probe
            .output()
            .map_err(|error| format!("unshare: {error}"))?;
        if !output.status.success() {
            let told = String::from_utf8_lossy(&output.stderr);
            return Err(format!("no mount of our own: {}", told.trim()));
        }
        Ok(Self { parent })
    }

    /// `options` with the bus's store on this disk.
    #[must_use]
    pub fn carry(&self, mut options: SystemOptions) -> SystemOptions {
        options.work_dir = WorkDir::Under(self.parent.path().to_path_buf());
        let unshare = find_on_path("unshare").unwrap_or_default();
        let store = self.store().to_string_lossy().into_owned();
        let words = ["--mount", "sh", "-c", &script(), &store].map(String::from);
        let starter = [vec![unshare.to_string_lossy().into_owned()], words.to_vec()].concat();
        options.places = Places {
            starters: [(NATS.to_owned(), starter)].into(),
            ..Places::default()
        };
        options
    }

    /// Fills it to the last byte.
    ///
    /// # Panics
    /// Where it can't be written for another reason.
    pub fn fill(&self, system: &mut System) {
        let path = self.filler(system);
        let mut file = File::create(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        // From large to single bytes, each as often as it fits.
        for block in [1 << 16, 1 << 10, 1] {
            loop {
                match file.write_all(&vec![0; block]) {
                    Ok(()) => {}
                    Err(error) if error.kind() == io::ErrorKind::StorageFull => break,
                    Err(error) => panic!("{path:?}: {error}"),
                }
            }
        }
    }

    /// Gives the room back.
    ///
    /// # Panics
    /// Where that is refused.
    pub fn free(&self, system: &mut System) {
        let path = self.filler(system);
        fs::remove_file(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    }

    /// The first run under a folder has the number 1.
    fn store(&self) -> PathBuf {
        self.parent.path().join("1/nats/store")
    }

    /// The filler as seen from outside of the bus's mounts.
    fn filler(&self, system: &mut System) -> PathBuf {
        let pid = system.pid(NATS).unwrap_or_else(|error| panic!("{error}"));
        let inside = self.store().join(FILLER);
        let root = PathBuf::from(format!("/proc/{pid}/root"));
        root.join(inside.strip_prefix("/").unwrap_or(&inside))
    }
}

fn script() -> String {
    MOUNT.replace("$SIZE", SIZE)
}
