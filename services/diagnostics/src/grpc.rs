//! The gRPC side: the calls of `Status`, health of each service by name, reflection.

use std::time::Duration;

use domain::snapshot::SERVICES;
use proto::wire::status_server::{Status, StatusServer};
use proto::wire::{
    ExitBrainStatus, PlanList, PlansRequest, StatusRequest, TpPerformanceList, TpPerformanceRequest,
};
use tokio::net::TcpListener;
use tokio::time::{self, MissedTickBehavior};
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response};
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use crate::view::View;
use crate::{performance, plans};

/// How often the health of the services is looked at: a sixth of the time that makes one stale.
const HEALTH_EVERY: Duration = Duration::from_millis(500);
/// A status costs microseconds; whoever waits longer waits for a dead connection.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(5);

struct StatusService(View);

#[tonic::async_trait]
impl Status for StatusService {
    async fn get(
        &self,
        _request: Request<StatusRequest>,
    ) -> Result<Response<ExitBrainStatus>, tonic::Status> {
        let status = self.0.status();
        status
            .map(Response::new)
            .map_err(|error| tonic::Status::internal(error.to_string()))
    }

    async fn plans(
        &self,
        request: Request<PlansRequest>,
    ) -> Result<Response<PlanList>, tonic::Status> {
        let asked = request.into_inner();
        let plans = self.0.read(|model, now| plans::plans(model, &asked, now));
        plans
            .map(Response::new)
            .map_err(|error| tonic::Status::internal(error.to_string()))
    }

    async fn tp_performance(
        &self,
        request: Request<TpPerformanceRequest>,
    ) -> Result<Response<TpPerformanceList>, tonic::Status> {
        let asked = request.into_inner();
        let told = self
            .0
            .read(|model, now| performance::list(model, &asked, now));
        told.map(Response::new)
            .map_err(|error| tonic::Status::internal(error.to_string()))
    }
}

/// Serves until `stop` resolves.
///
/// # Errors
/// Where the listener fails, or the build's descriptor set can't be read.
pub async fn serve(
    listener: TcpListener,
    view: View,
    stop: impl Future<Output = ()>,
) -> Result<(), GrpcError> {
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(proto::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .build_v1()?;
    let (reporter, health) = tonic_health::server::health_reporter();
    let server = Server::builder()
        .timeout(REQUEST_TIME_MAX)
        .add_service(health)
        .add_service(reflection)
        .add_service(StatusServer::new(StatusService(view.clone())))
        .serve_with_incoming_shutdown(TcpIncoming::from(listener), stop);
    tokio::select! {
        ended = server => Ok(ended?),
        () = report(reporter, view) => Ok(()),
    }
}

/// Why the gRPC server ended.
#[derive(Debug, thiserror::Error)]
pub enum GrpcError {
    /// The descriptor set of the build is no descriptor set.
    #[error("reflection can't be built: {0}")]
    Reflection(#[from] tonic_reflection::server::Error),
    /// The connection layer failed.
    #[error("the gRPC server ended: {0}")]
    Transport(#[from] tonic::transport::Error),
}

/// Keeps the health of every service current. The server's own, "", says only that it answers:
/// liveness must not depend on the bus.
async fn report(reporter: HealthReporter, view: View) {
    let mut ticks = time::interval(HEALTH_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        for service in SERVICES {
            let status = serving(&view, service);
            reporter.set_service_status(service, status).await;
        }
    }
}

fn serving(view: &View, service: &str) -> ServingStatus {
    let up = view.read(|model, now| {
        let latest = model.beats.latest(service);
        latest.is_some_and(|it| it.is_fresh(now) && it.ready)
    });
    match up {
        Ok(true) => ServingStatus::Serving,
        Ok(false) => ServingStatus::NotServing,
        Err(_) => ServingStatus::Unknown,
    }
}
