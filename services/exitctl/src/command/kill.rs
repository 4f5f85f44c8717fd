//! `exitctl kill`: says on the bus that the system has to go down a mode, and sees it happen.

use std::time::Duration;

use bus::{Identity, subjects};
use domain::mode::{self, Mode};
use proto::wire::ExitBrainStatus;
use tokio::time::{Instant, sleep};

use crate::answer::{Answer, Trouble};
use crate::cli::{Cli, Kill};
use crate::client;
use crate::command::check;
use crate::command::confirm::{self, Danger};
use crate::command::connect::{connect, operator, reached, refused, within};

/// How often the mode in force is asked for while waiting: often enough to look instant.
const ASK_EVERY: Duration = Duration::from_millis(200);
/// A wish that the executor had before it heard of the kill runs out after two seconds: only then
/// its last order is known.
const QUIET: Duration = Duration::from_millis(2_100);
/// Its name in the status.
const LEGACY: &str = "legacy";

mod direct;
mod policy;
mod told;

use told::Killed;

/// Publishes the kill and waits until the mode in force is that low. Then the bus's policy follows,
/// where that was asked for.
///
/// # Errors
/// [`Trouble`] where it was not confirmed on purpose, or could not be said.
pub async fn run(order: &Kill, cli: &Cli) -> Result<Answer, Trouble> {
    let to = order.to.into();
    confirmed(order, to)?;
    if order.direct {
        return direct::run(order, cli).await;
    }
    runtime::install_crypto();
    if order.confirm.dry_run {
        return rehearse(order, cli, to).await;
    }
    let begin = Instant::now();
    let said = within(cli.timeout, &order.bus, "take the kill", say(order, to)).await;
    if order.no_wait {
        return said.and_then(|()| told::published(cli, to));
    }
    let wait = Wait {
        cli,
        to,
        begin,
        quiet: Instant::now() + QUIET,
    };
    let down = match said {
        Ok(()) => wait.until(|status| still_up(status, to)).await,
        Err(trouble) => Err(trouble),
    };
    // Whatever has come of the kill: the incumbents must be let through.
    let policy = match &order.bus_config {
        Some(config) => Some(policy::reverse(order, config, cli, begin).await),
        None => None,
    };
    let killed = match down {
        Ok(down) => wait.settled(down).await,
        Err(trouble) => Err(trouble),
    };
    told::answer(cli, to, killed, policy)
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

/// Says what a kill would do.
async fn rehearse(order: &Kill, cli: &Cli, to: Mode) -> Result<Answer, Trouble> {
    let status = client::status(&cli.grpc, cli.timeout).await?;
    // Who could not say it would say so here.
    within(cli.timeout, &order.bus, "answer", reached(&order.bus)).await?;
    let mut words = would(&status, to);
    if let Some(config) = &order.bus_config {
        words = format!("{words}\n{}", policy::draft(order, config)?.unlike());
    }
    told::rehearsed(cli, to, &status, &words)
}

async fn say(order: &Kill, to: Mode) -> Result<(), Trouble> {
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

/// What is waited for, and since when.
struct Wait<'a> {
    cli: &'a Cli,
    to: Mode,
    begin: Instant,
    /// From then on no wish of the executor from before is on its way.
    quiet: Instant,
}

/// The last status that was asked for.
struct Seen {
    status: ExitBrainStatus,
    /// What it still lacks, in words.
    missing: Option<String>,
    /// How long after the command.
    after: Duration,
}

impl Wait<'_> {
    /// Asks until nothing is missing or the time is up, and at least once.
    async fn until(
        &self,
        missing: impl Fn(&ExitBrainStatus) -> Option<String>,
    ) -> Result<Seen, Trouble> {
        let deadline = self.begin + self.cli.timeout;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let status = client::status(&self.cli.grpc, left.max(ASK_EVERY)).await;
            let status = status.map_err(|trouble| {
                let to = self.to;
                Trouble::Unreachable(format!("kill to {to} published, not confirmed: {trouble}"))
            })?;
            let (missing, after) = (missing(&status), self.begin.elapsed());
            if missing.is_none() || Instant::now() + ASK_EVERY > deadline {
                return Ok(Seen {
                    status,
                    missing,
                    after,
                });
            }
            sleep(ASK_EVERY).await;
        }
    }

    /// Waits until every position that the executor left has somebody, and no wish of the executor
    /// from before can still be on its way. `down` is when the mode was looked for.
    async fn settled(&self, down: Seen) -> Result<Killed, Trouble> {
        let seen = self.until(|status| {
            let early = || "wishes from before may be on their way".to_owned();
            unsettled(status, self.to).or_else(|| (Instant::now() < self.quiet).then(early))
        });
        let Seen {
            status, missing, ..
        } = seen.await?;
        Ok(Killed {
            status,
            missing,
            down_after: down.missing.is_none().then_some(down.after),
        })
    }
}

/// The mode that is in force where it is not low enough, in words.
fn still_up(status: &ExitBrainStatus, to: Mode) -> Option<String> {
    let effective = status.mode.clone().unwrap_or_default().effective;
    (!is_down(&effective, to)).then(|| format!("{effective} is still in force"))
}

/// What is still missing, in words.
fn unsettled(status: &ExitBrainStatus, to: Mode) -> Option<String> {
    if let Some(mode) = still_up(status, to) {
        return Some(mode);
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

/// Whether the mode in force is `to` or lower; an unknown one proves nothing.
fn is_down(effective: &str, to: Mode) -> bool {
    effective.parse::<Mode>().is_ok_and(|mode| mode <= to)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::answer::code;

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
}
