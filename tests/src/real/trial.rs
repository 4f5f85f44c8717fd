//! One trial: a system in LIVE with positions, a blow, and what must hold after it.

use std::time::{Duration, Instant};

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::look::{Position, positions};
use super::row::Row;
use super::watcher::Watcher;
use crate::system::await_it::until_async;
use crate::system::{System, SystemOptions};

/// Nothing is waited for longer than it takes; this is for a machine with much else to do.
const LONGEST: Duration = Duration::from_secs(60);
/// Heartbeats come every second.
const BEAT_AGE_MS_MAX: u64 = 2_500;
/// What every contract costs at first.
const PRICE: &str = "3000";
/// 2.1 % in favour of longs and of shorts: the first target fills and the working stop tightens.
const UP: &str = "3063";
const DOWN: &str = "2937";
/// Trailing only far away, so that the stop moves once.
const FAR_TRAIL: &str = "[ladder]\nactivation = { target_multiple = \"2\" }\n";

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
    options
}

/// A system that is tried.
#[derive(Debug)]
pub struct Trial {
    /// The system, to be struck.
    pub system: System,
    watcher: Watcher,
    opened: Vec<&'static str>,
    struck_at: Instant,
    over_at: Instant,
    /// Whether the incumbents may protect what the executor could not.
    incumbents_act: bool,
}

impl Trial {
    /// Everything runs in LIVE, and a long and a short are protected.
    pub async fn live() -> Self {
        Self::of(options(SystemOptions::live())).await
    }

    /// The same with other options.
    pub async fn of(options: SystemOptions) -> Self {
        let system = System::start(options).await;
        let system = system.unwrap_or_else(|error| panic!("{error}"));
        let watcher = Watcher::start(system.venue_reader());
        let now = Instant::now();
        let mut trial = Self {
            system,
            watcher,
            opened: Vec::new(),
            struck_at: now,
            over_at: now,
            incumbents_act: false,
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
        self.goes_on().await;
        let report = self.report().await;
        let seen = self.watcher.seen();
        let count = |value: &Value| value.as_u64().unwrap_or(0);
        let errors = &report["errors"];
        let open = positions(&report);
        let fresh = open
            .iter()
            .filter(|it| self.opened.contains(&it.symbol.as_str()));
        let row = Row {
            blow: blow.into(),
            positions: open.len(),
            lost_ms: count(&report["lost_ms_max"]).max(seen.lost_ms_max()),
            first_stop_ms: fresh.filter_map(|position| position.first_stop_ms).max(),
            outage_ms: millis(self.over_at - self.struck_at),
            rebuilt_ms,
            twice: count(&report["client_ids_used_again"])
                + count(&errors["-4116"])
                + count(&errors["-4130"]),
        };
        row.file()
            .unwrap_or_else(|error| panic!("the row of {blow}: {error}"));
        assert!(seen.readings() > 0, "the venue was read");
        assert_eq!(row.lost_ms, 0, "{blow} took a stop away: {report:#}");
        assert_eq!(row.twice, 0, "{blow} had an order sent twice: {report:#}");
        assert_eq!(seen.loosened(), [""; 0], "{blow} loosened a stop");
        assert_eq!(report["orphaned_orders"], 0, "{report:#}");
        if !self.incumbents_act {
            let prefixes = report["orders_by_prefix"].as_object();
            let strangers = prefixes
                .into_iter()
                .flatten()
                .map(|(prefix, _)| prefix.as_str());
            let strangers = strangers.filter(|prefix| !["bot", "xe"].contains(prefix));
            assert_eq!(
                strangers.collect::<Vec<_>>(),
                [""; 0],
                "only the executor acts in LIVE"
            );
        }
    }

    /// The venue's report.
    pub async fn report(&self) -> Value {
        self.system
            .report()
            .await
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// Both stops and the whole ladder of every position rest, and everybody is well.
    async fn settled(&mut self, when: &str) {
        let mut missing = String::new();
        let settled = until_async("everything as before", LONGEST, async || {
            let (status, report) = (self.system.status().await, self.system.report().await);
            let (Ok(status), Ok(report)) = (status, report) else {
                missing = "diagnostics or the venue to answer".into();
                return None;
            };
            missing = missing_in(&status, &positions(&report));
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

    /// The market moves in everybody's favour, and every working stop follows.
    async fn goes_on(&mut self) {
        let before = positions(&self.report().await);
        for position in &before {
            let price = if position.is_short() { DOWN } else { UP };
            let body = json!({ "symbol": position.symbol, "price": price });
            let moved = self.system.paper("price", &body).await;
            moved.unwrap_or_else(|error| panic!("{} can't move: {error}", position.symbol));
        }
        let moved = until_async(
            "every working stop to follow the market",
            LONGEST,
            async || {
                let now = positions(&self.system.report().await.ok()?);
                let all = now.len() == before.len();
                let followed = before
                    .iter()
                    .zip(&now)
                    .all(|(before, now)| has_tightened(before, now));
                (all && followed).then_some(())
            },
        );
        if let Err(late) = moved.await {
            panic!("{late}: {:#}", self.report().await);
        }
    }
}

fn has_tightened(before: &Position, now: &Position) -> bool {
    let stops = before.working_stop().zip(now.working_stop());
    before.symbol == now.symbol
        && stops.is_some_and(|(before, stop): (Decimal, Decimal)| now.is_tighter(stop, before))
}

/// What is not as it should be, in words; empty where everything is.
fn missing_in(status: &Value, open: &[Position]) -> String {
    if status["mode"]["effective"] != "LIVE" {
        return format!("LIVE, not {}", status["mode"]);
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
    if let Some(told) = unplanned {
        return format!("a plan and a stop: {told}");
    }
    let bare = open
        .iter()
        .find(|position| position.working_stop().is_none() || position.targets != 2);
    bare.map_or(String::new(), |bare| {
        format!("both stops and two targets: {bare:?}")
    })
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
