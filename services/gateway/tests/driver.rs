//! The driver over real sockets against the paper exchange's server; the bus is two channels.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use binance::rest::{RestClient, RestConfig};
use binance::sign::Credentials;
use binance::stream::{StreamConfig, StreamControl, run};
use binance::{ApiRequest, PositionMode};
use bus::{Heard, Message, subjects};
use domain::ids::{ClientOrderId, OrderCause};
use domain::intent::{Approval, IntentId, OrderIntent, Wish};
use domain::mode::{ExecutorMode, ExitMode, Flags, Mode, ModeSnapshot, Rollout};
use domain::order::{CloseOrder, OrderKind, OrderStatus};
use domain::snapshot::PositionSnapshot;
use domain::{Account, LegId, Module, Price, Ratio, Span};
use futures_util::{Stream, stream};
use gateway::driver::{Driver, Ended, Venue};
use gateway::{GatewayActor, GatewayConfig};
use paper_exchange::config::Config;
use paper_exchange::server::serve;
use runtime::{Shutdown, clock};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

/// Bound of every wait in this test.
const PATIENCE: Duration = Duration::from_secs(20);
const API_KEY: &str = "paperkey";
const SECRET: &str = "paper-secret";

struct Paper {
    host: String,
    stop: watch::Sender<bool>,
}

impl Paper {
    /// A venue that checks every signature.
    async fn start() -> Self {
        runtime::install_crypto();
        let file = |name: &str, text: &str| {
            let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
            std::fs::write(&path, text).unwrap();
            Some(path)
        };
        let config = Config {
            data: "manual".into(),
            strategy: false,
            verify: true,
            api_key_file: file("driver-api-key", API_KEY),
            secret_file: file("driver-secret", SECRET),
            ..Config::default()
        };
        let now_ms = clock::now().millis();
        let world = config.build(now_ms).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let (stop, stopping) = watch::channel(false);
        tokio::spawn(serve(listener, world, stopping));
        Self { host, stop }
    }

    async fn post(&self, path: &str, body: &str) {
        let url = format!("http://{}{path}", self.host);
        let call = reqwest::Client::new().post(url).body(body.to_owned());
        let answer = call.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
    }

    fn rest(&self) -> Arc<RestClient> {
        let config = RestConfig {
            base_url: format!("http://{}", self.host),
            recv_window_ms: 5_000,
            timeout: Duration::from_secs(5),
        };
        let credentials = Credentials::from_file_contents(API_KEY, SECRET).unwrap();
        Arc::new(RestClient::new(&config, credentials).unwrap())
    }

    fn connect(&self) -> Venue {
        let rest = self.rest();
        let (frames, stream) = mpsc::channel(64);
        let control = StreamControl::default();
        let config = StreamConfig::new(&format!("ws://{}", self.host));
        tokio::spawn(run(config, Arc::clone(&rest), frames, control.clone()));
        Venue {
            rest,
            stream,
            control,
        }
    }
}

fn actor(guard: &nkeys::KeyPair) -> GatewayActor {
    GatewayActor::new(GatewayConfig {
        account: Account::new("main").unwrap(),
        flags: Flags {
            exit_mode: ExitMode::ExitBrainV3,
            executor_mode: ExecutorMode::Live,
            rollout: Rollout::Enabled,
            ..Flags::default()
        },
        boot: u64::try_from(clock::now().micros()).unwrap(),
        instance: "one".into(),
        guard_key: nkeys::KeyPair::from_public_key(&guard.public_key()).unwrap(),
        symbols: None,
    })
}

fn inbox(from: mpsc::Receiver<Message>) -> Pin<Box<dyn Stream<Item = Message>>> {
    Box::pin(stream::unfold(from, async |mut from| {
        from.recv().await.map(|message| (message, from))
    }))
}

async fn until<T>(
    said: &mut mpsc::UnboundedReceiver<Message>,
    wanted: impl Fn(Heard) -> Option<T>,
) -> T {
    let found = async {
        loop {
            let message = said.recv().await.unwrap();
            if let Some(found) = wanted(bus::decode(&message).unwrap()) {
                return found;
            }
        }
    };
    timeout(PATIENCE, found).await.unwrap()
}

fn disaster_stop(snapshot: &PositionSnapshot) -> Approval {
    let (now, position) = (clock::now(), &snapshot.position);
    let cause = OrderCause {
        module: Module::ExitExecutor,
        side: position.key.side,
        epoch: position.epoch,
        leg: LegId::Disaster,
        generation: 1,
    };
    let client_order_id = ClientOrderId::derive(&position.key.symbol, &cause);
    let trigger = Price::new(rust_decimal::Decimal::from(58_000)).unwrap();
    let expires_at = now + Span::from_secs(2);
    let intent = OrderIntent {
        id: IntentId::place(&client_order_id),
        key: position.key.clone(),
        epoch: position.epoch,
        module: Module::ExitExecutor,
        kind: OrderKind::HardSl,
        wish: Wish::Place {
            client_order_id,
            order: CloseOrder::DisasterStop { trigger },
        },
        decision: "move_sl".into(),
        stop_reason: None,
        reason: "test".into(),
        confidence: Ratio::ONE,
        plan_id: None,
        sequence: 1,
        fence: 1,
        created_at: now,
        expires_at,
        tick_received_at: None,
    };
    Approval {
        intent,
        guard_boot: 1,
        sequence: 1,
        approved_at: now,
        expires_at,
    }
}

fn live() -> Message {
    let word = ModeSnapshot {
        revision: 1,
        mode: Mode::Live,
        reason: "test".into(),
        at: clock::now(),
    };
    subjects::mode().message(&word)
}

#[tokio::test]
async fn an_approved_stop_rests_on_the_venue_and_survives_an_orderly_stop() {
    let paper = Paper::start().await;
    let price = r#"{"symbol":"BTCUSDT","price":60000}"#;
    paper.post("/paper/price", price).await;
    let guard = nkeys::KeyPair::new_user();
    let (words_in, words) = mpsc::channel(16);
    let (approvals_in, approvals) = mpsc::channel(16);
    let (say, mut said) = mpsc::unbounded_channel();
    let shutdown = Shutdown::new();
    let driver = Driver::new(actor(&guard), paper.connect(), PositionMode::OneWay);
    let publish = async |message| say.send(message).unwrap();
    let no_faults = Vec::new;
    let stop = shutdown.clone();
    let running = driver.run(
        inbox(words),
        inbox(approvals),
        publish,
        no_faults,
        clock::now,
        shutdown,
    );
    let script = async {
        let ready = |heard| match heard {
            Heard::Health(heartbeat) => heartbeat.ready.then_some(heartbeat),
            _ => None,
        };
        until(&mut said, ready).await;
        let open = r#"{"symbol":"BTCUSDT","side":"BUY","qty":"0.010"}"#;
        paper.post("/paper/open", open).await;
        let opened = |heard| match heard {
            Heard::Position(snapshot) => snapshot.complete.then_some(snapshot),
            _ => None,
        };
        let snapshot = until(&mut said, opened).await;
        words_in.send(live()).await.unwrap();
        let approval = disaster_stop(&snapshot);
        let sealed = bus::approval::seal(&approval, &guard).unwrap();
        approvals_in.send(sealed).await.unwrap();
        let accepted = |heard| match heard {
            Heard::Event(event) => (event.status == OrderStatus::Accepted).then_some(event),
            _ => None,
        };
        let event = until(&mut said, accepted).await;
        assert!(event.venue_order_id.is_some());
        stop.request();
    };
    let (ended, ()) = timeout(PATIENCE, async { tokio::join!(running, script) })
        .await
        .unwrap();
    assert_eq!(ended, Ended::Shutdown);
    let open = ApiRequest::open_algo_orders(None);
    let now_ms = clock::now().millis();
    let answer = paper.rest().execute(&open, now_ms).await.unwrap();
    assert!(answer.body.contains("58000"), "{}", answer.body);
    paper.stop.send_replace(true);
}

#[tokio::test]
async fn an_account_in_another_position_mode_is_not_traded() {
    let paper = Paper::start().await;
    let (_words_in, words) = mpsc::channel(1);
    let (_approvals_in, approvals) = mpsc::channel(1);
    let guard = nkeys::KeyPair::new_user();
    let driver = Driver::new(actor(&guard), paper.connect(), PositionMode::Hedge);
    let running = driver.run(
        inbox(words),
        inbox(approvals),
        async |_| {},
        Vec::new,
        clock::now,
        Shutdown::new(),
    );
    let ended = timeout(PATIENCE, running).await.unwrap();
    let expected = Ended::PositionMode {
        found: PositionMode::OneWay,
        expected: PositionMode::Hedge,
    };
    assert_eq!(ended, expected);
    paper.stop.send_replace(true);
}

#[tokio::test]
async fn a_lost_bus_ends_the_process() {
    let paper = Paper::start().await;
    let (words_in, words) = mpsc::channel(1);
    let (_approvals_in, approvals) = mpsc::channel(1);
    drop(words_in);
    let guard = nkeys::KeyPair::new_user();
    let driver = Driver::new(actor(&guard), paper.connect(), PositionMode::OneWay);
    let running = driver.run(
        inbox(words),
        inbox(approvals),
        async |_| {},
        Vec::new,
        clock::now,
        Shutdown::new(),
    );
    assert_eq!(timeout(PATIENCE, running).await.unwrap(), Ended::BusGone);
    paper.stop.send_replace(true);
}
