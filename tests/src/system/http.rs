//! Small JSON questions to our own processes, and the addresses that they wrote down.

use std::fs;
use std::path::Path;
use std::time::Duration;

use reqwest::{Client, Response};
use serde_json::{Value, json};
use thiserror::Error;

use super::options::SystemOptions;

/// Everything here is on the same machine.
const ANSWER_MAX: Duration = Duration::from_secs(5);

/// Why a question has no answer.
#[derive(Debug, Error)]
pub enum HttpError {
    /// Nobody to ask.
    #[error("{0} is not part of this system or has not said where it listens")]
    Nowhere(&'static str),
    /// No connection, or no answer in time.
    #[error("{url}: {source}")]
    Transport {
        /// What was asked.
        url: String,
        /// Why not.
        source: reqwest::Error,
    },
    /// An answer, but not a good one.
    #[error("{url} answers {status}: {body}")]
    Status {
        /// What was asked.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What was said.
        body: String,
    },
    /// An answer that is no JSON.
    #[error("{url} answers what is no JSON: {source}")]
    Json {
        /// What was asked.
        url: String,
        /// Why not.
        source: serde_json::Error,
    },
}

/// The one client.
#[derive(Debug, Clone)]
pub(super) struct Http(Client);

impl Http {
    pub(super) fn new() -> Self {
        runtime::install_crypto();
        let client = Client::builder().timeout(ANSWER_MAX).no_proxy().build();
        Self(client.expect("a client without certificates of its own can be built"))
    }

    pub(super) async fn get_json(&self, url: &str) -> Result<Value, HttpError> {
        let answer = self.0.get(url).send().await;
        read(url, answer).await
    }

    pub(super) async fn post_json(&self, url: &str, body: &Value) -> Result<Value, HttpError> {
        let request = self.0.post(url).header("content-type", "application/json");
        read(url, request.body(body.to_string()).send().await).await
    }

    /// The contracts that the venue at `address` trades.
    pub(super) async fn symbols_of(&self, address: &str) -> Result<Vec<String>, HttpError> {
        let url = format!("http://{address}/fapi/v1/exchangeInfo");
        let info = self.get_json(&url).await?;
        let symbols = info["symbols"].as_array().into_iter().flatten();
        let names = symbols.filter_map(|symbol| symbol["symbol"].as_str());
        Ok(names.map(str::to_owned).collect())
    }

    /// Gives each contract of the venue at `address` its first price, on a market that moves only
    /// when told to.
    pub(super) async fn open_market(
        &self,
        address: &str,
        options: &SystemOptions,
    ) -> Result<(), HttpError> {
        let url = format!("http://{address}/paper/price");
        for symbol in options.opening_price.iter().flat_map(|_| &options.symbols) {
            let price = json!({ "symbol": symbol, "price": options.opening_price });
            self.post_json(&url, &price).await?;
        }
        Ok(())
    }

    /// Whether `url` answers well; else what it says.
    pub(super) async fn check(&self, url: &str) -> Result<(), HttpError> {
        text(url, self.0.get(url).send().await).await.map(drop)
    }
}

/// Reads the venue's own books, and moves its market.
#[derive(Debug, Clone)]
pub struct VenueClient {
    http: Http,
    address: String,
}

impl VenueClient {
    pub(super) fn new(http: Http, address: &str) -> Self {
        let address = address.to_owned();
        Self { http, address }
    }

    /// `GET /paper/report`.
    ///
    /// # Errors
    /// Where it does not answer with JSON.
    pub async fn report(&self) -> Result<Value, HttpError> {
        let url = format!("http://{}/paper/report", self.address);
        self.http.get_json(&url).await
    }

    /// `POST /paper/<path>` with a JSON body.
    ///
    /// # Errors
    /// Where it refuses.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, HttpError> {
        let url = format!("http://{}/paper/{path}", self.address);
        self.http.post_json(&url, body).await
    }
}

async fn read(url: &str, answer: reqwest::Result<Response>) -> Result<Value, HttpError> {
    let body = text(url, answer).await?;
    serde_json::from_str(&body).map_err(|source| HttpError::Json {
        url: url.into(),
        source,
    })
}

async fn text(url: &str, answer: reqwest::Result<Response>) -> Result<String, HttpError> {
    let fault = |source| HttpError::Transport {
        url: url.into(),
        source,
    };
    let answer = answer.map_err(fault)?;
    let status = answer.status();
    let body = answer.text().await.map_err(fault)?;
    if !status.is_success() {
        return Err(HttpError::Status {
            url: url.into(),
            status: status.as_u16(),
            body,
        });
    }
    Ok(body)
}

/// `ip:port` under `key` in a file of addresses, without a scheme; `None` until it is all there.
pub(super) fn address_in(file: &Path, key: &str) -> Option<String> {
    let addresses: Value = serde_json::from_str(&fs::read_to_string(file).ok()?).ok()?;
    let address = addresses.get(key)?.as_str()?;
    let bare = address.split_once("://").map_or(address, |(_, bare)| bare);
    Some(bare.trim_end_matches('/').to_owned())
}

/// Removes what an earlier process wrote down.
pub(super) fn forget(file: &Path) {
    // Usually there is none.
    drop(fs::remove_file(file));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_with_or_without_its_scheme() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ports.json");
        assert_eq!(address_in(&file, "http"), None);
        fs::write(
            &file,
            "{\"http\":\"127.0.0.1:1\",\"rest\":\"http://127.0.0.1:2/\"}",
        )
        .unwrap();
        assert_eq!(address_in(&file, "http").as_deref(), Some("127.0.0.1:1"));
        assert_eq!(address_in(&file, "rest").as_deref(), Some("127.0.0.1:2"));
        assert_eq!(address_in(&file, "grpc"), None);
        forget(&file);
        assert_eq!(address_in(&file, "http"), None);
    }
}
