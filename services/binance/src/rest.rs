//! Sends one [`ApiRequest`] over HTTP and hands back what came; it never sends anything twice.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Client, Response, Url, redirect, retry};

use super::outcome::{HttpResult, TransportError};
use super::request::{ApiRequest, Method, Security};
use super::sign::{Credentials, RECV_WINDOW_MAX_MS, query};

/// Longest body that is read; a full exchangeInfo is about 2 MB.
pub const BODY_MAX_BYTES: usize = 16 * 1024 * 1024;

/// An unused connection is dropped before the venue's side may drop it: an order sent into a dying
/// connection is an order in doubt.
const POOL_IDLE: Duration = Duration::from_secs(30);

/// Where and how to call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestConfig {
    /// Scheme and host, e.g. `https://fapi.binance.com`.
    pub base_url: String,
    /// How old a call may be when it arrives, ms; 1 to [`RECV_WINDOW_MAX_MS`].
    pub recv_window_ms: u32,
    /// From the start of a call to the end of its body.
    pub timeout: Duration,
}

/// Why no client could be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RestError {
    /// The TLS layer needs a provider before any client is built, even one for plain http.
    #[error("no TLS crypto provider is installed; install the ring provider at start")]
    NoCryptoProvider,
    /// Not a usable base address.
    #[error("base_url `{url}` is not http(s)://host[:port]; correct the configuration")]
    BaseUrl {
        /// What was given.
        url: String,
    },
    /// Zero, or more than the venue takes.
    #[error("recv_window_ms is {ms}, must be 1 to 60000; correct the configuration")]
    RecvWindow {
        /// What was given.
        ms: u32,
    },
    /// The HTTP layer refused, e.g. no root certificates.
    #[error("HTTP client could not be built: {why}; check certificates and TLS set-up")]
    Client {
        /// Its words.
        why: String,
    },
}

/// A client for one account. Shared by reference; holds no state but connections and the offset.
pub struct RestClient {
    http: Client,
    base: String,
    recv_window_ms: u32,
    credentials: Credentials,
    key_header: HeaderValue,
    clock_offset_ms: AtomicI64,
}

impl std::fmt::Debug for RestClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RestClient")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

impl RestClient {
    /// Makes a client; nothing is sent yet.
    ///
    /// # Errors
    /// [`RestError`] naming what to correct.
    pub fn new(config: &RestConfig, credentials: Credentials) -> Result<Self, RestError> {
        let window = config.recv_window_ms;
        if !(1..=RECV_WINDOW_MAX_MS).contains(&window) {
            return Err(RestError::RecvWindow { ms: window });
        }
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            return Err(RestError::NoCryptoProvider);
        }
        let mut key_header = HeaderValue::from_str(credentials.api_key())
            .map_err(|e| RestError::Client { why: e.to_string() })?;
        key_header.set_sensitive(true);
        Ok(Self {
            http: http_client(config.timeout)?,
            base: base_of(&config.base_url)?,
            recv_window_ms: window,
            credentials,
            key_header,
            clock_offset_ms: AtomicI64::new(0),
        })
    }

    /// Sets venue clock minus local clock, ms; added to every signing time from now on.
    pub fn set_clock_offset_ms(&self, offset_ms: i64) {
        self.clock_offset_ms.store(offset_ms, Ordering::Relaxed);
    }

    /// The key that signs; the WebSocket API signs with the same.
    pub(crate) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// How old a call may be when it arrives, ms.
    pub(crate) fn recv_window_ms(&self) -> u32 {
        self.recv_window_ms
    }

    /// The local time `timestamp_ms` on the venue's clock.
    pub(crate) fn venue_ms(&self, timestamp_ms: i64) -> i64 {
        timestamp_ms.saturating_add(self.clock_offset_ms.load(Ordering::Relaxed))
    }

    /// Sends the call once. `timestamp_ms` is the local clock, Unix ms; it is used only where the
    /// call is signed.
    ///
    /// # Errors
    /// [`TransportError`] when no whole answer came back. Judge both with
    /// [`super::outcome::classify`].
    pub async fn execute(
        &self,
        request: &ApiRequest,
        timestamp_ms: i64,
    ) -> Result<HttpResult, TransportError> {
        let url = self.url(request, timestamp_ms);
        let call = match request.method {
            Method::Get => self.http.get(url),
            Method::Post => self.http.post(url),
            Method::Put => self.http.put(url),
            Method::Delete => self.http.delete(url),
        };
        let call = match request.security {
            Security::None => call,
            Security::ApiKey | Security::Signed => {
                call.header("X-MBX-APIKEY", self.key_header.clone())
            }
        };
        let answer = call.send().await.map_err(|e| transport(&e))?;
        read_answer(answer).await
    }

    /// All parameters stand in the query, for every verb, and the body stays empty: what is signed
    /// is then one text.
    fn url(&self, request: &ApiRequest, timestamp_ms: i64) -> String {
        let text = match request.security {
            Security::None | Security::ApiKey => query(&request.params),
            Security::Signed => {
                let at = self.venue_ms(timestamp_ms);
                self.credentials
                    .signed_query(&request.params, at, self.recv_window_ms)
            }
        };
        let mark = if text.is_empty() { "" } else { "?" };
        format!("{}{}{mark}{text}", self.base, request.path)
    }
}

/// Redirects and repeats are off: either could place an order a second time. Proxies of the
/// environment are off: the key goes to the configured host only. A connect that takes half of the
/// time is given up, so that it is known as "nothing was sent" before the whole time is over.
fn http_client(timeout: Duration) -> Result<Client, RestError> {
    Client::builder()
        .timeout(timeout)
        .connect_timeout(timeout / 2)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .no_proxy()
        .tcp_nodelay(true)
        .pool_idle_timeout(POOL_IDLE)
        .build()
        .map_err(|e| RestError::Client { why: e.to_string() })
}

fn base_of(text: &str) -> Result<String, RestError> {
    let refused = || RestError::BaseUrl {
        url: text.to_owned(),
    };
    let url = Url::parse(text).map_err(|_| refused())?;
    let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let open = url.username().is_empty() && url.password().is_none();
    if !matches!(url.scheme(), "http" | "https") || !plain || !open || !url.has_host() {
        return Err(refused());
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// A failed connect is the only error of which it is certain that nothing was sent.
fn transport(error: &reqwest::Error) -> TransportError {
    if error.is_connect() {
        return TransportError::Connect;
    }
    if error.is_timeout() {
        return TransportError::Timeout;
    }
    TransportError::Other
}

async fn read_answer(mut answer: Response) -> Result<HttpResult, TransportError> {
    let headers = answer.headers();
    let mut result = HttpResult {
        status: answer.status().as_u16(),
        body: String::new(),
        used_weight: number(headers, "x-mbx-used-weight-1m"),
        order_count_10s: number(headers, "x-mbx-order-count-10s"),
        order_count_1m: number(headers, "x-mbx-order-count-1m"),
        retry_after_s: number(headers, "retry-after"),
    };
    let mut bytes = Vec::new();
    // A body that breaks off was answered, so it is never a failed connect.
    while let Some(chunk) = answer.chunk().await.map_err(|e| broken_body(&e))? {
        if bytes.len() + chunk.len() > BODY_MAX_BYTES {
            return Err(TransportError::Other);
        }
        bytes.extend_from_slice(&chunk);
    }
    result.body = String::from_utf8(bytes).map_err(|_| TransportError::Other)?;
    Ok(result)
}

fn broken_body(error: &reqwest::Error) -> TransportError {
    if error.is_timeout() {
        TransportError::Timeout
    } else {
        TransportError::Other
    }
}

fn number<T: std::str::FromStr>(headers: &HeaderMap, name: &str) -> Option<T> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

#[cfg(test)]
#[path = "rest/tests.rs"]
mod tests;
