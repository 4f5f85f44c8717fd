//! Why the exchange cannot be set up.

use std::path::PathBuf;

use crate::feed::{FeedError, SpeedError};
use crate::wire::KeyError;

/// Why the exchange cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// A file is too large to be what it should be.
    #[error("{path} is larger than {most} bytes: is it the right file?")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The bound.
        most: u64,
    },
    /// A settings file has an unknown key or a wrong value.
    #[error("{path}: {message}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the key's name and line.
        message: String,
    },
    /// A number is not plausible.
    #[error("{key} = {value} is not plausible: write {least} to {most}")]
    Implausible {
        /// The setting.
        key: &'static str,
        /// Its value.
        value: String,
        /// Smallest value.
        least: String,
        /// Largest value.
        most: String,
    },
    /// No key although signatures are to be verified.
    #[error(
        "{missing} is not set: name a file, or set verify = false (--no-verify) to accept \
         unsigned requests"
    )]
    NoKey {
        /// The missing setting.
        missing: &'static str,
    },
    /// Key material cannot be used.
    #[error("{path}: {source}")]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: KeyError,
    },
    /// The speed cannot be read.
    #[error(transparent)]
    Speed(#[from] SpeedError),
    /// The price data cannot be used.
    #[error(transparent)]
    Feed(#[from] FeedError),
}
