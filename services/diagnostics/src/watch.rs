//! Pictures for whoever watches: one loop looks, and each reader takes the newest when it is ready,
//! so a slow one holds up neither the loop nor the actor.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use proto::wire::ExitBrainStatus;
use runtime::Shutdown;
use thiserror::Error;
use tokio::sync::watch::{self, Receiver, Sender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{self, MissedTickBehavior};

use crate::shared::Broken;
use crate::view::View;

/// How often it is looked whether something has changed. Silence changes things too: it makes a
/// heartbeat old, and a position naked.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Who may watch at once: the operators, and what they have open.
pub const WATCHERS_MAX: usize = 64;

/// What a watcher gets.
pub type Picture = Result<ExitBrainStatus, Broken>;

/// There are [`WATCHERS_MAX`] who watch already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{WATCHERS_MAX} watch already: end one of them, or ask for the status instead")]
pub struct TooMany;

/// Where watchers come to.
#[derive(Debug, Clone)]
pub struct Gallery {
    newest: Receiver<Picture>,
    places: Arc<Semaphore>,
}

/// A gallery, and the loop that keeps its picture new until `stop` is asked for.
pub fn open(view: View, stop: Shutdown) -> (Gallery, impl Future<Output = ()>) {
    let (pictures, newest) = watch::channel(view.status());
    let places = Arc::new(Semaphore::new(WATCHERS_MAX));
    (Gallery { newest, places }, look(view, pictures, stop))
}

impl Gallery {
    /// The newest picture, then each time that something has changed the newest one; ends with the
    /// loop.
    ///
    /// # Errors
    /// [`TooMany`] watch already.
    pub fn watch(&self) -> Result<BoxStream<'static, Picture>, TooMany> {
        let place = self.places.clone().try_acquire_owned();
        let place = place.map_err(|_| TooMany)?;
        let mut newest = self.newest.clone();
        newest.mark_changed();
        Ok(stream::unfold((newest, place), next).boxed())
    }
}

type Watcher = (Receiver<Picture>, OwnedSemaphorePermit);

async fn next((mut newest, place): Watcher) -> Option<(Picture, Watcher)> {
    newest.changed().await.ok()?;
    let picture = newest.borrow_and_update().clone();
    Some((picture, (newest, place)))
}

async fn look(view: View, pictures: Sender<Picture>, stop: Shutdown) {
    let mut ticks = time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            () = stop.requested() => return,
            _ = ticks.tick() => {}
        }
        let now = view.status();
        pictures.send_if_modified(|last| {
            let is_news = lasting(last) != lasting(&now);
            *last = now;
            is_news
        });
    }
}

/// A picture without what is different in each: the time, ages, and how many marks were heard.
fn lasting(picture: &Picture) -> Picture {
    let mut picture = picture.clone()?;
    picture.timestamp.clear();
    picture.ticks = 0;
    for service in &mut picture.services {
        service.age_ms = 0;
    }
    Ok(picture)
}

#[cfg(test)]
mod tests {
    use proto::wire::{PositionStatus, ServiceStatus};

    use super::*;

    #[test]
    fn time_and_marks_alone_are_no_news() {
        let mut picture = ExitBrainStatus {
            services: vec![ServiceStatus::default()],
            ..ExitBrainStatus::default()
        };
        let before = lasting(&Ok(picture.clone()));
        picture.timestamp = "2025-12-10T22:14:55.000Z".into();
        picture.ticks = 7;
        picture.services[0].age_ms = 1_000;
        assert_eq!(lasting(&Ok(picture.clone())), before);
        picture.positions.push(PositionStatus::default());
        assert_ne!(lasting(&Ok(picture)), before);
        assert_ne!(lasting(&Err(Broken)), before);
    }
}
