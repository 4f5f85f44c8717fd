//! The HTTP endpoints: the owner's status document, probes and metrics.

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::ready::Check;
use crate::view::View;
use crate::{prometheus, status};

const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const CLASSIC: &str = "text/plain; version=0.0.4; charset=utf-8";

/// All endpoints over `view`.
pub fn router(view: View) -> Router {
    Router::new()
        .route("/health/exit_brain_status", get(exit_brain_status))
        .route("/livez", get(livez))
        .route("/healthz", get(livez))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(view)
}

async fn exit_brain_status(State(view): State<View>) -> Response {
    let document = view.status().map_err(|error| error.to_string());
    match document.and_then(|it| status::document(&it).map_err(|error| error.to_string())) {
        Ok(body) => answer(StatusCode::OK, JSON, body),
        Err(detail) => failure(&detail),
    }
}

/// The process answers: that is all it says, whatever the bus and the others do.
async fn livez() -> Response {
    answer(StatusCode::OK, TEXT, "ok\n".into())
}

async fn readyz(State(view): State<View>, RawQuery(query): RawQuery) -> Response {
    let checks = match view.checks() {
        Ok(checks) => checks,
        Err(error) => return failure(&error.to_string()),
    };
    let ready = checks.iter().all(|check| check.ok);
    let code = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    answer(code, TEXT, readiness(&checks, ready, is_verbose(query)))
}

/// In the format that is asked for; Prometheus asks for OpenMetrics.
async fn metrics(State(view): State<View>, headers: HeaderMap) -> Response {
    let accepted = headers.get(header::ACCEPT).and_then(|it| it.to_str().ok());
    let is_open = accepted.is_some_and(|it| it.contains("application/openmetrics-text"));
    match view.read(prometheus::render) {
        Ok(Ok(body)) if is_open => answer(StatusCode::OK, OPEN_METRICS, body),
        Ok(Ok(body)) => answer(StatusCode::OK, CLASSIC, prometheus::classic(&body)),
        Ok(Err(error)) => failure(&error.to_string()),
        Err(error) => failure(&error.to_string()),
    }
}

fn is_verbose(query: Option<String>) -> bool {
    let query = query.unwrap_or_default();
    query
        .split('&')
        .any(|pair| pair.split('=').next() == Some("verbose"))
}

/// The failing checks, or all of them where asked for, and the sum.
fn readiness(checks: &[Check], ready: bool, verbose: bool) -> String {
    let mut text = String::new();
    for check in checks.iter().filter(|check| verbose || !check.ok) {
        text.push_str(&format!("{check}\n"));
    }
    text.push_str(if ready {
        "readyz check passed\n"
    } else {
        "readyz check failed\n"
    });
    text
}

fn failure(detail: &str) -> Response {
    let body = serde_json::json!({ "detail": detail }).to_string();
    answer(StatusCode::INTERNAL_SERVER_ERROR, JSON, body)
}

fn answer(code: StatusCode, kind: &'static str, body: String) -> Response {
    (code, [(header::CONTENT_TYPE, kind)], body).into_response()
}
