//! The ways down, over and over: LIVE, a kill or a flag and a restart, and up again.

use std::time::{Duration, Instant};

use domain::mode::{EXIT_BRAIN_V3_LIVE_ROLLOUT, EXIT_EXECUTOR_MODE, EXIT_MODE};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::task::JoinHandle;
use tokio::time;

use super::look::{Position, positions};
use super::row;
use super::watcher::Watcher;
use crate::system::await_it::until_async;
use crate::system::{System, SystemOptions, VenueClient, binary};

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

/// The flag with which everybody is started anew after a kill: as it was.
const KEPT: [&str; 3] = [EXIT_EXECUTOR_MODE, "SHADOW", "LIVE"];

/// A way down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rollback {
    /// The rollout switch.
    A,
    /// The executor's mode.
    B,
    /// The exit mode: the brain is out.
    C,
    /// The operator's hot kill: no restart.
    Kill,
}

impl Rollback {
    /// The flag that takes LIVE away, and its value below and above; none for a kill.
    const fn flag(self) -> Option<[&'static str; 3]> {
        match self {
            Self::A => Some([EXIT_BRAIN_V3_LIVE_ROLLOUT, "DISABLED", "ENABLED"]),
            Self::B => Some([EXIT_EXECUTOR_MODE, "SHADOW", "LIVE"]),
            Self::C => Some([EXIT_MODE, "LEGACY", "EXIT_BRAIN_V3"]),
            Self::Kill => None,
        }
    }

    /// What is in force below.
    const fn state(self) -> &'static str {
        match self {
            Self::C => "LEGACY",
            Self::A | Self::B | Self::Kill => "EXIT_BRAIN_V3_SHADOW",
        }
    }

    /// What is said or set, for the table.
    fn command(self) -> String {
        match self.flag() {
            Some([flag, down, _]) => format!("{flag}={down}"),
            None => "exitctl kill --to shadow".into(),
        }
    }
}

/// What one rollback was like, by the venue's books and its clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Round {
    /// From the command to the executor's last order; 0 where none came after it.
    last_order_ms: u64,
    /// Orders of the executor that came after the command.
    orders: u64,
    /// From the command until diagnostics says that LIVE is gone and everybody is ready.
    in_force_ms: u64,
    /// Longest time that a position was without its stop.
    lost_ms: u64,
    /// Stops that were canceled with no tighter one in their place.
    canceled: u64,
}

/// A running system that goes down and up again.
#[derive(Debug)]
pub struct Descent {
    system: System,
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
        self.go_down().await;
        self.is_in(self.rollback.state()).await;
        let in_force_ms = millis(commanded.elapsed());
        drop(market);
        let after = self.report().await;
        self.rounds.push(Round {
            last_order_ms: newest(&after).saturating_sub(now(&before)),
            orders: orders(&after) - orders(&before),
            in_force_ms,
            lost_ms: count(&after["lost_ms_max"]).max(watcher.seen().lost_ms_max()),
            canceled: canceled(&before, &after),
        });
        let loosened = watcher.seen().loosened().to_vec();
        assert_eq!(loosened, [""; 0], "{:?}", self.rollback);
        drop(watcher);
        self.close().await;
        let still = orders(&self.report().await);
        assert_eq!(still, orders(&after), "the executor has come back to life");
        self.go_up().await;
    }

    /// Judges all rounds, and files the row of the table where somebody wants it.
    ///
    /// # Panics
    /// Where a position was without its stop, or a stop was canceled.
    pub fn verdict(&self) {
        let rounds = &self.rounds;
        for (number, round) in rounds.iter().enumerate() {
            let told = format!("{:?}, round {number}: {round:?}", self.rollback);
            assert_eq!((round.lost_ms, round.canceled), (0, 0), "{told}");
        }
        row::append(ROWS, &self.row()).unwrap_or_else(|error| panic!("the row: {error}"));
    }

    fn row(&self) -> String {
        let (command, state) = (self.rollback.command(), self.rollback.state());
        let rounds = &self.rounds;
        let of = |value: fn(&Round) -> u64| {
            let mut values: Vec<u64> = rounds.iter().map(value).collect();
            values.sort_unstable();
            let max = values.last().copied().unwrap_or_default();
            let (half, most) = (percentile(&values, 50), percentile(&values, 99));
            format!("{half} | {most} | {max}")
        };
        let worst = |value: fn(&Round) -> u64| rounds.iter().map(value).max().unwrap_or(0);
        let (last, force) = (of(|it| it.last_order_ms), of(|it| it.in_force_ms));
        format!(
            "| {:?} | `{command}` | {state} | {} | {last} | {} | {force} | {} | {} |\n",
            self.rollback,
            rounds.len(),
            worst(|it| it.orders),
            worst(|it| it.lost_ms),
            worst(|it| it.canceled),
        )
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

    async fn go_down(&mut self) {
        match self.rollback.flag() {
            Some([flag, down, _]) => self.change(flag, down).await,
            None => self.kill().await,
        }
    }

    /// A kill is over with the next start, and so is it with the flag that has LIVE already.
    async fn go_up(&mut self) {
        let [flag, _, up] = self.rollback.flag().unwrap_or(KEPT);
        self.change(flag, up).await;
    }

    async fn kill(&self) {
        let addresses = self.system.addresses();
        let program = binary("exitctl").unwrap_or_else(|error| panic!("{error}"));
        let mut command = Command::new(program);
        command.args(["kill", "--to", "shadow", "--yes", "--confirm", "SHADOW"]);
        command.args(["--nats-url", &addresses.nats, "--keys-dir"]);
        command.arg(self.system.files().keys());
        command.args(addresses.grpc.map(|grpc| format!("--grpc={grpc}")));
        let done = command.output().await;
        let done = done.unwrap_or_else(|error| panic!("exitctl kill: {error}"));
        assert!(done.status.success(), "{done:?}");
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

/// Stops of `before` that are gone in `after`, and positions that are.
fn canceled(before: &Value, after: &Value) -> u64 {
    let now = positions(after);
    let gone = |was: &Position| {
        let life = |it: &&Position| it.symbol == was.symbol && it.opened_ms == was.opened_ms;
        let same = now.iter().find(life);
        same.map_or(1, |now| was.canceled_in(now).len())
    };
    let all: usize = positions(before).iter().map(gone).sum();
    u64::try_from(all).unwrap_or(u64::MAX)
}

/// Orders that the venue took from the executor.
fn orders(report: &Value) -> u64 {
    let kinds = report["orders_by_prefix"]["xe"].as_object();
    let placed = kinds
        .into_iter()
        .flatten()
        .filter(|(kind, _)| *kind != "CANCEL");
    placed.map(|(_, number)| count(number)).sum()
}

fn newest(report: &Value) -> u64 {
    count(&report["newest_order_ms_by_prefix"]["xe"])
}

fn now(report: &Value) -> u64 {
    count(&report["now_ms"])
}

fn count(value: &Value) -> u64 {
    value.as_u64().unwrap_or(0)
}

/// The value that so many of a hundred do not exceed, of values in order.
fn percentile(values: &[u64], of_100: usize) -> u64 {
    let rank = (values.len() * of_100).div_ceil(100);
    values.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let values: Vec<u64> = (1..=200).collect();
        assert_eq!(percentile(&values, 50), 100);
        assert_eq!(percentile(&values, 99), 198);
        assert_eq!((percentile(&[7], 99), percentile(&[], 99)), (7, 0));
    }

    #[test]
    fn cancels_are_no_orders_and_a_position_that_is_gone_has_lost_its_stop() {
        let report = json!({"orders_by_prefix": {"xe": {"STOP_MARKET": 3, "CANCEL": 9}}});
        assert_eq!(orders(&report), 3);
        let before = json!({"positions": [{"symbol": "BTCUSDT", "qty": "1", "opened_ms": 7}]});
        assert_eq!(canceled(&before, &before), 0);
        assert_eq!(canceled(&before, &json!({"positions": []})), 1);
    }
}
