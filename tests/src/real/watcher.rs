//! Reads the venue's books all the time, whatever happens to everybody else.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{self, Instant};

use super::seen::Seen;
use crate::system::VenueClient;

/// Between two readings.
const PAUSE: Duration = Duration::from_millis(20);

/// A task that reads. Dropping it ends it.
#[derive(Debug)]
pub struct Watcher {
    seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

impl Watcher {
    /// Begins to read.
    #[must_use]
    pub fn start(venue: VenueClient) -> Self {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let shared = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            let start = Instant::now();
            loop {
                // A venue that is down has no books to read; the next reading tells.
                if let Ok(report) = venue.report().await {
                    let at_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
                    let mut seen = shared.lock().unwrap_or_else(PoisonError::into_inner);
                    seen.read(at_ms, &report);
                }
                time::sleep(PAUSE).await;
            }
        });
        Self { seen, task }
    }

    /// What was seen so far.
    #[must_use]
    pub fn seen(&self) -> Seen {
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.task.abort();
    }
}
