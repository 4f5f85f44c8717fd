//! What can be typed.

use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};

pub use clap_complete::Shell;

pub mod bus;
pub mod check;
pub mod config;
pub mod confirm;
pub mod dataset;
pub mod decisions;
pub mod doctor;
pub mod flatten;
pub mod kill;
pub mod plan;
pub mod policy;
pub mod replay;
pub mod shadow;
pub mod story;
pub mod tp;
pub mod trial;
pub mod venue;
pub mod watch;

pub use bus::{Bus, BusApply, BusConfig, BusTarget, BusVerify, Provision, ServerProgram};
pub use check::{Check, CheckFormat, CheckOrder};
pub use config::Config;
pub use confirm::Confirm;
pub use dataset::{Dataset, DatasetExport};
pub use decisions::{Decisions, DecisionsTail};
pub use doctor::Doctor;
pub use flatten::Flatten;
pub use kill::Kill;
pub use plan::{Explain, Plan, PlanSide};
pub use policy::Policy;
pub use replay::{
    Against, Replay, ReplayCosts, ReplayMarket, ReplayPolicies, ReplayTrades, Search,
};
pub use shadow::{Shadow, ShadowReport};
pub use story::Story;
pub use tp::Tp;
pub use trial::{Trial, TrialAdvice, TrialMarket, TrialPosition};
pub use venue::{Venue, VenueCheck, VenueMode};
pub use watch::Watch;

const EXAMPLES: &str = "Examples:
  exitctl status                        what the running system does
  exitctl status -o json                the same document as the HTTP endpoint
  exitctl positions -o wide             more columns; -o yaml too
  exitctl positions --watch             again every 2 seconds; status, plans and flags too
  exitctl positions --watch --for 60s -o jsonl   a line for each position, for a minute
  exitctl plan explain BTCUSDT          how its running plan came about
  exitctl story BTCUSDT                 what happened to it and why: plan, decision, order, fill
  exitctl plan try --help               what the plan of a position would be, offline
  exitctl decisions tail --symbol BTCUSDT   what is decided, as it is; -o json for programs
  exitctl shadow report --since 48h -o html --out report.html   brain against incumbents
  exitctl policy check policy.toml      0 usable and what it changes, 3 with every fault
  exitctl replay --data FOLDER --against legacy --report out.html   policies on recorded markets
  exitctl config explain                every setting, its value and who set it
  exitctl check naked                   0 ok, 2 where a position lacks its stop
  exitctl check naked --format prometheus   for a textfile collector; nagios, json, text too
  exitctl doctor                        the whole installation: what is wrong and what to do
  exitctl venue check --config FILE     keys, mode, clock, limits and stops at the venue, read-only
  exitctl kill --to shadow --yes --confirm SHADOW   the brain stops acting, protection stays
  exitctl kill --to shadow --yes --confirm SHADOW --bus-config nats.conf   and the bus's policy too
  exitctl flatten BTCUSDT --yes --confirm BTCUSDT   its positions closed at market, by the executor
  exitctl kill --to shadow --dry-run    what a kill would do; flatten and bus apply too
  exitctl kill --direct --to shadow --yes --confirm SHADOW   the gateway alone, with the bus down
  exitctl bus apply --policy live --yes --confirm LIVE   in force, proven, with the time it took
  exitctl bus verify --policy live      0 in force, 3 another one is
  exitctl provision                     the bucket of leases, where it is missing

Verbs that change what runs need --yes and --confirm WORD; a terminal is asked for the word.

Exit codes: 0 ok, 1 failure, 2 usage, 3 condition not met, 4 unreachable or timeout,
5 denied, 6 what it was to change has changed meanwhile, 124 the time of --for is up.
`check` uses those of Nagios: 0 ok, 1 warning, 2 critical, 3 unknown.";

/// Asks the running Exit Brain, and takes it down a mode.
#[derive(Debug, Parser)]
#[command(name = "exitctl", version, before_help = EXAMPLES)]
pub struct Cli {
    /// Where diagnostics answers.
    #[arg(
        long,
        global = true,
        env = "EXITCTL_GRPC",
        default_value = "http://127.0.0.1:8081"
    )]
    pub grpc: String,
    /// How to print.
    #[arg(short, long, global = true, value_enum, default_value = "table")]
    output: Format,
    /// The same as `-o json`.
    #[arg(long, global = true)]
    json: bool,
    /// No colours, as with NO_COLOR=1.
    #[arg(long, global = true)]
    pub no_color: bool,
    /// How long to wait for an answer: `5s`, `500ms`.
    #[arg(long, global = true, default_value = "5s", value_parser = duration)]
    pub timeout: Duration,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// How to print.
    pub fn format(&self) -> Format {
        if self.json { Format::Json } else { self.output }
    }
}

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[value(alias = "text")]
    Table,
    /// For people with a wide window: more columns.
    Wide,
    /// For programs.
    Json,
    /// A document on each line: of a list, one for each of its items.
    Jsonl,
    /// The same document in YAML.
    Yaml,
    /// One page that needs no network: `shadow report`.
    Html,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// What the running system does.
    Status(Watch),
    /// The flags and the mode of the running services.
    Flags(Watch),
    /// The open positions and what protects them.
    Positions(Watch),
    /// The plans in force.
    Plans(Watch),
    /// One plan.
    #[command(subcommand)]
    Plan(Plan),
    /// What executors decide.
    #[command(subcommand)]
    Decisions(Decisions),
    /// What happened to a position and why, from its plan to its fills, in order of time.
    Story(Story),
    /// How take-profit targets have performed since diagnostics started.
    Tp(Tp),
    /// One question, answered by exit code (Nagios: 0, 1, 2, 3).
    Check(CheckOrder),
    /// The whole installation, check by check, with what to do (exit code as of `check`: 0, 1, 2).
    Doctor(Doctor),
    /// Takes the running system down to SHADOW or LEGACY. Up goes only by a restart.
    Kill(Kill),
    /// Closes positions at market: tells the executor that acts on them. Only in LIVE. 0 closed, 3
    /// not all of it in time, 5 refused.
    Flatten(Flatten),
    /// What a SHADOW run tells. Needs no running system.
    #[command(subcommand)]
    Shadow(Shadow),
    /// A policy file: the rules' numbers. Needs no running system.
    #[command(subcommand)]
    Policy(Policy),
    /// Policies on recorded markets, side by side. Needs no running system.
    Replay(Box<Replay>),
    /// Decisions of a replay, for training.
    #[command(subcommand)]
    Dataset(Dataset),
    /// The settings of the services. Needs no running system.
    #[command(subcommand)]
    Config(Config),
    /// The venue itself, asked with the gateway's keys. Needs no running system.
    #[command(subcommand)]
    Venue(Venue),
    /// The bus: its server's configuration, keys and subjects.
    #[command(subcommand)]
    Bus(Bus),
    /// Makes the bucket of leases on the bus where it is missing; changes nothing that is there.
    Provision(Provision),
    /// The completions of a shell, for it to read.
    Completions {
        /// Which shell.
        shell: Shell,
    },
    /// The manual page, in roff: `exitctl man | man -l -`.
    Man,
}

/// `5s`, `500ms`, or seconds without a unit.
fn duration(text: &str) -> Result<Duration, String> {
    let (digits, unit) = match text.strip_suffix("ms") {
        Some(digits) => (digits, Duration::from_millis as fn(u64) -> Duration),
        None => (
            text.strip_suffix('s').unwrap_or(text),
            Duration::from_secs as fn(u64) -> _,
        ),
    };
    let number: u64 = digits
        .parse()
        .map_err(|_| "use a whole number with ms or s, as in 500ms or 5s".to_owned())?;
    if number == 0 {
        return Err("use more than 0".into());
    }
    Ok(unit(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn json_is_short_for_output_json() {
        for arguments in [
            ["exitctl", "status", "-o", "json"].as_slice(),
            &["exitctl", "--json", "status"],
            &["exitctl", "status", "--json"],
        ] {
            assert_eq!(Cli::parse_from(arguments).format(), Format::Json);
        }
        let plain = Cli::parse_from(["exitctl", "status"]);
        assert_eq!(plain.format(), Format::Table);
    }

    #[test]
    fn there_is_no_way_up_to_live() {
        let up = ["exitctl", "kill", "--to", "live", "--yes"];
        assert_eq!(Cli::try_parse_from(up).unwrap_err().exit_code(), 2);
    }

    #[test]
    fn a_timeout_has_a_unit_and_is_never_zero() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("5s"), Ok(Duration::from_secs(5)));
        assert_eq!(duration("5"), Ok(Duration::from_secs(5)));
        for wrong in ["0s", "0ms", "-1s", "soon", "", "1m", "1.5s"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
