//! `exitctl replay`: policies on recorded markets, against each other and the incumbents.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use lab::contender::{Contender, LEGACY};
use lab::costs::Costs;
use lab::document::Document;
use lab::entries;
use lab::report;
use lab::run::{Plan, Run};
use lab::search::{self, Method};
use lab::study::{Look, Study};
use lab::tape::{self, Wanted};

use crate::answer::{Answer, Trouble};
use crate::cli::{
    Against, Format, Replay, ReplayCosts, ReplayMarket, ReplayPolicies, ReplayTrades, Search,
};
use crate::command::policy;
use crate::output::Progress;
use crate::render;

pub mod words;

/// Replays, and says what came of it.
///
/// # Errors
/// [`Trouble`] where data, entries or policies can't be used.
pub fn run(asked: &Replay, format: Format) -> Result<Answer, Trouble> {
    let (contenders, refused) = contenders(&asked.policies, asked.against)?;
    let plan = plan(
        (&asked.market, &asked.trades, &asked.costs),
        contenders,
        asked.threads,
        false,
    )?;
    let study = study(&plan, asked)?;
    let about = words::about(&asked.trades, &plan, refused);
    if let Some(path) = &asked.report {
        let html = report::html(&study, &about).map_err(failure)?;
        write(path, &html)?;
    }
    let document = Document::of(&study, &about);
    let text = render::told(format, &document, |_| words::table_of(&study, asked))?;
    Ok(Answer::ok(text))
}

fn study(plan: &Plan, asked: &Replay) -> Result<Study, Trouble> {
    let run = play(plan, asked.quiet)?;
    let reference = asked.against.map(|Against::Legacy| LEGACY.to_owned());
    let look = Look {
        split: asked.split,
        reference,
    };
    Ok(Study::of(&run, &look))
}

/// Plays it, with a bar for people who wait.
///
/// # Errors
/// [`Trouble::Failure`] where threads can't be had.
pub fn play(plan: &Plan, quiet: bool) -> Result<Run, Trouble> {
    let lives = u64::try_from(plan.lives()).unwrap_or(u64::MAX);
    let bar = Progress::new(lives, quiet);
    let done = AtomicU64::new(0);
    let run = plan.run(&|lives| {
        let done = done.fetch_add(lives, Ordering::Relaxed) + lives;
        bar.at(done);
    });
    bar.end();
    run.map_err(failure)
}

/// What was typed, as a plan.
///
/// # Errors
/// [`Trouble`] where data or entries can't be used.
pub fn plan(
    (market, trades, costs): (&ReplayMarket, &ReplayTrades, &ReplayCosts),
    contenders: Vec<Contender>,
    threads: usize,
    records: bool,
) -> Result<Plan, Trouble> {
    let tapes = tape::load(&Wanted {
        data: market.data.clone(),
        funding: market.funding.clone(),
        symbols: market.symbols.clone(),
        from: market.from,
        to: market.to,
    })
    .map_err(failure)?;
    let rule = &trades.entry_rule;
    let entries = match &trades.entries {
        Some(path) => entries::file::read(path).map_err(failure)?,
        None => tapes.iter().flat_map(|tape| rule.entries(tape)).collect(),
    };
    Ok(Plan {
        entries: entries::ordered(entries).map_err(failure)?,
        tapes,
        contenders,
        costs: Costs {
            maker_fee: costs.maker_bps,
            taker_fee: costs.taker_bps,
            slippage: costs.slippage_bps,
            latency: costs.latency,
            jitter: costs.jitter,
            seed: rule.seed,
        },
        threads,
        records,
    })
}

/// The policies in these files; what ships where there are none.
///
/// # Errors
/// [`Trouble::Failure`] where one can't be read or used.
pub fn named(paths: &[PathBuf]) -> Result<Vec<Contender>, Trouble> {
    let mut contenders = Vec::new();
    if paths.is_empty() {
        contenders.push(Contender::brain("shipped", policy::load(None)?));
    }
    for path in paths {
        let policy = policy::load(Some(path))?;
        contenders.push(Contender::brain(name_of(path, &contenders), policy));
    }
    Ok(contenders)
}

fn contenders(
    asked: &ReplayPolicies,
    against: Option<Against>,
) -> Result<(Vec<Contender>, usize), Trouble> {
    let mut contenders = named(&asked.policy)?;
    let mut refused = 0;
    if let (Some(search), Some(base)) = (asked.search, contenders.first().cloned()) {
        let method = match search {
            Search::Grid => Method::Grid,
            Search::Random => Method::Random {
                count: asked.trials,
                seed: asked.seed,
            },
        };
        let found = search::search(&base, &asked.vary, method).map_err(usage)?;
        refused = found.refused;
        contenders.extend(found.contenders);
    }
    if against == Some(Against::Legacy) {
        contenders.push(Contender::legacy());
    }
    Ok((contenders, refused))
}

/// The file's own name; its whole path where another has the same.
fn name_of(path: &Path, known: &[Contender]) -> String {
    let short = path.file_stem().map(|name| name.to_string_lossy());
    let short = short.unwrap_or_default().into_owned();
    let is_taken = short == LEGACY || known.iter().any(|it| it.name == short);
    match is_taken {
        true => path.display().to_string(),
        false => short,
    }
}

fn write(path: &Path, text: &str) -> Result<(), Trouble> {
    fs::write(path, text)
        .map_err(|error| Trouble::Failure(format!("{} can't be written: {error}", path.display())))
}

/// Something did not work.
pub fn failure(error: impl std::fmt::Display) -> Trouble {
    Trouble::Failure(error.to_string())
}

fn usage(error: impl std::fmt::Display) -> Trouble {
    Trouble::Usage(error.to_string())
}
