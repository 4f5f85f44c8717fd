//! The server between the services: who may say what, where it lands, who hears it.

use bus::Identity;
use bus::map::{ROWS, Row};
use bus::policy::Policy;

use super::cast::Service;

/// The subjects' readers, resolved once.
#[derive(Debug)]
pub struct Routes {
    subscriptions: Vec<(Service, Vec<String>)>,
    refused: Vec<(Service, String)>,
}

impl Routes {
    /// The subscriptions of all services, but for those that the server refuses.
    #[must_use]
    pub fn new() -> Self {
        let (mut subscriptions, mut refused) = (Vec::new(), Vec::new());
        for service in Service::ALL {
            let patterns = service.patterns().into_iter();
            let (heard, not): (Vec<String>, Vec<String>) =
                patterns.partition(|pattern| may_read(service, pattern));
            subscriptions.push((service, heard));
            refused.extend(not.into_iter().map(|pattern| (service, pattern)));
        }
        Self {
            subscriptions,
            refused,
        }
    }

    /// Subscriptions that a service asks for and its identity has no right to.
    #[must_use]
    pub fn refused(&self) -> &[(Service, String)] {
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
    pub fn readers(&self, subject: &str) -> impl Iterator<Item = Service> {
        let hears = |patterns: &[String]| patterns.iter().any(|it| fits(it, subject));
        self.subscriptions
            .iter()
            .filter(move |(_, patterns)| hears(patterns))
            .map(|(service, _)| *service)
    }
}

impl Default for Routes {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether the server lets the service subscribe to `pattern`: every row of it must be readable.
fn may_read(service: Service, pattern: &str) -> bool {
    let mine = |row: &Row| {
        row.readers
            .iter()
            .any(|it| service.identities().contains(it))
    };
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
