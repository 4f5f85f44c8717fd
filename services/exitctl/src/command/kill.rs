//! `exitctl kill`: says on the bus that the system has to go down a mode, and sees it happen.

use std::path::Path;
use std::time::Duration;

use bus::{BusError, Client, ConnectOptions, Identity, subjects};
use domain::mode::{self, Mode};
use tokio::time::{Instant, sleep, timeout_at};

use crate::answer::{Answer, Trouble, code};
use crate::cli::{Cli, Kill, KillTo};
use crate::client;

/// How often the mode in force is asked for while waiting: often enough to look instant.
const ASK_EVERY: Duration = Duration::from_millis(200);
/// The operator only speaks here; nothing is ever subscribed to.
const CAPACITY: usize = 16;

/// Publishes the kill and waits until the mode in force is that low.
///
/// # Errors
/// [`Trouble`] where it was not confirmed on purpose, or could not be said.
pub async fn run(order: &Kill, cli: &Cli) -> Result<Answer, Trouble> {
    let to = target(order.to);
    if !order.yes {
        return Err(Trouble::Usage(format!(
            "kill --to {to} takes the running system down and only a restart brings it back; \
             nothing was done. Add --yes to do it"
        )));
    }
    let deadline = Instant::now() + cli.timeout;
    let said = timeout_at(deadline, say(order, to)).await;
    said.unwrap_or_else(|_| {
        Err(Trouble::Unreachable(format!(
            "the bus at {} did not take the kill within {:?}",
            order.nats_url, cli.timeout
        )))
    })?;
    if order.no_wait {
        return Ok(Answer::ok(format!("kill to {to} published")));
    }
    confirm(cli, to, deadline).await
}

const fn target(to: KillTo) -> Mode {
    match to {
        KillTo::Shadow => Mode::Shadow,
        KillTo::Legacy => Mode::Legacy,
    }
}

async fn say(order: &Kill, to: Mode) -> Result<(), Trouble> {
    runtime::install_crypto();
    let client = connect(&order.nats_url, &order.keys_dir).await?;
    let kill = mode::Kill {
        to,
        by: operator(|name| std::env::var(name).ok()),
        at: runtime::now(),
    };
    let failure = |error: BusError| Trouble::Failure(error.to_string());
    let message = subjects::kill().message(&kill);
    client.publish(message).await.map_err(failure)?;
    // By then the server has taken it, or has told that it did not.
    client.settle().await.map_err(failure)?;
    if client.faults().permission_violations > 0 {
        let text = "the bus refused the kill: this key has no right to it (see: exitctl bus map)";
        return Err(Trouble::Failure(text.into()));
    }
    Ok(())
}

async fn connect(url: &str, keys_dir: &Path) -> Result<Client, Trouble> {
    let options = ConnectOptions {
        url: url.to_owned(),
        identity: Identity::Operator,
        seed_file: keys_dir.join(format!("{}.nk", Identity::Operator.name())),
        capacity: CAPACITY,
    };
    let connected = Client::connect(&options).await;
    connected.map_err(|error| match error {
        BusError::Connect { .. } | BusError::Unsettled { .. } => {
            Trouble::Unreachable(error.to_string())
        }
        _ => Trouble::Failure(error.to_string()),
    })
}

/// Who asked, for the record of the others.
fn operator(get: impl Fn(&str) -> Option<String>) -> String {
    let named = ["SUDO_USER", "USER", "LOGNAME"].into_iter().find_map(get);
    named.unwrap_or_else(|| "operator".into())
}

async fn confirm(cli: &Cli, to: Mode, deadline: Instant) -> Result<Answer, Trouble> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let status = client::status(&cli.grpc, left.max(ASK_EVERY)).await;
        let status = status.map_err(|trouble| {
            Trouble::Unreachable(format!("kill to {to} published, not confirmed: {trouble}"))
        })?;
        let effective = status.mode.unwrap_or_default().effective;
        if is_down(&effective, to) {
            return Ok(Answer::ok(format!("{effective} is in force")));
        }
        if Instant::now() + ASK_EVERY > deadline {
            let text = format!("kill to {to} published, but {effective} is still in force");
            let code = code::CONDITION;
            return Ok(Answer { text, code });
        }
        sleep(ASK_EVERY).await;
    }
}

/// Whether the mode in force is `to` or lower; an unknown one proves nothing.
fn is_down(effective: &str, to: Mode) -> bool {
    effective.parse::<Mode>().is_ok_and(|mode| mode <= to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[tokio::test]
    async fn without_yes_nothing_is_done() {
        let cli = Cli::parse_from(["exitctl", "kill", "--to", "shadow"]);
        let crate::cli::Command::Kill(order) = &cli.command else {
            panic!("kill is kill");
        };
        let trouble = run(order, &cli).await.unwrap_err();
        assert_eq!(trouble.code(), code::USAGE);
        assert!(trouble.to_string().contains("--yes"), "{trouble}");
    }

    #[test]
    fn lower_than_asked_is_down_and_unknown_is_not() {
        assert!(is_down("LEGACY", Mode::Shadow));
        assert!(is_down("SHADOW", Mode::Shadow));
        assert!(!is_down("LIVE", Mode::Shadow));
        assert!(!is_down("SHADOW", Mode::Legacy));
        assert!(!is_down("UNKNOWN", Mode::Shadow));
        assert!(!is_down("", Mode::Shadow));
    }

    #[test]
    fn the_one_who_asked_is_named() {
        let sudo = |name: &str| (name == "SUDO_USER").then(|| "ada".to_owned());
        assert_eq!(operator(sudo), "ada");
        assert_eq!(operator(|_| None), "operator");
    }
}
