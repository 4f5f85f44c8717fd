//! Asks diagnostics over gRPC, with a deadline.

use std::time::Duration;

use proto::wire::status_client::StatusClient;
use proto::wire::{
    ExitBrainStatus, PlanList, PlansRequest, StatusRequest, StoryList, StoryRequest,
    TpPerformanceList, TpPerformanceRequest,
};
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response};

use crate::answer::Trouble;

/// Largest answer that is taken: room for every plan that diagnostics keeps, with all its steps.
const ANSWER_BYTES_MAX: usize = 64 * 1_024 * 1_024;

/// The status of the running system, within `timeout`.
///
/// # Errors
/// [`Trouble::Usage`] for an address that is none, [`Trouble::Unreachable`] where nobody answers
/// in time, [`Trouble::Failure`] where the answer is a fault.
pub async fn status(address: &str, timeout: Duration) -> Result<ExitBrainStatus, Trouble> {
    let call = async |mut client: Client| client.get(timed(StatusRequest {}, timeout)).await;
    ask(address, timeout, call).await
}

/// The plans that `asked` is about, within `timeout`.
///
/// # Errors
/// As [`status`].
pub async fn plans(
    address: &str,
    timeout: Duration,
    asked: PlansRequest,
) -> Result<PlanList, Trouble> {
    let call = async |mut client: Client| client.plans(timed(asked, timeout)).await;
    ask(address, timeout, call).await
}

/// The performance of targets that `asked` is about, within `timeout`.
///
/// # Errors
/// As [`status`].
pub async fn tp_performance(
    address: &str,
    timeout: Duration,
    asked: TpPerformanceRequest,
) -> Result<TpPerformanceList, Trouble> {
    let call = async |mut client: Client| client.tp_performance(timed(asked, timeout)).await;
    ask(address, timeout, call).await
}

/// What happened to the positions that `asked` is about, within `timeout`.
///
/// # Errors
/// As [`status`].
pub async fn story(
    address: &str,
    timeout: Duration,
    asked: StoryRequest,
) -> Result<StoryList, Trouble> {
    let call = async |mut client: Client| client.story(timed(asked, timeout)).await;
    ask(address, timeout, call).await
}

type Client = StatusClient<Channel>;

fn timed<T>(message: T, timeout: Duration) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(timeout);
    request
}

async fn ask<T>(
    address: &str,
    timeout: Duration,
    call: impl AsyncFnOnce(Client) -> Result<Response<T>, tonic::Status>,
) -> Result<T, Trouble> {
    let endpoint = Endpoint::new(address.to_owned()).map_err(|_| {
        Trouble::Usage(format!(
            "--grpc {address:?} is no address: use http://host:port"
        ))
    })?;
    let answer = tokio::time::timeout(timeout, async {
        let channel = endpoint.connect().await.map_err(|_| nobody(address))?;
        let client = StatusClient::new(channel).max_decoding_message_size(ANSWER_BYTES_MAX);
        let answer = call(client).await;
        answer
            .map(Response::into_inner)
            .map_err(|status| refused(address, &status))
    });
    answer.await.unwrap_or_else(|_| {
        Err(Trouble::Unreachable(format!(
            "diagnostics at {address} gave no answer within {timeout:?}"
        )))
    })
}

fn nobody(address: &str) -> Trouble {
    Trouble::Unreachable(format!(
        "nobody answers at {address}: check that diagnostics runs, or name it with --grpc or \
         EXITCTL_GRPC"
    ))
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
