//! What a decision looks like in the file and as Parquet: the owner's schema, digit for digit.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use std::fs::File;

use common::{at, dec, decision, ladder, qty, stop};
use domain::decision::{Action, Decision};
use domain::{MarginPct, Ratio};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use records::{Entry, Kind, Ledger, Limits, Moment, RiskState, ShadowRecord, read};
use serde_json::{Value, json};
use tempfile::tempdir;

fn line(decision: &Decision) -> String {
    Entry::Shadow(Box::new(decision.into())).line().unwrap()
}

#[test]
fn a_line_has_the_owners_fields_in_their_order() {
    let line = line(&decision(stop("95000"), at(0), 3));
    let expected = concat!(
        r#"{"timestamp":"2025-12-10T12:00:00.000000Z","symbol":"BTCUSDT","side":"long","#,
        r#""entry_price":95000,"current_price":96000,"size":0.5,"unrealized_pnl":-2.5,"#,
        r#""decision":{"decision_type":"move_sl","symbol":"BTCUSDT","fraction_to_close":null,"#,
        r#""new_sl_price":95000,"sl_reason":"breakeven","new_tp_levels":null,"#,
        r#""tp_fractions":null,"reason":"profit of 1.9% of margin","confidence":0.9,"#,
        r#""current_price":96000,"unrealized_pnl":-2.5,"meta":{"account":"main","epoch":5,"#,
        r#""module":"exit_executor","rule":"breakeven","plan_id":"000000000000000a","#,
        r#""risk_mode":"NORMAL","pnl_pct_price":1.0526315789473684210526315789,"#,
        r#""stop":94000,"keep":null,"leg":null,"tp_legs":null,"tp_from":null,"boot":1,"#,
        r#""number":3}},"regime":"TRENDING","risk_state":"drawdown"}"#,
        "\n"
    );
    assert_eq!(line, expected);
}

#[test]
fn each_decision_type_has_its_own_fields_and_comes_back_as_it_was() {
    let part = Action::PartialClose {
        leg: 2,
        fraction: Ratio::basis_points(2_500),
        keep: qty("0.25"),
    };
    for (action, name, filled) in [
        (Action::NoChange, "no_change", vec![]),
        (part, "partial_close", vec!["fraction_to_close"]),
        (stop("95000"), "move_sl", vec!["new_sl_price", "sl_reason"]),
        (
            ladder(),
            "update_tp_limits",
            vec!["new_tp_levels", "tp_fractions"],
        ),
        (Action::FullExit, "full_exit_now", vec![]),
    ] {
        let decision = decision(action, at(0), 1);
        let line = line(&decision);
        let json: Value = serde_json::from_str(&line).unwrap();
        let of = &json["decision"];
        assert_eq!(of["decision_type"], name);
        let own = [
            "fraction_to_close",
            "new_sl_price",
            "sl_reason",
            "new_tp_levels",
            "tp_fractions",
        ];
        let has: Vec<_> = own.into_iter().filter(|it| !of[it].is_null()).collect();
        assert_eq!(has, filled, "{name}");
        let back: ShadowRecord = serde_json::from_str(&line).unwrap();
        assert_eq!(back, ShadowRecord::from(&decision));
    }
    let json: Value = serde_json::from_str(&line(&decision(ladder(), at(0), 1))).unwrap();
    assert_eq!(json["decision"]["new_tp_levels"], json!([97000, 98000.5]));
    assert_eq!(json["decision"]["tp_fractions"], json!([0.25, 0.25]));
}

/// Behaviour 4.3.
#[test]
fn a_position_stands_by_its_profit() {
    for (pnl, expected) in [
        ("5", RiskState::Normal),
        ("-1", RiskState::Normal),
        ("-1.01", RiskState::Drawdown),
        ("-3", RiskState::Drawdown),
        ("-3.01", RiskState::HighRisk),
    ] {
        assert_eq!(RiskState::of(MarginPct::new(dec(pnl))), expected, "{pnl}");
    }
}

/// The shape of the original's file (behaviour 2.7): floats, an empty meta, a time without zone.
#[test]
fn a_line_of_the_original_is_read() {
    let line = r#"{"timestamp": "2025-12-10T22:34:50.123456", "symbol": "ETHUSDT", "side": "short",
        "entry_price": 3500.0, "current_price": 3450.0, "size": 2.0, "unrealized_pnl": 2.857,
        "decision": {"decision_type": "no_change", "symbol": "ETHUSDT", "fraction_to_close": null,
        "new_sl_price": null, "sl_reason": null, "new_tp_levels": null, "tp_fractions": null,
        "reason": "plan working", "confidence": 0.7, "current_price": 3450.0,
        "unrealized_pnl": 2.857, "meta": {}}, "regime": "unknown", "risk_state": "normal"}"#;
    let record: ShadowRecord = serde_json::from_str(line).unwrap();
    assert_eq!(record.unrealized_pnl.get(), dec("2.857"));
    assert_eq!(record.decision.meta.number, None);
    assert_eq!(record.timestamp.text(), "2025-12-10T22:34:50.123456Z");
}

#[test]
fn a_closed_file_has_the_same_rows_as_parquet() {
    let dir = tempdir().unwrap();
    let mut ledger = Ledger::open(dir.path(), Limits::default()).unwrap();
    for (number, action) in [(1, stop("95000")), (2, ladder()), (3, Action::NoChange)] {
        let moment = Moment(at(0));
        let line = line(&decision(action, moment.get(), number));
        ledger.append(Kind::Shadow, moment, &line).unwrap();
    }
    let next = Moment(common::hour(24));
    ledger
        .append(
            Kind::Shadow,
            next,
            &line(&decision(Action::FullExit, next.get(), 4)),
        )
        .unwrap();
    ledger.tidy(at(0)).unwrap();
    let path = dir.path().join("exit_brain_shadow.2025-12-10.0001.parquet");
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    let rows: Vec<_> = reader
        .get_row_iter(None)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(rows.len(), 3);
    let field = |row: usize, name: &str| {
        let mut columns = rows[row].get_column_iter();
        columns
            .find(|(it, _)| *it == name)
            .map(|(_, field)| field.clone())
            .unwrap()
    };
    let text = |row, name| field(row, name).to_string();
    assert_eq!(text(0, "decision_type"), "\"move_sl\"");
    assert_eq!(text(0, "new_sl_price"), "95000.000000000000000000");
    assert_eq!(text(0, "pnl_pct_price"), "1.052631578947368421");
    assert_eq!(text(0, "unrealized_pnl"), "-2.500000000000000000");
    assert_eq!(field(0, "number"), Field::Long(1));
    assert_eq!(
        field(0, "timestamp"),
        Field::TimestampMicros(at(0).micros())
    );
    assert_eq!(field(2, "new_sl_price"), Field::Null);
    assert_eq!(
        text(1, "new_tp_levels"),
        "[97000.000000000000000000, 98000.500000000000000000]"
    );
    assert_eq!(text(2, "new_tp_levels"), "[]");
    // The lines are still there, and the same.
    let found = read::folder(dir.path(), at(0)).unwrap();
    assert_eq!(found.decisions.len(), 4);
}
