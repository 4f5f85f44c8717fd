//! The file that grows.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Read at once while the last whole line is looked for; a line is shorter.
const TAIL: u64 = 64 * 1024;
/// Before the day in each line.
const BEFORE_DAY: &str = "{\"timestamp\":\"";
/// Length of `2025-12-10`.
const DAY_LEN: usize = 10;

#[derive(Debug)]
pub(super) struct Active {
    path: PathBuf,
    file: File,
    len: u64,
    /// Of its first line; none while it is empty.
    day: Option<String>,
    is_synced: bool,
}

impl Active {
    /// Opens the file, making it where it is missing, and cuts a torn last line off. Says whether
    /// there was one.
    pub(super) fn open(path: &Path) -> io::Result<(Self, bool)> {
        let mut options = OpenOptions::new();
        let options = options.create(true).append(true).read(true);
        let mut file = options.open(path)?;
        let found = file.metadata()?.len();
        let len = whole_lines(&mut file, found)?;
        let is_torn = len < found;
        if is_torn {
            file.set_len(len)?;
            file.sync_all()?;
        }
        let day = first_day(&mut file)?;
        let active = Self {
            path: path.into(),
            file,
            len,
            day: day.filter(|_| len > 0),
            is_synced: true,
        };
        Ok((active, is_torn))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn day(&self) -> Option<String> {
        self.day.clone()
    }

    /// Whether it is to be closed before a line of `day` and of that length.
    pub(super) fn is_due(&self, day: &str, line: usize, bytes_max: u64) -> bool {
        let line = u64::try_from(line).unwrap_or(u64::MAX);
        let is_full = self.len > 0 && self.len.saturating_add(line) > bytes_max;
        // A line that comes a little late belongs to the day before: no reason to close.
        is_full || self.day.as_deref().is_some_and(|first| first < day)
    }

    pub(super) fn append(&mut self, day: &str, line: &str) -> io::Result<()> {
        if let Err(error) = self.file.write_all(line.as_bytes()) {
            // A full disk takes a part: nothing of the line may stay.
            return self.file.set_len(self.len).and(Err(error));
        }
        self.len += line.len() as u64;
        self.day.get_or_insert_with(|| day.into());
        self.is_synced = false;
        Ok(())
    }

    pub(super) fn sync(&mut self) -> io::Result<()> {
        if !self.is_synced {
            self.file.sync_data()?;
            self.is_synced = true;
        }
        Ok(())
    }
}

/// Length of the file up to the end of its last whole line.
fn whole_lines(file: &mut File, len: u64) -> io::Result<u64> {
    let mut end = len;
    while end > 0 {
        let begin = end.saturating_sub(TAIL);
        file.seek(SeekFrom::Start(begin))?;
        let mut part = Vec::new();
        (&mut *file).take(end - begin).read_to_end(&mut part)?;
        if let Some(at) = part.iter().rposition(|byte| *byte == b'\n') {
            return Ok(begin + at as u64 + 1);
        }
        end = begin;
    }
    Ok(0)
}

fn first_day(file: &mut File) -> io::Result<Option<String>> {
    file.seek(SeekFrom::Start(0))?;
    let mut head = Vec::new();
    let wanted = BEFORE_DAY.len() + DAY_LEN;
    (&mut *file).take(wanted as u64).read_to_end(&mut head)?;
    let head = String::from_utf8(head).ok();
    Ok(head.and_then(|head| Some(head.strip_prefix(BEFORE_DAY)?.to_owned())))
}
