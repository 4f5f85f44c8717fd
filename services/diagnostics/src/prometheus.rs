//! The read model as Prometheus metrics, made anew for each scrape.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::AtomicU64;

use domain::mode::{EXIT_BRAIN_V3_LIVE_ROLLOUT, EXIT_EXECUTOR_MODE, EXIT_MODE, Flags};
use domain::snapshot::SERVICES;
use domain::{Span, Timestamp};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use crate::model::ReadModel;

mod performance;

type Labels = Vec<(&'static str, String)>;
type Seconds = Gauge<f64, AtomicU64>;

/// The text of one scrape, in the OpenMetrics format.
///
/// # Errors
/// Where the encoder fails, which only a broken build could cause.
pub fn render(model: &ReadModel, now: Timestamp) -> Result<String, fmt::Error> {
    let mut page = Page(Registry::with_prefix("exitbrain"));
    positions(&mut page, model, now);
    orders(&mut page, model);
    decisions(&mut page, model);
    mode(&mut page, model, now);
    services(&mut page, model, now);
    latency(&mut page, model);
    performance::performance(&mut page, model, now);
    faults(&mut page, model);
    let mut text = String::new();
    encode(&mut text, &page.0)?;
    Ok(text)
}

fn positions(page: &mut Page, model: &ReadModel, now: Timestamp) {
    let naked = model.positions.unprotected(now);
    let help = "Open positions not wholly covered by stops";
    page.gauge("naked_positions", help, naked);
    let open = model.positions.iter().count();
    page.gauge("open_positions", "Open positions", open);
}

fn orders(page: &mut Page, model: &ReadModel) {
    let counts = model.orders.counts();
    let help = "Orders of incumbents blocked in LIVE";
    page.counter("blocked_legacy_orders", help, counts.blocked());
    let help = "Attempts of incumbents while the brain is on";
    page.counter("ownership_conflicts", help, counts.ownership_conflicts);
    let help = "Exit orders attempted: sent and blocked";
    page.counter("exit_orders", help, counts.attempts());
    let families = [
        (
            "orders_sent",
            "Sent to the venue",
            "module",
            counts.sent_by_module,
        ),
        (
            "orders_sent_by_kind",
            "Sent to the venue",
            "kind",
            counts.sent_by_kind,
        ),
        (
            "orders_blocked",
            "Blocked in LIVE",
            "module",
            counts.blocked_by_module,
        ),
        (
            "guard_denials",
            "Denied by guard or gateway",
            "code",
            counts.denied_by_code,
        ),
        (
            "venue_errors",
            "Errors that the venue answered",
            "code",
            counts.venue_errors,
        ),
    ];
    for (name, help, label, counts) in families {
        page.counters(name, help, by(label, counts.counts()));
    }
    let events = model.order_events.iter();
    let events = events.map(|(status, count)| (vec![("status", status.to_string())], *count));
    page.counters("order_events", "News of orders", events.collect());
}

fn decisions(page: &mut Page, model: &ReadModel) {
    let mut counts = Vec::new();
    for (name, live, count) in model.decisions.iter() {
        let mode = if live { "LIVE" } else { "SHADOW" };
        counts.push((vec![("type", name.into()), ("mode", mode.into())], count));
    }
    page.counters("decisions", "Decisions of the executor", counts);
    page.counter("ticks", "Mark prices heard", model.ticks);
}

fn mode(page: &mut Page, model: &ReadModel, now: Timestamp) {
    let effective = model.effective_mode(now);
    let text = effective.map_or_else(|| "UNKNOWN".into(), |mode| mode.to_string());
    let revision = model.said.as_ref().map_or(0, |said| said.revision);
    page.info("effective_mode", "The mode in force", vec![("mode", text)]);
    page.gauge("mode_revision", "Revision of the mode in force", revision);
    let flags = model.flags(now).map(|flags| states(&flags));
    let labels = flags.into_iter().flatten();
    let set = labels.map(|(flag, value)| (vec![("flag", flag.into()), ("value", value)], 1));
    page.gauges("flag_state", "Flags of the running system", set.collect());
}

fn states(flags: &Flags) -> [(&'static str, String); 3] {
    [
        (EXIT_MODE, flags.exit_mode.to_string()),
        (EXIT_EXECUTOR_MODE, flags.executor_mode.to_string()),
        (EXIT_BRAIN_V3_LIVE_ROLLOUT, flags.rollout.to_string()),
    ]
}

fn services(page: &mut Page, model: &ReadModel, now: Timestamp) {
    let up = SERVICES.map(|service| {
        let up = i64::from(model.beats.is_fresh(service, now));
        (vec![("service", service.into())], up)
    });
    let help = "Whether an instance heartbeats";
    page.gauges("service_up", help, up.into());
    let mut counters = Vec::new();
    for (service, instance, it) in model.beats.iter() {
        let labels = [
            ("service", service.to_owned()),
            ("instance", instance.into()),
        ];
        let rows = it.counters.counts().iter();
        counters.extend(rows.map(|(name, count)| {
            let mut labels = labels.to_vec();
            labels.push(("name", name.clone()));
            (labels, i64::try_from(*count).unwrap_or(i64::MAX))
        }));
    }
    let help = "Counters of the services' own, as last said; they restart with their service";
    page.gauges("service_counter", help, counters);
    let build = vec![("version", runtime::pulse::BUILD.into())];
    page.info("build", "The build of this service", build);
}

fn latency(page: &mut Page, model: &ReadModel) {
    let quantiles = model.latency.quantiles();
    let family = Family::<Labels, Seconds>::default();
    for (quantile, value) in [("0.5", quantiles.p50), ("0.99", quantiles.p99)] {
        let labels = vec![("quantile", quantile.into())];
        family.get_or_create(&labels).set(seconds(value));
    }
    let help = "From the mark to the request leaving, newest samples";
    page.0.register("tick_to_order_seconds", help, family);
    let help = "Orders whose tick-to-order time is known";
    page.counter("tick_to_order_samples", help, quantiles.count);
}

fn faults(page: &mut Page, model: &ReadModel) {
    let refused = by("field", model.refused_anywhere().counts());
    page.counters(
        "refused_messages",
        "Messages refused at the border",
        refused,
    );
    let broken = by("invariant", model.beats.invariants_broken().counts());
    page.counters("invariants_broken", "Invariants seen broken", broken);
    let help = "Pictures of positions beyond what is kept";
    page.counter("positions_untold", help, model.positions.untold());
}

fn by(label: &'static str, counts: &BTreeMap<String, u64>) -> Vec<(Labels, u64)> {
    let row = |(name, count): (&String, &u64)| (vec![(label, name.clone())], *count);
    counts.iter().map(row).collect()
}

/// Exact text to the nearest float: the exposition format has no decimals.
fn seconds(span: Span) -> f64 {
    let micros = span.micros();
    let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    text.parse().unwrap_or(f64::NAN)
}

struct Page(Registry);

impl Page {
    fn counter(&mut self, name: &str, help: &str, value: u64) {
        let counter = Counter::<u64>::default();
        counter.inc_by(value);
        self.0.register(name, help, counter);
    }

    fn counters(&mut self, name: &str, help: &str, values: Vec<(Labels, u64)>) {
        let family = Family::<Labels, Counter>::default();
        for (labels, value) in values {
            family.get_or_create(&labels).inc_by(value);
        }
        self.0.register(name, help, family);
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl TryInto<i64>) {
        let gauge = Gauge::<i64>::default();
        gauge.set(value.try_into().unwrap_or(i64::MAX));
        self.0.register(name, help, gauge);
    }

    fn gauges(&mut self, name: &str, help: &str, values: Vec<(Labels, i64)>) {
        let family = Family::<Labels, Gauge>::default();
        for (labels, value) in values {
            family.get_or_create(&labels).set(value);
        }
        self.0.register(name, help, family);
    }

    fn info(&mut self, name: &str, help: &str, labels: Labels) {
        self.0.register(name, help, Info::new(labels));
    }
}
