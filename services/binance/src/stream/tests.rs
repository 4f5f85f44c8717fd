//! The stream against a loopback server: gaps are marked, keys are fresh, pings are answered.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::ws::{Message as Frame, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::any;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::*;

/// Never reached by a test that works; only ends one that hangs.
const FAR: Duration = Duration::from_secs(3600);
const SOON: Duration = Duration::from_millis(1);

/// What the server does with a connection.
#[derive(Debug, Clone, Copy)]
enum Manner {
    /// Says its key and hangs up.
    HangUp,
    /// Says its key and stays.
    Stay,
    /// Pings, waits for the pong, repeats its payload as text.
    Ping,
    /// Sends one binary frame and stays.
    Binary,
}

#[derive(serde::Deserialize)]
struct Asked {
    #[serde(rename = "listenKey")]
    key: String,
}

async fn upgrade(State(manner): State<Manner>, q: Query<Asked>, ws: WebSocketUpgrade) -> Response {
    ws.on_upgrade(move |socket| serve(manner, q.0.key, socket))
}

async fn serve(manner: Manner, key: String, mut socket: WebSocket) {
    let first = match manner {
        Manner::HangUp | Manner::Stay => Frame::Text(key.into()),
        Manner::Ping => Frame::Ping(b"p1".as_slice().into()),
        Manner::Binary => Frame::Binary(b"odd".as_slice().into()),
    };
    socket.send(first).await.unwrap();
    if matches!(manner, Manner::HangUp) {
        return;
    }
    loop {
        match socket.recv().await {
            Some(Ok(Frame::Pong(payload))) => {
                let text = String::from_utf8_lossy(&payload).into_owned();
                socket.send(Frame::Text(text.into())).await.unwrap();
            }
            Some(Ok(_)) => {}
            _ => return,
        }
    }
}

/// Hands out k1, k2, …; the first `failures` calls fail. Extending always finds the key gone.
#[derive(Default)]
struct Keys {
    made: AtomicUsize,
    failures: AtomicUsize,
}

impl ListenKeys for Arc<Keys> {
    async fn create(&self) -> Result<String, KeyError> {
        let left = |n: usize| n.checked_sub(1);
        if self
            .failures
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, left)
            .is_ok()
        {
            return Err(KeyError::Failed("no".to_owned()));
        }
        Ok(format!("k{}", self.made.fetch_add(1, Ordering::SeqCst) + 1))
    }

    async fn keepalive(&self) -> Result<(), KeyError> {
        Err(KeyError::Gone)
    }
}

struct Setup {
    items: mpsc::Receiver<StreamItem>,
    control: StreamControl,
    task: JoinHandle<()>,
}

async fn start(manner: Manner, keys: Keys, adjust: impl FnOnce(&mut StreamConfig)) -> Setup {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut config = StreamConfig::new(&format!("ws://{}/", listener.local_addr().unwrap()));
    (
        config.rotate_after,
        config.keepalive_every,
        config.silence_limit,
    ) = (FAR, FAR, FAR);
    (config.backoff_min, config.backoff_max) = (SOON, SOON);
    adjust(&mut config);
    let app = Router::new()
        .route("/private/ws", any(upgrade))
        .with_state(manner);
    tokio::spawn(async { axum::serve(listener, app).await });
    let (sender, items) = mpsc::channel(1);
    let control = StreamControl::default();
    let task = tokio::spawn(run(config, Arc::new(keys), sender, control.clone()));
    Setup {
        items,
        control,
        task,
    }
}

impl Setup {
    async fn next(&mut self) -> StreamItem {
        self.items.recv().await.unwrap()
    }

    async fn connected_with(&mut self, key: &str) {
        assert_eq!(self.next().await, StreamItem::Connected);
        assert_eq!(self.next().await, StreamItem::Text(key.to_owned()));
    }

    /// The reason of the next gap; frames before it are passed over.
    async fn disconnected(&mut self) -> StreamEnd {
        loop {
            match self.next().await {
                StreamItem::Disconnected { why } => return why,
                StreamItem::Text(_) => {}
                StreamItem::Connected => panic!("connected twice without a gap"),
            }
        }
    }

    /// A limit that is set short ends the first connection for `why`, and a second one follows.
    async fn then_replaced_after(mut self, why: StreamEnd) {
        assert_eq!(self.next().await, StreamItem::Connected);
        assert_eq!(self.disconnected().await, why);
        assert_eq!(self.next().await, StreamItem::Connected);
    }
}

#[test]
fn the_pause_between_attempts_grows_and_stays_bounded() {
    let config = StreamConfig::new("ws://a");
    let pauses: Vec<Duration> = config.backoff().take(50).collect();
    assert_eq!(pauses.len(), 50, "attempts never end");
    assert!(pauses[0] <= BACKOFF_MIN * 2, "{:?}", pauses[0]);
    assert!(
        pauses
            .iter()
            .all(|p| (BACKOFF_MIN..=BACKOFF_MAX * 2).contains(p)),
        "{pauses:?}"
    );
    assert!(pauses[10..].iter().all(|p| *p >= BACKOFF_MAX), "{pauses:?}");
}

#[tokio::test]
async fn a_lost_connection_is_marked_and_comes_back_with_a_fresh_key() {
    let mut stream = start(Manner::HangUp, Keys::default(), |_| {}).await;
    for key in ["k1", "k2", "k3"] {
        stream.connected_with(key).await;
        let why = stream.disconnected().await;
        assert!(matches!(why, StreamEnd::Broken(_)), "{why}");
    }
}

#[tokio::test]
async fn a_connection_is_rotated_when_its_time_is_up() {
    let rotate = |c: &mut StreamConfig| c.rotate_after = Duration::from_millis(200);
    let stream = start(Manner::Stay, Keys::default(), rotate).await;
    stream.then_replaced_after(StreamEnd::Rotated).await;
}

#[tokio::test]
async fn the_owner_can_ask_for_a_new_connection() {
    let mut stream = start(Manner::Stay, Keys::default(), |_| {}).await;
    stream.connected_with("k1").await;
    stream.control.reconnect();
    assert_eq!(stream.disconnected().await, StreamEnd::Asked);
    stream.connected_with("k2").await;
}

#[tokio::test]
async fn a_key_the_venue_forgot_ends_the_connection() {
    let soon = |c: &mut StreamConfig| c.keepalive_every = Duration::from_millis(200);
    let stream = start(Manner::Stay, Keys::default(), soon).await;
    stream.then_replaced_after(StreamEnd::KeyGone).await;
}

#[tokio::test]
async fn a_connection_without_a_single_frame_is_given_up() {
    let soon = |c: &mut StreamConfig| c.silence_limit = Duration::from_millis(200);
    let stream = start(Manner::Stay, Keys::default(), soon).await;
    stream.then_replaced_after(StreamEnd::Silent).await;
}

#[tokio::test]
async fn a_ping_is_answered_without_waiting_for_an_event() {
    let mut stream = start(Manner::Ping, Keys::default(), |_| {}).await;
    stream.connected_with("p1").await;
}

#[tokio::test]
async fn a_binary_frame_is_handed_on_to_be_counted() {
    let mut stream = start(Manner::Binary, Keys::default(), |_| {}).await;
    stream.connected_with("odd").await;
}

#[tokio::test]
async fn without_a_key_each_attempt_is_reported_until_one_succeeds() {
    let keys = Keys {
        failures: AtomicUsize::new(2),
        ..Keys::default()
    };
    let mut stream = start(Manner::Stay, keys, |_| {}).await;
    for _ in 0..2 {
        let why = stream.disconnected().await;
        assert!(matches!(why, StreamEnd::NoKey(_)), "{why}");
    }
    stream.connected_with("k1").await;
}

#[tokio::test]
async fn an_unreachable_venue_is_reported_and_the_key_stays_out_of_the_report() {
    let nowhere = |c: &mut StreamConfig| c.ws_base = "ws://127.0.0.1:1".to_owned();
    let mut stream = start(Manner::Stay, Keys::default(), nowhere).await;
    let why = stream.disconnected().await;
    assert!(matches!(why, StreamEnd::NotConnected(_)), "{why}");
    assert!(!why.to_string().contains("k1"), "{why}");
}

#[tokio::test]
async fn the_stream_ends_when_nobody_listens_any_more() {
    let mut stream = start(Manner::Stay, Keys::default(), |_| {}).await;
    stream.connected_with("k1").await;
    drop(stream.items);
    stream.task.await.unwrap();
}
