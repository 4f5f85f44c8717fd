//! The writer: what waits to be written, and the folder that may refuse it for a while. It never
//! gives up and never stops anybody; what it could not keep is counted.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;

use domain::{Span, Timestamp};

use crate::entry::{Entry, Kind};
use crate::ledger::{Events, Ledger, LedgerError, Limits};
use crate::moment::Moment;

/// The death of the machine loses at most so much.
pub const SYNC_EVERY: Span = Span::from_secs(1);
/// A folder that refuses is tried again after so long.
pub const RETRY_AFTER: Span = Span::from_secs(5);

/// Counters, all since the start.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Lines written, by file.
    pub written: BTreeMap<Kind, u64>,
    /// Lines that were given up, because too many waited.
    pub lost: u64,
    /// How often the file system refused.
    pub refused: u64,
    /// Lines that wait now.
    pub waiting: u64,
    /// What happened to files.
    pub events: Events,
}

/// Writes lines into a folder.
#[derive(Debug)]
pub struct Writer {
    dir: PathBuf,
    limits: Limits,
    ledger: Option<Ledger>,
    waiting: VecDeque<(Kind, Moment, String)>,
    tally: Tally,
    /// Events of the ledgers before this one.
    before: Events,
    synced_at: Option<Timestamp>,
    refused_at: Option<Timestamp>,
}

impl Writer {
    /// A writer that opens the folder when it is first asked to write.
    #[must_use]
    pub fn new(dir: PathBuf, limits: Limits) -> Self {
        Self {
            dir,
            limits,
            ledger: None,
            waiting: VecDeque::new(),
            tally: Tally::default(),
            before: Events::default(),
            synced_at: None,
            refused_at: None,
        }
    }

    /// The counters.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let now = self
            .ledger
            .as_ref()
            .map_or_else(Events::default, Ledger::events);
        Tally {
            waiting: u64::try_from(self.waiting.len()).unwrap_or(u64::MAX),
            events: sum(self.before, now),
            ..self.tally.clone()
        }
    }

    /// Takes something to be written.
    pub fn take(&mut self, entry: &Entry) {
        let Ok(line) = entry.line() else {
            self.tally.lost += 1;
            return;
        };
        if self.waiting.len() >= self.limits.waiting_max {
            self.waiting.pop_front();
            self.tally.lost += 1;
        }
        self.waiting.push_back((entry.kind(), entry.at(), line));
    }

    /// Writes what waits, syncs, closes, tidies, as far as it is time for it.
    ///
    /// # Errors
    /// [`LedgerError`] where the folder refuses; it is tried again after [`RETRY_AFTER`].
    pub fn turn(&mut self, now: Timestamp) -> Result<(), LedgerError> {
        let waits = |at: Timestamp| (Span::ZERO..RETRY_AFTER).contains(&now.since(at));
        if self.refused_at.is_some_and(waits) {
            return Ok(());
        }
        self.refused_at = None;
        self.guarded(now, |writer| {
            writer.write()?;
            let is_due = |at: Timestamp| !(Span::ZERO..SYNC_EVERY).contains(&now.since(at));
            if writer.synced_at.is_none_or(is_due) {
                writer.synced_at = Some(now);
                if let Some(ledger) = &mut writer.ledger {
                    ledger.sync()?;
                    ledger.tidy(now)?;
                }
            }
            Ok(())
        })
    }

    /// Writes and syncs everything, now: the last call.
    ///
    /// # Errors
    /// [`LedgerError`] where the folder refuses.
    pub fn finish(&mut self, now: Timestamp) -> Result<(), LedgerError> {
        self.guarded(now, |writer| {
            writer.write()?;
            writer.ledger.as_mut().map_or(Ok(()), Ledger::sync)
        })
    }

    fn guarded(
        &mut self,
        now: Timestamp,
        work: impl FnOnce(&mut Self) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        let done = work(self);
        if done.is_err() {
            self.tally.refused += 1;
            self.refused_at = Some(now);
            // Opened anew next time: the folder may be another one by then.
            if let Some(ledger) = self.ledger.take() {
                self.before = sum(self.before, ledger.events());
            }
        }
        done
    }

    fn write(&mut self) -> Result<(), LedgerError> {
        let ledger = match &mut self.ledger {
            Some(ledger) => ledger,
            empty => empty.insert(Ledger::open(&self.dir, self.limits)?),
        };
        while let Some((kind, at, line)) = self.waiting.front() {
            ledger.append(*kind, *at, line)?;
            *self.tally.written.entry(*kind).or_default() += 1;
            self.waiting.pop_front();
        }
        Ok(())
    }
}

const fn sum(a: Events, b: Events) -> Events {
    Events {
        healed: a.healed + b.healed,
        closed: a.closed + b.closed,
        derived: a.derived + b.derived,
        underived: a.underived + b.underived,
        removed: a.removed + b.removed,
    }
}
