//! Logs to stderr, one JSON object or one line of the owner's text each, and spans to a collector
//! where one is named.

use std::env;
use std::io;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::pulse::BUILD;
use crate::trace::{Ticks, Tracer};

mod lines;
mod text;

/// `text` for people, `json`, or nothing, for machines.
pub(crate) const FORMAT_VARIABLE: &str = "LOG_FORMAT";
/// Where the collector listens; unset means that no span leaves the process.
pub(crate) const ENDPOINT_VARIABLE: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
/// Which lines are written.
pub(crate) const FILTER_VARIABLE: &str = EnvFilter::DEFAULT_ENV;
/// What is logged unless `RUST_LOG` says otherwise. The bus's events are logged by `bus`, with the
/// identity that the client's own lines lack.
const LOG_FILTER: &str = "info,async_nats=warn";
/// What carries our calls. Below `info` these log what they carry (the key, signed orders, the
/// address of the user stream): that is never written, whatever `RUST_LOG` says.
const CARRIERS: [&str; 6] = [
    "tungstenite",
    "tokio_tungstenite",
    "reqwest",
    "hyper",
    "hyper_util",
    "h2",
];
/// The name under which our spans are exported.
const SCOPE: &str = "exitbrain";

/// What has to be told at the end, so that the last spans are not lost.
#[derive(Debug, Default)]
pub struct Telemetry {
    provider: Option<SdkTracerProvider>,
}

/// Sets up logging for `service`, and the way to the collector; the level is `RUST_LOG`'s, else
/// `info`. Must be called inside the runtime: the exporter's connection lives on it. A second call
/// in one process is harmless and changes nothing.
#[must_use]
pub fn init(service: &'static str, instance: &str) -> Telemetry {
    let wanted = env::var(FILTER_VARIABLE).unwrap_or_default();
    let default = if wanted.is_empty() {
        LOG_FILTER
    } else {
        &wanted
    };
    let filter = EnvFilter::new(default).and(filter_fn(tells_no_secret));
    let format = env::var(FORMAT_VARIABLE).unwrap_or_default();
    let (provider, fault) = match exporter(service, instance) {
        Ok(provider) => (provider, None),
        Err(fault) => (None, Some(fault)),
    };
    let installed = tracing_subscriber::registry()
        .with(output(format == "text").with_filter(filter))
        .try_init();
    if installed.is_err() {
        tracing::debug!("telemetry was set up before in this process");
    }
    if !["", "json", "text"].contains(&format.as_str()) {
        tracing::warn!(format, "LOG_FORMAT is neither json nor text: taken as json");
    }
    if let Some(fault) = fault {
        tracing::warn!(error = %fault, "no spans are exported: the collector's address is no use");
    }
    Telemetry { provider }
}

impl Telemetry {
    /// What spans of this process are opened with; `server` is the address of the bus.
    #[must_use]
    pub fn tracer(&self, server: &str) -> Tracer {
        self.provider.as_ref().map_or_else(Tracer::off, |provider| {
            Tracer::exporting(provider.tracer(SCOPE), server)
        })
    }

    /// Sends what is still buffered. It waits on a thread of its own, because the exporter's
    /// connection needs the runtime meanwhile.
    pub async fn finish(self) {
        let Some(provider) = self.provider else {
            return;
        };
        let finished = tokio::task::spawn_blocking(move || provider.shutdown()).await;
        if !matches!(finished, Ok(Ok(()))) {
            tracing::warn!("the last spans may not have reached the collector");
        }
    }
}

fn tells_no_secret(metadata: &Metadata<'_>) -> bool {
    let (module, _) = metadata
        .target()
        .split_once("::")
        .unwrap_or((metadata.target(), ""));
    *metadata.level() <= Level::INFO || !CARRIERS.contains(&module)
}

fn output<S>(as_text: bool) -> Box<dyn Layer<S> + Send + Sync>
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    let layer = fmt::layer().with_writer(io::stderr);
    if as_text {
        return Box::new(layer.with_ansi(false).event_format(text::Text));
    }
    Box::new(layer.json().flatten_event(true).with_span_list(false))
}

fn exporter(
    service: &'static str,
    instance: &str,
) -> Result<Option<SdkTracerProvider>, ExporterBuildError> {
    if env::var_os(ENDPOINT_VARIABLE).is_none_or(|endpoint| endpoint.is_empty()) {
        return Ok(None);
    }
    // The endpoint itself is read by the exporter, by the standard's own rules.
    let exporter = SpanExporter::builder().with_tonic().build()?;
    let resource = Resource::builder()
        .with_service_name(service)
        .with_attributes([
            KeyValue::new("service.namespace", SCOPE),
            KeyValue::new("service.instance.id", instance.to_owned()),
            KeyValue::new("service.version", BUILD),
        ])
        .build();
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_sampler(Ticks::from_env(|name| env::var(name).ok()))
        .with_resource(resource)
        .build();
    Ok(Some(provider))
}
