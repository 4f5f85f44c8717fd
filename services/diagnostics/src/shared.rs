//! The actor behind a small lock, so that health is served on another thread than the bus.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bus::{BadMessage, Heard, Message};
use domain::Timestamp;
use thiserror::Error;

use crate::actor::DiagnosticsActor;

/// The read model may be half changed: the actor died within an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the read model is not usable: the service failed while it took a message; restart it")]
pub struct Broken;

/// One actor, fed by the bus loop, read by the servers. The lock is held for one message or one
/// reading, never while waiting.
#[derive(Debug, Clone)]
pub struct Shared(Arc<Mutex<DiagnosticsActor>>);

impl Shared {
    /// Shares `actor`.
    #[must_use]
    pub fn new(actor: DiagnosticsActor) -> Self {
        Self(Arc::new(Mutex::new(actor)))
    }

    /// Reads something off the actor.
    ///
    /// # Errors
    /// [`Broken`] where an update did not end.
    pub fn read<T>(&self, read: impl FnOnce(&DiagnosticsActor) -> T) -> Result<T, Broken> {
        self.0.lock().map(|actor| read(&actor)).map_err(|_| Broken)
    }

    /// Takes what went wrong on the bus connection.
    pub fn note_faults(&self, faults: &[(&str, u64)]) {
        self.write().note_faults(faults);
    }

    fn write(&self) -> MutexGuard<'_, DiagnosticsActor> {
        // Readers refuse a broken actor; the writer is the one that broke, and is on its way out.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl runtime::Actor for Shared {
    type Effect = Message;

    fn hear(&mut self, now: Timestamp, heard: Heard, out: &mut Vec<Message>) {
        self.write().hear(now, heard, out);
    }

    fn beat(&mut self, now: Timestamp, out: &mut Vec<Message>) {
        self.write().beat(now, out);
    }

    fn refused(&mut self, now: Timestamp, bad: &BadMessage) {
        self.write().refused(now, bad);
    }
}
