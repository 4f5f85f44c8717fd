//! The report of a run: what was simulated, what went wrong, how fast.

use std::fmt::{self, Write as _};

use super::coverage;
use super::fleet::State;
use super::worst::{NAKED_MAX_OF_INCUMBENTS, OF_INCUMBENTS, Worst};
use crate::world::tally::DELIVERIES;

const MS_PER_HOUR: i64 = 3_600_000;

/// Writes a finished run down; `command` is what reproduces it.
///
/// # Errors
/// Only where the text can't be written to.
pub fn markdown(state: &State, threads: usize, command: &str) -> Result<String, fmt::Error> {
    let mut text = String::new();
    let plan = &state.plan;
    let last = plan.from + plan.seeds.saturating_sub(1);
    writeln!(text, "# Simulation: seeds {} to {last}\n", plan.from)?;
    writeln!(text, "Reproduce with `{command}` at {}.\n", plan.commit)?;
    figures(&mut text, state, threads)?;
    failures(&mut text, state)?;
    naked(&mut text, state)?;
    writeln!(text, "\n## Events by kind\n\n| kind | events |\n|---|---:|")?;
    for (kind, count) in DELIVERIES.iter().zip(state.tally.deliveries) {
        writeln!(text, "| {kind} | {count} |")?;
    }
    writeln!(
        text,
        "\n## Faults of the venue by kind\n\n| kind | times |\n|---|---:|"
    )?;
    for (what, count) in &state.tally.happened {
        if let Some(kind) = what.strip_prefix("fault ") {
            writeln!(text, "| {kind} | {count} |")?;
        }
    }
    writeln!(text, "\n## What it went through\n")?;
    writeln!(
        text,
        "What must happen at least once in so many seeds, the most seldom first.\n"
    )?;
    text.push_str(&coverage::table(&state.tally, state.seeds));
    Ok(text)
}

fn figures(text: &mut String, state: &State, threads: usize) -> fmt::Result {
    let tally = &state.tally;
    let hours = tally.open_ms / MS_PER_HOUR;
    let deaths: u64 = sum(state, |it| it.contains(" dies after ") || it == "crash");
    let faults: u64 = sum(state, |it| it.starts_with("fault "));
    writeln!(text, "| figure | value |\n|---|---:|")?;
    writeln!(text, "| seeds | {} |", state.seeds)?;
    writeln!(text, "| broken truths | {} |", state.failures)?;
    writeln!(text, "| simulated events | {} |", tally.events())?;
    writeln!(text, "| simulated position-hours | {hours} |")?;
    writeln!(text, "| venue faults | {faults} |")?;
    writeln!(text, "| deaths of services | {deaths} |")?;
    writeln!(text, "| seeds played twice, same hash | {} |", state.twice)?;
    writeln!(text, "| threads | {threads} |")?;
    writeln!(text, "| wall time, s | {} |", state.wall_ms / 1_000)?;
    writeln!(text, "| CPU time, s | {} |", state.cpu_ms / 1_000)?;
    writeln!(
        text,
        "| events per second of CPU time | {} |",
        state.events_per_second()
    )
}

fn naked(text: &mut String, state: &State) -> fmt::Result {
    writeln!(text, "\n## The longest without a stop\n")?;
    writeln!(
        text,
        "Beyond the placement window, by the worst that the script knows. An outage is what leaves \
         nobody who could act: a dead service, a closed venue, a bus that is gone.\n"
    )?;
    writeln!(
        text,
        "| worst | allowed, ms | longest, ms | with outages, ms |\n|---|---:|---:|---:|"
    )?;
    for worst in Worst::ALL {
        let allowed = [false, true].map(|by_lease| worst.naked_max(by_lease).millis());
        let allowed = match allowed {
            [one, other] if one == other => one.to_string(),
            [alone, leased] => format!("{alone}, by lease {leased}"),
        };
        longest(text, state, worst.name(), &allowed)?;
    }
    let allowed = NAKED_MAX_OF_INCUMBENTS.millis().to_string();
    longest(text, state, OF_INCUMBENTS, &allowed)
}

fn longest(text: &mut String, state: &State, worst: &str, allowed: &str) -> fmt::Result {
    let longest = state.tally.naked.get(worst).copied().unwrap_or_default();
    let (blamed, altogether) = (longest.blamed, longest.altogether);
    writeln!(text, "| {worst} | {allowed} | {blamed} | {altogether} |")
}

fn failures(text: &mut String, state: &State) -> fmt::Result {
    for (seed, failure) in &state.failed {
        let line = failure.story.lines().next().unwrap_or_default();
        writeln!(text, "\nseed {seed}: {line}")?;
    }
    Ok(())
}

fn sum(state: &State, wanted: impl Fn(&str) -> bool) -> u64 {
    let happened = state.tally.happened.iter();
    let wanted = happened.filter(|(what, _)| wanted(what));
    wanted.map(|(_, count)| count).sum()
}
