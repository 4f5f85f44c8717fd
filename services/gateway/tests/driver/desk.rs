//! Both ends of a gateway under test: what it says, and the guard that hands it approvals.

use std::pin::Pin;
use std::time::Duration;

use binance::PositionMode;
use bus::{Heard, Message, subjects};
use domain::decision::StopReason;
use domain::ids::{ClientOrderId, OrderCause};
use domain::intent::{Approval, IntentId, OrderIntent, Wish};
use domain::mode::{ExecutorMode, ExitMode, Flags, Mode, ModeSnapshot, Rollout};
use domain::order::{CloseOrder, OrderEvent, OrderKind, OrderStatus};
use domain::snapshot::{Heartbeat, PositionSnapshot};
use domain::{Account, LegId, Module, Price, Qty, Ratio, Side, Span};
use futures_util::{Stream, stream};
use gateway::driver::{Driver, Ended, Leases, Venue};
use gateway::{GatewayActor, GatewayConfig};
use runtime::{Shutdown, clock};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Bound of every wait in these tests.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub struct Desk {
    guard: nkeys::KeyPair,
    words: mpsc::Sender<Message>,
    approvals: mpsc::Sender<Message>,
    said: mpsc::UnboundedReceiver<Message>,
    sequence: u64,
}

pub fn actor(guard: &nkeys::KeyPair) -> GatewayActor {
    GatewayActor::new(GatewayConfig {
        account: Account::new("main").unwrap(),
        flags: Flags {
            exit_mode: ExitMode::ExitBrainV3,
            executor_mode: ExecutorMode::Live,
            rollout: Rollout::Enabled,
            ..Flags::default()
        },
        boot: u64::try_from(clock::now().micros()).unwrap(),
        ownership: runtime::Ownership::from_boot(1),
        instance: "one".into(),
        guard_key: nkeys::KeyPair::from_public_key(&guard.public_key()).unwrap(),
        symbols: None,
        recv_window: domain::Span::from_secs(5),
    })
}

pub fn inbox(from: mpsc::Receiver<Message>) -> Pin<Box<dyn Stream<Item = Message>>> {
    Box::pin(stream::unfold(from, async |mut from| {
        from.recv().await.map(|message| (message, from))
    }))
}

/// Runs a gateway beside `script`, until the script is through.
pub async fn with_gateway(venue: Venue, mode: PositionMode, script: impl AsyncFnOnce(&mut Desk)) {
    let guard = nkeys::KeyPair::new_user();
    let (words, words_out) = mpsc::channel(16);
    let (approvals, approvals_out) = mpsc::channel(16);
    let (say, said) = mpsc::unbounded_channel();
    let shutdown = Shutdown::new();
    let driver = Driver::new(actor(&guard), venue, mode, Leases::none());
    let publish = async |message| drop(say.send(message));
    let running = driver.run(
        inbox(words_out),
        inbox(approvals_out),
        publish,
        Vec::new,
        clock::now,
        shutdown.clone(),
    );
    let mut desk = Desk {
        guard,
        words,
        approvals,
        said,
        sequence: 0,
    };
    let acted = async {
        desk.until_ready().await;
        desk.say_live().await;
        script(&mut desk).await;
        shutdown.request();
    };
    let (ended, ()) = timeout(PATIENCE * 2, async { tokio::join!(running, acted) })
        .await
        .unwrap();
    assert_eq!(ended, Ended::Shutdown);
}

impl Desk {
    /// The first thing said from now on that is `wanted`.
    pub async fn until<T>(&mut self, wanted: impl Fn(Heard) -> Option<T>) -> T {
        let found = async {
            loop {
                let message = self.said.recv().await.unwrap();
                if let Some(found) = wanted(bus::decode(&message).unwrap()) {
                    return found;
                }
            }
        };
        timeout(PATIENCE, found).await.unwrap()
    }

    async fn until_ready(&mut self) {
        let ready = |beat: &Heartbeat| beat.ready;
        self.until_beat(ready).await;
    }

    pub async fn until_beat(&mut self, wanted: impl Fn(&Heartbeat) -> bool) -> Heartbeat {
        self.until(|heard| match heard {
            Heard::Health(beat) => wanted(&beat).then_some(beat),
            _ => None,
        })
        .await
    }

    pub async fn until_position(
        &mut self,
        side: Side,
        wanted: impl Fn(&PositionSnapshot) -> bool,
    ) -> PositionSnapshot {
        self.until(|heard| match heard {
            Heard::Position(it) if it.position.key.side == side => wanted(&it).then_some(it),
            _ => None,
        })
        .await
    }

    pub async fn opened(&mut self, side: Side) -> PositionSnapshot {
        let open = |it: &PositionSnapshot| it.complete && it.position.is_open();
        self.until_position(side, open).await
    }

    pub async fn until_status(&mut self, id: &ClientOrderId, status: OrderStatus) -> OrderEvent {
        self.until(|heard| match heard {
            Heard::Event(it) if it.client_order_id == *id => (it.status == status).then_some(it),
            _ => None,
        })
        .await
    }

    /// The guard's word; it is repeated every second in life, so a long script repeats it.
    pub async fn say_live(&mut self) {
        let word = ModeSnapshot {
            revision: 1,
            mode: Mode::Live,
            reason: "test".into(),
            at: clock::now(),
        };
        self.words
            .send(subjects::mode().message(&word))
            .await
            .unwrap();
    }

    pub async fn place(
        &mut self,
        snapshot: &PositionSnapshot,
        (leg, generation): (LegId, u32),
        order: CloseOrder,
    ) -> ClientOrderId {
        let intent = intent(snapshot, (leg, generation), order);
        let id = intent.client_order_id().clone();
        self.approve(intent).await;
        id
    }

    pub async fn cancel(&mut self, snapshot: &PositionSnapshot, leg: (LegId, u32)) {
        // The order in the placing wish does not matter here: only its name does.
        let order = CloseOrder::Market { qty: qty("1") };
        let placed = intent(snapshot, leg, order);
        let target = placed.client_order_id().clone();
        let wish = Wish::Cancel {
            target: target.clone(),
            conditional: matches!(leg.0, LegId::Disaster | LegId::Stop),
        };
        let id = IntentId::cancel(&target, placed.created_at);
        self.approve(OrderIntent { id, wish, ..placed }).await;
    }

    async fn approve(&mut self, intent: OrderIntent) {
        self.say_live().await;
        self.sequence += 1;
        let approval = Approval {
            guard_boot: 1,
            sequence: self.sequence,
            approved_at: clock::now(),
            expires_at: intent.expires_at,
            gateway: None,
            intent,
        };
        let sealed = bus::approval::seal(&approval, &self.guard).unwrap();
        self.approvals.send(sealed).await.unwrap();
    }
}

fn intent(
    snapshot: &PositionSnapshot,
    (leg, generation): (LegId, u32),
    order: CloseOrder,
) -> OrderIntent {
    let (now, position) = (clock::now(), &snapshot.position);
    let cause = OrderCause {
        module: Module::ExitExecutor,
        side: position.key.side,
        epoch: position.epoch,
        leg,
        generation,
    };
    let client_order_id = ClientOrderId::derive(&position.key.symbol, &cause);
    OrderIntent {
        id: IntentId::place(&client_order_id),
        key: position.key.clone(),
        epoch: position.epoch,
        module: Module::ExitExecutor,
        kind: kind(leg),
        wish: Wish::Place {
            client_order_id,
            order,
        },
        decision: "move_sl".into(),
        stop_reason: Some(StopReason::Initial),
        reason: "test".into(),
        confidence: Ratio::ONE,
        plan_id: None,
        sequence: 1,
        fence: 1,
        created_at: now,
        expires_at: now + Span::from_secs(2),
        tick_received_at: None,
    }
}

const fn kind(leg: LegId) -> OrderKind {
    match leg {
        LegId::Disaster => OrderKind::HardSl,
        LegId::Stop => OrderKind::Sl,
        LegId::TakeProfit(_) => OrderKind::Tp,
        LegId::Partial(_) => OrderKind::PartialTp,
        LegId::Exit => OrderKind::EmergencyExit,
    }
}

pub fn qty(text: &str) -> Qty {
    Qty::new(text.parse().unwrap()).unwrap()
}

pub fn price(text: &str) -> Price {
    Price::new(text.parse().unwrap()).unwrap()
}

pub fn disaster(trigger: &str) -> CloseOrder {
    let trigger = price(trigger);
    CloseOrder::DisasterStop { trigger }
}

pub fn count(beat: &Heartbeat, name: &str) -> u64 {
    beat.counters.get(name).copied().unwrap_or(0)
}
