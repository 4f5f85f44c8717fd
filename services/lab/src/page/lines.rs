//! Lines over a common axis, each thinned to what a screen can show.
#![allow(
    clippy::float_arithmetic,
    reason = "a drawing is no money: it has the precision of a screen"
)]

use std::fmt::Display;

use maud::Markup;
use plotters::coord::Shift;
use plotters::prelude::*;

use super::axis::Coord;
use super::{Axis, PageError, figure, nothing_to_draw, paint, undrawn};

/// Most points of a line that are drawn; of each bucket its lowest, its highest and its last.
const POINTS_MAX: usize = 900;
const POINTS_A_BUCKET: usize = 3;

/// Lines, and bands behind them.
#[derive(Debug, Clone, PartialEq)]
pub struct LineChart {
    title: String,
    x: Axis,
    y: Axis,
    lines: Vec<(String, Vec<(f64, f64)>)>,
    bands: Vec<Vec<(f64, f64, f64)>>,
}

impl LineChart {
    /// A chart without lines.
    #[must_use]
    pub fn new(title: impl Display, x: Axis, y: Axis) -> Self {
        Self {
            title: title.to_string(),
            x,
            y,
            lines: Vec::new(),
            bands: Vec::new(),
        }
    }

    /// Adds a line through points in the order of `x`. The first seven have colours of their own
    /// and are drawn above the rest.
    #[must_use]
    pub fn line(
        mut self,
        name: impl Display,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Self {
        let finite = |point: &(f64, f64)| point.0.is_finite() && point.1.is_finite();
        let points = points.into_iter().filter(finite).collect();
        self.lines.push((name.to_string(), points));
        self
    }

    /// Adds the band of a line that was just added, as (x, low, high).
    #[must_use]
    pub fn band(mut self, points: impl IntoIterator<Item = (f64, f64, f64)>) -> Self {
        let finite = |p: &(f64, f64, f64)| p.0.is_finite() && p.1.is_finite() && p.2.is_finite();
        // Bands have the colour of the line with the same number.
        self.bands
            .resize_with(self.lines.len().saturating_sub(1), Vec::new);
        self.bands.push(points.into_iter().filter(finite).collect());
        self
    }

    pub(super) fn markup(&self) -> Result<Markup, PageError> {
        if self.lines.iter().all(|(_, points)| points.is_empty()) {
            return Ok(nothing_to_draw(&self.title));
        }
        let key = paint::key(self.lines.iter().map(|(name, _)| name.as_str()));
        let drawing = self.draw().map_err(|cause| undrawn(&self.title, cause))?;
        Ok(figure(&self.title, &key, &drawing))
    }

    fn draw(&self) -> Result<String, Box<dyn std::error::Error>> {
        let points = || self.lines.iter().flat_map(|(_, points)| points);
        let edges = || self.bands.iter().flatten();
        let (left, right) = self.x.range(points().map(|point| point.0));
        let heights = points()
            .map(|point| point.1)
            .chain(edges().flat_map(|edge| [edge.1, edge.2]));
        let (low, high) = self.y.range(heights);
        let mut drawing = String::new();
        {
            let area = SVGBackend::with_string(&mut drawing, (paint::WIDTH, paint::HEIGHT))
                .into_drawing_area();
            let mut chart = plane(&area, (&self.x, (left, right)), (&self.y, (low, high)))?;
            for (band, number) in self.bands.iter().zip(0..) {
                let step = band.len().div_ceil(POINTS_MAX).max(1);
                let band: Vec<_> = band.iter().step_by(step).collect();
                let back = band.iter().rev().map(|edge| (edge.0, edge.1));
                let outline: Vec<_> = band
                    .iter()
                    .map(|edge| (edge.0, edge.2))
                    .chain(back)
                    .collect();
                chart.draw_series([Polygon::new(outline, paint::series(number).mix(0.18))])?;
            }
            // The first one last, so that it lies above the others.
            for (number, (_, points)) in self.lines.iter().enumerate().rev() {
                let width = if number < paint::NAMED_MAX { 2 } else { 1 };
                let stroke = paint::series(number).stroke_width(width);
                chart.draw_series(LineSeries::new(thin(points), stroke))?;
            }
            area.present()?;
        }
        Ok(drawing)
    }
}

type Plane<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Coord, Coord>>;
type Area<'b> = DrawingArea<SVGBackend<'b>, Shift>;

/// Most numbers on an axis.
const X_TICKS_MAX: u32 = 9;
const Y_TICKS_MAX: u32 = 7;

/// An empty chart with its axes, each from where to where, and the lines behind.
pub(super) fn plane<'a, 'b>(
    area: &'a Area<'b>,
    (x, across): (&Axis, (f64, f64)),
    (y, up): (&Axis, (f64, f64)),
) -> Result<Plane<'a, 'b>, Box<dyn std::error::Error>> {
    let mut chart = ChartBuilder::on(area)
        .margin(8)
        .margin_right(44)
        .x_label_area_size(48)
        .y_label_area_size(86)
        .build_cartesian_2d(x.coord(across, X_TICKS_MAX), y.coord(up, Y_TICKS_MAX))?;
    let text = paint::text();
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(paint::grid())
        .light_line_style(TRANSPARENT)
        .axis_style(paint::grid())
        .label_style(text.clone())
        .axis_desc_style(text)
        .x_desc(x.label.clone())
        .y_desc(y.label.clone())
        .x_label_formatter(&|value| x.text(*value, across.1 - across.0))
        .y_label_formatter(&|value| y.text(*value, up.1 - up.0))
        .draw()?;
    Ok(chart)
}

/// At most [`POINTS_MAX`] of the points, with every peak and trough that can be seen.
fn thin(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    if points.len() <= POINTS_MAX {
        return points.to_vec();
    }
    let size = points.len().div_ceil(POINTS_MAX / POINTS_A_BUCKET);
    let mut kept = Vec::with_capacity(POINTS_MAX);
    for bucket in points.chunks(size) {
        let by_height = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
        let mut of_bucket: Vec<(f64, f64)> = [
            bucket.iter().min_by(by_height),
            bucket.iter().max_by(by_height),
            bucket.last(),
        ]
        .into_iter()
        .flatten()
        .copied()
        .collect();
        of_bucket.sort_by(|a, b| a.0.total_cmp(&b.0));
        of_bucket.dedup();
        kept.extend(of_bucket);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_the_peak_and_the_end() {
        let points: Vec<(f64, f64)> = (0..100_000)
            .map(|at| (f64::from(at), if at == 31_337 { 5.0 } else { 0.0 }))
            .collect();
        let kept = thin(&points);
        assert!(kept.len() <= POINTS_MAX + POINTS_A_BUCKET, "{}", kept.len());
        assert!(kept.contains(&(31_337.0, 5.0)));
        assert_eq!(kept.last(), points.last());
    }
}
