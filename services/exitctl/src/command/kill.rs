//! `exitctl kill`: says on the bus that the system has to go down a mode, and sees it happen.

use std::time::Duration;

use bus::{Identity, subjects};
use domain::mode::{self, Mode};
use proto::wire::{DemotionStatus, ExitBrainStatus};
use serde::Serialize;
use tokio::time::{Instant, sleep};

use crate::answer::{Answer, Trouble, code};
use crate::cli::{Cli, Kill};
use crate::client;
use crate::command::check;
use crate::command::confirm::{self, Danger};
use crate::command::connect::{connect, operator, reached, refused, within};
use crate::render::{
    self,
    status::{last_order, taken_over},
};

/// How often the mode in force is asked for while waiting: often enough to look instant.
const ASK_EVERY: Duration = Duration::from_millis(200);
/// A wish that the executor had before it heard of the kill runs out after two seconds: only then
/// its last order is known.
const QUIET: Duration = Duration::from_millis(2_100);
/// Its name in the status.
const LEGACY: &str = "legacy";

mod direct;

/// Publishes the kill and waits until the mode in force is that low.
///
/// # Errors
/// [`Trouble`] where it was not confirmed on purpose, or could not be said.
pub async fn run(order: &Kill, cli: &Cli) -> Result<Answer, Trouble> {
    let to = order.to.into();
    confirmed(order, to)?;
    if order.direct {
        return direct::run(order, cli).await;
    }
    if order.confirm.dry_run {
        let status = client::status(&cli.grpc, cli.timeout).await?;
        // Who could not say it would say so here.
        within(cli.timeout, &order.bus, "answer", reached(&order.bus)).await?;
        return answer(cli, to, Some(&status), code::CONDITION, &would(&status, to))
            .map(|answer| Answer::ok(answer.text));
    }
    let deadline = Instant::now() + cli.timeout;
    within(cli.timeout, &order.bus, "take the kill", say(order, to)).await?;
    if order.no_wait {
        let told = format!("kill to {to} published");
        return answer(cli, to, None, code::OK, &told);
    }
    confirm(cli, to, deadline).await
}

fn confirmed(order: &Kill, to: Mode) -> Result<(), Trouble> {
    let word = to.to_string();
    let danger = Danger {
        verb: &format!("kill --to {}", word.to_lowercase()),
        effect: "takes the running system down and only a restart brings it back",
        word: &word,
    };
    confirm::confirm(&order.confirm, &danger)
}

async fn say(order: &Kill, to: Mode) -> Result<(), Trouble> {
    runtime::install_crypto();
    let client = connect(&order.bus, Identity::Operator).await?;
    let kill = mode::Kill {
        to,
        by: operator(|name| std::env::var(name).ok()),
        at: runtime::now(),
    };
    let message = subjects::kill().message(&kill);
    client.publish(message).await?;
    // By then the server has taken it, or has told that it did not.
    client.settle().await?;
    refused(&client, "the kill")
}

/// Waits until the mode in force is that low, every position that the executor left has somebody,
/// and no wish of the executor from before can still be on its way.
async fn confirm(cli: &Cli, to: Mode, deadline: Instant) -> Result<Answer, Trouble> {
    let quiet = Instant::now() + QUIET;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let status = client::status(&cli.grpc, left.max(ASK_EVERY)).await;
        let status = status.map_err(|trouble| {
            Trouble::Unreachable(format!("kill to {to} published, not confirmed: {trouble}"))
        })?;
        let open = unsettled(&status, to);
        if open.is_none() && Instant::now() >= quiet {
            return answer(cli, to, Some(&status), code::OK, &report(&status));
        }
        if Instant::now() + ASK_EVERY > deadline {
            let what = open.unwrap_or_else(|| "wishes from before may be on their way".into());
            let text = format!("kill to {to} published, but {what}\n{}", report(&status));
            return answer(cli, to, Some(&status), code::CONDITION, &text);
        }
        sleep(ASK_EVERY).await;
    }
}

/// The JSON form.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    kind: &'static str,
    to: String,
    /// Whether everything that was waited for has come.
    done: bool,
    /// The mode in force; none where it was not waited for.
    effective: Option<&'a str>,
    demotion: Option<&'a DemotionStatus>,
    text: &'a str,
}

fn answer(
    cli: &Cli,
    to: Mode,
    status: Option<&ExitBrainStatus>,
    code: u8,
    words: &str,
) -> Result<Answer, Trouble> {
    let mode = status.and_then(|status| status.mode.as_ref());
    let document = Document {
        api_version: "exitbrain/v1",
        kind: "Kill",
        to: to.to_string(),
        done: code == code::OK && status.is_some(),
        effective: mode.map(|mode| mode.effective.as_str()),
        demotion: status.and_then(|status| status.demotion.as_ref()),
        text: words,
    };
    let text = render::told(cli.format(), &document, |_| words.to_owned())?;
    Ok(Answer { text, code })
}

/// What is still missing, in words.
fn unsettled(status: &ExitBrainStatus, to: Mode) -> Option<String> {
    let mode = status.mode.clone().unwrap_or_default();
    if !is_down(&mode.effective, to) {
        return Some(format!("{} is still in force", mode.effective));
    }
    let demotion = status.demotion.clone().unwrap_or_default();
    if demotion.executors_live > 0 {
        let count = demotion.executors_live;
        return Some(format!("{count} executor(s) have not heard of it"));
    }
    let open = demotion.positions.saturating_sub(demotion.taken_over);
    (open > 0).then(|| {
        format!(
            "no incumbent has taken over {open} of {} position(s): what the executor left \
             there still protects them; start the incumbents (legacy.modules), and see: \
             exitctl positions",
            demotion.positions
        )
    })
}

/// What a kill would change.
fn would(status: &ExitBrainStatus, to: Mode) -> String {
    let effective = status.mode.clone().unwrap_or_default().effective;
    let what = match is_down(&effective, to) {
        // It may be there for now only: a silent executor that returns brings LIVE back.
        true => format!("{effective} is in force; a kill would keep it so until a restart"),
        false => {
            format!("{effective} is in force; a kill would put {to} in force, until a restart")
        }
    };
    let open = status.positions.len();
    let bare = status.unprotected_positions;
    let incumbents = status.services.iter().filter(|it| it.service == LEGACY);
    let fresh = incumbents.filter(|it| it.age_ms <= check::AGE_MS_MAX);
    let names: Vec<_> = fresh.map(|it| it.instance.as_str()).collect();
    let takers = match names.is_empty() {
        true => "no incumbent is heard, so nobody would move them".to_owned(),
        false => format!("one of {} takes over", names.join(", ")),
    };
    format!("{what}\n{open} open position(s), {bare} without a stop: every order stays; {takers}")
}

fn report(status: &ExitBrainStatus) -> String {
    let effective = status.mode.clone().unwrap_or_default().effective;
    let mut lines = vec![format!("{effective} is in force")];
    if let Some(demotion) = &status.demotion {
        lines.push(taken_over(demotion));
        lines.push(last_order(demotion));
    }
    lines.join("\n")
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

    fn down(positions: u64, taken_over: u64, last_order_us: Option<i64>) -> ExitBrainStatus {
        ExitBrainStatus {
            mode: Some(proto::wire::ModeStatus {
                effective: "SHADOW".into(),
                ..Default::default()
            }),
            demotion: Some(proto::wire::DemotionStatus {
                positions,
                taken_over,
                last_order_us,
                ..Default::default()
            }),
            ..ExitBrainStatus::default()
        }
    }

    #[test]
    fn a_position_that_nobody_has_taken_over_is_said() {
        let text = unsettled(&down(3, 1, None), Mode::Shadow).unwrap();
        assert!(text.contains("2 of 3"), "{text}");
        assert_eq!(unsettled(&down(3, 3, None), Mode::Shadow), None);
        let text = unsettled(&down(0, 0, None), Mode::Legacy).unwrap();
        assert!(text.contains("SHADOW is still in force"), "{text}");
    }

    #[test]
    fn a_dry_run_tells_what_is_in_force_and_who_would_take_over() {
        let text = would(&down(0, 0, None), Mode::Shadow);
        assert!(text.contains("would keep it so"), "{text}");
        let mut live = down(0, 0, None);
        live.mode = Some(proto::wire::ModeStatus {
            effective: "LIVE".into(),
            ..Default::default()
        });
        let text = would(&live, Mode::Shadow);
        assert!(text.contains("would put SHADOW in force"), "{text}");
        assert!(text.contains("no incumbent is heard"), "{text}");
        live.services.push(proto::wire::ServiceStatus {
            service: LEGACY.into(),
            instance: "position_monitor".into(),
            ..Default::default()
        });
        let text = would(&live, Mode::Shadow);
        assert!(
            text.contains("one of position_monitor takes over"),
            "{text}"
        );
    }

    #[test]
    fn the_report_tells_who_has_what_and_when_the_last_order_left() {
        let text = report(&down(3, 3, Some(1_234)));
        assert!(text.starts_with("SHADOW is in force\n"), "{text}");
        assert!(text.contains("3/3 taken over"), "{text}");
        assert!(text.contains("1.234 ms after the command"), "{text}");
        let text = report(&down(0, 0, None));
        assert!(text.contains("none after the command"), "{text}");
    }
}
