//! What the library has no ready form for: a family that is told of while it is empty, and a
//! histogram of what was counted elsewhere.

use std::fmt;

use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::family;
use prometheus_client::metrics::{MetricType, TypedMetric};

use super::{Labels, seconds};
use crate::model::durations::Durations;

/// Metrics by their labels.
#[derive(Debug)]
pub(super) struct Family<M>(family::Family<Labels, M>);

impl<M: Default> Default for Family<M> {
    fn default() -> Self {
        Self(family::Family::default())
    }
}

impl<M: Default + Clone> Family<M> {
    /// The metric with these labels.
    pub(super) fn of(&self, labels: &Labels) -> M {
        self.0.get_or_create(labels).clone()
    }
}

impl<M: EncodeMetric + TypedMetric> EncodeMetric for Family<M> {
    fn encode(&self, encoder: MetricEncoder<'_>) -> fmt::Result {
        self.0.encode(encoder)
    }

    fn metric_type(&self) -> MetricType {
        M::TYPE
    }
}

/// Counts by length, as they stand.
#[derive(Debug)]
pub(super) struct Histogram {
    sum: f64,
    count: u64,
    buckets: Vec<(f64, u64)>,
}

impl Histogram {
    pub(super) fn of(durations: &Durations) -> Self {
        // The format's last bucket has no bound; infinity stands for it.
        let bound = |bound: Option<_>| bound.map_or(f64::INFINITY, seconds);
        let buckets = durations.iter().map(|(to, count)| (bound(to), count));
        Self {
            sum: seconds(durations.sum()),
            count: durations.count(),
            buckets: buckets.collect(),
        }
    }
}

impl EncodeMetric for Histogram {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        encoder.encode_histogram::<NoLabelSet>(self.sum, self.count, &self.buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}
