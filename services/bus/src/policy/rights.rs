//! What each identity may say and hear, out of the table.

use crate::identity::Identity;
use crate::lease;
use crate::map::{self, ROWS, Row};

use super::{Layout, Policy};

/// The rights under one policy in one layout.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rights {
    pub(super) policy: Policy,
    pub(super) layout: Layout,
}

impl Rights {
    /// What `identity` may publish: its rows, its family of leases, and its own inbox (a round trip
    /// to itself).
    pub(super) fn publish(&self, identity: Identity) -> Vec<String> {
        let rows = ROWS.iter().filter(|row| row.writer == identity);
        let mut subjects: Vec<String> = rows.filter_map(|row| self.place(row)).collect();
        if identity == Identity::Provisioner {
            subjects.push("$JS.API.>".into());
        }
        if let Some(own) = lease::family(identity) {
            subjects.push(own.into());
            subjects.extend(lease::READS.map(String::from));
        }
        subjects.push(own_inbox(identity));
        subjects
    }

    /// Where the writer of a row needs the right; none while the policy closes the row. In one
    /// space the server checks the right where a diverted message arrives, not where it was sent.
    fn place(&self, row: &Row) -> Option<String> {
        if row.is_executor_intent() && !self.policy.lets_executor_ask() {
            return None;
        }
        let moved = self.layout == Layout::Plain && self.policy.diverts() && row.is_legacy_intent();
        let pattern = row.pattern;
        Some(match moved {
            true => pattern.replacen("order.intent.", "order.blocked.", 1),
            false => pattern.into(),
        })
    }

    /// What `identity` may subscribe to: what it reads, and its own inbox.
    pub(super) fn subscribe(&self, identity: Identity) -> Vec<String> {
        let read = map::patterns(|row| row.readers.contains(&identity));
        let mut subjects: Vec<String> = read.into_iter().map(Into::into).collect();
        subjects.push(own_inbox(identity));
        subjects
    }
    /// What stays closed inside of what it may subscribe to. The server takes `exit.plan.*.*.>` for
    /// one of `exit.plan.*.*.*`, and would deliver longer subjects on it.
    pub(super) fn closed(&self, identity: Identity) -> Vec<String> {
        let read = map::patterns(|row| row.readers.contains(&identity));
        let reached = |row: &&Row| read.iter().any(|allowed| reaches(allowed, row.pattern));
        let foreign = ROWS.iter().filter(|row| !row.readers.contains(&identity));
        foreign
            .filter(reached)
            .map(|row| row.pattern.into())
            .collect()
    }
}

/// Whether `pattern` lies deeper under `allowed`, were its last token to stand for several.
fn reaches(allowed: &str, pattern: &str) -> bool {
    let mut deeper = pattern.split('.');
    let fits = |token: &str| {
        let there = deeper.next();
        there.is_some_and(|there| token == "*" || there == "*" || token == there)
    };
    allowed.ends_with('*') && allowed.split('.').all(fits)
}

fn own_inbox(identity: Identity) -> String {
    format!("{}.>", identity.inbox_prefix())
}
