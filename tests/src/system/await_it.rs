//! Waits for conditions, never for times.

use std::time::Duration;

use thiserror::Error;
use tokio::time::{self, Instant};

/// How often a condition is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// A condition that did not come true in time.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("waited {waited:?} in vain for {what}")]
pub struct Late {
    /// What was waited for.
    pub what: String,
    /// How long.
    pub waited: Duration,
}

/// The value of `look` once it has one.
///
/// # Errors
/// [`Late`] after `longest`.
pub async fn until<T>(
    what: &str,
    longest: Duration,
    mut look: impl FnMut() -> Option<T>,
) -> Result<T, Late> {
    until_async(what, longest, async || look()).await
}

/// The value of an asynchronous `look` once it has one.
///
/// # Errors
/// [`Late`] after `longest`.
pub async fn until_async<T>(
    what: &str,
    longest: Duration,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> Result<T, Late> {
    let deadline = Instant::now() + longest;
    loop {
        if let Some(value) = look().await {
            return Ok(value);
        }
        if Instant::now() >= deadline {
            return Err(Late {
                what: what.into(),
                waited: longest,
            });
        }
        time::sleep(LOOK).await;
    }
}
