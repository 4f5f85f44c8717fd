//! Proves which policy is in force, by saying something and hearing where it arrives.
//!
//! The canaries are identities of their own on subjects of their own, which no service hears: what
//! they say is never an order. The server treats them as it treats those for whom they stand,
//! because one configuration, made of one table, holds them all.

use std::fmt;

use futures_util::FutureExt;
use proto::Canary as Word;
use tokio::task::unconstrained;

use crate::client::{BusError, Client};
use crate::identity::Identity;
use crate::inbox::Inbox;
use crate::policy::Policy;
use crate::subjects;

/// Where the message of the incumbents' canary arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Incumbents {
    /// Where an intent is reviewed.
    Arrive,
    /// Where it is only counted.
    Diverted,
    /// On both: the server is about to change over.
    Both,
    /// Nowhere: no policy of ours is in force, or the server is about to change over.
    Nowhere,
}

/// What one probe has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// What became of the incumbents' canary.
    pub incumbents: Incumbents,
    /// Whether the executor's canary was heard.
    pub executor_asks: bool,
}

impl Finding {
    /// Whether this is what the server does under `policy`. LEGACY and SHADOW are the same to it.
    #[must_use]
    pub fn proves(self, policy: Policy) -> bool {
        let incumbents = match policy.diverts() {
            true => Incumbents::Diverted,
            false => Incumbents::Arrive,
        };
        self.incumbents == incumbents && self.executor_asks == policy.lets_executor_ask()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let incumbents = match self.incumbents {
            Incumbents::Arrive => "arrives on order.intent",
            Incumbents::Diverted => "arrives on order.blocked",
            Incumbents::Both => "arrives on order.intent and on order.blocked",
            Incumbents::Nowhere => "arrives nowhere",
        };
        let executor = match self.executor_asks {
            true => "may publish",
            false => "is refused",
        };
        write!(
            f,
            "incumbents: canary {incumbents}; executor: canary {executor}"
        )
    }
}

/// The canaries and their witness, each with a connection of its own.
pub struct Canary {
    incumbent: Client,
    executor: Client,
    witness: Client,
    inbox: Inbox,
    run: u64,
}

impl Canary {
    /// Connects all three by `connect`; `first` numbers the first probe and differs between
    /// proofs.
    ///
    /// # Errors
    /// [`BusError`] where one of them can't be connected.
    pub async fn new<E: From<BusError>>(
        connect: impl AsyncFn(Identity) -> Result<Client, E>,
        first: u64,
    ) -> Result<Self, E> {
        let witness = connect(Identity::CanaryWitness).await?;
        let heard = [
            subjects::canary_incumbent(),
            subjects::canary_blocked(),
            subjects::canary_executor(),
        ];
        let inbox = witness.inbox(&heard.map(|it| it.to_string())).await?;
        Ok(Self {
            incumbent: connect(Identity::CanaryIncumbent).await?,
            executor: connect(Identity::CanaryExecutor).await?,
            witness,
            inbox,
            run: first,
        })
    }

    /// Says one word as each, and finds what became of it. A server that is reloading meanwhile may
    /// be found half way: probe again.
    ///
    /// # Errors
    /// [`BusError`] where the server does not answer.
    pub async fn probe(&mut self) -> Result<Finding, BusError> {
        self.run = self.run.wrapping_add(1);
        let word = Word { run: self.run };
        for (client, subject) in [
            (&self.incumbent, subjects::canary_incumbent()),
            (&self.executor, subjects::canary_executor()),
        ] {
            client.publish(subject.message(&word)).await?;
            // By then the server has handled it.
            client.settle().await?;
        }
        // And by then the witness has what the server sent it before.
        self.witness.settle().await?;
        let heard = self.heard(word);
        let on = |subject: &subjects::Subject<Word>| heard.iter().any(|it| it == subject.as_str());
        let places = (
            on(&subjects::canary_incumbent()),
            on(&subjects::canary_blocked()),
        );
        Ok(Finding {
            incumbents: match places {
                (true, true) => Incumbents::Both,
                (true, false) => Incumbents::Arrive,
                (false, true) => Incumbents::Diverted,
                (false, false) => Incumbents::Nowhere,
            },
            executor_asks: on(&subjects::canary_executor()),
        })
    }

    /// The subjects on which `word` lies ready; earlier words are thrown away.
    fn heard(&mut self, word: Word) -> Vec<String> {
        let mut heard = Vec::new();
        // Without the runtime's budget, which would end the look early.
        while let Some(Some(message)) = unconstrained(self.inbox.next()).now_or_never() {
            let said = crate::decode(&message);
            if matches!(said, Ok(crate::Heard::Canary(it)) if it == word) {
                heard.push(message.subject);
            }
        }
        heard
    }
}
