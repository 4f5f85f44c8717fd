//! The requests of a tenure: one at a time, each with a ticket of its own.

use alloc::vec::Vec;

use super::Tenure;
use crate::lease::role::{Kind, Pending};
use crate::lease::{Entry, Op, Request};
use crate::time::Timestamp;

impl Tenure {
    pub(super) fn entry(&self, token: Option<u64>) -> Entry {
        Entry::Held {
            holder: self.me.clone(),
            token,
        }
    }

    pub(super) fn take(&mut self, now: Timestamp, expected: u64, out: &mut Vec<Request>) {
        let entry = self.entry(None);
        self.write(now, Kind::Take, expected, entry, out);
    }

    pub(super) fn read(&mut self, now: Timestamp, out: &mut Vec<Request>) {
        self.send(now, Kind::Read, Op::Read, out);
    }

    pub(super) fn write(
        &mut self,
        now: Timestamp,
        kind: Kind,
        expected: u64,
        entry: Entry,
        out: &mut Vec<Request>,
    ) {
        self.send(now, kind, Op::Write { expected, entry }, out);
    }

    fn send(&mut self, now: Timestamp, kind: Kind, op: Op, out: &mut Vec<Request>) {
        self.tickets += 1;
        let expected = match op {
            Op::Read => None,
            Op::Write { expected, .. } => Some(expected),
        };
        self.pending = Some(Pending {
            ticket: self.tickets,
            sent_at: now,
            kind,
            expected,
        });
        out.push(Request {
            key: self.key.clone(),
            ticket: self.tickets,
            op,
        });
    }
}
