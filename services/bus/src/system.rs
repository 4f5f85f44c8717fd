//! What the server's own account is asked: to read its configuration again, which answers with the
//! fault where there is one.

use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use thiserror::Error;
use tokio::time;

use crate::client::Client;

/// A reload takes some milliseconds; ten seconds for a server with much else to do.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// Why a server did not take its configuration.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "each field is named in the message")]
pub enum ReloadError {
    #[error("the server did not answer within {ANSWER_MAX:?}")]
    Unanswered,
    #[error("the server could not be asked: {0}")]
    Asked(String),
    #[error("the server refused its configuration and goes on with the old one: {0}")]
    Refused(String),
}

/// What the server answers; much more is in it.
#[derive(Deserialize)]
struct Answer {
    error: Option<Fault>,
}

#[derive(Deserialize)]
struct Fault {
    description: String,
}

/// Has the server at the other end read its configuration file again; `system` must be connected as
/// [`Identity::System`](crate::Identity::System).
///
/// # Errors
/// [`ReloadError`] where it did not, with the server's own words.
pub async fn reload(system: &Client) -> Result<(), ReloadError> {
    let id = system.raw().server_info().server_id;
    let subject = format!("$SYS.REQ.SERVER.{id}.RELOAD");
    let asked = system.raw().request(subject, Bytes::new());
    let answered = time::timeout(ANSWER_MAX, asked).await;
    let message = match answered {
        Ok(Ok(message)) => message,
        Ok(Err(error)) => return Err(ReloadError::Asked(error.to_string())),
        Err(_) => return Err(ReloadError::Unanswered),
    };
    let answer: Answer = serde_json::from_slice(&message.payload)
        .map_err(|error| ReloadError::Asked(format!("its answer is not understood: {error}")))?;
    match answer.error {
        None => Ok(()),
        Some(fault) => Err(ReloadError::Refused(fault.description.trim().to_owned())),
    }
}
