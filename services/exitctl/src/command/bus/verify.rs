//! `exitctl bus verify`: which policy is in force, by what the canaries can say and where it
//! arrives.

use std::time::Duration;

use ::bus::canary::{Canary, Finding, Incumbents};
use ::bus::policy::Policy;
use ::bus::{BusError, Identity, system};
use serde::Serialize;
use tokio::time::{Instant, sleep};

use crate::answer::{Answer, Trouble};
use crate::cli::{BusTarget, BusVerify, Cli};
use crate::command::connect::connect;
use crate::render;

/// Pause between two looks while the server changes over, which takes some milliseconds.
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// Pause between two reloads while a file travels.
const RELOAD_EVERY: Duration = Duration::from_secs(1);
/// A server in the midst of a reload is found half way; so long it is looked at again.
pub const SETTLE: Duration = Duration::from_secs(1);

/// Proves the policy, once or until it is in force.
///
/// # Errors
/// [`Trouble`] where the canaries can't be connected, or no reload can be asked for.
pub async fn run(order: &BusVerify, cli: &Cli) -> Result<Answer, Trouble> {
    runtime::install_crypto();
    let policy = order.policy.into();
    let mut proof = Proof::new(&order.bus).await?;
    if !order.reload {
        let finding = proof.until(policy, SETTLE.min(cli.timeout)).await?;
        return Told::new(policy, finding, "in force", None).answer(cli);
    }
    let system = connect(&order.bus, Identity::System).await?;
    let begin = Instant::now();
    loop {
        system::reload(&system).await.map_err(refused)?;
        let finding = proof.until(policy, SETTLE.min(cli.timeout)).await?;
        if finding.proves(policy) || begin.elapsed() + RELOAD_EVERY > cli.timeout {
            let took = begin.elapsed();
            let after = format!("in force after {took:.1?}");
            return Told::new(policy, finding, &after, Some(took)).answer(cli);
        }
        sleep(RELOAD_EVERY).await;
    }
}

pub(super) fn refused(error: system::ReloadError) -> Trouble {
    match error {
        system::ReloadError::Refused(_) => Trouble::Failure(error.to_string()),
        _ => Trouble::Unreachable(error.to_string()),
    }
}

/// What was found, as it is told.
#[derive(Serialize)]
pub struct Told {
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    kind: &'static str,
    policy: String,
    pub in_force: bool,
    /// How long it took; none where it was only looked at.
    in_force_after_ms: Option<u64>,
    incumbents: &'static str,
    executor_asks: bool,
    pub text: String,
}

impl Told {
    /// `how` is what follows where `policy` is found, `took` how long that was waited for.
    pub fn new(policy: Policy, finding: Finding, how: &str, took: Option<Duration>) -> Self {
        let in_force = finding.proves(policy);
        let text = match in_force {
            true => format!("{policy} is {how}\n{finding}"),
            false => format!("{policy} is not in force\n{finding}"),
        };
        Self {
            api_version: "exitbrain/v1",
            kind: "BusPolicy",
            policy: policy.to_string(),
            in_force,
            in_force_after_ms: took.filter(|_| in_force).map(millis),
            incumbents: match finding.incumbents {
                Incumbents::Arrive => "arrive",
                Incumbents::Diverted => "diverted",
                Incumbents::Both => "both",
                Incumbents::Nowhere => "nowhere",
            },
            executor_asks: finding.executor_asks,
            text,
        }
    }

    /// 0 where it is in force, else 3.
    pub fn answer(&self, cli: &Cli) -> Result<Answer, Trouble> {
        let text = render::told(cli.format(), self, |_| self.text.clone())?;
        Ok(Answer::holds(text, self.in_force))
    }
}

/// Whole milliseconds, for a document.
pub fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// The canaries, connected.
pub struct Proof(Canary);

impl Proof {
    pub async fn new(target: &BusTarget) -> Result<Self, Trouble> {
        let first = u64::try_from(runtime::now().micros()).unwrap_or(0);
        let connect = async |identity| connect(target, identity).await;
        Ok(Self(Canary::new(connect, first).await?))
    }

    /// What is found once it is `policy`, or after `longest`.
    pub async fn until(&mut self, policy: Policy, longest: Duration) -> Result<Finding, BusError> {
        let deadline = Instant::now() + longest;
        loop {
            let finding = self.0.probe().await?;
            if finding.proves(policy) || Instant::now() >= deadline {
                return Ok(finding);
            }
            sleep(LOOK_EVERY).await;
        }
    }
}
