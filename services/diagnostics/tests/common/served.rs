//! Both ports of a diagnostics service, over real sockets.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use diagnostics::DiagnosticsActor;
use diagnostics::server::{Addresses, Listeners};
use diagnostics::shared::Shared;
use diagnostics::view::View;
use domain::Timestamp;
use runtime::Shutdown;

use super::*;

pub struct Served {
    pub addresses: Addresses,
    pub shared: Shared,
    pub connected: Arc<AtomicBool>,
    pub shutdown: Shutdown,
    thread: Option<thread::JoinHandle<()>>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.shutdown.request();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

pub fn clock() -> Timestamp {
    later(500)
}

pub fn serve(actor: DiagnosticsActor) -> Served {
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    let listeners = Listeners::bind(free, free).unwrap();
    let addresses = listeners.addresses().unwrap();
    let shared = Shared::new(actor);
    let connected = Arc::new(AtomicBool::new(true));
    let is_connected = connected.clone();
    let view = View::new(shared.clone(), clock, move || {
        is_connected.load(Ordering::SeqCst)
    });
    let shutdown = Shutdown::new();
    let thread = Some(listeners.spawn(view, shutdown.clone()).unwrap());
    Served {
        addresses,
        shared,
        connected,
        shutdown,
        thread,
    }
}

pub fn live() -> DiagnosticsActor {
    let mut actor = actor();
    live_system(&mut actor, NOW);
    actor
}

pub fn calls<T>(served: &Served, call: impl AsyncFnOnce(tonic::transport::Channel) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let address = format!("http://{}", served.addresses.grpc);
    runtime.block_on(async {
        let endpoint = tonic::transport::Endpoint::new(address).unwrap();
        call(endpoint.connect().await.unwrap()).await
    })
}
