//! Dots: a scatter, or a reliability curve with the line of perfect agreement.
#![allow(
    clippy::float_arithmetic,
    reason = "a drawing is no money: it has the precision of a screen"
)]

use std::fmt::Display;

use maud::Markup;
use plotters::prelude::*;

use super::lines::plane;
use super::{Axis, PageError, figure, nothing_to_draw, paint, undrawn};

/// Most dots of a series that are drawn, evenly chosen.
const DOTS_MAX: usize = 4_000;

/// Series of dots.
#[derive(Debug, Clone, PartialEq)]
pub struct DotChart {
    title: String,
    x: Axis,
    y: Axis,
    agreement: bool,
    series: Vec<Series>,
}

#[derive(Debug, Clone, PartialEq)]
struct Series {
    name: String,
    joined: bool,
    dots: Vec<(f64, f64)>,
    ranges: Vec<(f64, f64, f64)>,
}

impl DotChart {
    /// A chart without dots.
    #[must_use]
    pub fn new(title: impl Display, x: Axis, y: Axis) -> Self {
        Self {
            title: title.to_string(),
            x,
            y,
            agreement: false,
            series: Vec::new(),
        }
    }

    /// A reliability curve: what was expected against what came, both between 0 and 1, with the
    /// line on which they agree.
    #[must_use]
    pub fn reliability(title: impl Display, expected: impl Display, came: impl Display) -> Self {
        let axis = |label: &dyn Display| Axis::percents(label).between(0.0, 1.0);
        Self::new(title, axis(&expected), axis(&came)).agreement()
    }

    /// Draws the line on which both axes are equal.
    #[must_use]
    pub const fn agreement(mut self) -> Self {
        self.agreement = true;
        self
    }

    /// Adds dots.
    #[must_use]
    pub fn dots(self, name: impl Display, dots: impl IntoIterator<Item = (f64, f64)>) -> Self {
        self.add(name, dots, false)
    }

    /// Adds dots that are joined by a line, in the order given.
    #[must_use]
    pub fn joined(self, name: impl Display, dots: impl IntoIterator<Item = (f64, f64)>) -> Self {
        self.add(name, dots, true)
    }

    /// Adds to the dots that were just added how sure they are, as (x, low, high).
    #[must_use]
    pub fn ranges(mut self, ranges: impl IntoIterator<Item = (f64, f64, f64)>) -> Self {
        let finite = |r: &(f64, f64, f64)| r.0.is_finite() && r.1.is_finite() && r.2.is_finite();
        if let Some(series) = self.series.last_mut() {
            series.ranges = ranges.into_iter().filter(finite).collect();
        }
        self
    }

    fn add(
        mut self,
        name: impl Display,
        dots: impl IntoIterator<Item = (f64, f64)>,
        joined: bool,
    ) -> Self {
        let finite = |dot: &(f64, f64)| dot.0.is_finite() && dot.1.is_finite();
        self.series.push(Series {
            name: name.to_string(),
            joined,
            dots: dots.into_iter().filter(finite).collect(),
            ranges: Vec::new(),
        });
        self
    }

    pub(super) fn markup(&self) -> Result<Markup, PageError> {
        if self.series.iter().all(|series| series.dots.is_empty()) {
            return Ok(nothing_to_draw(&self.title));
        }
        let key = paint::key(self.series.iter().map(|series| series.name.as_str()));
        let drawing = self.draw().map_err(|cause| undrawn(&self.title, cause))?;
        Ok(figure(&self.title, &key, &drawing))
    }

    fn draw(&self) -> Result<String, Box<dyn std::error::Error>> {
        let dots = || self.series.iter().flat_map(|series| &series.dots);
        let ranges = || self.series.iter().flat_map(|series| &series.ranges);
        let (left, right) = self.x.range(dots().map(|dot| dot.0));
        let heights = dots()
            .map(|dot| dot.1)
            .chain(ranges().flat_map(|range| [range.1, range.2]));
        let (low, high) = self.y.range(heights);
        let mut drawing = String::new();
        {
            let area = SVGBackend::with_string(&mut drawing, (paint::WIDTH, paint::HEIGHT))
                .into_drawing_area();
            let mut chart = plane(&area, (&self.x, (left, right)), (&self.y, (low, high)))?;
            if self.agreement {
                let ends = [left.max(low), right.min(high)].map(|at| (at, at));
                chart.draw_series(LineSeries::new(ends, paint::ink().mix(0.45)))?;
            }
            for (number, series) in self.series.iter().enumerate().rev() {
                let color = paint::series(number);
                for (x, from, to) in &series.ranges {
                    chart.draw_series(LineSeries::new([(*x, *from), (*x, *to)], color))?;
                }
                if series.joined {
                    let line = series.dots.iter().copied();
                    chart.draw_series(LineSeries::new(line, color.stroke_width(2)))?;
                }
                let step = series.dots.len().div_ceil(DOTS_MAX).max(1);
                let shown = series.dots.iter().step_by(step);
                chart
                    .draw_series(shown.map(|dot| Circle::new(*dot, 3, color.mix(0.8).filled())))?;
            }
            area.present()?;
        }
        Ok(drawing)
    }
}
