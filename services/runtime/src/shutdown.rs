//! The wish to stop: asked for by SIGTERM or SIGINT, heard by every loop of the process.

use std::io;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::time;
use tokio_util::sync::CancellationToken;

/// How long effects that are already decided may take to leave once a stop was asked for. Below
/// the 10 s after which `docker stop` kills, above any publish on a bus that is there.
pub const GRACE: Duration = Duration::from_secs(5);

/// Whether, and since when, the process is asked to stop. All clones are the same wish.
#[derive(Debug, Clone, Default)]
pub struct Shutdown(CancellationToken);

impl Shutdown {
    /// A wish that nobody has uttered yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks to stop; the second time changes nothing.
    pub fn request(&self) {
        self.0.cancel();
    }

    /// Whether a stop was asked for.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits until a stop is asked for; at once where it was already.
    pub async fn requested(&self) {
        self.0.cancelled().await;
    }

    /// Waits until a stop is asked for and [`GRACE`] has passed since this call heard of it.
    pub async fn overdue(&self) {
        self.0.cancelled().await;
        time::sleep(GRACE).await;
    }

    /// Ties the wish to SIGTERM and SIGINT of this process.
    ///
    /// # Errors
    /// Where the operating system refuses the handlers.
    pub fn on_signals(&self) -> io::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let wish = self.clone();
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            tracing::info!("stop asked for by signal");
            wish.request();
        });
        Ok(())
    }
}
