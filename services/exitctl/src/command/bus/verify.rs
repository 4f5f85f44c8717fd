//! `exitctl bus verify`: which policy is in force, by what the canaries can say and where it
//! arrives.

use std::time::Duration;

use ::bus::canary::{Canary, Finding};
use ::bus::policy::Policy;
use ::bus::{BusError, Identity, system};
use tokio::time::{Instant, sleep};

use crate::answer::{Answer, Trouble, code};
use crate::cli::{BusTarget, BusVerify, Cli};
use crate::command::connect::connect;

/// Pause between two looks while the server changes over, which takes some milliseconds.
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// Pause between two reloads while a file travels.
const RELOAD_EVERY: Duration = Duration::from_secs(1);
/// A server in the midst of a reload is found half way; so long it is looked at again.
const SETTLE: Duration = Duration::from_secs(1);

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
        return Ok(answer(policy, finding, "in force"));
    }
    let system = connect(&order.bus, Identity::System).await?;
    let begin = Instant::now();
    loop {
        system::reload(&system).await.map_err(refused)?;
        let finding = proof.until(policy, SETTLE.min(cli.timeout)).await?;
        if finding.proves(policy) || begin.elapsed() + RELOAD_EVERY > cli.timeout {
            let after = format!("in force after {:.1?}", begin.elapsed());
            return Ok(answer(policy, finding, &after));
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

pub(super) fn answer(policy: Policy, finding: Finding, how: &str) -> Answer {
    match finding.proves(policy) {
        true => Answer::ok(format!("{policy} is {how}\n{finding}")),
        false => Answer {
            text: format!("{policy} is not in force\n{finding}"),
            code: code::CONDITION,
        },
    }
}

/// The canaries, connected.
pub(super) struct Proof(Canary);

impl Proof {
    pub(super) async fn new(target: &BusTarget) -> Result<Self, Trouble> {
        let first = u64::try_from(runtime::now().micros()).unwrap_or(0);
        let connect = async |identity| connect(target, identity).await;
        Ok(Self(Canary::new(connect, first).await?))
    }

    /// What is found once it is `policy`, or after `longest`.
    pub(super) async fn until(
        &mut self,
        policy: Policy,
        longest: Duration,
    ) -> Result<Finding, BusError> {
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
