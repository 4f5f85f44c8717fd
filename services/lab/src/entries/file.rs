//! Entries from CSV (`time,symbol,side,qty,leverage`, with that header) or from JSON lines.

use std::fs;
use std::path::Path;

use domain::{Qty, Side, Symbol, Timestamp};
use serde::Deserialize;

use super::{Entry, EntryError, amount, leverage};
use crate::moment;

/// One entry as it is written: everything is text, so that no number passes through a float.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    time: String,
    symbol: String,
    side: String,
    qty: String,
    leverage: String,
}

/// Reads a file; one whose name ends in `.jsonl` has a JSON object of texts in each line.
///
/// # Errors
/// [`EntryError`] with the first line that can't be used.
pub fn read(path: &Path) -> Result<Vec<Entry>, EntryError> {
    let unreadable = |why: String| EntryError::Unreadable {
        path: path.into(),
        why,
    };
    let text = fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    let rows = match path.extension().is_some_and(|end| end == "jsonl") {
        true => json(&text),
        false => csv_rows(&text),
    };
    let rows = rows.map_err(unreadable)?;
    rows.into_iter()
        .map(|(line, row)| entry(path, line, &row))
        .collect()
}

type Rows = Vec<(u64, Row)>;

fn json(text: &str) -> Result<Rows, String> {
    let lines = text.lines().zip(1_u64..);
    let lines = lines.filter(|(line, _)| !line.trim().is_empty());
    lines
        .map(|(text, line)| match serde_json::from_str(text) {
            Ok(row) => Ok((line, row)),
            Err(error) => Err(format!("line {line}: {error}")),
        })
        .collect()
}

fn csv_rows(text: &str) -> Result<Rows, String> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    reader
        .deserialize()
        .zip(2_u64..)
        .map(|(row, line)| {
            row.map(|row| (line, row))
                .map_err(|error| error.to_string())
        })
        .collect()
}

fn entry(path: &Path, line: u64, row: &Row) -> Result<Entry, EntryError> {
    let fault = |field: &'static str, value: &str, why: String| EntryError::Line {
        path: path.into(),
        line,
        field,
        value: value.into(),
        why,
    };
    let at: Timestamp = moment::read(&row.time).map_err(|why| fault("time", &row.time, why))?;
    let symbol = Symbol::new(&row.symbol)
        .map_err(|error| fault("symbol", &row.symbol, error.to_string()))?;
    let side: Side = row
        .side
        .parse()
        .map_err(|error: domain::ids::NameError| fault("side", &row.side, error.to_string()))?;
    let qty = amount(&row.qty).map_err(|why| fault("qty", &row.qty, why))?;
    let leverage = leverage(&row.leverage).map_err(|why| fault("leverage", &row.leverage, why))?;
    Ok(Entry {
        symbol,
        at,
        side,
        qty: Qty::new(qty).map_err(|error| fault("qty", &row.qty, error.to_string()))?,
        leverage,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str, text: &str) -> Result<Vec<Entry>, EntryError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        read(&path)
    }

    #[test]
    fn both_forms_say_the_same() {
        let csv = "time,symbol,side,qty,leverage\n\
                   2025-05-04T00:01:00Z, BTCUSDT, long, 0.1, 5\n";
        let json = concat!(
            r#"{"time":"1746316860000","symbol":"BTCUSDT","side":"LONG","#,
            r#""qty":"0.1","leverage":"5"}"#
        );
        let (of_csv, of_json) = (
            written("e.csv", csv).unwrap(),
            written("e.jsonl", json).unwrap(),
        );
        assert_eq!(of_csv, of_json);
        assert_eq!(of_csv[0].leverage, 5);
    }

    #[test]
    fn a_fault_is_told_with_line_field_value_and_what_to_write() {
        let head = "time,symbol,side,qty,leverage\n";
        for (row, field, hint) in [
            ("may,BTCUSDT,long,1,5", "time", "2025-05-04"),
            ("2025-05-04,BTCUSDT,up,1,5", "side", "LONG or SHORT"),
            ("2025-05-04,BTCUSDT,long,-1,5", "qty", "above 0"),
            ("2025-05-04,BTCUSDT,long,1,0.5", "leverage", "1 to 125"),
        ] {
            let error = written("e.csv", &format!("{head}{row}\n")).unwrap_err();
            let text = error.to_string();
            assert!(text.contains("line 2") && text.contains(field), "{text}");
            assert!(text.contains(hint), "{text}");
        }
    }
}
