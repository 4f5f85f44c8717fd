//! The probe port: whether the service's one thread turns, and whether it has been on the bus.
//!
//! It is answered from that thread on purpose: whoever does not answer is stuck, and a restart
//! helps. One caller at a time, so nobody can pile up work on the way of an order.

use std::io;
use std::net::{SocketAddr, TcpListener as Bound};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time;

/// A caller that has not asked and read by then is left.
const CALL_TIME_MAX: Duration = Duration::from_secs(1);
/// The kubelet asks in some hundred bytes; only the first line counts.
const REQUEST_BYTES_MAX: usize = 1_024;
/// Pause where no call can be taken, as without a free descriptor.
const PAUSE: Duration = Duration::from_millis(100);

/// Whether this process has been on the bus. It stays so: a bus that goes away is no reason to take
/// a service out, and what it means is told by diagnostics.
#[derive(Debug, Clone, Default)]
pub(crate) struct Joined(Arc<AtomicBool>);

impl Joined {
    pub(crate) fn now(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The port can't be served.
#[derive(Debug, Error)]
#[error("probe.listen = {address}: {source}; free it or choose another")]
pub struct ProbeError {
    address: SocketAddr,
    source: io::Error,
}

/// Takes the port and answers on it for as long as the runtime lives. Returns the address taken.
pub(crate) fn serve(address: SocketAddr, joined: Joined) -> Result<SocketAddr, ProbeError> {
    let fault = |source| ProbeError { address, source };
    let bound = Bound::bind(address).map_err(fault)?;
    bound.set_nonblocking(true).map_err(fault)?;
    let taken = bound.local_addr().map_err(fault)?;
    let listener = TcpListener::from_std(bound).map_err(fault)?;
    // Ends with the runtime: to stop answering is no part of an orderly end.
    drop(tokio::spawn(answer_all(listener, joined)));
    Ok(taken)
}

async fn answer_all(listener: TcpListener, joined: Joined) {
    loop {
        let Ok((mut caller, _)) = listener.accept().await else {
            time::sleep(PAUSE).await;
            continue;
        };
        let call = answer(&mut caller, &joined);
        // A caller that is slow or gone is the caller's own affair.
        if let Ok(Err(error)) = time::timeout(CALL_TIME_MAX, call).await {
            tracing::debug!(error = %error, "probe not answered");
        }
    }
}

async fn answer(caller: &mut TcpStream, joined: &Joined) -> io::Result<()> {
    let mut request = Vec::with_capacity(REQUEST_BYTES_MAX);
    let mut reader = caller.take(REQUEST_BYTES_MAX as u64);
    while !request.ends_with(b"\r\n\r\n") {
        if reader.read_buf(&mut request).await? == 0 {
            break;
        }
    }
    caller.write_all(verdict(&request, joined.is())).await?;
    caller.shutdown().await
}

/// The whole answer to a request; the caller looks at the status alone.
fn verdict(request: &[u8], joined: bool) -> &'static [u8] {
    let asks = |head: &[u8]| request.starts_with(head);
    if asks(b"GET /livez ") || (joined && asks(b"GET /readyz ")) {
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n"
    } else if asks(b"GET /readyz ") {
        b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    } else {
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ask(address: SocketAddr, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut told = String::new();
        stream.read_to_string(&mut told).await.unwrap();
        told.lines().next().unwrap_or_default().to_owned()
    }

    fn port(joined: &Joined) -> SocketAddr {
        serve(SocketAddr::from(([127, 0, 0, 1], 0)), joined.clone()).unwrap()
    }

    #[tokio::test]
    async fn a_service_is_alive_at_once_and_ready_once_it_was_on_the_bus() {
        let joined = Joined::default();
        let address = port(&joined);
        let live = b"GET /livez HTTP/1.1\r\nHost: pod\r\n\r\n";
        let ready = b"GET /readyz HTTP/1.1\r\nHost: pod\r\n\r\n";
        assert_eq!(ask(address, live).await, "HTTP/1.1 200 OK");
        assert_eq!(
            ask(address, ready).await,
            "HTTP/1.1 503 Service Unavailable"
        );
        joined.now();
        assert_eq!(ask(address, ready).await, "HTTP/1.1 200 OK");
        assert_eq!(
            ask(address, b"POST /livez HTTP/1.1\r\n\r\n").await,
            "HTTP/1.1 404 Not Found"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_caller_keeps_the_next_one_waiting_for_a_bounded_time() {
        let address = port(&Joined::default());
        let silent = TcpStream::connect(address).await.unwrap();
        let told = ask(address, b"GET /livez HTTP/1.1\r\n\r\n").await;
        assert_eq!(told, "HTTP/1.1 200 OK");
        drop(silent);
    }

    #[tokio::test]
    async fn a_port_that_is_taken_is_said_with_its_key() {
        let taken = port(&Joined::default());
        let error = serve(taken, Joined::default()).unwrap_err();
        assert!(error.to_string().starts_with("probe.listen = 127.0.0.1:"));
    }
}
