//! `[records]`: what diagnostics writes of a SHADOW run, and how much of it is kept.

use std::path::PathBuf;

use domain::Span;
use serde::Deserialize;
use serde::de::{Deserializer, Error};

/// One file of 1 GiB is more than a tool wants to open.
const SEGMENT_MB_MAX: u32 = 1_024;
/// 1 TiB.
const TOTAL_MB_MAX: u32 = 1_048_576;
/// Ten years.
const KEEP_DAYS_MAX: u32 = 3_650;

/// `[records]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecordsConfig {
    /// Folder that this process alone writes to; none means that no records are kept.
    pub dir: Option<PathBuf>,
    /// A file of this size is closed, MiB, 1 to 1,024.
    #[serde(deserialize_with = "segment_mb")]
    pub segment_mb: u32,
    /// All closed files together, MiB, 1 to 1,048,576; the oldest go first.
    #[serde(deserialize_with = "total_mb")]
    pub total_mb: u32,
    /// Closed files of older days go; 1 to 3,650.
    #[serde(deserialize_with = "keep_days")]
    pub keep_days: u32,
}

impl Default for RecordsConfig {
    fn default() -> Self {
        Self {
            dir: None,
            segment_mb: 64,
            total_mb: 4_096,
            keep_days: 30,
        }
    }
}

impl RecordsConfig {
    /// Bytes of a file that is full.
    #[must_use]
    pub const fn segment_bytes(&self) -> u64 {
        (self.segment_mb as u64) << 20
    }

    /// Bytes of all closed files together.
    #[must_use]
    pub const fn total_bytes(&self) -> u64 {
        (self.total_mb as u64) << 20
    }

    /// How long closed files are kept.
    #[must_use]
    pub const fn keep(&self) -> Span {
        Span::from_hours(self.keep_days as i64 * 24)
    }
}

fn segment_mb<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    within(from, "MiB", SEGMENT_MB_MAX)
}

fn total_mb<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    within(from, "MiB", TOTAL_MB_MAX)
}

fn keep_days<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    within(from, "days", KEEP_DAYS_MAX)
}

fn within<'de, D: Deserializer<'de>>(from: D, unit: &str, max: u32) -> Result<u32, D::Error> {
    let value = u32::deserialize(from)?;
    if (1..=max).contains(&value) {
        return Ok(value);
    }
    Err(D::Error::custom(format_args!(
        "{value} is not from 1 to {max} {unit}"
    )))
}
