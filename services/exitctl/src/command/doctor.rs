//! `exitctl doctor`: the whole installation, check by check. It gathers what there is to know and
//! changes nothing; the judging is pure.

mod checks;
mod report;

use std::time::Duration;

use bus::canary::Finding;
use bus::policy::Policy;
use bus::{Client, Heard, Identity, lease, subjects};
use domain::snapshot::Heartbeat;
use domain::{Span, Timestamp};
use proto::wire::ExitBrainStatus;
use runtime::config::{explain, variables};
use tokio::time::timeout;

use crate::answer::{Answer, Trouble};
use crate::cli::{BusTarget, Cli, Doctor, VenueCheck};
use crate::client;
use crate::command::bus::verify::{Proof, SETTLE};
use crate::command::connect::{connect, within};
use crate::command::{check, venue};

use report::Report;

/// Every service says its heartbeat once a second; one is missing by then.
const LISTEN: Duration = Duration::from_millis(1_500);
/// Heartbeats that are taken in: a second of more instances than a deployment has.
const HEARTBEATS_MAX: usize = 256;

/// Checks everything that can be reached from here.
///
/// # Errors
/// Where the answer can't be written.
pub async fn run(asked: &Doctor, cli: &Cli) -> Result<Answer, Trouble> {
    runtime::install_crypto();
    let mut report = Report::default();
    let settings = explain::explain(variables(asked.config.as_deref()));
    report.push(checks::settings(settings.as_ref()));
    let status = client::status(&cli.grpc, cli.timeout).await;
    report.push(checks::diagnostics(status.as_ref()));
    let operator = connected(&asked.bus, Identity::Operator, cli).await;
    report.push(checks::reached(
        operator.as_ref().map(|_| ()),
        &asked.bus.nats_url,
    ));
    report.push(checks::bucket(bucket(&asked.bus, cli).await.as_ref()));
    let beats = match &operator {
        Ok(client) => heartbeats(client, status.as_ref().ok()).await?,
        Err(_) => Vec::new(),
    };
    if let Ok(status) = &status {
        let expected = checks::policies(status, &beats);
        let found = proof(&asked.bus, &expected, cli).await;
        report.push(checks::policy(status, &expected, found.as_ref()));
        report.push(checks::services(status));
        report.push(checks::leases(status, &beats));
        for (name, judge) in checks::JUDGES {
            report.push(checks::found(name, &judge(status)));
        }
    }
    report.push(checks::clocks(&beats));
    if asked.venue {
        let asked = VenueCheck {
            config: asked.config.clone(),
            ..VenueCheck::default()
        };
        let found = check::judged(venue::ask(&asked, cli).await, check::at_venue);
        report.push(checks::found("venue", &found));
    }
    report.answer(cli.format())
}

/// A heartbeat, and when it came by our clock.
struct Beat {
    said: Heartbeat,
    heard_at: Timestamp,
}

impl Beat {
    /// How far the clock of the one who said it is ahead of ours. What the way took makes it look
    /// behind by a little.
    fn ahead(&self) -> Span {
        self.said.at.since(self.heard_at)
    }
}

async fn connected(target: &BusTarget, who: Identity, cli: &Cli) -> Result<Client, Trouble> {
    within(cli.timeout, target, "answer", connect(target, who)).await
}

async fn bucket(target: &BusTarget, cli: &Cli) -> Result<Option<usize>, Trouble> {
    let client = connected(target, Identity::Provisioner, cli).await?;
    let asked = timeout(cli.timeout, lease::inspect(&client)).await;
    let found = asked.map_err(|_| {
        Trouble::Unreachable(format!(
            "no answer about the bucket within {:?}",
            cli.timeout
        ))
    })?;
    found.map_err(|error| Trouble::Failure(error.to_string()))
}

/// One heartbeat of each instance, as many as come while it listens; no longer than until everybody
/// that `status` lists has been heard.
async fn heartbeats(
    client: &Client,
    status: Option<&ExitBrainStatus>,
) -> Result<Vec<Beat>, Trouble> {
    let mut inbox = client.subscribe(subjects::all_health().as_str()).await?;
    let expected = status.map_or(usize::MAX, |status| checks::fresh(status).count());
    let mut beats: Vec<Beat> = Vec::new();
    let listen = async {
        while beats.len() < expected.min(HEARTBEATS_MAX) {
            let Some(message) = inbox.next().await else {
                break;
            };
            let heard_at = runtime::now();
            let Ok(Heard::Health(said)) = bus::decode(&message) else {
                continue;
            };
            let who = (&said.service, &said.instance);
            let is_new = |it: &Beat| (&it.said.service, &it.said.instance) != who;
            if beats.iter().all(is_new) {
                beats.push(Beat { said, heard_at });
            }
        }
    };
    // What was heard by then is what there is.
    drop(timeout(LISTEN, listen).await);
    Ok(beats)
}

/// What the server does, looked at until it is one of `expected` or the time is up.
async fn proof(target: &BusTarget, expected: &[Policy], cli: &Cli) -> Result<Finding, Trouble> {
    let look = async {
        let mut proof = Proof::new(target).await?;
        let policy = expected.first().copied().unwrap_or_default();
        Ok(proof.until(policy, SETTLE).await?)
    };
    let looked = timeout(cli.timeout, look).await;
    looked.unwrap_or_else(|_| {
        let longest = cli.timeout;
        let text = format!("the canaries did not come through within {longest:?}");
        Err(Trouble::Unreachable(text))
    })
}

#[cfg(test)]
#[path = "doctor/tests.rs"]
mod tests;
