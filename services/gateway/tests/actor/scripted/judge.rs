//! The judge: the venue's own record against the gateway's last word, order by order.

use std::collections::{BTreeMap, BTreeSet};

use domain::order::OrderStatus;
use paper_exchange::venue::{self, AlgoOrder, AlgoStatus, EventBody, Order, Venue, VenueEvent};
use rust_decimal::Decimal;

/// What the venue did, out of its events before anything happened to them.
#[derive(Debug, Default)]
pub struct Record {
    orders: BTreeMap<u64, Order>,
    algos: BTreeMap<u64, AlgoOrder>,
}

/// What became of one client id on the venue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// Orders that were accepted under this name.
    pub placements: usize,
    /// Where it is; rejected where nothing was ever accepted.
    pub status: OrderStatus,
    /// Quantity that it closed, all orders of the name together.
    pub filled: Decimal,
    /// Market orders that it became when it fired.
    pub children: usize,
}

impl Record {
    pub fn take(&mut self, event: &VenueEvent) {
        match &event.body {
            EventBody::Order(update) => {
                self.orders.insert(update.order.id, update.order.clone());
            }
            EventBody::Algo(algo) => {
                self.algos.insert(algo.id, (**algo).clone());
            }
            _ => {}
        }
    }

    /// The truth about one name. A child bears its parent's name or one of the venue's; it is no
    /// placement.
    pub fn truth(&self, id: &str) -> Truth {
        let algos: Vec<&AlgoOrder> = self.algos.values().filter(|a| a.client_id == id).collect();
        let children: BTreeSet<u64> = algos.iter().filter_map(|algo| algo.child_id).collect();
        let of_name: Vec<&Order> = self.orders.values().filter(|o| o.client_id == id).collect();
        let named: BTreeSet<u64> = of_name.iter().map(|order| order.id).collect();
        if !algos.is_empty() {
            let all: BTreeSet<u64> = children.union(&named).copied().collect();
            let filled = all.iter().filter_map(|id| self.orders.get(id));
            return Truth {
                placements: algos.len(),
                status: algos.last().map_or(OrderStatus::Rejected, |a| of_algo(a)),
                filled: filled.map(|order| order.filled).sum(),
                children: all.len(),
            };
        }
        Truth {
            placements: of_name.len(),
            status: of_name
                .last()
                .map_or(OrderStatus::Rejected, |o| of_order(o)),
            filled: of_name.iter().map(|order| order.filled).sum(),
            children: 0,
        }
    }

    /// Whether the record and the venue agree on what rests: the events were all there.
    pub fn agrees_with(&self, venue: &Venue) -> bool {
        let rests = |order: &&Order| !of_order(order).is_final();
        let orders: BTreeSet<u64> = self.orders.values().filter(rests).map(|o| o.id).collect();
        let open: BTreeSet<u64> = venue.open_orders().map(|order| order.id).collect();
        let waits = |algo: &&AlgoOrder| !of_algo(algo).is_final();
        let algos: BTreeSet<u64> = self.algos.values().filter(waits).map(|a| a.id).collect();
        let waiting: BTreeSet<u64> = venue.open_algos().map(|algo| algo.id).collect();
        orders == open && algos == waiting
    }
}

fn of_order(order: &Order) -> OrderStatus {
    use venue::OrderStatus as V;
    match order.status {
        V::New => OrderStatus::Accepted,
        V::PartiallyFilled => OrderStatus::PartiallyFilled,
        V::Filled => OrderStatus::Filled,
        V::Canceled => OrderStatus::Canceled,
        _ => OrderStatus::Expired,
    }
}

fn of_algo(algo: &AlgoOrder) -> OrderStatus {
    match algo.status {
        AlgoStatus::New => OrderStatus::Accepted,
        AlgoStatus::Triggering => OrderStatus::Triggering,
        AlgoStatus::Triggered => OrderStatus::Triggered,
        AlgoStatus::Finished if !algo.filled.is_zero() => OrderStatus::Filled,
        AlgoStatus::Finished | AlgoStatus::Expired => OrderStatus::Expired,
        AlgoStatus::Canceled => OrderStatus::Canceled,
        AlgoStatus::Rejected => OrderStatus::Rejected,
    }
}

/// The verdict over many orders.
#[derive(Debug, Default)]
pub struct Report {
    /// Orders that met a fault, and cancels that did.
    pub orders: usize,
    pub cancels: usize,
    /// By fault, then by outcome.
    pub by_fault: BTreeMap<&'static str, BTreeMap<String, usize>>,
    pub misjudged: Vec<String>,
    pub duplicates: Vec<String>,
    pub unknown: Vec<String>,
    /// Pictures of the gateway that were not the venue's in the end.
    pub pictures: Vec<String>,
}

/// One order as it was wished for, and the gateway's last word on it.
#[derive(Debug)]
pub struct Claim<'a> {
    pub id: &'a str,
    /// None for one that closes whatever is open.
    pub asked: Option<Decimal>,
    pub word: OrderStatus,
    pub filled: Decimal,
    pub whose: &'a str,
}

impl Report {
    pub fn judge(&mut self, claim: &Claim<'_>, truth: &Truth, faults: &BTreeSet<&'static str>) {
        let Claim {
            id, word, whose, ..
        } = claim;
        let too_much = claim.asked.is_some_and(|asked| truth.filled > asked);
        if truth.placements > 1 || truth.children > 1 || too_much {
            self.duplicates
                .push(format!("{whose} {id}: {truth:?} {faults:?}"));
        }
        match word {
            OrderStatus::Unknown | OrderStatus::Submitting => {
                self.unknown
                    .push(format!("{whose} {id}: {truth:?} {faults:?}"));
            }
            _ if *word != truth.status || claim.filled != truth.filled => {
                let (told, filled) = (word, claim.filled);
                let line = format!("{whose} {id}: told {told} {filled}, is {truth:?} {faults:?}");
                self.misjudged.push(line);
            }
            _ => {}
        }
        for fault in faults {
            let outcomes = self.by_fault.entry(fault).or_default();
            *outcomes.entry(truth.status.to_string()).or_default() += 1;
        }
    }

    pub fn absorb(&mut self, other: Self) {
        self.orders += other.orders;
        self.cancels += other.cancels;
        for (fault, outcomes) in other.by_fault {
            let known = self.by_fault.entry(fault).or_default();
            for (outcome, count) in outcomes {
                *known.entry(outcome).or_default() += count;
            }
        }
        self.misjudged.extend(other.misjudged);
        self.duplicates.extend(other.duplicates);
        self.unknown.extend(other.unknown);
        self.pictures.extend(other.pictures);
    }

    /// The table: a line per fault, a column per outcome, the verdict last.
    pub fn table(&self) -> String {
        let outcomes: BTreeSet<&String> = self.by_fault.values().flat_map(|o| o.keys()).collect();
        let mut lines = vec![format!("{:32}", "fault")];
        for outcome in &outcomes {
            lines[0] += &format!("{outcome:>17}");
        }
        for (fault, counts) in &self.by_fault {
            let mut line = format!("{fault:32}");
            for outcome in &outcomes {
                let count = counts.get(*outcome).copied().unwrap_or(0);
                line += &format!("{count:>17}");
            }
            lines.push(line);
        }
        lines.push(format!(
            "{} orders and {} cancels, a fault on each: {} misjudged, {} executed twice, \
             {} left unknown, {} pictures wrong",
            self.orders,
            self.cancels,
            self.misjudged.len(),
            self.duplicates.len(),
            self.unknown.len(),
            self.pictures.len()
        ));
        lines.join("\n")
    }
}
