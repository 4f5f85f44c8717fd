//! The command line and the environment, turned into a system to start.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Parser, Subcommand};
use domain::Module;
use legacy::Role;
use tests::system::{Ports, SERVICES, SystemOptions, WorkDir};

/// Where runs keep their files: `.run/1`, `.run/2` ... in the project's folder.
const RUNS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../.run");
/// Data that is no file.
const MADE_UP: [&str; 2] = ["synthetic", "manual"];
/// What each contract costs on a `manual` market until somebody says otherwise.
const OPENING_PRICE: &str = "100";
/// A smoke run ends within a day, whatever is typed.
const DURATION_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// The whole system on one machine, on a paper venue. The flags EXIT_MODE, EXIT_EXECUTOR_MODE and
/// EXIT_BRAIN_V3_LIVE_ROLLOUT are taken from the environment; unset means the brain in SHADOW.
#[derive(Debug, Parser)]
#[command(name = "local")]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
    /// Where runs keep their files, in numbered folders; `last` is the newest one of `run`.
    #[arg(long, env = "RUN_DIR", default_value = RUNS, global = true)]
    pub runs: PathBuf,
    /// `synthetic`, `manual`, or a file or folder of recorded market data.
    #[arg(long, env = "DATA", default_value = "synthetic", global = true)]
    data: String,
    /// Market time against real time; default: `60x` for `run`, `3600x` for `smoke`.
    #[arg(long, env = "SPEED", global = true)]
    speed: Option<String>,
    /// How long `smoke` runs: `40s`, `5m`, `1h`.
    #[arg(long, env = "DURATION", default_value = "40s", value_parser = duration, global = true)]
    pub duration: Duration,
    /// Of the synthetic market and of the stand-in strategy.
    #[arg(long, env = "SEED", default_value_t = 1, global = true)]
    seed: u64,
    /// Contracts, with commas between; default: three for a made-up market, else all of the data.
    #[arg(long, env = "SYMBOLS", value_delimiter = ',', global = true)]
    symbols: Vec<String>,
    /// Whether the stand-in strategy opens positions: `on` or `off`.
    #[arg(
        long,
        env = "STRATEGY",
        default_value = "on",
        value_parser = ["on", "off"],
        global = true
    )]
    strategy: String,
    /// A policy file, as the services read it; default: what ships.
    #[arg(long, env = "POLICY", value_parser = policy, global = true)]
    policy: Option<String>,
    /// The incumbents of the legacy service, with commas between; default: what ships.
    #[arg(
        long,
        env = "INCUMBENTS",
        value_delimiter = ',',
        value_parser = incumbent,
        global = true
    )]
    incumbents: Vec<String>,
    /// Start only these services, with commas between; default: all.
    #[arg(long, value_delimiter = ',', value_parser = SERVICES, global = true)]
    services: Vec<String>,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum Verb {
    /// Start everything and wait for Ctrl-C.
    Run,
    /// Have the running `run` take the flags of this environment, and restart its services.
    Flags,
    /// Start everything, wait, stop; the last line of stdout is one JSON object.
    Smoke,
}

impl Args {
    /// The system that is asked for.
    pub fn options(&self) -> SystemOptions {
        // A smoke run is short: in a market that wild, every rule has something to do.
        let (ports, usual_speed) = match self.verb {
            Verb::Run | Verb::Flags => (Ports::Usual, "60x"),
            Verb::Smoke => (Ports::Free, "3600x"),
        };
        let defaults = SystemOptions::from_environment();
        let recorded = !MADE_UP.contains(&self.data.as_str());
        let symbols = if self.symbols.is_empty() && !recorded {
            defaults.symbols.clone()
        } else {
            self.symbols.clone()
        };
        let services = if self.services.is_empty() {
            defaults.services.clone()
        } else {
            self.services.clone()
        };
        SystemOptions {
            data: self.data.clone(),
            speed: self.speed.clone().unwrap_or_else(|| usual_speed.into()),
            seed: self.seed,
            symbols,
            services,
            strategy: self.strategy == "on",
            policy: self.policy.clone(),
            // A market that moves only when told to must have a price before anybody is ready.
            opening_price: (self.data == "manual").then(|| OPENING_PRICE.into()),
            overrides: overrides(&self.incumbents),
            work_dir: WorkDir::Under(self.runs.clone()),
            ports,
            ..defaults
        }
    }
}

/// The settings on top that name the incumbents, where some are named.
fn overrides(incumbents: &[String]) -> Vec<(String, String)> {
    if incumbents.is_empty() {
        return Vec::new();
    }
    let list = format!("{incumbents:?}");
    vec![("EXITBRAIN__LEGACY__MODULES".into(), list)]
}

/// The name of an incumbent that there is.
fn incumbent(text: &str) -> Result<String, String> {
    let names = || {
        let names = legacy::roles::ALL.map(|role| role.module.name());
        format!("{text:?} is no incumbent: use one of {}", names.join(", "))
    };
    let role = Role::of(&Module::from_name(text)).ok_or_else(names)?;
    Ok(role.module.name().into())
}

/// The text of a policy file that can be used.
fn policy(file: &str) -> Result<String, String> {
    let text = runtime::policy::read(Path::new(file)).map_err(|error| error.to_string())?;
    match runtime::policy::parse(&text) {
        Ok(_) => Ok(text),
        Err(faults) => {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            Err(faults.join("; "))
        }
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let fault = || format!("{text:?} is no duration up to a day: use 40s, 5m or 1h");
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        _ => return Err(fault()),
    };
    let count: u64 = digits.parse().map_err(|_| fault())?;
    let duration = count.checked_mul(unit).map(Duration::from_secs);
    duration
        .filter(|duration| *duration <= DURATION_MAX)
        .ok_or_else(fault)
}

#[cfg(test)]
mod tests_of_args {
    use super::*;

    #[test]
    fn durations_are_read_in_seconds_minutes_and_hours() {
        assert_eq!(duration("40s"), Ok(Duration::from_secs(40)));
        assert_eq!(duration("40"), Ok(Duration::from_secs(40)));
        assert_eq!(duration("5m"), Ok(Duration::from_secs(300)));
        assert_eq!(duration("1h"), Ok(Duration::from_secs(3_600)));
        for text in ["", "s", "-1s", "1d", "25h", "1.5m", "99999999999999999999h"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_verb_decides_about_the_ports() {
        let run = Args::try_parse_from(["local", "run", "--seed", "7"]).unwrap();
        assert_eq!((run.options().ports, run.options().seed), (Ports::Usual, 7));
        let smoke = Args::try_parse_from(["local", "smoke", "--symbols", "A,B"]).unwrap();
        assert_eq!(smoke.options().ports, Ports::Free);
        assert_eq!(smoke.options().symbols, ["A", "B"]);
    }

    #[test]
    fn a_policy_file_is_judged_before_anything_starts() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("policy.toml");
        std::fs::write(&file, "[base]\nstop = \"0.02\"\n").unwrap();
        let named = ["local", "run", "--policy", file.to_str().unwrap()];
        let args = Args::try_parse_from(named).unwrap();
        assert!(args.options().policy.unwrap().contains("0.02"));
        std::fs::write(&file, "[base]\nstop = \"2\"\n").unwrap();
        let told = Args::try_parse_from(named).unwrap_err().to_string();
        assert!(told.contains("base.stop"), "{told}");
    }

    #[test]
    fn incumbents_are_named_by_a_setting_on_top() {
        let plain = Args::try_parse_from(["local", "smoke"]).unwrap();
        assert_eq!(plain.options().overrides, []);
        let chosen = ["local", "smoke", "--incumbents", "dynamic_tpsl,hybrid_tpsl"];
        let chosen = Args::try_parse_from(chosen).unwrap().options().overrides;
        let list = r#"["dynamic_tpsl", "hybrid_tpsl"]"#;
        assert_eq!(chosen, [("EXITBRAIN__LEGACY__MODULES".into(), list.into())]);
        let wrong = ["local", "smoke", "--incumbents", "position_monitr"];
        let told = Args::try_parse_from(wrong).unwrap_err().to_string();
        assert!(told.contains("position_monitor"), "{told}");
    }

    #[test]
    fn recorded_data_brings_its_own_symbols() {
        let made_up = Args::try_parse_from(["local", "smoke", "--data", "synthetic"]).unwrap();
        assert_eq!(made_up.options().symbols.len(), 3);
        let recorded = Args::try_parse_from(["local", "smoke", "--data", "bars.csv"]).unwrap();
        assert!(recorded.options().symbols.is_empty());
    }
}
