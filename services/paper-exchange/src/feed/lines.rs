//! Lines of a plain or zstd-compressed file, with what could not be read counted.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Longest line read as one; the longest recorded message is some 60 kB.
const MAX_LINE_BYTES: u64 = 1 << 20;
/// Warnings written per file; all skipped lines are counted all the same.
const MAX_WARNINGS: u64 = 10;

/// A line reader that knows where it is.
pub(super) struct Lines {
    path: PathBuf,
    reader: BufReader<Box<dyn Read + Send>>,
    number: u64,
    malformed: u64,
    ended: bool,
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines")
            .field("path", &self.path)
            .field("line", &self.number)
            .finish()
    }
}

impl Lines {
    /// Opens a file; `.zst` is decompressed while reading.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let is_zst = path.extension().is_some_and(|extension| extension == "zst");
        let reader: Box<dyn Read + Send> = if is_zst {
            Box::new(zstd::Decoder::new(file)?)
        } else {
            Box::new(file)
        };
        Ok(Self {
            path: path.to_owned(),
            reader: BufReader::new(reader),
            number: 0,
            malformed: 0,
            ended: false,
        })
    }

    /// Lines skipped so far.
    pub(super) const fn malformed(&self) -> u64 {
        self.malformed
    }

    /// The next line without its end; `None` at the end of what can be read.
    pub(super) fn next_line(&mut self) -> Option<String> {
        while !self.ended {
            let mut bytes = Vec::new();
            let read = (&mut self.reader)
                .take(MAX_LINE_BYTES)
                .read_until(b'\n', &mut bytes);
            self.number += 1;
            match read {
                Ok(0) => self.ended = true,
                Ok(_) => match String::from_utf8(bytes) {
                    Ok(text) if text.trim().is_empty() => {}
                    Ok(text) => return Some(text.trim_end().to_owned()),
                    Err(_) => self.skip("not UTF-8"),
                },
                Err(error) => {
                    self.ended = true;
                    self.skip(&format!("the rest cannot be read: {error}"));
                }
            }
        }
        None
    }

    /// Counts the line just read as malformed, with a warning for the first few.
    pub(super) fn skip(&mut self, reason: &str) {
        self.malformed += 1;
        if self.malformed > MAX_WARNINGS {
            return;
        }
        let file = self.path.display();
        tracing::warn!(%file, line = self.number, reason, "price line skipped");
    }
}
