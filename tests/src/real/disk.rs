//! A disk of its own for the bus, so small that it can be filled.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::system::process::{Process, find_on_path};
use crate::system::{NATS, Places, SystemOptions, WorkDir};

/// More than the server needs to start, little enough to be filled in a moment.
const SIZE: &str = "size=64m";
/// Where it is mounted, beside what the bus has.
const PLACE: &str = "disk";
/// The file that fills it.
const FILLER: &str = "filler";
/// Mounts the disk on the first argument and keeps it.
const MOUNT: &str =
    "mkdir \"$0\" && mount -t tmpfs -o \"$SIZE\" tmpfs \"$0\" && exec sleep \"$HOLD_S\"";
/// Puts the disk where the bus stores, the second argument, and becomes the rest.
const BIND: &str = "mkdir -p \"$1\" && mount --bind \"$0\" \"$1\" && shift && exec \"$@\"";
/// The disk lives no longer than this, in seconds, even where nobody clears it away.
const HOLD_S: &str = "600";
/// Looks for the disk, and the pause between two of them.
const LOOKS_MAX: u32 = 500;
const LOOK_PAUSE: Duration = Duration::from_millis(10);

/// The disk. It is mounted where only its holder and the bus see it, and outlives a restart of the
/// bus.
#[derive(Debug)]
pub struct Disk {
    parent: TempDir,
    holder: Process,
}

impl Disk {
    /// A disk that can be mounted here.
    ///
    /// # Errors
    /// Why it can't.
    pub fn new() -> Result<Self, String> {
        let tool = |name| find_on_path(name).ok_or(format!("no {name} on PATH"));
        let unshare = tool("unshare")?;
        tool("nsenter")?;
        let parent = tempfile::tempdir().map_err(|error| error.to_string())?;
        let script = MOUNT.replace("$SIZE", SIZE).replace("$HOLD_S", HOLD_S);
        let mut command = Command::new(unshare);
        let place = parent.path().join(PLACE);
        command.args(["--mount", "sh", "-c", &script]).arg(place);
        let log = parent.path().join("holder.log");
        let holder = Process::spawn("holder", command, &log);
        let holder = holder.map_err(|error| error.to_string())?;
        let disk = Self { parent, holder };
        // It is there once its holder has become `sleep`.
        let comm = format!("/proc/{}/comm", disk.holder.pid());
        for _ in 0..LOOKS_MAX {
            if fs::read_to_string(&comm).unwrap_or_default().trim() == "sleep" {
                return Ok(disk);
            }
            thread::sleep(LOOK_PAUSE);
        }
        let told = fs::read_to_string(&log).unwrap_or_default();
        Err(format!("no mount of our own: {}", told.trim()))
    }

    /// `options` with the bus's store on this disk.
    #[must_use]
    pub fn carry(&self, mut options: SystemOptions) -> SystemOptions {
        options.work_dir = WorkDir::Under(self.parent.path().to_path_buf());
        let nsenter = find_on_path("nsenter").unwrap_or_default();
        let mount = format!("--mount=/proc/{}/ns/mnt", self.holder.pid());
        let place = self.parent.path().join(PLACE);
        let paths = [nsenter, place, self.store()].map(|it| it.to_string_lossy().into_owned());
        let [nsenter, place, store] = paths;
        let words = [mount.as_str(), "sh", "-c", BIND, &place, &store].map(String::from);
        let starter = [vec![nsenter], words.to_vec()].concat();
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
    pub fn fill(&self) {
        let path = self.filler();
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
    pub fn free(&self) {
        let path = self.filler();
        fs::remove_file(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    }

    /// The first run under a folder has the number 1.
    fn store(&self) -> PathBuf {
        self.parent.path().join("1/nats/store")
    }

    /// The filler as seen from outside of the holder's mounts.
    fn filler(&self) -> PathBuf {
        let inside = self.parent.path().join(PLACE).join(FILLER);
        let root = PathBuf::from(format!("/proc/{}/root", self.holder.pid()));
        root.join(inside.strip_prefix("/").unwrap_or(&inside))
    }
}
