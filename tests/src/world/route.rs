//! The server between the services: who may say what, where it lands, who hears it.

use bus::Identity;
use bus::map::{ROWS, Row};
use bus::policy::Policy;
use domain::Module;

use super::cast::Service;
use super::seat::Seat;

/// The subjects' readers, resolved once.
#[derive(Debug)]
pub struct Routes {
    subscriptions: Vec<(Seat, Vec<String>)>,
    refused: Vec<(Seat, String)>,
}

impl Routes {
    /// The subscriptions of all services, but for those that the server refuses.
    #[must_use]
    pub fn new(incumbents: &[Module]) -> Self {
        let (mut subscriptions, mut refused) = (Vec::new(), Vec::new());
        let seats = Service::ALL.into_iter();
        for seat in seats.flat_map(|service| Seat::of(service, incumbents)) {
            let patterns = seat.patterns().into_iter();
            let (heard, not): (Vec<String>, Vec<String>) =
                patterns.partition(|pattern| may_read(seat, pattern));
            subscriptions.push((seat, heard));
            refused.extend(not.into_iter().map(|pattern| (seat, pattern)));
        }
        Self {
            subscriptions,
            refused,
        }
    }

    /// Subscriptions that a service asks for and its identity has no right to.
    #[must_use]
    pub fn refused(&self) -> &[(Seat, String)] {
        &self.refused
    }

    /// Where a message of `writer` on `subject` lands, or none where it has no right to say it.
    #[must_use]
    pub fn lands(&self, writer: &[Identity], subject: &str, policy: Policy) -> Option<String> {
        let row = ROWS
            .iter()
            .find(|row| row.covers(subject) && writer.contains(&row.writer))?;
        if row.is_executor_intent() && !policy.lets_executor_ask() {
            return None;
        }
        if row.is_legacy_intent() && policy == Policy::Live {
            return Some(subject.replacen("order.intent.", "order.blocked.", 1));
        }
        Some(subject.to_owned())
    }

    /// Who hears it.
    pub fn readers(&self, subject: &str) -> impl Iterator<Item = Seat> {
        let hears = |patterns: &[String]| patterns.iter().any(|it| fits(it, subject));
        self.subscriptions
            .iter()
            .filter(move |(_, patterns)| hears(patterns))
            .map(|(seat, _)| *seat)
    }
}

/// Whether the server lets it subscribe to `pattern`: every row of it must be readable.
fn may_read(seat: Seat, pattern: &str) -> bool {
    let mine = |row: &Row| row.readers.iter().any(|it| seat.identities().contains(it));
    let mut rows = ROWS
        .iter()
        .filter(|row| row.family == pattern || row.pattern == pattern)
        .peekable();
    rows.peek().is_some() && rows.all(mine)
}

/// Whether `subject` falls under `pattern`, with `*` for one token.
#[must_use]
pub fn fits(pattern: &str, subject: &str) -> bool {
    let mut tokens = subject.split('.');
    let fits = |part: &str| tokens.next().is_some_and(|it| part == "*" || part == it);
    pattern.split('.').all(fits) && tokens.next().is_none()
}
