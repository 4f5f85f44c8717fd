//! The ways down, over and over: LIVE, a kill or a flag and a restart, and up again.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use domain::guard;
use domain::mode::EXIT_EXECUTOR_MODE;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::task::JoinHandle;
use tokio::time;

use super::look::positions;
use super::row;
use super::watcher::Watcher;
use crate::nats;
use crate::system::await_it::until_async;
use crate::system::{System, SystemOptions, VenueClient, binary};

mod books;
mod table;
mod way;

pub use way::Rollback;

use books::{canceled, count, newest, now, orders};
use table::{Round, millis};

/// The file that gets the rows; where it is unset, nobody asked for a table.
const ROWS: &str = "ROLLBACKS_ROWS";
/// Nothing is waited for longer than it takes; this is for a machine with much else to do.
const LONGEST: Duration = Duration::from_secs(60);
/// A long and a short, so that the market can move in favour of both.
const POSITIONS: [(&str, &str); 2] = [("BTCUSDT", "BUY"), ("ETHUSDT", "SELL")];
/// What every contract costs at first.
const PRICE: i64 = 3_000;
/// Between two moves of the market: each has the executor move the stop of one position.
const PAUSE: Duration = Duration::from_millis(25);
/// One move: more than the smallest improvement that is worth a new order.
const STEP: Decimal = Decimal::from_parts(15, 0, 0, false, 4);
/// Far below the target: no position closes by itself.
const STEPS_MAX: i64 = 80;
/// Orders that the executor must have moved a stop by, before the command comes.
const MOVED_MIN: u64 = 6;
/// The stop follows nearly at once, and the target is far.
const POLICY: &str = "
[ladder]
activation = { target_multiple = \"0.05\" }
[[ladder.steps]]
target_multiple = \"5\"
size = \"0.25\"
close = \"limit\"
[[ladder.steps]]
target_multiple = \"5.5\"
size = \"0.75\"
close = \"trail\"
";

/// No wish of the executor lives longer: the guard takes none that would. It is far above what the
/// slowest machine has shown.
const LAST_ORDER_MS_MAX: u64 = guard::VALID_MAX.millis().unsigned_abs();

/// The flag with which everybody is started anew after a kill: as it was.
const KEPT: [&str; 3] = [EXIT_EXECUTOR_MODE, "SHADOW", "LIVE"];

/// A running system that goes down and up again.
#[derive(Debug)]
pub struct Descent {
    system: System,
    /// The programs that a command needs, looked for before one is timed.
    exitctl: PathBuf,
    nats_server: PathBuf,
    rollback: Rollback,
    rounds: Vec<Round>,
}

impl Descent {
    /// Everything runs in LIVE, nothing is open.
    pub async fn new(rollback: Rollback) -> Self {
        let mut options = super::options(SystemOptions::live());
        options.symbols = POSITIONS.map(|(symbol, _)| symbol.to_owned()).into();
        options.opening_price = Some(PRICE.to_string());
        options.policy = Some(POLICY.into());
        let system = System::start(options).await;
        Self {
            system: system.unwrap_or_else(|error| panic!("{error}")),
            exitctl: binary("exitctl").unwrap_or_else(|error| panic!("{error}")),
            nats_server: nats::binary().unwrap_or_else(|error| panic!("{error}")),
            rollback,
            rounds: Vec::new(),
        }
    }

    /// Goes down with two positions whose stops are moving, and up again with none.
    pub async fn round(&mut self) {
        self.is_in("EXIT_BRAIN_V3_LIVE").await;
        self.open().await;
        let watcher = Watcher::start(self.system.venue_client());
        let market = Market::start(self.system.venue_client());
        let placed = orders(&self.report().await);
        self.venue_until("stops to move", |report| {
            orders(report) >= placed + MOVED_MIN
        })
        .await;
        let before = self.report().await;
        let commanded = Instant::now();
        let killed = self.go_down().await;
        self.is_in(self.rollback.state()).await;
        let in_force_ms = millis(commanded.elapsed());
        drop(market);
        let after = self.report().await;
        let shadow_ms = match killed {
            Some(told) => count(&told["bus_policy"]["in_force_after_ms"]),
            None => self.apply("SHADOW").await,
        };
        let mut round = Round {
            last_order_ms: newest(&after).saturating_sub(now(&before)),
            orders: orders(&after) - orders(&before),
            in_force_ms,
            lost_ms: count(&after["lost_ms_max"]).max(watcher.seen().lost_ms_max()),
            canceled: canceled(&before, &after),
            shadow_ms,
            live_ms: 0,
        };
        let loosened = watcher.seen().loosened().to_vec();
        assert_eq!(loosened, [""; 0], "{:?}", self.rollback);
        drop(watcher);
        self.close().await;
        let still = orders(&self.report().await);
        assert_eq!(still, orders(&after), "the executor has come back to life");
        round.live_ms = self.apply("LIVE").await;
        self.go_up().await;
        self.rounds.push(round);
    }

    /// Judges all rounds, and files the rows of the tables where somebody wants them.
    ///
    /// # Panics
    /// Where a position was without its stop, a stop was canceled, or the executor sent longer than
    /// any wish of it lives.
    pub fn verdict(&self) {
        let rounds = &self.rounds;
        for (number, round) in rounds.iter().enumerate() {
            let told = format!("{:?}, round {number}: {round:?}", self.rollback);
            assert_eq!((round.lost_ms, round.canceled), (0, 0), "{told}");
            assert!(round.last_order_ms <= LAST_ORDER_MS_MAX, "{told}");
        }
        let rows = table::rows(self.rollback, rounds);
        row::append(ROWS, &rows).unwrap_or_else(|error| panic!("the rows: {error}"));
    }

    async fn open(&self) {
        for (symbol, side) in POSITIONS {
            let price = json!({ "symbol": symbol, "price": PRICE.to_string() });
            self.paper("price", &price).await;
            let body = json!({ "symbol": symbol, "side": side, "qty": "1", "leverage": 5 });
            self.paper("open", &body).await;
        }
        self.venue_until("both stops of both", |report| {
            let open = positions(report);
            let kept = open.iter().filter(|it| it.working_stop().is_some());
            kept.count() == POSITIONS.len()
        })
        .await;
    }

    async fn close(&self) {
        for (symbol, _) in POSITIONS {
            self.paper("close", &json!({ "symbol": symbol })).await;
        }
        self.venue_until("nothing to rest for what is closed", |report| {
            positions(report).is_empty() && report["orphaned_orders"] == 0
        })
        .await;
    }

    /// Gives what a kill tells.
    async fn go_down(&mut self) -> Option<Value> {
        match self.rollback.flag() {
            Some([flag, down, _]) => {
                self.change(flag, down).await;
                None
            }
            None => {
                let kill = ["kill", "--to", "shadow", "--confirm", "SHADOW"];
                Some(self.exitctl(&kill, "--bus-config").await)
            }
        }
    }

    /// A kill is over with the next start, and so is it with the flag that has LIVE already.
    async fn go_up(&mut self) {
        let [flag, _, up] = self.rollback.flag().unwrap_or(KEPT);
        self.change(flag, up).await;
    }

    /// Puts a policy of the bus in force; gives the time that the command took to have it proven.
    async fn apply(&self, policy: &str) -> u64 {
        let lower = policy.to_lowercase();
        let apply = ["bus", "apply", "--policy", &lower, "--confirm", policy];
        let commanded = Instant::now();
        self.exitctl(&apply, "--config").await;
        millis(commanded.elapsed())
    }

    /// Does `verb`, with the server's file behind the option `config`.
    async fn exitctl(&self, verb: &[&str], config: &str) -> Value {
        let addresses = self.system.addresses();
        let files = self.system.files();
        let mut command = Command::new(&self.exitctl);
        command.args(verb).args(["--yes", "-o", "json"]);
        command.args(["--nats-url", &addresses.nats, "--keys-dir"]);
        command.arg(files.keys());
        command.env("NATS_SERVER", &self.nats_server);
        command.arg(config).arg(files.nats().join("nats.conf"));
        command.args(addresses.grpc.map(|grpc| format!("--grpc={grpc}")));
        let done = command.output().await;
        let done = done.unwrap_or_else(|error| panic!("exitctl {verb:?}: {error}"));
        assert!(done.status.success(), "{done:?}");
        let told = serde_json::from_slice(&done.stdout);
        told.unwrap_or_else(|error| panic!("exitctl {verb:?}: {error}: {done:?}"))
    }

    async fn change(&mut self, flag: &str, value: &str) {
        let flags = [(flag.to_owned(), value.to_owned())];
        let changed = self.system.change_flags(&flags).await;
        changed.unwrap_or_else(|error| panic!("{flag}={value}: {error}"));
    }

    async fn is_in(&mut self, state: &str) {
        let holds = |status: &Value| status["operational_state"] == state;
        let status = self.system.await_status(state, LONGEST, holds).await;
        status.unwrap_or_else(|error| panic!("{error}"));
    }

    async fn paper(&self, path: &str, body: &Value) {
        let done = self.system.paper(path, body).await;
        done.unwrap_or_else(|error| panic!("{path} {body}: {error}"));
    }

    async fn report(&self) -> Value {
        let report = self.system.report().await;
        report.unwrap_or_else(|error| panic!("{error}"))
    }

    async fn venue_until(&self, what: &str, holds: impl Fn(&Value) -> bool) {
        let look = async || holds(&self.system.report().await.ok()?).then_some(());
        if let Err(late) = until_async(what, LONGEST, look).await {
            panic!("{:?}: {late}: {:#}", self.rollback, self.report().await);
        }
    }
}

/// A market that moves in favour of every position until it is dropped.
#[derive(Debug)]
struct Market(JoinHandle<()>);

impl Market {
    fn start(venue: VenueClient) -> Self {
        Self(tokio::spawn(async move {
            for step in 1..=STEPS_MAX {
                for (symbol, side) in POSITIONS {
                    let away = STEP * Decimal::from(step);
                    let away = if side == "BUY" { away } else { -away };
                    let price = Decimal::from(PRICE) * (Decimal::ONE + away);
                    let body = json!({ "symbol": symbol, "price": price.to_string() });
                    let moved = venue.post("price", &body).await;
                    moved.unwrap_or_else(|error| panic!("{symbol} can't move: {error}"));
                    time::sleep(PAUSE).await;
                }
            }
        }))
    }
}

impl Drop for Market {
    fn drop(&mut self) {
        self.0.abort();
    }
}
