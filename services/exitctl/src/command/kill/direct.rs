//! `exitctl kill --direct`: to the gateway's own port, signed with the operator's key. Nothing of
//! the bus is needed.

use std::time::Duration;

use ::bus::{keys, kill};
use domain::mode;
use proto::DirectKill;
use proto::wire::gateway_admin_client::GatewayAdminClient;
use proto::wire::{KillReport, SignedKill};
use serde::Serialize;
use tokio::time::timeout;
use tonic::transport::Endpoint;
use tonic::{Code, Status};

use crate::answer::{Answer, Trouble};
use crate::cli::{Cli, Kill};
use crate::command::connect::operator;
use crate::render;

/// The JSON form: the gateway's report.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    kind: &'static str,
    instance: &'a str,
    before: &'a str,
    after: &'a str,
    acts: bool,
    withdrawn: u64,
    in_flight: u64,
}

/// Says the kill, and what it has done.
///
/// # Errors
/// [`Trouble::Denied`] where the gateway does not take it, [`Trouble::Unreachable`] where nobody
/// answers.
pub async fn run(order: &Kill, cli: &Cli) -> Result<Answer, Trouble> {
    let failure = |error: &dyn std::error::Error| Trouble::Failure(error.to_string());
    let signer = keys::operator_signer(&order.bus.keys_dir).map_err(|error| failure(&error))?;
    let kill = DirectKill {
        kill: mode::Kill {
            to: order.to.into(),
            by: operator(|name| std::env::var(name).ok()),
            at: runtime::now(),
        },
        account: order.account.clone(),
    };
    let sealed = kill::seal(&kill, &signer).map_err(|error| failure(&error))?;
    let report = ask(&order.gateway, sealed, cli.timeout).await?;
    let document = Document {
        api_version: "exitbrain/v1",
        kind: "DirectKill",
        instance: &report.instance,
        before: &report.before,
        after: &report.after,
        acts: report.acts,
        withdrawn: report.withdrawn,
        in_flight: report.in_flight,
    };
    let text = render::told(cli.format(), &document, |_| told(&report))?;
    Ok(Answer::ok(text))
}

async fn ask(address: &str, sealed: SignedKill, longest: Duration) -> Result<KillReport, Trouble> {
    let endpoint = Endpoint::new(address.to_owned()).map_err(|_| {
        Trouble::Usage(format!(
            "--gateway {address:?} is no address: use http://host:port"
        ))
    })?;
    let call = async {
        let channel = endpoint.connect().await.map_err(|_| nobody(address))?;
        let mut client = GatewayAdminClient::new(channel);
        let answer = client.kill(sealed).await;
        answer
            .map(tonic::Response::into_inner)
            .map_err(|status| refused(address, &status))
    };
    timeout(longest, call).await.unwrap_or_else(|_| {
        Err(Trouble::Unreachable(format!(
            "the gateway at {address} gave no answer within {longest:?}; it may have taken the \
             kill all the same: look at its log"
        )))
    })
}

fn nobody(address: &str) -> Trouble {
    Trouble::Unreachable(format!(
        "nobody answers at {address}: a gateway that does not run sends nothing either; else name \
         its port with --gateway or EXITCTL_GATEWAY"
    ))
}

fn refused(address: &str, status: &Status) -> Trouble {
    let text = format!("the gateway at {address}: {}", status.message());
    match status.code() {
        Code::PermissionDenied | Code::FailedPrecondition | Code::ResourceExhausted => {
            Trouble::Denied(text)
        }
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled => Trouble::Unreachable(text),
        _ => Trouble::Failure(text),
    }
}

fn told(report: &KillReport) -> String {
    let KillReport {
        instance,
        before,
        after,
        acts,
        withdrawn,
        in_flight,
    } = report;
    let acts = if *acts { "acts" } else { "stands by" };
    format!(
        "gateway {instance} ({acts}): {before} before, {after} now and until it is started anew\n\
         Orders and cancels of the executor given up: {withdrawn}; calls on their way to the \
         venue: {in_flight}\n\
         What rests at the venue stays. The others follow by its heartbeat once the bus is up: \
         exitctl flags"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::code;

    #[test]
    fn each_refusal_has_its_exit_code() {
        let code = |status| refused("x", &status).code();
        assert_eq!(code(Status::permission_denied("no")), code::DENIED);
        assert_eq!(code(Status::failed_precondition("used")), code::DENIED);
        assert_eq!(code(Status::unavailable("ending")), code::UNREACHABLE);
        assert_eq!(code(Status::internal("?")), code::FAILURE);
    }

    #[test]
    fn the_report_says_what_was_and_what_is() {
        let text = told(&KillReport {
            instance: "one".into(),
            before: "LIVE".into(),
            after: "SHADOW".into(),
            acts: true,
            withdrawn: 2,
            in_flight: 1,
        });
        assert!(
            text.starts_with("gateway one (acts): LIVE before, SHADOW now"),
            "{text}"
        );
        assert!(
            text.contains("given up: 2; calls on their way to the venue: 1"),
            "{text}"
        );
    }
}
