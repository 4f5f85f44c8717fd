//! Which spans are recorded: every one that leads to something, and of the ticks as many as wanted.

use opentelemetry::trace::{Link, SpanKind, TraceId};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{Sampler, SamplingResult, ShouldSample};

/// Which ticks are told: the standard's names and meaning, for ticks alone.
pub(crate) const SAMPLER_VARIABLE: &str = "OTEL_TRACES_SAMPLER";
/// How large a part of them, for a ratio.
pub(crate) const PART_VARIABLE: &str = "OTEL_TRACES_SAMPLER_ARG";
/// The spans of which there are far more than anything follows from.
const TICKS: [&str; 2] = ["send market.first.{symbol}", "send market.mark.{symbol}"];

/// Samples ticks. What follows from a tick is recorded whether the tick itself was or not: there
/// are few orders, and each is worth its trace.
#[derive(Debug, Clone)]
pub(crate) struct Ticks(Sampler);

impl Ticks {
    /// As the environment says; everything where it says nothing that is known.
    pub(crate) fn from_env(get: impl Fn(&str) -> Option<String>) -> Self {
        let named = get(SAMPLER_VARIABLE).unwrap_or_default();
        let part = || get(PART_VARIABLE).and_then(|part| part.parse::<f64>().ok());
        Self(match named.trim_start_matches("parentbased_") {
            "always_off" => Sampler::AlwaysOff,
            "traceidratio" => Sampler::TraceIdRatioBased(part().unwrap_or(1.0)),
            _ => Sampler::AlwaysOn,
        })
    }
}

impl ShouldSample for Ticks {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let sampler = if TICKS.contains(&name) {
            &self.0
        } else {
            &Sampler::AlwaysOn
        };
        sampler.should_sample(parent, trace, name, kind, attributes, links)
    }
}
