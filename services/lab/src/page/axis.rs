//! An axis: what it measures, where it ends, how its numbers are written.
#![allow(
    clippy::float_arithmetic,
    reason = "a drawing is no money: it has the precision of a screen"
)]

use std::fmt::Display;
use std::ops::Range;

use domain::Timestamp;
use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use plotters::coord::types::RangedCoordf64;
use proto::moment::rfc3339;

/// Room on each side of what is drawn, as a part of its extent.
const MARGIN: f64 = 0.04;

/// An axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    pub(super) label: String,
    scale: Scale,
    ends: Option<(f64, f64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scale {
    Number,
    Percent,
    Time,
}

impl Axis {
    /// Plain numbers; `label` names the quantity and its unit.
    #[must_use]
    pub fn numbers(label: impl Display) -> Self {
        Self::new(label, Scale::Number)
    }

    /// Fractions, written as percents: 0.25 is `25 %`.
    #[must_use]
    pub fn percents(label: impl Display) -> Self {
        Self::new(label, Scale::Percent)
    }

    /// Moments in milliseconds since the Unix epoch, written as UTC.
    #[must_use]
    pub fn time(label: impl Display) -> Self {
        Self::new(label, Scale::Time)
    }

    /// Ends at these values, whatever is drawn.
    #[must_use]
    pub const fn between(mut self, low: f64, high: f64) -> Self {
        self.ends = Some((low, high));
        self
    }

    fn new(label: impl Display, scale: Scale) -> Self {
        Self {
            label: label.to_string(),
            scale,
            ends: None,
        }
    }

    /// From where to where it goes, so that all of `values` have room.
    pub(super) fn range(&self, values: impl Iterator<Item = f64>) -> (f64, f64) {
        if let Some(ends) = self.ends {
            return ends;
        }
        let around = |(low, high): (f64, f64), value: f64| (low.min(value), high.max(value));
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), around);
        if !low.is_finite() {
            return (0.0, 1.0);
        }
        let extent = if high > low {
            high - low
        } else {
            high.abs().max(1.0)
        };
        let room = match self.scale {
            Scale::Time => 0.0,
            Scale::Number | Scale::Percent => extent * MARGIN,
        };
        match high > low {
            true => (low - room, high + room),
            false => (low - extent / 2.0, high + extent / 2.0),
        }
    }

    /// The axis as the plotting library takes it, with about `count` written values.
    pub(super) fn coord(&self, ends: (f64, f64), count: u32) -> Coord {
        Coord {
            ends,
            ticks: self.ticks(ends, count),
        }
    }

    /// The values that are written: round ones, at most about `count` of them.
    fn ticks(&self, (low, high): (f64, f64), count: u32) -> Vec<f64> {
        let least = (high - low) / f64::from(count.max(1));
        let step = match self.scale {
            Scale::Number => round_step(least),
            Scale::Percent => round_step(least * 100.0) / 100.0,
            Scale::Time => time_step(least),
        };
        let first = (low / step).ceil();
        (0..=count)
            .map(|at| (first + f64::from(at)) * step)
            .take_while(|value| *value <= high)
            .collect()
    }

    /// How a value is written on an axis of this extent.
    pub(super) fn text(&self, value: f64, extent: f64) -> String {
        match self.scale {
            Scale::Number => number(value, extent),
            Scale::Percent => format!("{} %", number(value * 100.0, extent * 100.0)),
            Scale::Time => time(value, extent),
        }
    }
}

/// The ends of an axis and the values that are written on it.
pub(super) struct Coord {
    ends: (f64, f64),
    ticks: Vec<f64>,
}

impl Ranged for Coord {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, pixels: (i32, i32)) -> i32 {
        RangedCoordf64::from(self.ends.0..self.ends.1).map(value, pixels)
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        match hint.weight().allow_light_points() {
            true => Vec::new(),
            false => self.ticks.clone(),
        }
    }

    fn range(&self) -> Range<f64> {
        self.ends.0..self.ends.1
    }
}

/// The smallest of 1, 2 and 5 times a power of ten that is not below `least`.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.max(f64::MIN_POSITIVE).log10().floor());
    let rounds = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    rounds
        .into_iter()
        .find(|step| *step >= least)
        .unwrap_or(least)
}

/// Seconds, minutes, hours and days as people count them, in milliseconds.
fn time_step(least: f64) -> f64 {
    const SECONDS: [f64; 14] = [
        1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 1_800.0, 3_600.0, 10_800.0, 21_600.0, 43_200.0,
        86_400.0, 172_800.0, 432_000.0,
    ];
    let steps = SECONDS.map(|seconds| seconds * 1_000.0);
    let day = 86_400_000.0;
    steps
        .into_iter()
        .find(|step| *step >= least)
        .unwrap_or_else(|| round_step(least / day) * day)
}

fn number(value: f64, extent: f64) -> String {
    let digits = match extent.abs() {
        extent if extent >= 20.0 => 0,
        extent if extent >= 2.0 => 1,
        extent if extent >= 0.2 => 2,
        extent if extent >= 0.02 => 3,
        _ => 5,
    };
    let text = format!("{value:.digits$}");
    match text.trim_start_matches(['-', '0', '.']).is_empty() {
        true => text.trim_start_matches('-').to_string(),
        false => text,
    }
}

/// The part of a moment that tells its neighbours apart.
fn time(millis: f64, extent_millis: f64) -> String {
    const DAY_MS: f64 = 86_400_000.0;
    #[allow(
        clippy::cast_possible_truncation,
        reason = "a moment on an axis: whole milliseconds are more than can be seen"
    )]
    let text = rfc3339(Timestamp::from_millis(millis as i64));
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default().replace('T', " ");
    match extent_millis {
        extent if extent >= 5.0 * DAY_MS => part(0, 10),
        extent if extent >= DAY_MS / 24.0 => part(5, 16),
        _ => part(11, 19),
    }
}
