//! A report as one file of HTML: no script, no network, light and dark, the same bytes each time.

use std::fmt::{self, Display};

use maud::{DOCTYPE, Markup, PreEscaped, html};
use thiserror::Error;

mod axis;
mod bars;
mod dots;
mod lines;
mod paint;
mod style;
mod table;
#[cfg(test)]
mod tests;

pub use axis::Axis;
pub use bars::BarChart;
pub use dots::DotChart;
pub use lines::LineChart;
pub use table::{Cell, Table};

/// A chart that could not be drawn.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the chart {title:?} could not be drawn: {cause}")]
pub struct PageError {
    /// The title of the chart.
    pub title: String,
    /// What the plotting library says.
    pub cause: String,
}

/// What a statement means for the reader. It is always said in words too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Not as it should be.
    Bad,
    /// Nobody can say.
    Unsure,
    /// No judgement.
    #[default]
    Plain,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Unsure => "unsure",
            Self::Plain => "plain",
        }
    }
}

/// A whole report.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    title: String,
    about: String,
    verdicts: Vec<Verdict>,
    sections: Vec<Section>,
}

#[derive(Debug, Clone, PartialEq)]
struct Verdict {
    tone: Tone,
    headline: String,
    reason: String,
}

/// A part of a report with a heading of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    title: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Text(String),
    Notes(Vec<String>),
    Table(Table),
    Lines(LineChart),
    Bars(BarChart),
    Dots(DotChart),
}

impl Page {
    /// A report with nothing in it; `about` is one sentence under the title.
    #[must_use]
    pub fn new(title: impl Display, about: impl Display) -> Self {
        Self {
            title: title.to_string(),
            about: about.to_string(),
            verdicts: Vec::new(),
            sections: Vec::new(),
        }
    }

    /// Adds a banner at the top: `headline` in one or two words (`PASS`), `reason` in a sentence.
    #[must_use]
    pub fn verdict(mut self, tone: Tone, headline: impl Display, reason: impl Display) -> Self {
        self.verdicts.push(Verdict {
            tone,
            headline: headline.to_string(),
            reason: reason.to_string(),
        });
        self
    }

    /// Adds a section at the end.
    #[must_use]
    pub fn section(mut self, section: Section) -> Self {
        self.sections.push(section);
        self
    }

    /// The whole file.
    ///
    /// # Errors
    /// [`PageError`] where a chart could not be drawn.
    pub fn html(&self) -> Result<String, PageError> {
        let sections = self
            .sections
            .iter()
            .zip(1..)
            .map(|(section, number)| section.markup(number))
            .collect::<Result<Vec<_>, _>>()?;
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.title) }
                    style { (PreEscaped(style::sheet())) }
                }
                body {
                    header {
                        h1 { (self.title) }
                        p.about { (self.about) }
                    }
                    @for verdict in &self.verdicts { (verdict.markup()) }
                    @if self.sections.len() > 1 { (self.contents()) }
                    main { @for section in &sections { (section) } }
                }
            }
        };
        Ok(page.into_string())
    }

    fn contents(&self) -> Markup {
        html! {
            nav aria-label="Contents" {
                @for (section, number) in self.sections.iter().zip(1..) {
                    a href={ "#section-" (number) } { (section.title) }
                }
            }
        }
    }
}

impl Verdict {
    fn markup(&self) -> Markup {
        html! {
            p class={ "verdict " (self.tone.class()) } {
                strong { (self.headline) } " " (self.reason)
            }
        }
    }
}

impl Section {
    /// A section with nothing in it.
    #[must_use]
    pub fn new(title: impl Display) -> Self {
        Self {
            title: title.to_string(),
            parts: Vec::new(),
        }
    }

    /// Adds a paragraph.
    #[must_use]
    pub fn text(self, text: impl Display) -> Self {
        self.part(Part::Text(text.to_string()))
    }

    /// Adds a list of remarks; nothing where there are none.
    #[must_use]
    pub fn notes<T: Display>(self, notes: impl IntoIterator<Item = T>) -> Self {
        let notes: Vec<String> = notes.into_iter().map(|note| note.to_string()).collect();
        match notes.is_empty() {
            true => self,
            false => self.part(Part::Notes(notes)),
        }
    }

    /// Adds a table.
    #[must_use]
    pub fn table(self, table: Table) -> Self {
        self.part(Part::Table(table))
    }

    /// Adds lines over a common axis.
    #[must_use]
    pub fn lines(self, chart: LineChart) -> Self {
        self.part(Part::Lines(chart))
    }

    /// Adds bars.
    #[must_use]
    pub fn bars(self, chart: BarChart) -> Self {
        self.part(Part::Bars(chart))
    }

    /// Adds dots: a scatter or a reliability curve.
    #[must_use]
    pub fn dots(self, chart: DotChart) -> Self {
        self.part(Part::Dots(chart))
    }

    fn part(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }

    fn markup(&self, number: usize) -> Result<Markup, PageError> {
        let parts = self
            .parts
            .iter()
            .map(Part::markup)
            .collect::<Result<Vec<_>, _>>()?;
        Ok(html! {
            section id={ "section-" (number) } {
                h2 { (self.title) }
                @for part in &parts { (part) }
            }
        })
    }
}

impl Part {
    fn markup(&self) -> Result<Markup, PageError> {
        Ok(match self {
            Self::Text(text) => html! { p { (text) } },
            Self::Notes(notes) => html! { ul { @for note in notes { li { (note) } } } },
            Self::Table(table) => table.markup(),
            Self::Lines(chart) => chart.markup()?,
            Self::Bars(chart) => chart.markup()?,
            Self::Dots(chart) => chart.markup()?,
        })
    }
}

/// A drawn chart with its title and its key.
fn figure(title: &str, key: &[paint::Key], drawing: &str) -> Markup {
    html! {
        figure {
            figcaption { (title) }
            @if !key.is_empty() {
                ul.key {
                    @for entry in key {
                        li { span.swatch style=(entry.style()) {} (entry.name) }
                    }
                }
            }
            div.drawing role="img" aria-label=(title) { (PreEscaped(drawing)) }
        }
    }
}

fn nothing_to_draw(title: &str) -> Markup {
    html! { figure { figcaption { (title) } p.empty { "Nothing to draw." } } }
}

fn undrawn(title: &str, cause: impl fmt::Display) -> PageError {
    PageError {
        title: title.to_string(),
        cause: cause.to_string(),
    }
}
