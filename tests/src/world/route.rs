//! The server between the services: who may say what, where it lands, who hears it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use bus::map::{ROWS, Row};
use bus::policy::Policy;
use bus::{Identity, Message};
use domain::Module;

use super::options::Executors;
use super::seat::Seat;

/// The subjects' writers and readers, resolved once each.
#[derive(Debug)]
pub struct Routes {
    subscriptions: Vec<(Seat, Vec<String>)>,
    refused: Vec<(Seat, String)>,
    /// By subject; there are as many as the table has rows for the traded symbols.
    known: RefCell<HashMap<String, Rc<Route>>>,
}

thread_local! {
    /// By the incumbents and executors that there are: nothing else of a world has a part in them,
    /// so the worlds of a thread share them.
    static ROUTES: RefCell<HashMap<Actors, Rc<Routes>>> = RefCell::default();
}

/// What the services of two worlds may differ in.
type Actors = (Vec<Module>, Executors);

/// What the table and the subscriptions say of one subject.
#[derive(Debug)]
pub struct Route {
    rows: Vec<&'static Row>,
    /// Who hears it.
    pub readers: Vec<Seat>,
}

impl Routes {
    /// The routes of a world with these incumbents and executors.
    #[must_use]
    pub fn shared(incumbents: &[Module], executors: Executors) -> Rc<Self> {
        ROUTES.with_borrow_mut(|all| {
            let of = (incumbents.to_vec(), executors);
            if let Some(known) = all.get(&of) {
                return Rc::clone(known);
            }
            let new = Rc::new(Self::new(incumbents, executors));
            all.insert(of, Rc::clone(&new));
            new
        })
    }

    /// The subscriptions of all services, but for those that the server refuses.
    fn new(incumbents: &[Module], executors: Executors) -> Self {
        let (mut subscriptions, mut refused) = (Vec::new(), Vec::new());
        let seats = executors.services();
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
            known: RefCell::default(),
        }
    }

    /// Subscriptions that a service asks for and its identity has no right to.
    #[must_use]
    pub fn refused(&self) -> &[(Seat, String)] {
        &self.refused
    }

    /// A message of `writer` as it lands.
    ///
    /// # Errors
    /// The message, where its writer has no right to say it.
    pub fn land(
        &self,
        writer: &[Identity],
        mut message: Message,
        policy: Policy,
    ) -> Result<Message, Message> {
        let route = self.of(&message.subject);
        let mut rows = route.rows.iter();
        let Some(row) = rows.find(|row| writer.contains(&row.writer)) else {
            return Err(message);
        };
        if row.is_executor_intent() && !policy.lets_executor_ask() {
            return Err(message);
        }
        if row.is_legacy_intent() && policy == Policy::Live {
            let diverted = message
                .subject
                .replacen("order.intent.", "order.blocked.", 1);
            message.subject = diverted;
        }
        Ok(message)
    }

    /// Who may say and who hears what is said on `subject`.
    pub fn of(&self, subject: &str) -> Rc<Route> {
        if let Some(known) = self.known.borrow().get(subject) {
            return Rc::clone(known);
        }
        let hears = |patterns: &[String]| patterns.iter().any(|it| fits(it, subject));
        let readers = self.subscriptions.iter();
        let readers = readers.filter(|(_, patterns)| hears(patterns));
        let route = Rc::new(Route {
            rows: ROWS.iter().filter(|row| row.covers(subject)).collect(),
            readers: readers.map(|(seat, _)| *seat).collect(),
        });
        let shared = Rc::clone(&route);
        self.known.borrow_mut().insert(subject.to_owned(), shared);
        route
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
