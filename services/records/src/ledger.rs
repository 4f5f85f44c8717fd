//! The folder: files that only grow by whole lines, are closed when they are large or a day old,
//! and never take more disk than they may.
//!
//! The JSON lines are the ledger; Parquet is made of a closed file and can be made again. A line
//! is in the kernel's hands when [`Ledger::append`] returns, so the death of this process loses
//! none; [`Ledger::sync`] brings it to the disk, so the death of the machine loses at most what
//! came since the last one. A torn last line is cut off when the folder is opened.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use domain::{Span, Timestamp};
use thiserror::Error;

use crate::entry::Kind;
use crate::moment::Moment;
use crate::parquet;

mod active;
pub mod segment;

use active::Active;
use segment::Segment;

/// Who holds this file's lock writes here.
const LOCK: &str = "lock";

/// How much may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// A file of this size is closed, bytes.
    pub segment_bytes: u64,
    /// All closed files together, bytes; the oldest go first.
    pub total_bytes: u64,
    /// A closed file of an older day goes.
    pub keep: Span,
    /// Lines that wait while the folder refuses.
    pub waiting_max: usize,
}

impl Default for Limits {
    /// 64 MiB a file, 4 GiB in all, 30 days, 50,000 lines.
    fn default() -> Self {
        Self {
            segment_bytes: 64 << 20,
            total_bytes: 4 << 30,
            keep: Span::from_hours(30 * 24),
            // An hour of a busy system, about 30 MB.
            waiting_max: 50_000,
        }
    }
}

/// Why a folder can't be written to.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// Another process writes there.
    #[error("{0:?} is written to by another process; give each its own folder")]
    Taken(PathBuf),
    /// The file system refuses.
    #[error("{path:?} can't be {what}: {source}")]
    Io {
        /// What for.
        what: &'static str,
        /// Which file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// What has happened to the files since the folder was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Events {
    /// Torn last lines that were cut off.
    pub healed: u64,
    /// Files that were closed.
    pub closed: u64,
    /// Files that were written as Parquet.
    pub derived: u64,
    /// Closed files that could not be written as Parquet.
    pub underived: u64,
    /// Closed files that were removed for their age or for room.
    pub removed: u64,
}

/// A folder that this process alone writes to.
#[derive(Debug)]
pub struct Ledger {
    dir: PathBuf,
    limits: Limits,
    active: BTreeMap<Kind, Active>,
    /// Closed files that there is no Parquet of.
    underived: BTreeSet<PathBuf>,
    events: Events,
    // Released when it is dropped.
    _lock: File,
}

/// Names the file in an error of the file system.
fn failed(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> LedgerError {
    let path = path.to_path_buf();
    move |source| LedgerError::Io { what, path, source }
}

impl Ledger {
    /// Opens a folder, making it where it is missing: takes its lock, cuts torn lines off, removes
    /// what was half made.
    ///
    /// # Errors
    /// [`LedgerError`] where it can't be written to.
    pub fn open(dir: &Path, limits: Limits) -> Result<Self, LedgerError> {
        fs::create_dir_all(dir).map_err(failed("made", dir))?;
        let path = dir.join(LOCK);
        let lock = File::create(&path).map_err(failed("made", &path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LedgerError::Taken(dir.into())),
            Err(TryLockError::Error(source)) => return Err(failed("locked", &path)(source)),
        }
        let mut ledger = Self {
            dir: dir.into(),
            limits,
            active: BTreeMap::new(),
            underived: BTreeSet::new(),
            events: Events::default(),
            _lock: lock,
        };
        for path in segment::half_made(dir).map_err(failed("listed", dir))? {
            fs::remove_file(&path).map_err(failed("removed", &path))?;
        }
        for kind in Kind::ALL {
            ledger.active(kind)?;
        }
        ledger.underived = ledger
            .segments()?
            .iter()
            .filter_map(Segment::lacks)
            .collect();
        Ok(ledger)
    }

    /// What has happened so far.
    #[must_use]
    pub const fn events(&self) -> Events {
        self.events
    }

    /// Writes one line, its end included. Where that fails nothing of it stays in the file.
    ///
    /// # Errors
    /// [`LedgerError`] where the file system refuses.
    pub fn append(&mut self, kind: Kind, at: Moment, line: &str) -> Result<(), LedgerError> {
        let day = at.day();
        let max = self.limits.segment_bytes;
        let active = self.active(kind)?;
        if active.is_due(&day, line.len(), max) {
            self.close(kind)?;
        }
        let active = self.active(kind)?;
        let path = active.path().to_path_buf();
        let appended = active.append(&day, line);
        if appended.is_err() {
            // Opened anew, so that a half line is cut off even where that failed just now.
            self.active.remove(&kind);
        }
        appended.map_err(failed("written to", &path))
    }

    /// Brings everything written to the disk.
    ///
    /// # Errors
    /// [`LedgerError`] where the file system refuses.
    pub fn sync(&mut self) -> Result<(), LedgerError> {
        for active in self.active.values_mut() {
            let path = active.path().to_path_buf();
            active.sync().map_err(failed("synced", &path))?;
        }
        Ok(())
    }

    /// Makes one Parquet file that is missing, and removes what is too old or too much.
    ///
    /// # Errors
    /// [`LedgerError`] where the file system refuses.
    pub fn tidy(&mut self, now: Timestamp) -> Result<(), LedgerError> {
        if let Some(path) = self.underived.pop_first() {
            // Once is enough: the lines stay, and the next start tries again.
            if let Err(error) = parquet::derive(&path) {
                self.events.underived += 1;
                return Err(failed("written as Parquet", &path)(error));
            }
            self.events.derived += 1;
        }
        let segments = self.segments()?;
        let oldest = Moment(now - self.limits.keep).day();
        let mut total: u64 = segments.iter().map(Segment::bytes).sum();
        for segment in segments {
            if segment.day() >= oldest.as_str() && total <= self.limits.total_bytes {
                continue;
            }
            total = total.saturating_sub(segment.bytes());
            for path in segment.paths() {
                fs::remove_file(path).map_err(failed("removed", path))?;
                self.underived.remove(path);
            }
            self.events.removed += 1;
        }
        Ok(())
    }

    fn segments(&self) -> Result<Vec<Segment>, LedgerError> {
        segment::list(&self.dir).map_err(failed("listed", &self.dir))
    }

    fn active(&mut self, kind: Kind) -> Result<&mut Active, LedgerError> {
        if !self.active.contains_key(&kind) {
            let path = segment::active(&self.dir, kind);
            let (active, healed) = Active::open(&path).map_err(failed("opened", &path))?;
            self.events.healed += u64::from(healed);
            self.active.insert(kind, active);
        }
        // Just put there where it was missing.
        self.active.get_mut(&kind).ok_or_else(|| LedgerError::Io {
            what: "opened",
            path: self.dir.clone(),
            source: io::Error::other("the file was not kept"),
        })
    }

    /// Closes a file: under its final name, synced, and soon as Parquet.
    fn close(&mut self, kind: Kind) -> Result<(), LedgerError> {
        let Some(mut active) = self.active.remove(&kind) else {
            return Ok(());
        };
        let path = active.path().to_path_buf();
        active.sync().map_err(failed("synced", &path))?;
        let day = active.day().unwrap_or_default();
        let name = segment::next(&self.dir, kind, &day).map_err(failed("listed", &self.dir))?;
        fs::rename(&path, &name).map_err(failed("renamed", &path))?;
        segment::sync_dir(&self.dir).map_err(failed("synced", &self.dir))?;
        self.events.closed += 1;
        self.underived.insert(name);
        Ok(())
    }
}
