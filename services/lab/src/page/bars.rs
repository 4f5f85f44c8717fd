//! Horizontal bars: one row for each category, in it one bar for each series.
#![allow(
    clippy::float_arithmetic,
    reason = "a drawing is no money: it has the precision of a screen"
)]

use std::fmt::Display;

use maud::Markup;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::{Axis, PageError, figure, nothing_to_draw, paint, undrawn};

/// Most categories that are drawn; the rest is left out, and the title says so.
const CATEGORIES_MAX: usize = 60;
const BAR_HEIGHT: u32 = 16;
const GAP_HEIGHT: u32 = 8;
const LABELS_HEIGHT: u32 = 48;
const MARGIN: u32 = 8;
/// Width of a letter and most letters of a category's name, for the room to the left.
const LETTER_WIDTH: usize = 8;
const LETTERS_MAX: usize = 36;
const TICKS_MAX: u32 = 9;

/// Bars of one or more series, by category.
#[derive(Debug, Clone, PartialEq)]
pub struct BarChart {
    title: String,
    value: Axis,
    series: Vec<String>,
    categories: Vec<(String, Vec<f64>)>,
}

impl BarChart {
    /// A chart of one nameless series.
    #[must_use]
    pub fn new(title: impl Display, value: Axis) -> Self {
        Self {
            title: title.to_string(),
            value,
            series: Vec::new(),
            categories: Vec::new(),
        }
    }

    /// Names the next series.
    #[must_use]
    pub fn series(mut self, name: impl Display) -> Self {
        self.series.push(name.to_string());
        self
    }

    /// Adds a category with a value for each series; a value that is no number has no bar.
    pub fn category(&mut self, name: impl Display, values: impl IntoIterator<Item = f64>) {
        let values = values.into_iter().collect();
        self.categories.push((name.to_string(), values));
    }

    pub(super) fn markup(&self) -> Result<Markup, PageError> {
        let drawn = self.categories.len().min(CATEGORIES_MAX);
        let title = match self.categories.len() - drawn {
            0 => self.title.clone(),
            more => format!("{} (the first {drawn}; {more} more not drawn)", self.title),
        };
        let categories = &self.categories[..drawn];
        if categories.iter().all(|(_, values)| values.is_empty()) {
            return Ok(nothing_to_draw(&title));
        }
        let key = paint::key(self.series.iter().map(String::as_str));
        let drawing = self
            .draw(categories)
            .map_err(|cause| undrawn(&title, cause))?;
        Ok(figure(&title, &key, &drawing))
    }

    fn draw(
        &self,
        categories: &[(String, Vec<f64>)],
    ) -> Result<String, Box<dyn std::error::Error>> {
        let bars = categories.iter().map(|(_, values)| values.len()).max();
        let bars = u32::try_from(bars.unwrap_or(1).max(1))?;
        let count = u32::try_from(categories.len())?;
        let letters = categories
            .iter()
            .map(|(name, _)| name.chars().count())
            .max();
        let room = letters.unwrap_or(0).min(LETTERS_MAX) * LETTER_WIDTH + 12;
        let height = count * (bars * BAR_HEIGHT + GAP_HEIGHT) + LABELS_HEIGHT + 2 * MARGIN;
        let values = categories
            .iter()
            .flat_map(|(_, values)| values.iter().copied());
        let finite = values.filter(|value| value.is_finite());
        let (low, high) = self.value.range(finite.chain([0.0]));
        let mut drawing = String::new();
        {
            let area =
                SVGBackend::with_string(&mut drawing, (paint::WIDTH, height)).into_drawing_area();
            let mut chart = ChartBuilder::on(&area)
                .margin(MARGIN)
                .margin_right(44)
                .x_label_area_size(LABELS_HEIGHT)
                .y_label_area_size(u32::try_from(room)?)
                .build_cartesian_2d(
                    self.value.coord((low, high), TICKS_MAX),
                    f64::from(count)..0.0,
                )?;
            let text = paint::text();
            chart
                .configure_mesh()
                .disable_y_mesh()
                .disable_y_axis()
                .y_labels(0)
                .bold_line_style(paint::grid())
                .light_line_style(TRANSPARENT)
                .axis_style(paint::grid())
                .label_style(text.clone())
                .axis_desc_style(text.clone())
                .x_desc(self.value.label.clone())
                .x_label_formatter(&|value| self.value.text(*value, high - low))
                .draw()?;
            let gap = f64::from(GAP_HEIGHT) / f64::from(bars * BAR_HEIGHT + GAP_HEIGHT);
            let step = (1.0 - gap) / f64::from(bars);
            for ((name, values), row) in categories.iter().zip(0_u32..) {
                let top = f64::from(row) + gap / 2.0;
                for ((value, number), at) in values.iter().zip(0..).zip(0_u32..) {
                    let from = top + step * f64::from(at);
                    let bar = [(0.0, from), (*value, from + step * 0.9)];
                    if value.is_finite() {
                        let fill = paint::series(number).filled();
                        chart.draw_series([Rectangle::new(bar, fill)])?;
                    }
                }
                let (left, _) = chart.plotting_area().get_pixel_range();
                let middle = chart.backend_coord(&(low, f64::from(row) + 0.5)).1;
                let style = text.clone().pos(Pos::new(HPos::Right, VPos::Center));
                area.draw(&Text::new(short(name), (left.start - 6, middle), style))?;
            }
            let zero = [(0.0, 0.0), (0.0, f64::from(count))];
            chart.draw_series(LineSeries::new(zero, paint::ink().mix(0.6)))?;
            area.present()?;
        }
        Ok(drawing)
    }
}

fn short(name: &str) -> String {
    match name.char_indices().nth(LETTERS_MAX) {
        Some((cut, _)) => format!("{}…", name.get(..cut).unwrap_or_default()),
        None => name.to_string(),
    }
}
