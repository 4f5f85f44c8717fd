//! A table: names to the left, numbers to the right, as text that somebody else has made.

use std::fmt::Display;

use maud::{Markup, html};

use super::Tone;

/// A table of texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    caption: String,
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<Cell>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Align {
    Left,
    Right,
}

/// One text of a table, and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    /// A text with a meaning.
    #[must_use]
    pub fn new(text: impl Display, tone: Tone) -> Self {
        Self {
            text: text.to_string(),
            tone,
        }
    }
}

impl<T: Display> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text, Tone::Plain)
    }
}

impl Table {
    /// A table without columns; `caption` says what is in it, with the units.
    #[must_use]
    pub fn new(caption: impl Display) -> Self {
        Self {
            caption: caption.to_string(),
            columns: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// Adds a column of words.
    #[must_use]
    pub fn words(mut self, head: impl Display) -> Self {
        self.columns.push((head.to_string(), Align::Left));
        self
    }

    /// Adds a column of numbers.
    #[must_use]
    pub fn numbers(mut self, head: impl Display) -> Self {
        self.columns.push((head.to_string(), Align::Right));
        self
    }

    /// Adds a row; what it lacks stays empty, what it has more than there are columns is dropped.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let mut row: Vec<Cell> = cells.into_iter().take(self.columns.len()).collect();
        row.resize_with(self.columns.len(), || Cell::from(""));
        self.rows.push(row);
    }

    pub(super) fn markup(&self) -> Markup {
        html! {
            div.scroll {
                table {
                    caption { (self.caption) }
                    thead { tr {
                        @for (head, align) in &self.columns {
                            th scope="col" class=[align.class()] { (head) }
                        }
                    } }
                    tbody { @for row in &self.rows { tr {
                        @for (cell, (_, align)) in row.iter().zip(&self.columns) {
                            td class=[cell.class(*align)] { (cell.text) }
                        }
                    } } }
                }
            }
        }
    }
}

impl Align {
    const fn class(self) -> Option<&'static str> {
        match self {
            Self::Left => None,
            Self::Right => Some("right"),
        }
    }
}

impl Cell {
    fn class(&self, align: Align) -> Option<String> {
        let tone = Some(self.tone).filter(|tone| *tone != Tone::Plain);
        let words = [align.class(), tone.map(Tone::class)];
        let class = words.into_iter().flatten().collect::<Vec<_>>().join(" ");
        Some(class).filter(|class| !class.is_empty())
    }
}
