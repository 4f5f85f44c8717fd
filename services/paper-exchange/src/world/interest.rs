//! Which market streams anybody listens to: nothing else is put into words.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Shared between the sockets, which listen and leave, and the world, which tells.
#[derive(Debug, Clone, Default)]
pub struct Interest(Arc<Mutex<Table>>);

#[derive(Debug, Default)]
struct Table {
    listeners: BTreeMap<String, usize>,
    /// Changes whenever a name comes or goes.
    version: u64,
}

impl Interest {
    /// One more listens to this stream.
    pub fn listen(&self, name: &str) {
        let mut table = self.table();
        if let Some(count) = table.listeners.get_mut(name) {
            *count += 1;
            return;
        }
        table.listeners.insert(name.to_owned(), 1);
        table.version += 1;
    }

    /// One less does.
    pub fn leave(&self, name: &str) {
        let mut table = self.table();
        let Some(count) = table.listeners.get_mut(name) else {
            return;
        };
        *count -= 1;
        if *count == 0 {
            table.listeners.remove(name);
            table.version += 1;
        }
    }

    /// The names and their version, when it is not the known one.
    pub(super) fn changed_since(&self, version: u64) -> Option<(u64, Vec<String>)> {
        let table = self.table();
        (table.version != version)
            .then(|| (table.version, table.listeners.keys().cloned().collect()))
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        // Two numbers and a map: whole also after a panic elsewhere.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
