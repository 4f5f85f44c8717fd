//! Answers as text; pure functions of what was heard.

use std::fmt::Display;

use proto::wire::PositionStatus;
use serde::Serialize;
use serde_json::Value;

use crate::answer::Trouble;
use crate::cli::Format;

pub mod number;
pub mod plan;
pub mod status;
pub mod story;
pub mod table;

/// Whether colours are used. They never carry anything that the text does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// None.
    Plain,
    /// ANSI.
    Colored,
}

impl Paint {
    /// `text` in bold and in `color` (an SGR number), where colours are used.
    pub fn bold(self, color: u8, text: &str) -> String {
        match self {
            Self::Plain => text.into(),
            Self::Colored => format!("\u{1b}[1;{color}m{text}\u{1b}[0m"),
        }
    }
}

/// `main.BTCUSDT.LONG`.
pub fn position_name(position: &PositionStatus) -> String {
    format!("{}.{}.{}", position.account, position.symbol, position.side)
}

/// `document` as `format` wants it; `people` writes it for people, and is told the format too, for
/// some tables have more columns where there is room.
///
/// # Errors
/// As [`json`].
pub fn told(
    format: Format,
    document: &impl Serialize,
    people: impl FnOnce(Format) -> String,
) -> Result<String, Trouble> {
    match format {
        Format::Table | Format::Wide => Ok(people(format)),
        Format::Json => json(document),
        Format::Jsonl => json_lines(document),
        Format::Yaml => yaml(document),
        Format::Html => Err(unwritable(
            "there is no page of it; use table, json, jsonl or yaml",
        )),
    }
}

/// The same document in YAML. Every text is quoted: a decimal must not become a binary fraction,
/// nor a name a truth, in whatever reads it.
///
/// # Errors
/// As [`json`].
pub fn yaml(value: &impl Serialize) -> Result<String, Trouble> {
    let options = serde_saphyr::ser_options! { quote_all: true };
    serde_saphyr::to_string_with_options(value, options)
        .map(|text| text.trim_end().to_owned())
        .map_err(unwritable)
}

/// `value` as JSON, the way the endpoint writes it.
///
/// # Errors
/// Where it can't be written, which only a broken build could cause.
pub fn json(value: &impl Serialize) -> Result<String, Trouble> {
    serde_json::to_string_pretty(value).map_err(unwritable)
}

/// `value` as JSON on one line, for a stream of documents.
///
/// # Errors
/// As [`json`].
pub fn json_line(value: &impl Serialize) -> Result<String, Trouble> {
    serde_json::to_string(value).map_err(unwritable)
}

/// `document` as JSON on one line; a list as one line for each of its items, each with what the
/// list says of all of them.
fn json_lines(document: &impl Serialize) -> Result<String, Trouble> {
    let mut whole = serde_json::to_value(document).map_err(unwritable)?;
    let lines = match whole.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => {
            let item = |item| json_line(&one_of(&whole, item));
            items.into_iter().map(item).collect::<Result<Vec<_>, _>>()?
        }
        _ => vec![json_line(document)?],
    };
    Ok(lines.join("\n"))
}

/// A document of its own for one item of a list: `PositionList` has those of the kind `Position`.
fn one_of(list: &Value, item: Value) -> Value {
    let mut document = list.clone();
    if let Some(fields) = document.as_object_mut() {
        fields.remove("items");
        if let Some(Value::String(kind)) = fields.get_mut("kind") {
            *kind = kind.trim_end_matches("List").to_owned();
        }
        match item {
            Value::Object(of_item) => fields.extend(of_item),
            other => drop(fields.insert("item".into(), other)),
        }
    }
    document
}

fn unwritable(error: impl Display) -> Trouble {
    Trouble::Failure(format!("the answer can't be written: {error}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lines(document: &Value) -> Vec<Value> {
        let text = told(Format::Jsonl, document, |_| String::new()).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.collect()
    }

    #[test]
    fn a_list_has_a_line_for_each_item_and_each_is_a_document() {
        let list = json!({
            "apiVersion": "exitbrain/v1",
            "kind": "PositionList",
            "since": "today",
            "items": [{ "qty": "0.10" }, { "qty": "2" }],
        });
        let item = |qty: &str| {
            json!({
                "apiVersion": "exitbrain/v1",
                "kind": "Position",
                "since": "today",
                "qty": qty,
            })
        };
        assert_eq!(lines(&list), [item("0.10"), item("2")]);
        let names = json!({ "kind": "BusMap", "items": ["a\nb"] });
        assert_eq!(lines(&names), [json!({ "kind": "BusMap", "item": "a\nb" })]);
        let nothing = json!({ "kind": "PlanList", "items": [] });
        assert!(lines(&nothing).is_empty(), "and nothing has none");
    }

    #[test]
    fn what_is_no_list_is_one_line() {
        let status = json!({ "kind": "Status", "services": [1, 2], "text": "a\nb" });
        assert_eq!(lines(&status), [status]);
    }
}
