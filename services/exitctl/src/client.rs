//! Asks diagnostics over gRPC, with a deadline.

use std::time::Duration;

use proto::wire::status_client::StatusClient;
use proto::wire::{ExitBrainStatus, StatusRequest};
use tonic::transport::Endpoint;

use crate::answer::Trouble;

/// The status of the running system, within `timeout`.
///
/// # Errors
/// [`Trouble::Usage`] for an address that is none, [`Trouble::Unreachable`] where nobody answers
/// in time, [`Trouble::Failure`] where the answer is a fault.
pub async fn status(address: &str, timeout: Duration) -> Result<ExitBrainStatus, Trouble> {
    let endpoint = Endpoint::new(address.to_owned()).map_err(|_| {
        Trouble::Usage(format!(
            "--grpc {address:?} is no address: use http://host:port"
        ))
    })?;
    let answer = tokio::time::timeout(timeout, ask(endpoint, address, timeout));
    answer.await.unwrap_or_else(|_| {
        Err(Trouble::Unreachable(format!(
            "diagnostics at {address} gave no answer within {timeout:?}"
        )))
    })
}

async fn ask(
    endpoint: Endpoint,
    address: &str,
    timeout: Duration,
) -> Result<ExitBrainStatus, Trouble> {
    let channel = endpoint.connect().await.map_err(|_| {
        Trouble::Unreachable(format!(
            "nobody answers at {address}: check that diagnostics runs, or name it with --grpc or \
             EXITCTL_GRPC"
        ))
    })?;
    let mut request = tonic::Request::new(StatusRequest {});
    request.set_timeout(timeout);
    let answer = StatusClient::new(channel).get(request).await;
    answer
        .map(tonic::Response::into_inner)
        .map_err(|status| refused(address, &status))
}

fn refused(address: &str, status: &tonic::Status) -> Trouble {
    let text = format!("diagnostics at {address}: {}", status.message());
    match status.code() {
        // The client's own timer ends a call as cancelled.
        tonic::Code::Unavailable | tonic::Code::DeadlineExceeded | tonic::Code::Cancelled => {
            Trouble::Unreachable(text)
        }
        _ => Trouble::Failure(text),
    }
}
