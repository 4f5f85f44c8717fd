//! From a tick to the order on the wire: the whole system as processes of its own on a real bus
//! and a paper venue, in turn with as many bare hops and one bare HTTP request.
#![allow(
    clippy::float_arithmetic,
    reason = "statistics of measurements, no money"
)]

use std::time::Duration;

use bench::rounds::Samples;
use bus::{Client, ClientTls, ConnectOptions, Heard, Identity, Inbox, subjects};
use domain::Span;
use domain::ids::{ClientOrderId, Module};
use domain::order::{OrderEvent, OrderKind, OrderStatus};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tests::system::{System, SystemOptions};
use tokio::time;

use super::{note, rounded, say};
use crate::relay::{Chain, Hop};

/// Samples of each for every round.
const SAMPLES: usize = 100;
/// The first ones warm connections and caches, and don't count.
const WARM: usize = 20;
const SYMBOL: &str = "BTCUSDT";
/// The trend: three thousandths a time, above the smallest improvement that is worth an order.
const STEP: i64 = 3;
/// Between two samples: what the one before has set going has come to rest.
const PAUSE: Duration = Duration::from_millis(120);
const LONGEST: Duration = Duration::from_secs(5);
/// Prices at which targets fill, one after the other.
const TRIES_MAX: usize = 10;
const AIM: f64 = 1.5;
/// Who hears the mark and is on no order's path, and how much it yields to those that are: where
/// there are fewer cores than processes, about what the shares of CPU in k8s/base say.
const ASIDE: [(&str, &str); 3] = [("planner", "10"), ("diagnostics", "10"), ("legacy", "5")];

type Fault = Box<dyn std::error::Error>;

pub fn run(rounds: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let measured = match runtime {
        Ok(runtime) => runtime.block_on(measure(rounds)),
        Err(error) => Err(error.into()),
    };
    if let Err(fault) = measured {
        note(&format!("wire: {fault}"));
        say(&json!({ "bench": "wire", "fault": fault.to_string() }));
    }
}

/// Until the order leaves, and until its answer is there, microseconds.
#[derive(Default)]
struct Times {
    leaves: Samples,
    request: Samples,
    answered: Samples,
}

impl Times {
    fn push(&mut self, leaves: f64, request: f64) {
        self.leaves.push(leaves);
        self.request.push(request);
        self.answered.push(leaves + request);
    }
}

async fn measure(rounds: usize) -> Result<(), Fault> {
    let mut chain = Chain::start().await?;
    let mut desk = Desk::start().await?;
    let (mut own, mut bare) = (Times::default(), Times::default());
    for at in 0..WARM + rounds * SAMPLES {
        let (leaves, request) = desk.next().await?;
        time::sleep(PAUSE).await;
        let Hop {
            leaves: bare_leaves,
            request: bare_request,
        } = chain.next().await?;
        time::sleep(PAUSE).await;
        if at >= WARM {
            own.push(leaves, request);
            bare.push(bare_leaves, bare_request);
        }
    }
    let hops = "three bare hops over a nats-server, between processes";
    tell("tick to order leaving", hops, &own.leaves, &bare.leaves);
    tell(
        "request to answer",
        "a bare HTTP request",
        &own.request,
        &bare.request,
    );
    let all = "three bare hops and a bare HTTP request";
    tell(
        "tick to answer of the venue",
        all,
        &own.answered,
        &bare.answered,
    );
    Ok(())
}

fn tell(what: &str, floor_is: &str, own: &Samples, floor: &Samples) {
    let quantiles = |of: &dyn Fn(f64) -> f64| {
        let [p50, p99, p999] = [0.5, 0.99, 0.999].map(|share| rounded(of(share)));
        json!({ "p50": p50, "p99": p99, "p99.9": p999 })
    };
    let ratio = |share| own.quantile(share) / floor.quantile(share);
    let met: Value = [0.5, 0.99].iter().all(|share| ratio(*share) <= AIM).into();
    say(&json!({
        "bench": "wire",
        "of": { "what": what },
        "unit": "us",
        "own": quantiles(&|share| own.quantile(share)),
        "floor": quantiles(&|share| floor.quantile(share)),
        "floor_is": floor_is,
        "ratio": quantiles(&ratio),
        "ratio_aim": AIM,
        "met": met,
        "samples": own.count(),
    }));
}

/// The system with one long whose stop trails.
struct Desk {
    system: System,
    inbox: Inbox,
    price: Decimal,
}

impl Desk {
    async fn start() -> Result<Self, Fault> {
        let mut options = SystemOptions::live();
        options.data = "manual".into();
        options.strategy = false;
        options.opening_price = Some("50000".into());
        options.symbols = vec![SYMBOL.into()];
        for (name, by) in ASIDE {
            let starter = ["/usr/bin/env", "nice", "-n", by].map(String::from);
            options.places.starters.insert(name.into(), starter.into());
        }
        let system = System::start(options).await?;
        let identity = Identity::Diagnostics;
        let client = Client::connect(&ConnectOptions {
            url: system.addresses().nats,
            identity,
            seed_file: system
                .files()
                .keys()
                .join(format!("{}.nk", identity.name())),
            capacity: 4_096,
            tls: ClientTls::default(),
        })
        .await?;
        let inbox = client.subscribe(subjects::all_events().as_str()).await?;
        let price = Decimal::from(50_000);
        let mut desk = Self {
            system,
            inbox,
            price,
        };
        let open = json!({ "symbol": SYMBOL, "side": "BUY", "qty": "1", "leverage": 3 });
        desk.system.paper("open", &open).await?;
        desk.stop_sent().await?;
        time::sleep(LONGEST).await;
        // Beyond the activation, and what is placed and canceled on the way has come to rest.
        desk.price *= Decimal::new(102, 2);
        desk.tell_price().await?;
        time::sleep(LONGEST).await;
        desk.rests().await;
        Ok(desk)
    }

    /// Nothing is said any more.
    async fn rests(&mut self) {
        while time::timeout(PAUSE, self.inbox.next()).await.is_ok() {}
    }

    /// The price moves on; how long until the stop's order has left, and until it was answered.
    async fn next(&mut self) -> Result<(f64, f64), Fault> {
        for _ in 0..TRIES_MAX {
            self.price = (self.price * (Decimal::ONE + Decimal::new(STEP, 3))).round_dp(1);
            self.tell_price().await?;
            let (tick_to_order, sent) = self.stop_sent().await?;
            let answered = self.answered(&sent.client_order_id).await?;
            if let Some(tick_to_order) = tick_to_order {
                let request = answered.at.since(sent.at);
                return Ok((micros(tick_to_order), micros(request)));
            }
            // A target has filled at this price, and what was moved is the stop of the rest.
            self.rests().await;
        }
        Err("the stop is never moved by a tick".into())
    }

    async fn tell_price(&self) -> Result<(), Fault> {
        let price = json!({ "symbol": SYMBOL, "price": self.price.to_string() });
        self.system.paper("price", &price).await?;
        Ok(())
    }

    async fn stop_sent(&mut self) -> Result<(Option<Span>, OrderEvent), Fault> {
        let event = self
            .event("a working stop to be sent", |event| {
                let is_stop = event.kind == OrderKind::Sl && event.module == Module::ExitExecutor;
                is_stop && event.status == OrderStatus::Submitting
            })
            .await?;
        Ok((event.tick_to_order, event))
    }

    async fn answered(&mut self, id: &ClientOrderId) -> Result<OrderEvent, Fault> {
        self.event("the venue to accept the stop", |event| {
            event.client_order_id == *id && event.status == OrderStatus::Accepted
        })
        .await
    }

    async fn event(
        &mut self,
        what: &str,
        is_it: impl Fn(&OrderEvent) -> bool,
    ) -> Result<OrderEvent, Fault> {
        let found = async {
            while let Some(message) = self.inbox.next().await {
                if let Ok(Heard::Event(event)) = bus::decode(&message)
                    && is_it(&event)
                {
                    return Some(event);
                }
            }
            None
        };
        let late = |_| format!("waited {LONGEST:?} for {what}");
        let event = time::timeout(LONGEST, found).await.map_err(late)?;
        Ok(event.ok_or("the bus is gone")?)
    }
}

fn micros(span: Span) -> f64 {
    span.micros() as f64
}
