//! Ten thousand scripted orders, each with a fault of its own, and a judge who knows the truth.

mod judge;
mod menu;
mod mischief;
mod script;
mod wire;

use std::thread;

use judge::Report;
use mischief::Double;
use script::Episode;

/// How many orders, where the default is not enough.
const ORDERS_VARIABLE: &str = "SCRIPTED_ORDERS";
/// Names the first seed: one that failed, or another night.
const SEED_VARIABLE: &str = "SCRIPTED_SEED";
const ORDERS: usize = 10_000;
/// Fewer than this are not worth another thread: a seed that failed is played alone.
const ORDERS_PER_PLAYER_MIN: usize = 500;

fn setting(name: &str, default: usize) -> usize {
    let text = std::env::var(name).ok();
    text.map_or(default, |text| text.parse().expect("a whole number"))
}

/// Plays episodes until so many orders have met a fault; every core takes its share of the seeds.
fn play(orders: usize, double: Option<Double>) -> Report {
    let first = setting(SEED_VARIABLE, 1);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let players = cores.min(orders.div_ceil(ORDERS_PER_PLAYER_MIN));
    let mut report = Report::default();
    thread::scope(|scope| {
        let players: Vec<_> = (0..players)
            .map(|player| {
                let seeds = (first + player..).step_by(players);
                scope.spawn(move || play_seeds(seeds, orders.div_ceil(players), double))
            })
            .collect();
        for player in players {
            report.absorb(player.join().expect("an episode that ends"));
        }
    });
    report
}

fn play_seeds(seeds: impl Iterator<Item = usize>, orders: usize, double: Option<Double>) -> Report {
    let mut report = Report::default();
    for seed in seeds {
        if report.orders >= orders {
            break;
        }
        let seed = u64::try_from(seed).unwrap();
        report.absorb(Episode::new(seed, double).play());
    }
    report
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "the table is what a reader of the run wants"
)]
fn of_ten_thousand_orders_with_a_fault_each_none_is_misjudged_and_none_executed_twice() {
    let orders = setting(ORDERS_VARIABLE, ORDERS);
    let report = play(orders, None);
    println!("{}", report.table());
    assert!(report.orders >= orders);
    let faults = menu::PLACING.iter().chain(menu::CANCELING);
    for fault in faults.filter(|_| orders >= ORDERS) {
        assert!(
            report.by_fault.contains_key(fault.name),
            "never met: {}",
            fault.name
        );
    }
    let wrong = [
        &report.misjudged,
        &report.duplicates,
        &report.unknown,
        &report.pictures,
    ];
    for lines in wrong {
        assert!(
            lines.is_empty(),
            "{} of them:\n{}",
            lines.len(),
            lines.join("\n")
        );
    }
}

#[test]
fn the_judge_finds_a_gateway_that_sends_again_what_had_no_answer() {
    let report = play(400, Some(Double::Resends));
    assert!(!report.duplicates.is_empty(), "{}", report.table());
}

#[test]
fn the_judge_finds_a_gateway_that_calls_refused_what_had_no_answer() {
    let report = play(400, Some(Double::Denies));
    assert!(!report.misjudged.is_empty(), "{}", report.table());
    assert!(report.duplicates.is_empty(), "{}", report.table());
}
