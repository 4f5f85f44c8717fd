//! One trial: a system in LIVE with positions, a blow, and what must hold after it.

use std::env;
use std::time::{Duration, Instant};

use domain::mode::Mode;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::look::{Position, positions};
use super::row::Row;
use super::watcher::Watcher;
use crate::system::await_it::until_async;
use crate::system::{System, SystemOptions, WorkDir};

/// A folder that keeps the logs of every trial; unset, they are gone with it.
const KEEP: &str = "CRASHES_KEEP";
/// Nothing is waited for longer than it takes; this is for a machine with much else to do.
const LONGEST: Duration = Duration::from_secs(60);
/// Once a blow is over, everybody is heard within a beat, who acts is settled within two lease
/// times (3 s each), and an order of unknown outcome is waited for 10 s. The rest is for a slow
/// machine.
const RECOVERY_MAX: Duration = LONGEST;
/// Heartbeats come every second.
const BEAT_AGE_MS_MAX: u64 = 2_500;
/// What every contract costs at first.
const PRICE: &str = "3000";
/// 2.1 % in favour of longs and of shorts: the first target fills and the working stop tightens.
const UP: &str = "3063";
const DOWN: &str = "2937";
/// Trailing only far away, so that the stop moves once.
const FAR_TRAIL: &str = "[ladder]\nactivation = { target_multiple = \"2\" }\n";

/// Take-profits of a position that has not come to its first one.
const TARGETS: usize = 2;

/// Open and protected before the blow.
const BEFORE: [(&str, &str); 2] = [("BTCUSDT", "BUY"), ("ETHUSDT", "SELL")];
/// Opened right before the blow, so that its orders are in flight.
pub const IN_FLIGHT: (&str, &str) = ("SOLUSDT", "BUY");
/// Opened while the blow lasts.
pub const MEANWHILE: (&str, &str) = ("BNBUSDT", "SELL");

/// The four contracts on a market that moves only when told to, without the stand-in strategy.
#[must_use]
pub fn options(mut options: SystemOptions) -> SystemOptions {
    options.data = "manual".into();
    options.strategy = false;
    options.opening_price = Some(PRICE.into());
    let symbols = [BEFORE[0].0, BEFORE[1].0, IN_FLIGHT.0, MEANWHILE.0];
    options.symbols = symbols.map(String::from).into();
    options.policy = Some(FAR_TRAIL.into());
    if let Some(dir) = env::var_os(KEEP) {
        options.work_dir = WorkDir::Under(dir.into());
    }
    options
}

/// A system that is tried.
#[derive(Debug)]
pub struct Trial {
    /// The system, to be struck.
    pub system: System,
    mode: Mode,
    watcher: Watcher,
    opened: Vec<&'static str>,
    /// What the market has moved in favour of, as it was before that.
    moved: Vec<Position>,
    struck_at: Instant,
    over_at: Instant,
    /// Whether the incumbents may protect what the executor could not.
    incumbents_act: bool,
    /// Whether the venue may not answer.
    leaves_in_doubt: bool,
}

impl Trial {
    /// Everything runs in LIVE, and a long and a short are protected.
    pub async fn live() -> Self {
        Self::of(options(SystemOptions::live())).await
    }

    /// The same in SHADOW.
    pub async fn shadow() -> Self {
        Self::of(options(SystemOptions::shadow())).await
    }

    /// The same with other options.
    pub async fn of(options: SystemOptions) -> Self {
        let mode = options.parsed_flags().resolve();
        let system = System::start(options).await;
        let system = system.unwrap_or_else(|error| panic!("{error}"));
        let watcher = Watcher::start(system.venue_client());
        let now = Instant::now();
        let mut trial = Self {
            system,
            mode,
            watcher,
            opened: Vec::new(),
            moved: Vec::new(),
            struck_at: now,
            over_at: now,
            incumbents_act: false,
            leaves_in_doubt: false,
        };
        for position in BEFORE {
            trial.open(position).await;
        }
        trial.opened.clear();
        trial.settled("before the blow").await;
        trial
    }

    /// The outage is longer than the guard waits for an executor, so the incumbents may act.
    pub fn let_incumbents_act(&mut self) {
        self.incumbents_act = true;
    }

    /// The venue can't answer, so a stop may be asked for again before the first one is known of.
    pub fn leave_in_doubt(&mut self) {
        self.leaves_in_doubt = true;
    }

    /// A bot opens a position.
    pub async fn open(&mut self, (symbol, side): (&'static str, &str)) {
        let body = json!({ "symbol": symbol, "side": side, "qty": "1", "leverage": 5 });
        let opened = self.system.paper("open", &body).await;
        opened.unwrap_or_else(|error| panic!("{symbol} can't be opened: {error}"));
        self.opened.push(symbol);
    }

    /// The blow falls now, with the orders of a new position in flight.
    pub async fn strike(&mut self) {
        self.open(IN_FLIGHT).await;
        self.struck_at = Instant::now();
    }

    /// The blow is over now: what follows is the return.
    pub fn over(&mut self) {
        self.over_at = Instant::now();
    }

    /// Everything is as before and goes on, and nothing was lost: the row of `blow` is written.
    pub async fn passes(&mut self, blow: &str) {
        self.settled(&format!("after {blow}")).await;
        let rebuilt_ms = millis(self.over_at.elapsed());
        if self.moved.is_empty() {
            self.move_market().await;
        }
        if self.mode == Mode::Live {
            self.stops_have_followed().await;
        }
        let report = self.swept().await;
        let seen = self.watcher.seen();
        let count = |value: &Value| value.as_u64().unwrap_or(0);
        let errors = &report["errors"];
        let open = positions(&report);
        let fresh = open
            .iter()
            .filter(|it| self.opened.contains(&it.symbol.as_str()));
        let first_stops: Option<Vec<u64>> = fresh.map(|it| it.first_stop_ms).collect();
        let first_stops =
            first_stops.unwrap_or_else(|| panic!("{blow}: a stop never came: {report:#}"));
        let row = Row {
            blow: blow.into(),
            positions: open.len(),
            lost_ms: count(&report["lost_ms_max"]).max(seen.lost_ms_max()),
            first_stop_ms: first_stops.into_iter().max(),
            outage_ms: millis(self.over_at - self.struck_at),
            rebuilt_ms,
            twice: count(&report["client_ids_used_again"]) + count(&errors["-4116"]),
            again: count(&errors["-4130"]),
        };
        row.file()
            .unwrap_or_else(|error| panic!("the row of {blow}: {error}"));
        assert!(seen.readings() > 0, "the venue was read");
        let longest_ms = millis(RECOVERY_MAX);
        assert!(row.rebuilt_ms <= longest_ms, "{row:?}");
        let first_stop_ms = row.first_stop_ms.unwrap_or(0);
        assert!(first_stop_ms <= row.outage_ms + longest_ms, "{row:?}");
        assert_eq!(row.lost_ms, 0, "{blow} took a stop away: {report:#}");
        assert_eq!(row.twice, 0, "{blow} had an order sent twice: {report:#}");
        if !self.leaves_in_doubt {
            assert_eq!(row.again, 0, "{blow} left no order in doubt: {report:#}");
        }
        assert_eq!(seen.loosened(), [""; 0], "{blow} loosened a stop");
        let actors = match self.mode {
            Mode::Live if self.incumbents_act => return,
            Mode::Live => ["bot", "xe"].as_slice(),
            Mode::Shadow | Mode::Legacy => ["bot", "pm", "ts", "dt"].as_slice(),
        };
        let prefixes = report["orders_by_prefix"].as_object();
        let prefixes = prefixes.into_iter().flatten();
        let strangers = prefixes.map(|(prefix, _)| prefix.as_str());
        let strangers = strangers.filter(|prefix| !actors.contains(prefix));
        let strangers: Vec<&str> = strangers.collect();
        assert_eq!(strangers, [""; 0], "nobody else acts in {}", self.mode);
    }

    /// The venue's report once nothing rests for what is no longer there.
    async fn swept(&self) -> Value {
        let swept = until_async("orders of no position to be swept", LONGEST, async || {
            let report = self.system.report().await.ok()?;
            (report["orphaned_orders"] == 0).then_some(report)
        });
        match swept.await {
            Ok(report) => report,
            Err(late) => panic!("{late}: {:#}", self.report().await),
        }
    }

    /// The venue's report.
    pub async fn report(&self) -> Value {
        self.system
            .report()
            .await
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// Both stops of every position rest: all that can be had without an owner.
    ///
    /// # Panics
    /// Where that does not come about.
    pub async fn covered(&self, when: &str) {
        let covered = until_async("both stops of each position", LONGEST, async || {
            let open = positions(&self.system.report().await.ok()?);
            let missing = missing_at(&open, 0, self.incumbents_act);
            missing.is_empty().then_some(())
        });
        if let Err(late) = covered.await {
            panic!("{when}: {late}: {:#}", self.report().await);
        }
    }

    /// Both stops and the ladder of every position rest, and everybody is well.
    ///
    /// # Panics
    /// Where that does not come about.
    pub async fn settled(&mut self, when: &str) {
        let mut missing = String::new();
        let settled = until_async("everything as before", LONGEST, async || {
            let (status, report) = (self.system.status().await, self.system.report().await);
            let (Ok(status), Ok(report)) = (status, report) else {
                missing = "diagnostics or the venue to answer".into();
                return None;
            };
            let targets_min = if self.moved.is_empty() { TARGETS } else { 1 };
            let open = positions(&report);
            missing = missing_in(&status, self.mode, &open);
            if missing.is_empty() && self.mode == Mode::Live {
                missing = missing_at(&open, targets_min, self.incumbents_act);
            }
            if missing.is_empty() {
                missing = bare_in(&open);
            }
            missing.is_empty().then_some(())
        });
        if settled.await.is_err() {
            let status = self.system.status().await;
            let report = self.system.report().await;
            panic!("{when}: waited in vain for {missing}; {status:#?} {report:#?}");
        }
        let dead = self.system.dead();
        assert!(dead.is_empty(), "{when}: {dead:#?}");
    }

    /// The market moves in favour of every position that has both of its stops.
    pub async fn move_market(&mut self) {
        let open = positions(&self.report().await);
        let with_stops = open.into_iter().filter(|it| it.working_stop().is_some());
        self.moved = with_stops.collect();
        for position in &self.moved {
            let price = if position.is_short() { DOWN } else { UP };
            let body = json!({ "symbol": position.symbol, "price": price });
            let moved = self.system.paper("price", &body).await;
            moved.unwrap_or_else(|error| panic!("{} can't move: {error}", position.symbol));
        }
    }

    /// Every working stop has followed the market.
    async fn stops_have_followed(&self) {
        let what = "every working stop to follow the market";
        let followed = until_async(what, LONGEST, async || {
            let now = positions(&self.system.report().await.ok()?);
            let followed = |before| now.iter().any(|now| has_tightened(before, now));
            self.moved.iter().all(followed).then_some(())
        });
        if let Err(late) = followed.await {
            panic!("{late}: {:#}", self.report().await);
        }
    }
}

fn has_tightened(before: &Position, now: &Position) -> bool {
    let stops = before.working_stop().zip(now.working_stop());
    before.symbol == now.symbol
        && stops.is_some_and(|(before, stop): (Decimal, Decimal)| now.is_tighter(stop, before))
}

/// What the system does not say as it should, in words; empty where all is well.
fn missing_in(status: &Value, mode: Mode, open: &[Position]) -> String {
    if status["mode"]["effective"] != mode.to_string() {
        return format!("{mode}, not {}", status["mode"]);
    }
    let services = status["services"].as_array().map_or(&[][..], Vec::as_slice);
    let stale = services.iter().find(|service| {
        let age = service["age_ms"].as_u64();
        service["ready"] != true || age.is_none_or(|age| age > BEAT_AGE_MS_MAX)
    });
    if let Some(service) = stale {
        return format!("a fresh and ready heartbeat: {service}");
    }
    let told = status["positions"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    if told.len() != open.len() {
        return format!("{} positions, {} are told", open.len(), told.len());
    }
    let unplanned = told
        .iter()
        .find(|told| told["plan_id"].is_null() || told["unprotected"] == true);
    unplanned.map_or(String::new(), |told| format!("a plan and a stop: {told}"))
}

/// The position for which the executor has not done all of its work.
fn missing_at(open: &[Position], targets_min: usize, incumbents_act: bool) -> String {
    let unfinished = open.iter().find(|position| {
        position.working_stop().is_none()
            || position.targets < targets_min
            || (position.has_strangers() && !incumbents_act)
    });
    unfinished.map_or(String::new(), |unfinished| {
        format!("both stops and {targets_min} targets: {unfinished:?}")
    })
}

/// A position without a stop, whoever should have placed it.
fn bare_in(open: &[Position]) -> String {
    let bare = open.iter().find(|position| !position.is_covered());
    bare.map_or(String::new(), |bare| format!("a stop: {bare:?}"))
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
