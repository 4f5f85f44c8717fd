//! What ends something that goes on: the wish of the person at the keyboard, and a time.

use std::future::pending;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::time::sleep;

use crate::answer::Trouble;

/// Ends with Ctrl-C or SIGTERM, which from now on end nothing by themselves.
///
/// # Errors
/// [`Trouble::Failure`] where the system gives no handler.
pub fn stopped() -> Result<impl Future<Output = ()>, Trouble> {
    let on = |kind| {
        signal(kind).map_err(|error| Trouble::Failure(format!("no handler of signals: {error}")))
    };
    let mut interrupt = on(SignalKind::interrupt())?;
    let mut terminate = on(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ends after `longest`; never where there is none.
pub async fn time_up(longest: Option<Duration>) {
    match longest {
        Some(longest) => sleep(longest).await,
        None => pending().await,
    }
}
