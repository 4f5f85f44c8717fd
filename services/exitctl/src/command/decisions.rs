//! `exitctl decisions tail`: what executors decide, as they say it.

use std::ops::ControlFlow;

use bus::{Client, Heard, Identity, Inbox, Message, subjects};

use crate::answer::{Answer, Trouble};
use crate::cli::{Cli, Decisions, DecisionsTail};
use crate::command::connect::{connect_holding, refused, within};
use crate::output::{self, written};
use crate::signals;

mod line;

use line::Line;

/// Decisions that may wait to be printed. A reader that far behind loses the next ones, and is
/// told how many.
const WAITING_MAX: usize = 1_024;

/// Follows decisions until the count is reached, the time is up, somebody stops it, or nobody reads
/// any more.
///
/// # Errors
/// [`Trouble::Unreachable`] where the bus does not answer, [`Trouble::Denied`] where it does not
/// let this key listen.
pub async fn run(verb: &Decisions, cli: &Cli) -> Result<Answer, Trouble> {
    let Decisions::Tail(asked) = verb;
    runtime::install_crypto();
    let stopped = signals::stopped()?;
    tokio::select! {
        ended = tail(asked, cli) => ended?,
        () = stopped => {}
        () = signals::time_up(asked.longest) => return Ok(Answer::time_up()),
    }
    Ok(Answer::silent())
}

async fn tail(asked: &DecisionsTail, cli: &Cli) -> Result<(), Trouble> {
    let subscribed = within(cli.timeout, &asked.bus, "answer", subscribe(asked));
    let (client, inbox) = subscribed.await?;
    follow(&client, inbox, asked.count.map(Into::into), cli).await
}

async fn subscribe(asked: &DecisionsTail) -> Result<(Client, Inbox), Trouble> {
    let client = connect_holding(&asked.bus, Identity::Operator, WAITING_MAX).await?;
    let pattern = match &asked.position {
        Some(key) => {
            subjects::decisions_about(Some(&key.account), Some(&key.symbol), Some(key.side))
        }
        None => subjects::decisions_about(None, asked.symbol.as_ref(), None),
    };
    let inbox = client.subscribe(pattern.as_str()).await?;
    refused(&client, "the subscription")?;
    Ok((client, inbox))
}

async fn follow(
    client: &Client,
    mut inbox: Inbox,
    count: Option<u64>,
    cli: &Cli,
) -> Result<(), Trouble> {
    let mut lost = Lost::default();
    let mut printer = Printer::new(count);
    if printer.begin(cli)?.is_break() {
        return Ok(());
    }
    while let Some(message) = inbox.next().await {
        lost.tell(client);
        if printer.print(&message, cli)?.is_break() {
            return Ok(());
        }
    }
    let text = "the connection to the bus is gone for good";
    Err(Trouble::Unreachable(text.into()))
}

/// What has been told to be lost.
#[derive(Debug, Default)]
struct Lost {
    slow: u64,
    disconnects: u64,
}

impl Lost {
    /// Says on stderr what was lost since the last time.
    fn tell(&mut self, client: &Client) {
        let faults = client.faults();
        if faults.slow_consumer > self.slow {
            let more = faults.slow_consumer - self.slow;
            output::note(&format!(
                "{more} decision(s) or more were lost: the reader is too slow"
            ));
        }
        if faults.disconnects > self.disconnects {
            output::note("the connection was lost meanwhile, and what was decided then");
        }
        (self.slow, self.disconnects) = (faults.slow_consumer, faults.disconnects);
    }
}

/// Prints, and counts what is left to print.
struct Printer {
    left: Option<u64>,
}

impl Printer {
    const fn new(count: Option<u64>) -> Self {
        Self { left: count }
    }

    fn begin(&self, cli: &Cli) -> Result<ControlFlow<()>, Trouble> {
        match line::head(cli.format()) {
            Some(head) => written(output::line(&head)),
            None => Ok(ControlFlow::Continue(())),
        }
    }

    /// Prints one; breaks off where it was the last, or nobody reads.
    fn print(&mut self, message: &Message, cli: &Cli) -> Result<ControlFlow<()>, Trouble> {
        let text = match bus::decode(message) {
            Ok(Heard::Decision { live, decision }) => {
                Line::new(live, &decision).text(cli.format())?
            }
            Ok(_) => return Ok(ControlFlow::Continue(())),
            Err(bad) => {
                output::note(&format!("not readable: {bad}"));
                return Ok(ControlFlow::Continue(()));
            }
        };
        if written(output::line(&text))?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        self.left = self.left.map(|left| left.saturating_sub(1));
        Ok(match self.left {
            Some(0) => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        })
    }
}
