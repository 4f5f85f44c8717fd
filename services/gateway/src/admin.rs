//! The gateway's own port: the operator's kill reaches it with the bus down.
//!
//! It has a thread of its own, so that whoever floods the port takes nothing from the way of an
//! order but a share of the machine.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use domain::mode::Kill;
use proto::wire::gateway_admin_server::{GatewayAdmin, GatewayAdminServer};
use proto::wire::{KillReport, SignedKill};
use runtime::{Shutdown, clock};
use thiserror::Error;
use tokio::runtime::Builder;
use tokio::sync::{mpsc, oneshot};
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

mod desk;

pub use desk::{DATED_MAX, Desk, Refusal, USED_MAX};

use crate::actor::Lowered;

/// Kills that may wait for the state machine; each is signed by the operator.
const ORDERS_MAX: usize = 8;
/// A signed kill has some hundred bytes.
const MESSAGE_BYTES_MAX: usize = 1_024;
/// Calls at once on one connection.
const CALLS_MAX: u32 = 4;
/// The state machine answers in microseconds, once it runs.
const CALL_TIME_MAX: Duration = Duration::from_secs(5);

/// Why the port can't be served.
#[derive(Debug, Error)]
pub enum AdminError {
    /// The address can't be taken.
    #[error(
        "gateway.admin_listen = {address}: {source}; free it or choose another (port 0 takes a \
         free one)"
    )]
    Bind {
        /// As set.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The thread or its runtime can't be made.
    #[error("the admin port's thread can't start: {0}")]
    Thread(io::Error),
}

/// A kill that was admitted, and where the answer goes.
#[derive(Debug)]
pub struct Order {
    /// What the operator wants.
    pub kill: Kill,
    /// For what it has done.
    pub answer: oneshot::Sender<Lowered>,
}

/// The port, taken, not yet answering.
#[derive(Debug)]
pub struct AdminPort(TcpListener);

impl AdminPort {
    /// Takes the port.
    ///
    /// # Errors
    /// [`AdminError::Bind`] where it can't be had.
    pub fn bind(address: SocketAddr) -> Result<Self, AdminError> {
        let listener = TcpListener::bind(address).and_then(|listener| {
            listener.set_nonblocking(true)?;
            Ok(listener)
        });
        let fault = |source| AdminError::Bind { address, source };
        listener.map(Self).map_err(fault)
    }

    /// The address, with the port that was given where 0 was asked for.
    ///
    /// # Errors
    /// Where the operating system does not tell it.
    pub fn address(&self) -> Result<SocketAddr, AdminError> {
        self.0.local_addr().map_err(AdminError::Thread)
    }

    /// Answers until `shutdown` is requested. What was admitted comes out of the receiver, and
    /// waits there for a gateway that is not ready yet: a kill is not lost.
    ///
    /// # Errors
    /// [`AdminError::Thread`] where there can be no thread or runtime.
    pub fn spawn(
        self,
        desk: Desk,
        instance: &str,
        shutdown: Shutdown,
    ) -> Result<mpsc::Receiver<Order>, AdminError> {
        let (orders, admitted) = mpsc::channel(ORDERS_MAX);
        let service = Service {
            desk: Arc::new(Mutex::new(desk)),
            instance: instance.into(),
            orders,
        };
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(AdminError::Thread)?;
        let serve = move || runtime.block_on(serve(self.0, service, shutdown));
        let named = thread::Builder::new().name("admin".into());
        // The thread ends with the process; nobody has to wait for it.
        drop(named.spawn(serve).map_err(AdminError::Thread)?);
        Ok(admitted)
    }
}

async fn serve(listener: TcpListener, service: Service, shutdown: Shutdown) {
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(%error, "the admin port can't be served");
            return;
        }
    };
    let admin = GatewayAdminServer::new(service).max_decoding_message_size(MESSAGE_BYTES_MAX);
    let served = Server::builder()
        .timeout(CALL_TIME_MAX)
        .max_concurrent_streams(CALLS_MAX)
        .add_service(admin)
        .serve_with_incoming_shutdown(TcpIncoming::from(listener), shutdown.requested());
    if let Err(error) = served.await {
        tracing::error!(%error, "the admin port ended");
    }
}

struct Service {
    desk: Arc<Mutex<Desk>>,
    instance: String,
    orders: mpsc::Sender<Order>,
}

#[tonic::async_trait]
impl GatewayAdmin for Service {
    async fn kill(&self, request: Request<SignedKill>) -> Result<Response<KillReport>, Status> {
        let admitted = {
            let mut desk = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
            desk.admit(request.get_ref(), clock::now())
        };
        let kill = admitted.map_err(|refusal| {
            tracing::warn!(tag = "EXIT_GATEWAY", %refusal, "direct kill refused");
            refusal.status()
        })?;
        let (answer, done) = oneshot::channel();
        let order = Order { kill, answer };
        if self.orders.try_send(order).is_err() {
            let why = "kills are waiting already, or the gateway is ending";
            return Err(Status::unavailable(why));
        }
        let lowered = done
            .await
            .map_err(|_| Status::unavailable("the gateway is ending"))?;
        Ok(Response::new(self.report(lowered)))
    }
}

impl Service {
    fn report(&self, lowered: Lowered) -> KillReport {
        let count = |value| u64::try_from(value).unwrap_or(u64::MAX);
        KillReport {
            instance: self.instance.clone(),
            before: lowered.before.to_string(),
            after: lowered.after.to_string(),
            acts: lowered.acts,
            withdrawn: count(lowered.withdrawn),
            in_flight: count(lowered.in_flight),
        }
    }
}
