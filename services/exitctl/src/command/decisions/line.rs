//! One decision as a line.

use domain::decision::{Action, Decision};
use proto::moment::rfc3339;
use serde::Serialize;

use crate::answer::Trouble;
use crate::cli::Format;
use crate::render;

/// Columns of the table. Lines come one by one, so the widths are fixed: what is longer moves the
/// rest of its line.
const HEAD: [&str; 6] = ["TIME", "LANE", "POSITION", "DECISION", "RULE", "REASON"];
const WIDTHS: [usize; 6] = [24, 6, 22, 16, 22, 0];

/// The JSON form.
#[derive(Debug, Serialize)]
pub struct Line<'a> {
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    kind: &'static str,
    at: String,
    /// `live` or `shadow`.
    lane: &'static str,
    position: String,
    epoch: String,
    decision: &'static str,
    rule: String,
    /// What the decision asks for, where it asks for anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    asks: Option<String>,
    reason: &'a str,
    confidence: String,
    plan_id: Option<String>,
    mark_price: String,
    entry_price: String,
    qty: String,
    pnl_pct_price: String,
    pnl_pct_margin: String,
    regime: String,
    risk_mode: String,
}

impl<'a> Line<'a> {
    /// The line of a decision.
    pub fn new(live: bool, decision: &'a Decision) -> Self {
        Self {
            api_version: "exitbrain/v1",
            kind: "Decision",
            at: rfc3339(decision.at),
            lane: if live { "live" } else { "shadow" },
            position: decision.key.to_string(),
            epoch: decision.epoch.to_string(),
            decision: decision.action.name(),
            rule: decision.rule.to_string(),
            asks: asks(&decision.action),
            reason: &decision.reason,
            confidence: decision.confidence.to_string(),
            plan_id: decision.plan_id.map(|id| id.to_string()),
            mark_price: decision.mark_price.to_string(),
            entry_price: decision.entry_price.to_string(),
            qty: decision.qty.to_string(),
            pnl_pct_price: decision.pnl_pct_price.to_string(),
            pnl_pct_margin: decision.pnl_pct_margin.to_string(),
            regime: decision.regime.to_string(),
            risk_mode: decision.risk_mode.to_string(),
        }
    }

    /// As it is printed: one line, a YAML document has several.
    ///
    /// # Errors
    /// As [`render::json`].
    pub fn text(&self, format: Format) -> Result<String, Trouble> {
        match format {
            Format::Table | Format::Wide => Ok(self.row(format)),
            Format::Json | Format::Jsonl => render::json_line(self),
            Format::Yaml => Ok(format!("---\n{}", render::yaml(self)?)),
            Format::Html => render::told(format, self, |_| String::new()),
        }
    }

    fn row(&self, format: Format) -> String {
        let asks = self.asks.as_deref();
        let mut reason = match asks {
            Some(asks) => format!("{asks}: {}", self.reason),
            None => self.reason.to_owned(),
        };
        if format == Format::Wide {
            reason.push_str(&format!(
                " [mark {} entry {} qty {} pnl {}% of margin, {}, {}]",
                self.mark_price,
                self.entry_price,
                self.qty,
                self.pnl_pct_margin,
                self.regime,
                self.risk_mode
            ));
        }
        let cells = [
            &self.at,
            self.lane,
            &self.position,
            self.decision,
            &self.rule,
            &reason,
        ];
        aligned(cells)
    }
}

/// The line above all, where the format has one.
pub fn head(format: Format) -> Option<String> {
    matches!(format, Format::Table | Format::Wide).then(|| aligned(HEAD))
}

fn aligned(cells: [&str; 6]) -> String {
    let cells = cells.iter().zip(WIDTHS);
    let cells: Vec<_> = cells
        .map(|(cell, width)| format!("{cell:<width$}"))
        .collect();
    let line = cells.join("  ");
    // What was said is for people, but a line stays a line.
    line.trim_end().replace(char::is_control, " ")
}

fn asks(action: &Action) -> Option<String> {
    match action {
        Action::NoChange | Action::FullExit => None,
        Action::PartialClose { leg, keep, .. } => Some(format!("leg {leg}, keep {keep}")),
        Action::MoveStop { price, reason } => Some(format!("stop {price} ({reason})")),
        Action::UpdateTargets { targets } => {
            let targets: Vec<_> = targets.iter().map(|it| it.price.to_string()).collect();
            Some(format!("targets {}", targets.join(" ")))
        }
    }
}
