//! A whole system of real processes with one position, and what the venue's own books say of it.
#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    reason = "not every test uses all of it"
)]

pub mod intents;
pub mod metrics;

use std::time::Duration;

use bus::{Client, ClientTls, ConnectOptions, Identity, Message};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tests::system::await_it::until_async;
use tests::system::{System, SystemOptions};

/// Long enough for a loaded machine; nothing is waited for longer than it takes.
pub const LONGEST: Duration = Duration::from_secs(30);
pub const SYMBOL: &str = "BTCUSDT";
/// Trailing only far away, so that breakeven stands alone where a test looks at it.
pub const FAR_TRAIL: &str = "[ladder]\nactivation = { target_multiple = \"2\" }\n";

pub fn dec(value: &Value) -> Decimal {
    value.as_str().unwrap_or("0").parse().unwrap()
}

/// A system on a market that moves only when told to, without the stand-in strategy.
pub fn quiet(mut options: SystemOptions) -> SystemOptions {
    options.data = "manual".into();
    options.strategy = false;
    options.opening_price = Some("50000".into());
    options.symbols = vec![SYMBOL.into()];
    let far_trail = || FAR_TRAIL.to_owned();
    options.policy = Some(options.policy.unwrap_or_else(far_trail));
    options
}

pub async fn start(options: SystemOptions) -> System {
    System::start(quiet(options)).await.unwrap()
}

pub async fn price(system: &System, price: &str) {
    system
        .paper("price", &json!({ "symbol": SYMBOL, "price": price }))
        .await
        .unwrap();
}

/// A bot opens a position at `entry`.
pub async fn open(system: &System, side: &str, qty: &str, entry: &str) {
    open_at(system, side, qty, entry, 5).await;
}

pub async fn open_at(system: &System, side: &str, qty: &str, entry: &str, leverage: u32) {
    price(system, entry).await;
    let body = json!({ "symbol": SYMBOL, "side": side, "qty": qty, "leverage": leverage });
    system.paper("open", &body).await.unwrap();
}

pub async fn report(system: &System) -> Value {
    system.report().await.unwrap()
}

/// The venue's report once `holds` is true of it.
pub async fn venue_until(system: &System, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let look = async || {
        let report = system.report().await.ok()?;
        holds(&report).then_some(report)
    };
    match until_async(what, LONGEST, look).await {
        Ok(report) => report,
        Err(late) => panic!("{late}; the venue says {:#}", report(system).await),
    }
}

/// Triggers of the resting stops of the position whose client ids begin with `prefix`.
pub fn stops(report: &Value, prefix: &str) -> Vec<Decimal> {
    let mut found: Vec<Decimal> = algos(report)
        .filter(|order| {
            order["client_id"]
                .as_str()
                .unwrap_or_default()
                .starts_with(prefix)
        })
        .filter(|order| order["status"] == "NEW")
        .map(|order| dec(&order["trigger_price"]))
        .collect();
    found.sort();
    found
}

/// The resting working stops of the executor: those with a quantity.
pub fn working_stops(report: &Value) -> Vec<Decimal> {
    algos(report)
        .filter(|order| {
            order["client_id"]
                .as_str()
                .unwrap_or_default()
                .starts_with("xe-")
        })
        .filter(|order| order["status"] == "NEW" && order["close_position"] == false)
        .map(|order| dec(&order["trigger_price"]))
        .collect()
}

fn algos(report: &Value) -> impl Iterator<Item = &Value> {
    let positions = report["positions"].as_array().into_iter().flatten();
    positions.flat_map(|position| position["algo_orders"].as_array().into_iter().flatten())
}

/// Number of resting take-profits of the executor.
pub fn targets(report: &Value) -> usize {
    target_prices(report).len()
}

/// Their prices, lowest first.
pub fn target_prices(report: &Value) -> Vec<Decimal> {
    let positions = report["positions"].as_array().into_iter().flatten();
    let orders = positions.flat_map(|position| position["orders"].as_array().into_iter().flatten());
    let own = |order: &&Value| {
        let id = order["client_id"].as_str().unwrap_or_default();
        id.starts_with("xe-")
    };
    let mut prices: Vec<Decimal> = orders
        .filter(own)
        .map(|order| dec(&order["price"]))
        .collect();
    prices.sort();
    prices
}

/// Orders of all kinds that the venue took from a module, by the prefix of its client ids. Cancels
/// are left out: they bear the name of their target, whoever wants them.
pub fn sent(report: &Value, prefix: &str) -> u64 {
    let by_kind = report["orders_by_prefix"][prefix].as_object();
    let orders = by_kind
        .into_iter()
        .flatten()
        .filter(|(kind, _)| *kind != "CANCEL");
    orders
        .map(|(_, count)| count.as_u64().expect("a count"))
        .sum()
}

/// Both stops and two targets of the executor rest.
pub async fn settled(system: &System) -> Value {
    venue_until(system, "two stops and two targets", |report| {
        stops(report, "xe-").len() == 2 && targets(report) == 2
    })
    .await
}

/// A connection of its own with the rights of `identity`.
pub async fn connect(system: &System, identity: Identity) -> Client {
    let seed_file = system
        .files()
        .keys()
        .join(format!("{}.nk", identity.name()));
    let url = system.addresses().nats;
    let options = ConnectOptions {
        url,
        identity,
        seed_file,
        capacity: 64,
        tls: ClientTls::default(),
    };
    Client::connect(&options).await.unwrap()
}

/// Says it, and sees it written.
pub async fn say(client: &Client, message: Message) {
    client.publish(message).await.unwrap();
    client.flush().await.unwrap();
}

/// What a service has logged.
pub fn log(system: &System, service: &str) -> String {
    std::fs::read_to_string(system.files().log(service)).unwrap()
}

pub fn assert_never_naked(report: &Value) {
    assert_eq!(report["positions_unprotected"], 0, "{report:#}");
}
