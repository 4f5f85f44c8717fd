//! One lease from the side of one process: read, taken, renewed, doubted, lost.

mod asking;

use alloc::vec::Vec;

use super::role::{Kind, Pending, Role, Seen};
use super::{Answer, Entry, Holder, LeaseKey, Outcome, Request, Standing, token};
use crate::time::{Span, Timestamp};

/// A holder renews after this part of the lease time, and doubts itself after a gap of as much.
const RENEW_PART: i64 = 3;
/// A candidate reads, and a request is given up, after this part.
const POLL_PART: i64 = 6;
/// After a request that failed the next one follows after this part.
const RETRY_PART: i64 = 12;

/// The lease of one key as one process sees it. It is told the time at least every
/// [`beats_min`](Self::beats_min) and hands out at most one request at a time.
///
/// Takes a lease that was given back or never written at once, and one that is held only after it
/// has itself seen the same revision in answered reads for the whole lease time: no clocks of two
/// machines are compared. A holder that was paused, or whose write met a conflict, acts on nothing
/// until it has renewed the lease: that it was still its own when it was read would not do, because
/// somebody may be taking it by then. A holder that gets no answers goes on: while the store is
/// lost nobody can take the lease either, and [`is_store_lost`](Self::is_store_lost) is the alarm.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tenure {
    key: LeaseKey,
    me: Holder,
    lease_time: Span,
    last_beat: Option<Timestamp>,
    tickets: u64,
    pending: Option<Pending>,
    due_at: Timestamp,
    unanswered_since: Option<Timestamp>,
    /// The revision on which a write was left without an answer: as long as it is read, the store
    /// may take no writes, whatever it answers to reads. So does one whose disk is full.
    unwritten: Option<u64>,
    retired: bool,
    role: Role,
}

impl Tenure {
    /// A candidate for `key` that knows nothing yet. `lease_time` is the same for all candidates.
    #[must_use]
    pub const fn new(key: LeaseKey, me: Holder, lease_time: Span) -> Self {
        Self {
            key,
            me,
            lease_time,
            last_beat: None,
            tickets: 0,
            pending: None,
            due_at: Timestamp::from_micros(0),
            unanswered_since: None,
            unwritten: None,
            retired: false,
            role: Role::Candidate {
                rival: None,
                seen: None,
            },
        }
    }

    /// The same with tickets above `ticket`: for one that follows an earlier tenure of its process
    /// for the same key, whose last answers may still be on their way.
    #[must_use]
    pub const fn numbered_above(mut self, ticket: u64) -> Self {
        self.tickets = ticket;
        self
    }

    /// Which lease it is.
    #[must_use]
    pub const fn key(&self) -> &LeaseKey {
        &self.key
    }

    /// A longer gap between two beats counts as a pause.
    #[must_use]
    pub fn beats_min(&self) -> Span {
        self.part(RENEW_PART)
    }

    /// Whether it may act at `now`. To be asked right before acting: after a pause the answer is
    /// no, even before the first beat.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> Standing {
        match self.role {
            Role::Candidate { .. } => Standing::Passive,
            Role::Holder { token, sure, .. } if sure && !self.was_paused(now) => {
                Standing::Sure { token }
            }
            Role::Holder { .. } => Standing::Unsure,
        }
    }

    /// The fencing token, where it may act at `now`.
    #[must_use]
    pub fn token(&self, now: Timestamp) -> Option<u64> {
        match self.standing(now) {
            Standing::Sure { token } => Some(token),
            Standing::Passive | Standing::Unsure => None,
        }
    }

    /// Whether the store has not answered, or taken no write, for a third of the lease time: an
    /// alarm. What is held stays held, and nothing new is taken.
    #[must_use]
    pub fn is_store_lost(&self, now: Timestamp) -> bool {
        self.unanswered_since
            .is_some_and(|since| now.since(since) >= self.part(RENEW_PART))
    }

    /// Whether the store has left its last request without an answer.
    #[must_use]
    pub const fn is_unanswered(&self) -> bool {
        self.unanswered_since.is_some()
    }

    /// Who else held the lease when it was read last.
    #[must_use]
    pub const fn rival(&self) -> Option<&Holder> {
        match &self.role {
            Role::Candidate { rival, .. } => rival.as_ref(),
            Role::Holder { .. } => None,
        }
    }

    /// Takes the time in, and asks the store where something is due.
    pub fn beat(&mut self, now: Timestamp, out: &mut Vec<Request>) {
        self.notice_pause(now);
        let late = |pending: &Pending| now.since(pending.sent_at) >= self.part(POLL_PART);
        if self.pending.as_ref().is_some_and(late) {
            self.failed(now);
        }
        self.last_beat = Some(now);
        if self.pending.is_none() && self.due_at <= now {
            self.ask(now, out);
        }
    }

    /// Takes an answer in; one to any request but the latest changes nothing.
    pub fn answered(&mut self, now: Timestamp, answer: &Answer, out: &mut Vec<Request>) {
        self.notice_pause(now);
        let expected = self.pending.filter(|pending| {
            let ours = answer.key == self.key && answer.ticket == pending.ticket;
            ours && now.since(pending.sent_at) < self.part(POLL_PART)
        });
        let Some(pending) = expected else {
            return;
        };
        if answer.outcome == Outcome::Unavailable {
            self.failed(now);
            return;
        }
        self.pending = None;
        self.end_silence(&answer.outcome);
        match (pending.kind, &answer.outcome) {
            (
                Kind::Read,
                Outcome::Found {
                    entry,
                    revision,
                    created,
                },
            ) => self.found(now, entry, *revision, *created, out),
            (Kind::Read, Outcome::Absent) => self.absent(now, out),
            (Kind::Take, Outcome::Written { revision, created }) => {
                let token = token(*created, *revision);
                self.due_at = pending.sent_at + self.part(RENEW_PART);
                self.role = Role::Holder {
                    token,
                    revision: *revision,
                    sure: true,
                    must_read: false,
                };
            }
            (Kind::Renew, Outcome::Written { revision, .. }) => {
                let renewed = *revision;
                if let Role::Holder { revision, sure, .. } = &mut self.role {
                    (*revision, *sure) = (renewed, true);
                }
                self.due_at = pending.sent_at + self.part(RENEW_PART);
            }
            (Kind::Take | Kind::Renew, Outcome::Conflict) => self.conflict(now, out),
            // It has gone, or is already gone.
            (Kind::Release, _) => {}
            // No store answers a read like a write.
            _ => self.failed(now),
        }
    }

    /// Somebody acts under a newer token than its own: it acts on nothing until it has renewed the
    /// lease, and asks the store at the next beat.
    pub fn doubt(&mut self, now: Timestamp) {
        if let Role::Holder {
            sure, must_read, ..
        } = &mut self.role
        {
            (*sure, *must_read) = (false, true);
            self.pending = None;
            self.due_at = now;
        }
    }

    /// Gives the lease back, for good: the next one needn't wait. To be called at the end of a
    /// process, after its last act.
    pub fn retire(&mut self, now: Timestamp, out: &mut Vec<Request>) {
        self.retired = true;
        if let Role::Holder { revision, .. } = self.role {
            self.write(now, Kind::Release, revision, Entry::Released, out);
        }
        self.role = Role::Candidate {
            rival: None,
            seen: None,
        };
    }

    fn part(&self, part: i64) -> Span {
        Span::from_micros(self.lease_time.micros() / part)
    }

    fn was_paused(&self, now: Timestamp) -> bool {
        // A clock that was set back hides how long the gap was.
        self.last_beat
            .is_some_and(|last| now < last || now.since(last) > self.part(RENEW_PART))
    }

    /// After a pause nothing that was seen or asked before it proves anything.
    fn notice_pause(&mut self, now: Timestamp) {
        if !self.was_paused(now) {
            return;
        }
        self.last_beat = Some(now);
        self.pending = None;
        (self.unanswered_since, self.unwritten) = (None, None);
        self.due_at = now;
        match &mut self.role {
            Role::Candidate { seen, .. } => *seen = None,
            Role::Holder { sure, .. } => *sure = false,
        }
    }

    /// An answer: the silence is over, but for a write that the store has left undone.
    fn end_silence(&mut self, outcome: &Outcome) {
        let read = match outcome {
            Outcome::Found { revision, .. } => Some(*revision),
            Outcome::Absent => Some(0),
            Outcome::Written { .. } | Outcome::Conflict | Outcome::Unavailable => None,
        };
        if read.is_none() || read != self.unwritten {
            (self.unanswered_since, self.unwritten) = (None, None);
        }
    }

    /// No answer: whether a write was done is not known, so a read comes next.
    fn failed(&mut self, now: Timestamp) {
        let pending = self.pending.take();
        let written_on = pending.and_then(|pending| pending.expected);
        self.unwritten = written_on.or(self.unwritten);
        let sent_at = pending.map_or(now, |pending| pending.sent_at);
        self.unanswered_since.get_or_insert(sent_at);
        self.due_at = now + self.part(RETRY_PART);
        let was_read = pending.is_some_and(|pending| pending.kind == Kind::Read);
        match &mut self.role {
            Role::Candidate { .. } if was_read => {}
            Role::Candidate { seen, .. } => *seen = None,
            Role::Holder { must_read, .. } => *must_read = true,
        }
    }

    fn ask(&mut self, now: Timestamp, out: &mut Vec<Request>) {
        match &self.role {
            Role::Holder {
                token,
                revision,
                must_read: false,
                ..
            } => {
                let (entry, revision) = (self.entry(Some(*token)), *revision);
                self.write(now, Kind::Renew, revision, entry, out);
            }
            Role::Candidate { seen: Some(it), .. } if !self.retired && self.is_over(it, now) => {
                self.take(now, it.revision, out);
            }
            Role::Holder { .. } | Role::Candidate { .. } => self.read(now, out),
        }
    }

    fn found(
        &mut self,
        now: Timestamp,
        entry: &Entry,
        revision: u64,
        created: u64,
        out: &mut Vec<Request>,
    ) {
        if self.retired {
            return;
        }
        let (holder, known) = match entry {
            Entry::Released => return self.take(now, revision, out),
            Entry::Held { holder, token } => (holder, *token),
        };
        if *holder == self.me {
            let token = known.unwrap_or_else(|| token(created, revision));
            return self.is_mine(now, token, revision, out);
        }
        self.due_at = now + self.part(POLL_PART);
        let unchanged = match &self.role {
            Role::Candidate { seen, .. } => seen.filter(|seen| seen.revision == revision),
            Role::Holder { .. } => None,
        };
        let most = self.heard_max();
        let seen = unchanged.map_or(Seen::first(revision, now), |seen| seen.again(now, most));
        self.role = Role::Candidate {
            rival: Some(holder.clone()),
            seen: Some(seen),
        };
    }

    /// Whether the holder has not renewed it for the whole lease time.
    fn is_over(&self, seen: &Seen, now: Timestamp) -> bool {
        seen.unchanged_for(now, self.heard_max()) >= self.lease_time
    }

    /// What one answer of the store proves at most of the time before it: there is one read every
    /// [`POLL_PART`], and its answer takes a moment.
    fn heard_max(&self) -> Span {
        Span::from_micros(self.part(POLL_PART).micros() + self.part(RETRY_PART).micros())
    }

    /// A key that was never written is free; but where somebody is known to have held it, the
    /// store was made anew, and that one may still act: it gets its time to come back.
    fn absent(&mut self, now: Timestamp, out: &mut Vec<Request>) {
        if self.retired {
            return;
        }
        let (poll, most) = (self.part(POLL_PART), self.heard_max());
        match &mut self.role {
            Role::Candidate {
                rival: Some(_),
                seen,
            } => {
                let unchanged = seen.filter(|seen| seen.revision == 0);
                let first = Seen::first(0, now);
                *seen = Some(unchanged.map_or(first, |seen| seen.again(now, most)));
                self.due_at = now + poll;
            }
            Role::Candidate { rival: None, .. } | Role::Holder { .. } => self.take(now, 0, out),
        }
    }

    /// When it was written last is not known: it is renewed at once.
    fn is_mine(&mut self, now: Timestamp, token: u64, revision: u64, out: &mut Vec<Request>) {
        let was_sure = matches!(self.role, Role::Holder { sure: true, .. });
        self.role = Role::Holder {
            token,
            revision,
            sure: was_sure,
            must_read: false,
        };
        self.ask(now, out);
    }

    /// Somebody else has written, or an earlier write of ours has arrived late: a read tells.
    fn conflict(&mut self, now: Timestamp, out: &mut Vec<Request>) {
        match &mut self.role {
            Role::Candidate { seen, .. } => *seen = None,
            Role::Holder {
                sure, must_read, ..
            } => (*sure, *must_read) = (false, true),
        }
        self.read(now, out);
    }
}
