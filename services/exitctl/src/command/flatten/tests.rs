//! What is meant, and how it is told.

use clap::Parser;
use proto::wire::ModeStatus;

use super::*;
use crate::cli::Command;

fn parsed(typed: &str) -> Cli {
    Cli::parse_from(
        ["exitctl", "flatten"]
            .into_iter()
            .chain(typed.split_whitespace()),
    )
}

fn order(cli: &Cli) -> &Flatten {
    match &cli.command {
        Command::Flatten(order) => order,
        _ => panic!("another verb"),
    }
}

fn system(mode: &str) -> ExitBrainStatus {
    let position = |account: &str, symbol: &str| PositionStatus {
        account: account.into(),
        symbol: symbol.into(),
        side: "LONG".into(),
        ..PositionStatus::default()
    };
    ExitBrainStatus {
        mode: Some(ModeStatus {
            effective: mode.into(),
            ..ModeStatus::default()
        }),
        positions: vec![
            position("main", "BTCUSDT"),
            position("main", "ETHUSDT"),
            position("other", "BTCUSDT"),
        ],
        ..ExitBrainStatus::default()
    }
}

#[test]
fn a_contract_or_all_is_meant_and_never_another_account() {
    let status = system("LIVE");
    for (typed, expected) in [
        ("btcusdt", vec!["main.BTCUSDT.LONG"]),
        ("--all", vec!["main.BTCUSDT.LONG", "main.ETHUSDT.LONG"]),
        ("--all --account other", vec!["other.BTCUSDT.LONG"]),
        ("XRPUSDT", vec![]),
    ] {
        let cli = parsed(typed);
        let found: Vec<_> = meant(order(&cli), &status).into_iter().collect();
        assert_eq!(found, expected, "{typed}");
    }
    for wrong in ["", "BTCUSDT --all"] {
        let words = ["exitctl", "flatten"]
            .into_iter()
            .chain(wrong.split_whitespace());
        assert_eq!(
            Cli::try_parse_from(words).unwrap_err().exit_code(),
            2,
            "{wrong}"
        );
    }
}

#[test]
fn only_live_lets_it_pass() {
    assert!(live(&system("LIVE")).is_ok());
    for mode in ["SHADOW", "LEGACY", "UNKNOWN", ""] {
        let trouble = live(&system(mode)).unwrap_err();
        assert_eq!(trouble.code(), code::DENIED, "{mode}");
        assert!(
            trouble.to_string().contains("nothing was done"),
            "{trouble}"
        );
    }
}

#[test]
fn each_position_is_told_by_how_far_it_has_come() {
    let names = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect();
    let mut seen = Seen {
        open: names(&["a", "b", "c"]),
        taken: names(&["a", "b"]),
        left: names(&["b", "c"]),
    };
    let cli = parsed("--all");
    let answer = seen.told(&cli, "ALL").unwrap();
    assert_eq!(answer.code, code::CONDITION);
    let lines: Vec<_> = answer.text.lines().collect();
    assert_eq!(lines[0], "a: closed");
    assert!(lines[1].starts_with("b: being closed"), "{}", lines[1]);
    assert!(lines[2].starts_with("c: nobody has taken"), "{}", lines[2]);
    seen.left.clear();
    assert_eq!(seen.told(&cli, "ALL").unwrap().code, code::OK);
}
