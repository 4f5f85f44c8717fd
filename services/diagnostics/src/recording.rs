//! Records what is heard: the rules of `records` beside the actor, and a thread of its own for the
//! folder, so that a slow disk never holds the bus up.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{io, thread};

use bus::{BadMessage, Heard, Message, subjects};
use domain::Timestamp;
use records::writer::Tally;
use records::{Entry, Kind, Limits, Recorder, Writer};
use runtime::config::RecordsConfig;

use crate::shared::Shared;

/// Begins the name of each counter about records in our heartbeat.
pub const COUNTERS: &str = "records.";
/// Entries on their way to the thread: minutes of a busy system.
const QUEUE_MAX: usize = 16_384;
/// How often the thread looks whether it is time to sync, although nothing came.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// A stop waits so long for the last lines; then the folder hangs, and they are lost.
const FINISH_MAX: Duration = Duration::from_secs(3);

/// What is heard beside the rest where records are kept: the funding rate is in the context.
#[must_use]
pub fn hears() -> Vec<String> {
    vec![subjects::all_contexts().as_str().into()]
}

/// Where and how much, as configured; none where no records are kept.
#[must_use]
pub fn limits(config: &RecordsConfig) -> Option<(PathBuf, Limits)> {
    let dir = config.dir.clone()?;
    let limits = Limits {
        segment_bytes: config.segment_bytes(),
        total_bytes: config.total_bytes(),
        keep: config.keep(),
        ..Limits::default()
    };
    Some((dir, limits))
}

/// The way to the thread that writes.
#[derive(Debug)]
struct Tape {
    entries: SyncSender<Entry>,
    /// Closed when the thread has ended.
    done: Receiver<()>,
    tally: Arc<Mutex<Tally>>,
    /// Entries that found the queue full.
    lost: u64,
}

impl Tape {
    fn start(dir: PathBuf, limits: Limits, clock: fn() -> Timestamp) -> io::Result<Self> {
        let (entries, to_write) = mpsc::sync_channel(QUEUE_MAX);
        let (finished, done) = mpsc::channel::<()>();
        let tally = Arc::new(Mutex::new(Tally::default()));
        let shown = Arc::clone(&tally);
        let work = move || {
            write(Writer::new(dir, limits), &to_write, &shown, clock);
            drop(finished);
        };
        thread::Builder::new().name("records".into()).spawn(work)?;
        Ok(Self {
            entries,
            done,
            tally,
            lost: 0,
        })
    }

    fn push(&mut self, entries: Vec<Entry>) {
        for entry in entries {
            match self.entries.try_send(entry) {
                Ok(()) => {}
                Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => self.lost += 1,
            }
        }
    }

    fn counters(&self) -> BTreeMap<&'static str, u64> {
        let tally = shown(&self.tally).clone();
        let written = |kind| tally.written.get(&kind).copied().unwrap_or(0);
        BTreeMap::from([
            ("records.shadow", written(Kind::Shadow)),
            ("records.closed", written(Kind::Closed)),
            ("records.marks", written(Kind::Marks)),
            ("records.lost", tally.lost + self.lost),
            ("records.refused", tally.refused),
            ("records.waiting", tally.waiting),
            ("records.healed", tally.events.healed),
            ("records.removed", tally.events.removed),
            ("records.underived", tally.events.underived),
        ])
    }

    /// Lets the thread write what it has, and end.
    fn finish(self) {
        let Self { entries, done, .. } = self;
        drop(entries);
        if done.recv_timeout(FINISH_MAX) == Err(RecvTimeoutError::Timeout) {
            tracing::error!("the last records were not written: the folder does not answer");
        }
    }
}

fn shown(tally: &Mutex<Tally>) -> MutexGuard<'_, Tally> {
    // Counters are whole after each line of an update.
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The thread: takes what came, writes it, syncs, until nobody can send any more.
fn write(
    mut writer: Writer,
    entries: &Receiver<Entry>,
    tally: &Mutex<Tally>,
    clock: fn() -> Timestamp,
) {
    loop {
        let ended = match entries.recv_timeout(LOOK_EVERY) {
            Ok(first) => {
                writer.take(&first);
                entries.try_iter().for_each(|entry| writer.take(&entry));
                false
            }
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => true,
        };
        let now = clock();
        let written = match ended {
            true => writer.finish(now),
            false => writer.turn(now),
        };
        let told = writer.tally();
        if let Err(error) = written
            && told.refused.is_power_of_two()
        {
            let (refused, waiting) = (told.refused, told.waiting);
            tracing::error!(%error, refused, waiting, "records can't be written");
        }
        *shown(tally) = told;
        if ended {
            return;
        }
    }
}

/// The actor, and beside it what records.
#[derive(Debug)]
pub struct Recorded {
    shared: Shared,
    recorder: Recorder,
    tape: Option<Tape>,
}

impl Recorded {
    /// Records into `into`, by the time that `clock` tells; nothing where it is none.
    ///
    /// # Errors
    /// [`io::Error`] where the system has no thread for it.
    pub fn new(
        shared: Shared,
        into: Option<(PathBuf, Limits)>,
        clock: fn() -> Timestamp,
    ) -> io::Result<Self> {
        let start = |(dir, limits)| Tape::start(dir, limits, clock);
        Ok(Self {
            shared,
            recorder: Recorder::default(),
            tape: into.map(start).transpose()?,
        })
    }

    fn record(&mut self, now: Timestamp, heard: &Heard) {
        let Some(tape) = &mut self.tape else {
            return;
        };
        let mut entries = Vec::new();
        match heard {
            Heard::Decision { live, decision } => {
                self.recorder.decision(*live, decision, &mut entries);
            }
            Heard::Mark(tick) if !tick.is_from_future(now) => {
                self.recorder.mark(tick, &mut entries);
            }
            Heard::Context(context) => self.recorder.context(context),
            Heard::Position(snapshot) => self.recorder.position(snapshot, now),
            Heard::Event(event) => self.recorder.order(event),
            // Nothing else belongs to a record.
            _ => {}
        }
        tape.push(entries);
    }
}

impl runtime::Actor for Recorded {
    type Effect = Message;

    fn hear(&mut self, now: Timestamp, heard: Heard, out: &mut Vec<Message>) {
        self.record(now, &heard);
        self.shared.hear(now, heard, out);
    }

    fn beat(&mut self, now: Timestamp, out: &mut Vec<Message>) {
        if let Some(tape) = &mut self.tape {
            let mut entries = Vec::new();
            self.recorder.beat(now, &mut entries);
            tape.push(entries);
            let mut counters: Vec<_> = tape.counters().into_iter().collect();
            counters.push(("records.missed", self.recorder.missed()));
            counters.push(("records.unfit", self.recorder.unfit()));
            self.shared.note_faults(&counters);
        }
        self.shared.beat(now, out);
    }

    fn refused(&mut self, now: Timestamp, bad: &BadMessage) {
        self.shared.refused(now, bad);
    }

    fn stop(&mut self, now: Timestamp, out: &mut Vec<Message>) {
        if let Some(mut tape) = self.tape.take() {
            let mut entries = Vec::new();
            self.recorder.stop(&mut entries);
            tape.push(entries);
            tape.finish();
        }
        self.shared.stop(now, out);
    }
}
