//! A collector of spans: a real OTLP receiver over gRPC, on a thread of its own.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use futures_util::stream;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1 as otlp;
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tonic::transport::Server;
use tonic::{Request, Response, Status};

/// Spans that are kept: hours of a test.
const SPANS_MAX: usize = 100_000;

/// One span, as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// `service.name` of the process.
    pub service: String,
    /// What it did.
    pub name: String,
    /// The trace, in hexadecimal.
    pub trace_id: String,
    /// The span, in hexadecimal.
    pub span_id: String,
    /// The span above it; empty for the first of a trace.
    pub parent_id: String,
    /// `Producer`, `Consumer`, `Client`.
    pub kind: otlp::span::SpanKind,
    /// Nanoseconds since the Unix epoch.
    pub began: u64,
    /// Nanoseconds since the Unix epoch.
    pub ended: u64,
    /// What is said of it.
    pub attributes: BTreeMap<String, String>,
}

impl Span {
    /// An attribute; empty where there is none.
    #[must_use]
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }
}

type Kept = Arc<Mutex<Vec<Span>>>;

/// A running collector. It ends when it is dropped.
#[derive(Debug)]
pub struct Collector {
    url: String,
    kept: Kept,
    _stop: oneshot::Sender<()>,
}

impl Collector {
    /// Listens on a free port.
    ///
    /// # Errors
    /// Where there is no port or no thread.
    pub fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        let kept = Kept::default();
        let service = TraceServiceServer::new(Receiver(Arc::clone(&kept)));
        let (stop, stopped) = oneshot::channel::<()>();
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let serve = async move {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            let incoming = stream::unfold(listener, async |listener| {
                let accepted = listener.accept().await.map(|(socket, _)| socket);
                Some((accepted, listener))
            });
            let ended = Server::builder().add_service(service);
            tokio::select! {
                ended = ended.serve_with_incoming(incoming) => ended.map_err(io::Error::other),
                // It is dropped, never sent.
                _ = stopped => Ok(()),
            }
        };
        thread::Builder::new()
            .name("collector".into())
            .spawn(move || runtime.block_on(serve))?;
        Ok(Self {
            url,
            kept,
            _stop: stop,
        })
    }

    /// For `OTEL_EXPORTER_OTLP_ENDPOINT`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Everything received so far.
    #[must_use]
    pub fn spans(&self) -> Vec<Span> {
        self.kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

struct Receiver(Kept);

#[tonic::async_trait]
impl TraceService for Receiver {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for resource in request.into_inner().resource_spans {
            let about = resource.resource.unwrap_or_default().attributes;
            let service = texts(&about).remove("service.name").unwrap_or_default();
            let scopes = resource.scope_spans.into_iter();
            for span in scopes.flat_map(|scope| scope.spans) {
                if kept.len() >= SPANS_MAX {
                    return Err(Status::resource_exhausted("too many spans for a test"));
                }
                kept.push(received(&service, span));
            }
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

fn received(service: &str, span: otlp::Span) -> Span {
    Span {
        service: service.into(),
        kind: span.kind(),
        trace_id: hex(&span.trace_id),
        span_id: hex(&span.span_id),
        parent_id: hex(&span.parent_span_id),
        began: span.start_time_unix_nano,
        ended: span.end_time_unix_nano,
        attributes: texts(&span.attributes),
        name: span.name,
    }
}

fn texts(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |pair: &KeyValue| {
        let value = pair.value.as_ref()?.value.as_ref()?;
        let text = match value {
            any_value::Value::StringValue(text) => text.clone(),
            any_value::Value::IntValue(number) => number.to_string(),
            any_value::Value::BoolValue(truth) => truth.to_string(),
            _ => return None,
        };
        Some((pair.key.clone(), text))
    };
    attributes.iter().filter_map(text).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
