//! What the servers may see: the shared read model, the clock, and whether the bus is there.

use std::sync::Arc;

use domain::Timestamp;
use proto::wire::ExitBrainStatus;

use crate::model::ReadModel;
use crate::ready::{Check, checks};
use crate::shared::{Broken, Shared};

/// Read access for the servers.
#[derive(Clone)]
pub struct View {
    shared: Shared,
    clock: fn() -> Timestamp,
    is_connected: Arc<dyn Fn() -> bool + Send + Sync>,
}

impl View {
    /// A view of `shared`, at the time that `clock` tells.
    pub fn new(
        shared: Shared,
        clock: fn() -> Timestamp,
        is_connected: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Self {
        Self {
            shared,
            clock,
            is_connected: Arc::new(is_connected),
        }
    }

    /// The status of the whole system, now.
    ///
    /// # Errors
    /// [`Broken`] where the read model is not usable.
    pub fn status(&self) -> Result<ExitBrainStatus, Broken> {
        let now = (self.clock)();
        self.shared.read(|actor| actor.status(now))
    }

    /// What readiness depends on, now.
    ///
    /// # Errors
    /// [`Broken`] where the read model is not usable.
    pub fn checks(&self) -> Result<Vec<Check>, Broken> {
        let is_connected = (self.is_connected)();
        self.read(|model, now| checks(model, is_connected, now))
    }

    /// Reads something off the model, now.
    ///
    /// # Errors
    /// [`Broken`] where the read model is not usable.
    pub fn read<T>(&self, read: impl FnOnce(&ReadModel, Timestamp) -> T) -> Result<T, Broken> {
        let now = (self.clock)();
        self.shared.read(|actor| read(actor.model(), now))
    }
}
