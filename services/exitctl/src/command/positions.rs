//! `exitctl positions`: what is open and what protects it.

use proto::wire::{ExitBrainStatus, PositionStatus};
use serde::Serialize;

use crate::answer::{Answer, Trouble};
use crate::cli::Format;
use crate::render::{self, position_name, table::table};

const HEAD: [&str; 6] = ["POSITION", "QTY", "ENTRY", "PROTECTED", "STOPS", "TARGETS"];

/// The JSON form.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    kind: &'static str,
    unprotected_positions: u64,
    items: &'a [PositionStatus],
}

/// The open positions.
pub fn run(status: &ExitBrainStatus, format: Format) -> Result<Answer, Trouble> {
    let document = Document {
        api_version: "exitbrain/v1",
        kind: "PositionList",
        unprotected_positions: status.unprotected_positions,
        items: &status.positions,
    };
    let text = render::told(format, &document, |format| text(&status.positions, format))?;
    Ok(Answer::ok(text))
}

fn text(positions: &[PositionStatus], format: Format) -> String {
    if positions.is_empty() {
        return "no open positions".into();
    }
    if format == Format::Wide {
        let rows: Vec<_> = positions.iter().map(wide).collect();
        let [a, b, c, d, e, f] = HEAD;
        return table([a, b, c, d, e, f, "PLAN"], &rows);
    }
    let rows: Vec<_> = positions.iter().map(row).collect();
    table(HEAD, &rows)
}

fn wide(position: &PositionStatus) -> [String; 7] {
    let [a, b, c, d, e, f] = row(position);
    let plan = position.plan_id.clone().unwrap_or_else(|| "-".into());
    [a, b, c, d, e, f, plan]
}

fn row(position: &PositionStatus) -> [String; 6] {
    let mark = if position.unprotected { " NAKED" } else { "" };
    let stops = if position.stop_prices.is_empty() {
        "-".into()
    } else {
        position.stop_prices.join(" ")
    };
    [
        position_name(position),
        position.qty.clone(),
        position.entry_price.clone(),
        format!("{}{mark}", position.protected_qty),
        stops,
        position.take_profits.to_string(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(symbol: &str, protected: &str, stops: &[&str]) -> PositionStatus {
        PositionStatus {
            account: "main".into(),
            symbol: symbol.into(),
            side: "LONG".into(),
            qty: "0.5".into(),
            entry_price: "95000".into(),
            protected_qty: protected.into(),
            stop_prices: stops.iter().map(|it| (*it).into()).collect(),
            take_profits: 2,
            unprotected: protected != "0.5",
            plan_id: None,
        }
    }

    #[test]
    fn a_naked_position_is_called_so() {
        let positions = [
            position("BTCUSDT", "0.5", &["94000.5", "90000"]),
            position("ETHUSDT", "0", &[]),
        ];
        let expected = "\
POSITION           QTY  ENTRY  PROTECTED  STOPS          TARGETS
main.BTCUSDT.LONG  0.5  95000  0.5        94000.5 90000  2
main.ETHUSDT.LONG  0.5  95000  0 NAKED    -              2";
        assert_eq!(text(&positions, Format::Table), expected);
        let wide = text(&positions, Format::Wide);
        assert!(wide.lines().next().unwrap().ends_with("PLAN"), "{wide}");
    }

    #[test]
    fn yaml_keeps_decimals_as_text() {
        let status = ExitBrainStatus {
            positions: vec![position("BTCUSDT", "0.5", &["94000.5"])],
            ..ExitBrainStatus::default()
        };
        let expected = "\
apiVersion: 'exitbrain/v1'
kind: 'PositionList'
unprotected_positions: 0
items:
- account: 'main'
  symbol: 'BTCUSDT'
  side: 'LONG'
  qty: '0.5'
  entry_price: '95000'
  protected_qty: '0.5'
  stop_prices:
  - '94000.5'
  take_profits: 2
  unprotected: false
  plan_id: null";
        assert_eq!(run(&status, Format::Yaml).unwrap().text, expected);
    }
}
