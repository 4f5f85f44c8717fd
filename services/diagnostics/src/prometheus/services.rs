//! Who is alive, and what the services say of themselves.

use domain::Timestamp;
use domain::snapshot::SERVICES;
use runtime::protection::POSITIONS_NAKED;

use super::{Labels, Page, by};
use crate::model::ReadModel;
use crate::model::beats::Instance;
use crate::recording::COUNTERS;

/// Counters that tell how many messages of a numbered sequence never came.
const GAPS: [(&str, &str); 4] = [
    ("gap.mark", "mark"),
    ("intent.gaps", "intent"),
    ("approval_gaps", "approval"),
    ("stream_gaps", "user_stream"),
];
/// What waits to be recorded is a level, and no counter.
const WAITING: &str = "waiting";
/// Counters of what went wrong on a connection to the bus; that of approvals is the gateway's.
const BUS: [&str; 2] = ["bus.", "approvals.bus."];

pub(super) fn services(page: &mut Page, model: &ReadModel, now: Timestamp) {
    alive(page, model, now);
    told(page, model);
    faults(page, model);
    let build = vec![("version", runtime::pulse::BUILD.into())];
    page.info("build", "The build of this service", build);
}

fn alive(page: &mut Page, model: &ReadModel, now: Timestamp) {
    let up = SERVICES.map(|service| {
        let up = i64::from(model.beats.is_fresh(service, now));
        (vec![("service", service.into())], up)
    });
    let help = "Whether an instance heartbeats";
    page.gauges("service_up", help, up.into());
    let fresh = |it: &Instance| it.is_fresh(now);
    let ready = each(model, |it| fresh(it).then_some(u64::from(it.ready)));
    let help = "Whether a running instance has what it needs";
    page.gauges("service_ready", help, levels(ready));
    let held = each(model, |it| {
        fresh(it).then(|| it.holds_lease.map(u64::from)).flatten()
    });
    let help = "Whether a running instance holds the lease by which it acts";
    page.gauges("lease_held", help, levels(held));
    let lost = each(model, |it| {
        fresh(it).then_some(u64::from(it.lost_lease_store))
    });
    let help = "Whether the store of leases does not answer a running instance";
    page.gauges("lease_store_lost", help, levels(lost));
    let naked = each(model, |it| {
        fresh(it)
            .then(|| it.counters.counts().get(POSITIONS_NAKED).copied())
            .flatten()
    });
    let help = "Open positions without their whole stop, as a running instance sees them (I2)";
    page.gauges("service_naked_positions", help, levels(naked));
}

fn told(page: &mut Page, model: &ReadModel) {
    let mut counters = Vec::new();
    for (service, instance, it) in model.beats.iter() {
        for (name, count) in it.counters.counts() {
            let mut labels = of(service, instance);
            labels.push(("name", name.clone()));
            counters.push((labels, i64::try_from(*count).unwrap_or(i64::MAX)));
        }
    }
    let help = "Counters of the services' own, as last said; they restart with their service";
    page.gauges("service_value", help, counters);
}

fn faults(page: &mut Page, model: &ReadModel) {
    let refused = by("field", model.refused_anywhere().counts());
    let help = "Messages refused at the border";
    page.counters("refused_messages", help, refused);
    let broken = by("invariant", model.beats.invariants_broken().counts());
    page.counters("invariants_broken", "Invariants seen broken", broken);
    let (mut gaps, mut bus, mut alarms) = (Vec::new(), Vec::new(), Vec::new());
    let mut records = Vec::new();
    for (service, instance, it) in model.beats.iter() {
        for (name, count) in it.counters.counts() {
            let mut labels = of(service, instance);
            if let Some((_, stream)) = GAPS.iter().find(|(known, _)| known == name) {
                labels.push(("stream", (*stream).into()));
                gaps.push((labels, *count));
            } else if BUS.iter().any(|prefix| name.starts_with(prefix)) {
                labels.push(("fault", name.replace("bus.", "")));
                bus.push((labels, *count));
            } else if let Some(event) = name.strip_prefix(COUNTERS).filter(|it| *it != WAITING) {
                labels.push(("event", event.into()));
                records.push((labels, *count));
            } else if name == "alarms" {
                alarms.push((labels, *count));
            }
        }
    }
    let help = "Messages of a numbered sequence that never came, since the service's start";
    page.counters("stream_gap", help, gaps);
    let help = "What went wrong on a connection to the bus, since the service's start";
    page.counters("bus_faults", help, bus);
    let help = "Records of shadow runs by what became of them, since the service's start";
    page.counters("records", help, records);
    let help = "What only a human can mend, since the service's start";
    page.counters("alarms", help, alarms);
}

/// A value of each instance that has one.
fn each(model: &ReadModel, value: impl Fn(&Instance) -> Option<u64>) -> Vec<(Labels, u64)> {
    let instances = model.beats.iter();
    let values = instances.filter_map(|(service, name, it)| Some((of(service, name), value(it)?)));
    values.collect()
}

fn levels(values: Vec<(Labels, u64)>) -> Vec<(Labels, i64)> {
    let level = |(labels, value)| (labels, i64::try_from(value).unwrap_or(i64::MAX));
    values.into_iter().map(level).collect()
}

/// `instance` is what a scrape calls the process that was scraped, so ours is the `replica`.
fn of(service: &str, instance: &str) -> Labels {
    vec![("service", service.into()), ("replica", instance.into())]
}
