//! `exitctl flatten`: tells the executors to close positions at market, and sees it happen. The one
//! that acts on a position does it, by the way of every order: nothing is sent to the venue here.

use std::collections::BTreeSet;
use std::time::Duration;

use bus::{Client, Heard, Identity, Inbox, subjects};
use domain::decision::Rule;
use domain::flatten;
use domain::mode::Mode;
use proto::wire::{ExitBrainStatus, PositionStatus};
use serde::Serialize;
use tokio::time::{interval, timeout};

use crate::answer::{Answer, Trouble, code};
use crate::cli::{Cli, Flatten};
use crate::client;
use crate::command::confirm::{Danger, confirm};
use crate::command::connect::{connect, operator, reached, refused, within};
use crate::render;

/// How often the open positions are asked for while waiting: often enough to look instant.
const ASK_EVERY: Duration = Duration::from_millis(200);

/// Publishes the order and waits until what it is about is closed.
///
/// # Errors
/// [`Trouble::Usage`] where it was not confirmed, [`Trouble::Denied`] where LIVE is not in force,
/// [`Trouble::Unreachable`] where nobody answers.
pub async fn run(order: &Flatten, cli: &Cli) -> Result<Answer, Trouble> {
    let word = order
        .symbol
        .as_ref()
        .map_or("ALL", |symbol| symbol.as_str());
    confirmed(order, word)?;
    let mut seen = Seen::default();
    let is_dry = order.confirm.dry_run;
    if is_dry || !order.no_wait {
        let status = client::status(&cli.grpc, cli.timeout).await?;
        live(&status)?;
        seen.open = meant(order, &status);
        if seen.open.is_empty() {
            return seen.answer(cli, word, "no such position is open: nothing was done");
        }
    }
    if is_dry {
        within(cli.timeout, &order.bus, "answer", reached(&order.bus)).await?;
        return seen.would(cli, word);
    }
    let said = within(cli.timeout, &order.bus, "take the order", say(order)).await;
    let (_client, inbox) = said?;
    if order.no_wait {
        let answer = seen.answer(cli, word, "published; see: exitctl positions")?;
        return Ok(Answer {
            code: code::OK,
            ..answer
        });
    }
    seen.left = seen.open.clone();
    // When the time is up, what is left is told as such.
    let watched = timeout(cli.timeout, watch(order, cli, inbox, &mut seen)).await;
    watched.unwrap_or(Ok(()))?;
    seen.told(cli, word)
}

fn confirmed(order: &Flatten, word: &str) -> Result<(), Trouble> {
    let what = if order.all { "--all" } else { word };
    let danger = Danger {
        verb: &format!("flatten {what}"),
        effect: "closes positions at market",
        word,
    };
    confirm(&order.confirm, &danger)
}

/// Only in LIVE an executor acts on positions. A mode that is not known proves nothing.
fn live(status: &ExitBrainStatus) -> Result<(), Trouble> {
    let effective = status.mode.clone().unwrap_or_default().effective;
    if effective == Mode::Live.to_string() {
        return Ok(());
    }
    Err(Trouble::Denied(format!(
        "{effective} is in force, not LIVE: no executor acts, and nothing was done. The incumbents \
         own the exits: close with their tools or at the venue, and see: exitctl flags"
    )))
}

/// The names of the open positions that the order is about.
fn meant(order: &Flatten, status: &ExitBrainStatus) -> BTreeSet<String> {
    let symbol = order.symbol.as_ref();
    let is_meant = |it: &&PositionStatus| {
        it.account == order.account.as_str()
            && symbol.is_none_or(|symbol| symbol.as_str() == it.symbol)
    };
    let positions = status.positions.iter().filter(is_meant);
    positions.map(render::position_name).collect()
}

async fn say(order: &Flatten) -> Result<(Client, Inbox), Trouble> {
    runtime::install_crypto();
    let client = connect(&order.bus, Identity::Operator).await?;
    let (account, symbol) = (order.account.clone(), order.symbol.clone());
    let about = subjects::decisions_about(Some(&account), symbol.as_ref(), None);
    let inbox = client.subscribe(about.as_str()).await?;
    let flatten = flatten::Flatten {
        account,
        symbol,
        by: operator(|name| std::env::var(name).ok()),
        at: runtime::now(),
    };
    client
        .publish(subjects::flatten().message(&flatten))
        .await?;
    // By then the server has taken it, or has told that it did not.
    client.settle().await?;
    refused(&client, "the order")?;
    Ok((client, inbox))
}

/// Sees what is decided and what is still open, until nothing is.
async fn watch(
    order: &Flatten,
    cli: &Cli,
    mut inbox: Inbox,
    seen: &mut Seen,
) -> Result<(), Trouble> {
    let mut ask = interval(ASK_EVERY);
    while !seen.left.is_empty() {
        tokio::select! {
            Some(message) = inbox.next() => {
                if let Ok(Heard::Decision { live: true, decision }) = bus::decode(&message)
                    && decision.rule == Rule::Operator
                {
                    seen.taken.insert(decision.key.to_string());
                }
            }
            _ = ask.tick() => {
                let status = client::status(&cli.grpc, cli.timeout).await.map_err(|trouble| {
                    Trouble::Unreachable(format!("published, not confirmed: {trouble}"))
                })?;
                let open = meant(order, &status);
                seen.left.retain(|name| open.contains(name));
            }
        }
    }
    Ok(())
}

/// What was seen of the order.
#[derive(Debug, Default)]
struct Seen {
    /// Open when it was given.
    open: BTreeSet<String>,
    /// Of these, an executor has said that it closes them.
    taken: BTreeSet<String>,
    /// Of these, still open.
    left: BTreeSet<String>,
}

/// The JSON form.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    kind: &'static str,
    what: &'a str,
    positions: &'a BTreeSet<String>,
    /// Whose owner has decided to close them.
    taken: &'a BTreeSet<String>,
    still_open: &'a BTreeSet<String>,
    text: &'a str,
}

impl Seen {
    fn told(&self, cli: &Cli, word: &str) -> Result<Answer, Trouble> {
        let mut lines = Vec::new();
        for name in &self.open {
            lines.push(
                match (self.left.contains(name), self.taken.contains(name)) {
                    (false, _) => format!("{name}: closed"),
                    (true, true) => format!("{name}: being closed, not yet closed"),
                    (true, false) => format!(
                        "{name}: nobody has taken the order: no executor acts on it, or the clocks \
                     differ (see: exitctl flags, exitctl doctor)"
                    ),
                },
            );
        }
        let answer = self.answer(cli, word, &lines.join("\n"))?;
        Ok(Answer::holds(answer.text, self.left.is_empty()))
    }

    /// What the order would close.
    fn would(&self, cli: &Cli, word: &str) -> Result<Answer, Trouble> {
        let names = self.open.iter();
        let lines: Vec<_> = names
            .map(|name| format!("{name}: would be closed at market by its executor"))
            .collect();
        let answer = self.answer(cli, word, &lines.join("\n"))?;
        Ok(Answer::ok(answer.text))
    }

    /// With the code of something that does not hold.
    fn answer(&self, cli: &Cli, what: &str, words: &str) -> Result<Answer, Trouble> {
        let document = Document {
            api_version: "exitbrain/v1",
            kind: "Flatten",
            what,
            positions: &self.open,
            taken: &self.taken,
            still_open: &self.left,
            text: words,
        };
        let text = render::told(cli.format(), &document, |_| words.to_owned())?;
        let code = code::CONDITION;
        Ok(Answer { text, code })
    }
}

#[cfg(test)]
#[path = "flatten/tests.rs"]
mod tests;
