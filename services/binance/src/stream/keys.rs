//! Listen keys: what the user-data stream needs to be let in.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::outcome::{Limit, Outcome, classify};
use crate::request::ApiRequest;
use crate::response::listen_key;
use crate::rest::RestClient;

/// Where the venue does not say how long: weight counts per minute, bans start at two minutes.
const WEIGHT_PAUSE: Duration = Duration::from_secs(60);
/// See [`WEIGHT_PAUSE`]; the firewall does not say either.
const BAN_PAUSE: Duration = Duration::from_secs(120);

/// Why a listen key call failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// There is no key to extend (-1125): create one.
    #[error("the venue knows no listen key for this account; create one")]
    Gone,
    /// A limit of the venue: every further call makes it worse.
    #[error("the venue limits this address; nothing is sent for {} s", pause.as_secs())]
    Limited {
        /// From now on.
        pause: Duration,
    },
    /// Anything else; tried again later.
    #[error("listen key call failed: {0}; it is tried again")]
    Failed(String),
}

impl KeyError {
    /// Nothing may be sent before this is over.
    pub(super) fn pause(&self) -> Duration {
        match self {
            Self::Limited { pause } => *pause,
            Self::Gone | Self::Failed(_) => Duration::ZERO,
        }
    }
}

/// Source of listen keys. A key is as good as the stream itself: never log it.
pub trait ListenKeys: Send + Sync {
    /// Creates a key, or returns and extends the living one.
    fn create(&self) -> impl Future<Output = Result<String, KeyError>> + Send;
    /// Extends the living key.
    fn keepalive(&self) -> impl Future<Output = Result<(), KeyError>> + Send;
}

impl ListenKeys for Arc<RestClient> {
    async fn create(&self) -> Result<String, KeyError> {
        key_call(self, &ApiRequest::create_listen_key()).await
    }

    async fn keepalive(&self) -> Result<(), KeyError> {
        key_call(self, &ApiRequest::keepalive_listen_key())
            .await
            .map(drop)
    }
}

/// These calls are not signed, so no time is needed.
async fn key_call(client: &RestClient, request: &ApiRequest) -> Result<String, KeyError> {
    let answer = client.execute(request, 0).await;
    match classify(request.method, &answer).read(listen_key) {
        Outcome::Done(key) => Ok(key),
        Outcome::Limited {
            limit,
            retry_after_ms,
            ..
        } => {
            let told = retry_after_ms.map(Duration::from_millis);
            Err(KeyError::Limited {
                pause: told.unwrap_or(pause_of(limit)),
            })
        }
        Outcome::Rejected { code: -1125, .. } => Err(KeyError::Gone),
        Outcome::Rejected { code, .. } => Err(KeyError::Failed(format!("code {code}"))),
        other => Err(KeyError::Failed(format!("{:?}", other.map(drop)))),
    }
}

/// How long to send nothing after `limit`, where the venue does not say.
pub(crate) fn pause_of(limit: Limit) -> Duration {
    match limit {
        Limit::Weight | Limit::Orders => WEIGHT_PAUSE,
        Limit::Banned | Limit::Firewall => BAN_PAUSE,
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::http::StatusCode;
    use axum::routing::{post, put};
    use tokio::net::TcpListener;

    use super::*;
    use crate::rest::RestConfig;
    use crate::sign::Credentials;

    const GONE: &str = r#"{"code":-1125,"msg":"This listenKey does not exist."}"#;

    async fn client(create: (StatusCode, &'static str)) -> Arc<RestClient> {
        // Another test may have installed it already: both results are fine.
        drop(rustls::crypto::ring::default_provider().install_default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let path = "/fapi/v1/listenKey";
        let gone = || async { (StatusCode::BAD_REQUEST, GONE) };
        let app = Router::new()
            .route(path, post(move || async move { create }))
            .route(path, put(gone));
        tokio::spawn(async { axum::serve(listener, app).await });
        let timeout = Duration::from_secs(20);
        let config = RestConfig {
            base_url,
            recv_window_ms: 5000,
            timeout,
        };
        let key = Credentials::from_file_contents("key1", "secret").unwrap();
        Arc::new(RestClient::new(&config, key).unwrap())
    }

    #[tokio::test]
    async fn a_key_is_created_and_a_forgotten_one_is_told_apart() {
        let client = client((StatusCode::OK, r#"{"listenKey":"abc"}"#)).await;
        assert_eq!(client.create().await, Ok("abc".to_owned()));
        assert_eq!(client.keepalive().await, Err(KeyError::Gone));
    }

    #[tokio::test]
    async fn a_limited_address_keeps_silent_for_a_named_time() {
        for (status, pause) in [
            (StatusCode::TOO_MANY_REQUESTS, WEIGHT_PAUSE),
            (StatusCode::IM_A_TEAPOT, BAN_PAUSE),
            (StatusCode::FORBIDDEN, BAN_PAUSE),
        ] {
            let client = client((status, "")).await;
            assert_eq!(client.create().await, Err(KeyError::Limited { pause }));
        }
    }

    #[tokio::test]
    async fn an_unreadable_or_refused_answer_is_a_failure_that_shows_no_key() {
        for (status, body) in [
            (StatusCode::OK, "{}"),
            (StatusCode::BAD_GATEWAY, "x"),
            (
                StatusCode::UNAUTHORIZED,
                r#"{"code":-2015,"msg":"Invalid API-key key1"}"#,
            ),
        ] {
            let error = client((status, body)).await.create().await.unwrap_err();
            assert!(matches!(error, KeyError::Failed(_)), "{error}");
            assert!(!error.to_string().contains("key1"), "{error}");
        }
    }
}
