//! The gRPC side: the calls of `Status`, health of each service by name, reflection.

use std::time::Duration;

use domain::Timestamp;
use domain::snapshot::SERVICES;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use proto::wire::status_server::{Status, StatusServer};
use proto::wire::{
    ExitBrainStatus, PlanList, PlansRequest, PositionList, PositionsRequest, StatusRequest,
    StoryList, StoryRequest, TpPerformanceList, TpPerformanceRequest, WatchRequest,
};
use runtime::Shutdown;
use tokio::net::TcpListener;
use tokio::time::{self, MissedTickBehavior};
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response};
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use crate::model::ReadModel;
use crate::shared::Broken;
use crate::view::View;
use crate::watch::Gallery;
use crate::{performance, plans, positions, story, watch};

/// How often the health of the services is looked at: a sixth of the time that makes one stale.
const HEALTH_EVERY: Duration = Duration::from_millis(500);
/// A status costs microseconds; whoever waits longer waits for a dead connection.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(5);
/// A watcher that is gone is noticed after this and the 20 s that its answer may take.
const ALIVE_EVERY: Duration = Duration::from_secs(30);

struct StatusService {
    view: View,
    gallery: Gallery,
}

type Answer<T> = Result<Response<T>, tonic::Status>;

impl StatusService {
    fn read<T>(&self, read: impl FnOnce(&ReadModel, Timestamp) -> T) -> Answer<T> {
        self.view.read(read).map(Response::new).map_err(broken)
    }
}

fn broken(error: Broken) -> tonic::Status {
    tonic::Status::internal(error.to_string())
}

#[tonic::async_trait]
impl Status for StatusService {
    async fn get(&self, _request: Request<StatusRequest>) -> Answer<ExitBrainStatus> {
        self.view.status().map(Response::new).map_err(broken)
    }

    async fn plans(&self, request: Request<PlansRequest>) -> Answer<PlanList> {
        let asked = request.into_inner();
        self.read(|model, now| plans::plans(model, &asked, now))
    }

    async fn tp_performance(
        &self,
        request: Request<TpPerformanceRequest>,
    ) -> Answer<TpPerformanceList> {
        let asked = request.into_inner();
        self.read(|model, now| performance::list(model, &asked, now))
    }

    type WatchStream = BoxStream<'static, Result<ExitBrainStatus, tonic::Status>>;

    async fn watch(&self, _request: Request<WatchRequest>) -> Answer<Self::WatchStream> {
        let pictures = self.gallery.watch();
        let pictures =
            pictures.map_err(|full| tonic::Status::resource_exhausted(full.to_string()))?;
        Ok(Response::new(pictures.map_err(broken).boxed()))
    }

    async fn positions(&self, request: Request<PositionsRequest>) -> Answer<PositionList> {
        let asked = request.into_inner();
        self.read(|model, now| positions::positions(model, &asked, now))
    }

    async fn story(&self, request: Request<StoryRequest>) -> Answer<StoryList> {
        let asked = request.into_inner();
        if asked.symbol.is_none() {
            let missing = "StoryRequest.symbol is missing: name the contract, as in BTCUSDT";
            return Err(tonic::Status::invalid_argument(missing));
        }
        self.read(|model, _| story::stories(&model.stories, &asked))
    }
}

/// Serves until `stop` is asked for; then whoever watches gets no more pictures either.
///
/// # Errors
/// Where the listener fails, or the build's descriptor set can't be read.
pub async fn serve(listener: TcpListener, view: View, stop: Shutdown) -> Result<(), GrpcError> {
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(proto::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .build_v1()?;
    let (reporter, health) = tonic_health::server::health_reporter();
    let (gallery, look) = watch::open(view.clone(), stop.clone());
    let status = StatusService {
        view: view.clone(),
        gallery,
    };
    let server = Server::builder()
        .timeout(REQUEST_TIME_MAX)
        .http2_keepalive_interval(Some(ALIVE_EVERY))
        .add_service(health)
        .add_service(reflection)
        .add_service(StatusServer::new(status))
        .serve_with_incoming_shutdown(TcpIncoming::from(listener), stop.requested());
    let told = async { tokio::join!(report(reporter, view), look) };
    tokio::select! {
        ended = server => Ok(ended?),
        _ = told => Ok(()),
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
