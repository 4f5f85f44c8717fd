//! The servers' own thread and runtime, so that neither the bus nor the actor can silence them.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::thread::{self, JoinHandle};

use runtime::shutdown::Shutdown;
use thiserror::Error;
use tokio::runtime::Builder;

use crate::view::View;
use crate::{grpc, http};

/// Why the servers can't start.
#[derive(Debug, Error)]
pub enum ServerError {
    /// An address can't be taken.
    #[error("{key} = {address}: {source}; free it or choose another (port 0 takes a free one)")]
    Bind {
        /// Which setting.
        key: &'static str,
        /// Its value.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The thread or its runtime can't be made.
    #[error("the servers' thread can't start: {0}")]
    Thread(io::Error),
}

/// The two ports, taken, not yet answering.
#[derive(Debug)]
pub struct Listeners {
    http: TcpListener,
    grpc: TcpListener,
}

/// Where the servers are really to be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addresses {
    /// HTTP.
    pub http: SocketAddr,
    /// gRPC.
    pub grpc: SocketAddr,
}

impl Listeners {
    /// Takes both ports.
    ///
    /// # Errors
    /// [`ServerError::Bind`] with the setting that can't be had.
    pub fn bind(http: SocketAddr, grpc: SocketAddr) -> Result<Self, ServerError> {
        Ok(Self {
            http: listen("diagnostics.http_listen", http)?,
            grpc: listen("diagnostics.grpc_listen", grpc)?,
        })
    }

    /// The addresses, with the ports that were given where 0 was asked for.
    ///
    /// # Errors
    /// Where the operating system does not tell them.
    pub fn addresses(&self) -> Result<Addresses, ServerError> {
        let of = |listener: &TcpListener| listener.local_addr().map_err(ServerError::Thread);
        Ok(Addresses {
            http: of(&self.http)?,
            grpc: of(&self.grpc)?,
        })
    }

    /// Answers on both ports until `shutdown` is requested.
    ///
    /// # Errors
    /// [`ServerError::Thread`] where there can be no thread or runtime.
    pub fn spawn(self, view: View, shutdown: Shutdown) -> Result<JoinHandle<()>, ServerError> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(ServerError::Thread)?;
        thread::Builder::new()
            .name("health".into())
            .spawn(move || runtime.block_on(self.serve(view, shutdown)))
            .map_err(ServerError::Thread)
    }

    async fn serve(self, view: View, shutdown: Shutdown) {
        let (http, grpc) = match (adopt(self.http), adopt(self.grpc)) {
            (Ok(http), Ok(grpc)) => (http, grpc),
            (Err(error), _) | (_, Err(error)) => {
                tracing::error!(%error, "health can't be served");
                return;
            }
        };
        let stop = shutdown.clone();
        let pages = axum::serve(http, http::router(view.clone()))
            .with_graceful_shutdown(async move { stop.requested().await });
        let (pages, calls) = tokio::join!(async { pages.await }, grpc::serve(grpc, view, shutdown));
        if let Err(error) = pages {
            tracing::error!(%error, "the HTTP server ended");
        }
        if let Err(error) = calls {
            tracing::error!(%error, "the gRPC server ended");
        }
    }
}

fn listen(key: &'static str, address: SocketAddr) -> Result<TcpListener, ServerError> {
    let listener = TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    listener.map_err(|source| ServerError::Bind {
        key,
        address,
        source,
    })
}

fn adopt(listener: TcpListener) -> io::Result<tokio::net::TcpListener> {
    tokio::net::TcpListener::from_std(listener)
}
