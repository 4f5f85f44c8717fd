//! The incumbents' calculators over a grid of inputs, byte for byte against a golden file each
//! (M016). The files were not made by this code: they are the formulas of the behaviour
//! description, sections 6.1 to 6.6, computed with exact fractions elsewhere.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use domain::instrument::Instrument;
use domain::{Account, Epoch, Position, PositionKey, Price, PricePct, Qty};
use domain::{Side, Span, Symbol, Timestamp};
use legacy::levels::{stop_at, target_at};
use legacy::{
    dynamic_tpsl, dynamic_trailing_rearm, event_driven_executor, hybrid_tpsl, position_monitor,
};
use rust_decimal::Decimal;
use support::*;

#[test]
fn dynamic_tpsl_computes_what_the_golden_file_says() {
    let mut lines = dynamic_unstrained();
    lines.extend(dynamic_strained());
    lines.extend(dynamic_aged());
    lines.extend(dynamic_prices());
    let golden = include_str!("golden/dynamic_tpsl.txt");
    compare("dynamic_tpsl.txt", golden, &lines);
}

const RISKS: [(&str, dynamic_tpsl::rules::RiskFactor); 4] = {
    use dynamic_tpsl::rules::RiskFactor::{Aggressive, Critical, Normal, Optimistic};
    [
        ("NORMAL", Normal),
        ("OPTIMISTIC", Optimistic),
        ("AGGRESSIVE", Aggressive),
        ("CRITICAL", Critical),
    ]
};

fn dynamic_line(
    [confidence, volatility, hint, ess, live, systemic]: [&str; 6],
    (name, risk): (&str, dynamic_tpsl::rules::RiskFactor),
) -> String {
    let found = dynamic_tpsl::rules::distances(&dynamic_tpsl::rules::Inputs {
        confidence: option(confidence),
        volatility: option(volatility),
        risk,
        target_hint: option(hint),
        ess_factor: option(ess),
        live_factor: option(live),
        systemic_risk: option(systemic),
    });
    let result = dynamic_result(&found);
    format!(
        "confidence={confidence} volatility={volatility} risk={name} hint={hint} ess={ess} \
         live={live} systemic={systemic} -> {result}"
    )
}

fn dynamic_result(found: &dynamic_tpsl::rules::Distances) -> String {
    format!(
        "target={} stop={} trail={} partial={}",
        found.target,
        found.stop,
        found.trail,
        yes(found.partial)
    )
}

fn dynamic_unstrained() -> Vec<String> {
    let mut lines = Vec::new();
    for confidence in [
        "-", "-1", "0.39", "0.4", "0.41", "0.675", "0.79", "0.8", "0.94", "0.95", "0.96", "2",
    ] {
        for volatility in [
            "-", "-0.01", "0", "0.0001", "0.015", "0.0524", "0.0525", "0.06",
        ] {
            for risk in RISKS {
                let inputs = [confidence, volatility, "-", "-", "-", "-"];
                lines.push(dynamic_line(inputs, risk));
            }
        }
    }
    lines
}

fn dynamic_strained() -> Vec<String> {
    let strains = [
        ("-", "-"),
        ("1.5", "0.5"),
        ("1.51", "-"),
        ("1.51", "0.5"),
        ("1.51", "2"),
    ];
    let mut lines = Vec::new();
    for confidence in ["0.4", "0.8"] {
        for risk in [RISKS[0], RISKS[3]] {
            for hint in ["-", "0", "0.02", "0.2", "1"] {
                for (ess, live) in strains {
                    for systemic in ["-", "0.7", "0.71"] {
                        let inputs = [confidence, "0.02", hint, ess, live, systemic];
                        lines.push(dynamic_line(inputs, risk));
                    }
                }
            }
        }
    }
    lines
}

fn dynamic_with(confidence: &str) -> dynamic_tpsl::rules::Distances {
    dynamic_tpsl::rules::distances(&dynamic_tpsl::rules::Inputs {
        confidence: option(confidence),
        ..Default::default()
    })
}

fn dynamic_aged() -> Vec<String> {
    let mut lines = Vec::new();
    for confidence in ["0.4", "0.9"] {
        for pnl in ["-0.5", "-0.49", "0", "0.49", "0.5", "2", "2.01", "5", "10"] {
            for age in [1_800, 1_801, 3_600, 3_601] {
                let young = dynamic_with(confidence);
                let profit = PricePct::new(dec(pnl));
                let aged = dynamic_tpsl::rules::aged(young, profit, Span::from_secs(age));
                let result = dynamic_result(&aged);
                lines.push(format!(
                    "confidence={confidence} pnl={pnl} age={age} -> {result}"
                ));
            }
        }
    }
    lines
}

fn dynamic_prices() -> Vec<String> {
    let mut lines = Vec::new();
    for side in SIDES {
        for (entry, tick) in CONTRACTS {
            for confidence in ["0.4", "0.675", "0.8", "0.95"] {
                let found = dynamic_with(confidence);
                let (from, grid) = (price(entry), instrument(tick));
                let stop = shown(stop_at(side, from, found.stop, &grid));
                let target = shown(target_at(side, from, found.target, &grid));
                lines.push(format!(
                    "side={side} entry={entry} tick={tick} confidence={confidence} \
                     -> stop={stop} target={target}"
                ));
            }
        }
    }
    lines
}

#[test]
fn hybrid_tpsl_computes_what_the_golden_file_says() {
    let mut lines = Vec::new();
    for confidence in ["-", "0.19", "0.2", "0.5", "0.79", "0.8", "1"] {
        for target in ["-", "0", "0.02", "0.03", "0.05", "0.6", "1"] {
            for trail in ["-", "0.0005", "0.0019", "0.002", "0.02", "0.11"] {
                let found = hybrid_with(confidence, target, trail);
                lines.push(format!(
                    "confidence={confidence} target={target} trail={trail} -> stop={} target={} \
                     nearer={} callback={} activation={}",
                    found.stop,
                    found.target,
                    shown(found.nearer),
                    found.callback,
                    found.activation
                ));
            }
        }
    }
    for side in SIDES {
        for (entry, tick) in CONTRACTS {
            for confidence in ["0.1", "0.5", "0.9"] {
                let found = hybrid_with(confidence, "0.0512", "0.02");
                let (from, grid) = (price(entry), instrument(tick));
                let targets = found.target_prices(side, from, &grid);
                let targets: Vec<_> = targets
                    .iter()
                    .map(|(price, size)| (price.to_string(), *size))
                    .collect();
                lines.push(format!(
                    "side={side} entry={entry} tick={tick} confidence={confidence} \
                     -> stop={} targets={}",
                    shown(found.stop_price(side, from, &grid)),
                    list(&targets)
                ));
            }
        }
    }
    compare(
        "hybrid_tpsl.txt",
        include_str!("golden/hybrid_tpsl.txt"),
        &lines,
    );
}

fn hybrid_with(confidence: &str, target: &str, trail: &str) -> hybrid_tpsl::rules::Levels {
    hybrid_tpsl::rules::levels(&hybrid_tpsl::rules::Inputs {
        confidence: option(confidence),
        target: option(target),
        trail: option(trail),
        ..Default::default()
    })
}

#[test]
fn dynamic_trailing_rearm_computes_what_the_golden_file_says() {
    let mut lines = Vec::new();
    for base in ["0.005", "0.015", "0.06"] {
        for profit in [
            "1.99", "2", "4.99", "5", "9.99", "10", "14.99", "15", "19.99", "20", "50",
        ] {
            for current in ["-", "0.0136", "0.0137", "0.015", "0.0166", "0.0167"] {
                lines.push(rearm_line([base, current, profit], 300, None));
            }
        }
    }
    for age in [299, 300, 301] {
        for since in [None, Some(29), Some(30), Some(31)] {
            lines.push(rearm_line(["0.015", "0.015", "5"], age, since));
        }
    }
    for profit in ["-1", "5", "5.01", "10", "10.01", "30"] {
        for target in ["0.05", "0.0712"] {
            let pnl = PricePct::new(dec(profit));
            let found = dynamic_trailing_rearm::rules::partials(pnl, ratio(target));
            let found: Vec<_> = found
                .iter()
                .map(|part| (part.distance.to_string(), part.size))
                .collect();
            let found = list(&found);
            lines.push(format!(
                "profit={profit} target={target} -> partials={found}"
            ));
        }
    }
    let golden = include_str!("golden/dynamic_trailing_rearm.txt");
    compare("dynamic_trailing_rearm.txt", golden, &lines);
}

fn rearm_line([base, current, profit]: [&str; 3], age: i64, since: Option<i64>) -> String {
    let found = dynamic_trailing_rearm::rules::rearmed(&dynamic_trailing_rearm::rules::Inputs {
        base: ratio(base),
        current: option(current),
        profit: PricePct::new(dec(profit)),
        age: Span::from_secs(age),
        since_change: since.map(Span::from_secs),
    });
    let (found, since) = (shown(found), shown(since));
    format!(
        "base={base} current={current} profit={profit} age={age} since={since} -> callback={found}"
    )
}

#[test]
fn event_driven_executor_computes_what_the_golden_file_says() {
    use event_driven_executor::rules::{Inputs, Step, step};
    let mut lines = Vec::new();
    for side in SIDES {
        for (entry, tick) in CONTRACTS {
            for distance in ["-", "0.025"] {
                for change in ["-", "-0.03", "-0.02005", "-0.02", "-0.0199", "0", "0.01"] {
                    let mark = option(change).map(|change| moved(entry, side, change.get()));
                    for refusals in 0..3 {
                        let inputs = Inputs {
                            side,
                            entry: price(entry),
                            distance: option(distance),
                            mark,
                            refusals,
                        };
                        let found = match step(&inputs, &instrument(tick)) {
                            Step::Stop(level) => format!("stop@{level}"),
                            Step::Close => "close".into(),
                        };
                        let mark = shown(mark);
                        lines.push(format!(
                            "side={side} entry={entry} tick={tick} distance={distance} \
                             mark={mark} refusals={refusals} -> {found}"
                        ));
                    }
                }
            }
        }
    }
    let golden = include_str!("golden/event_driven_executor.txt");
    compare("event_driven_executor.txt", golden, &lines);
}

/// Entry, tick, leverage, and the leverage by which the grid's margin percents make a mark.
const GEARED: [(&str, &str, i64, i64); 4] = [
    ("1000", "0.1", 10, 10),
    ("0.07153", "0.00001", 20, 20),
    ("64213.7", "0.5", 125, 125),
    ("1000", "0.1", 7, 10),
];

#[test]
fn position_monitor_computes_what_the_golden_file_says() {
    let mut lines = Vec::new();
    for side in SIDES {
        for (entry, tick, leverage, by) in GEARED {
            for percent in [
                "-3.01", "-3", "0", "4.99", "5", "9.99", "10", "12", "19.99", "20", "34.99", "35",
                "59.99", "60", "90",
            ] {
                let change = dec(percent) / Decimal::from(by * 100);
                let mark = moved(entry, side, change);
                let position = position(side, entry, leverage);
                let found = monitor_result(&position, mark, &instrument(tick));
                lines.push(format!(
                    "side={side} entry={entry} tick={tick} leverage={leverage} mark={mark} \
                     -> {found}"
                ));
            }
        }
    }
    compare(
        "position_monitor.txt",
        include_str!("golden/position_monitor.txt"),
        &lines,
    );
}

fn position(side: Side, entry: &str, leverage: i64) -> Position {
    Position {
        key: PositionKey {
            account: Account::new("main").unwrap(),
            symbol: Symbol::new("BTCUSDT").unwrap(),
            side,
        },
        epoch: Epoch(1),
        qty: Qty::new(Decimal::ONE).unwrap(),
        initial_qty: Qty::new(Decimal::ONE).unwrap(),
        entry_price: price(entry),
        leverage: Decimal::from(leverage),
        opened_at: Timestamp::default(),
    }
}

fn monitor_result(position: &Position, mark: Price, grid: &Instrument) -> String {
    use position_monitor::rules::{
        initial_stop, is_losing, stop_reason, targets, tier, tier_index, tier_stop,
    };
    let pnl = position.pnl_pct_margin(mark);
    let index = tier_index(pnl);
    let row = tier(index);
    let found = targets(row, position, grid);
    let found: Vec<_> = found
        .iter()
        .map(|target| (target.price.to_string(), target.size))
        .collect();
    format!(
        "losing={} tier={index} initial={} stop={} reason={} targets={}",
        yes(is_losing(pnl)),
        shown(initial_stop(position, grid)),
        shown(tier_stop(row, position, mark, grid)),
        stop_reason(row),
        list(&found)
    )
}
