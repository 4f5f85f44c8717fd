//! The wish of the person at the keyboard to stop what goes on.

use tokio::signal::unix::{SignalKind, signal};

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
