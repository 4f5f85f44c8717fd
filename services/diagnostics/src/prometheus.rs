//! The read model as Prometheus metrics, made anew for each scrape. Names, units and labels follow
//! `docs/metrics.md`, which a test compares with this page.

use std::fmt;
use std::sync::atomic::AtomicU64;

use domain::{Ratio, Span, Timestamp};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::model::ReadModel;
use crate::model::durations::Durations;

mod classic;
mod family;
mod mode;
mod orders;
mod performance;
mod positions;
mod services;

pub use classic::classic;
use family::{Family, Histogram};

type Labels = Vec<(&'static str, String)>;
type Float = Gauge<f64, AtomicU64>;

/// The text of one scrape, in the OpenMetrics format.
///
/// # Errors
/// Where the encoder fails, which only a broken build could cause.
pub fn render(model: &ReadModel, now: Timestamp) -> Result<String, fmt::Error> {
    let mut page = Page(Registry::with_prefix("exitbrain"));
    positions::positions(&mut page, model, now);
    orders::orders(&mut page, model);
    mode::mode(&mut page, model, now);
    services::services(&mut page, model, now);
    performance::performance(&mut page, model, now);
    let mut text = String::new();
    encode(&mut text, &page.0)?;
    Ok(text)
}

/// Exact text to the nearest float: the exposition format has no decimals.
fn seconds(span: Span) -> f64 {
    let micros = span.micros();
    let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    text.parse().unwrap_or(f64::NAN)
}

/// Exact text to the nearest float: the exposition format has no decimals.
fn float(ratio: Ratio) -> f64 {
    ratio.to_string().parse().unwrap_or(f64::NAN)
}

/// As one label's value each.
fn by<'a>(
    label: &'static str,
    counts: impl IntoIterator<Item = (&'a String, &'a u64)>,
) -> Vec<(Labels, u64)> {
    let row = |(name, count): (&String, &u64)| (vec![(label, name.clone())], *count);
    counts.into_iter().map(row).collect()
}

/// What is told of a scrape. A family is told of even where nothing is in it yet, so that every
/// name can be known from the first scrape on.
struct Page(Registry);

impl Page {
    fn counter(&mut self, name: &str, help: &str, value: u64) {
        let counter = Counter::<u64>::default();
        counter.inc_by(value);
        self.0.register(name, help, counter);
    }

    fn counters(&mut self, name: &str, help: &str, values: Vec<(Labels, u64)>) {
        let family = Family::<Counter>::default();
        for (labels, value) in values {
            family.of(&labels).inc_by(value);
        }
        self.0.register(name, help, family);
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl TryInto<i64>) {
        let gauge = Gauge::<i64>::default();
        gauge.set(value.try_into().unwrap_or(i64::MAX));
        self.0.register(name, help, gauge);
    }

    fn gauges(&mut self, name: &str, help: &str, values: Vec<(Labels, i64)>) {
        let family = Family::<Gauge>::default();
        for (labels, value) in values {
            family.of(&labels).set(value);
        }
        self.0.register(name, help, family);
    }

    /// Seconds; the name gets its unit here.
    fn seconds(&mut self, name: &str, help: &str, values: impl Iterator<Item = (Labels, Span)>) {
        let values = values.map(|(labels, span)| (labels, seconds(span)));
        self.floats(name, help, Unit::Seconds, values);
    }

    /// Parts of one; the name gets its unit here.
    fn ratios(&mut self, name: &str, help: &str, values: impl Iterator<Item = (Labels, Ratio)>) {
        let values = values.map(|(labels, ratio)| (labels, float(ratio)));
        self.floats(name, help, Unit::Other("ratio".into()), values);
    }

    /// A part of one that has no labels; the name gets its unit here.
    fn ratio(&mut self, name: &str, help: &str, ratio: Ratio) {
        self.float(name, help, Unit::Other("ratio".into()), float(ratio));
    }

    /// How long something took, in seconds; the name gets its unit here.
    fn durations(&mut self, name: &str, help: &str, durations: &Durations) {
        let histogram = Histogram::of(durations);
        self.0
            .register_with_unit(name, help, Unit::Seconds, histogram);
    }

    fn info(&mut self, name: &str, help: &str, labels: Labels) {
        self.0.register(name, help, Info::new(labels));
    }

    fn floats(
        &mut self,
        name: &str,
        help: &str,
        unit: Unit,
        values: impl Iterator<Item = (Labels, f64)>,
    ) {
        let family = Family::<Float>::default();
        for (labels, value) in values {
            family.of(&labels).set(value);
        }
        self.0.register_with_unit(name, help, unit, family);
    }

    /// The same of one that has no labels.
    fn float(&mut self, name: &str, help: &str, unit: Unit, value: f64) {
        let gauge = Float::default();
        gauge.set(value);
        self.0.register_with_unit(name, help, unit, gauge);
    }
}
