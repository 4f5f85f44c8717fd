//! The way between gateway and venue with a fault for each order; it writes the venue's own record
//! down before any of it is spoiled.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use binance::{HttpResult, Method, TransportError};
use gateway::VenueCall;
use paper_exchange::rng::SplitMix64;
use paper_exchange::venue::{Venue, VenueEvent};
use serde_json::Value;

use super::judge::Record;
use super::menu::{Does, Fault};
use super::wire::{Answer, about, coded, said, target, truly};
use crate::way::Way;

/// A stand-in for a gateway that does what ours must not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Double {
    /// Sends again whatever had no answer.
    Resends,
    /// Calls refused whatever had no answer.
    Denies,
}

/// One order's faults.
#[derive(Debug, Clone, Copy)]
struct Meets {
    fault: Fault,
    acted: u32,
}

#[derive(Debug)]
pub struct Mischief {
    rng: SplitMix64,
    placing: BTreeMap<String, Meets>,
    canceling: BTreeMap<String, Meets>,
    /// Faults of events beside the one of the call.
    also: BTreeMap<String, Fault>,
    hidden: BTreeMap<String, i64>,
    held: Vec<(i64, VenueEvent)>,
    later: Vec<(i64, VenueCall)>,
    /// The faults that acted on orders, by client id.
    pub acted: BTreeMap<String, BTreeSet<&'static str>>,
    /// The faults that acted on cancels.
    pub acted_on_cancels: BTreeMap<String, BTreeSet<&'static str>>,
    pub record: Record,
    pub double: Option<Double>,
    /// Nothing goes wrong any more.
    pub is_over: bool,
}

/// The way that the world and its script share.
#[derive(Debug, Clone)]
pub struct Shared(pub Rc<RefCell<Mischief>>);

impl Shared {
    pub fn new(seed: u64, double: Option<Double>) -> Self {
        Self(Rc::new(RefCell::new(Mischief {
            rng: SplitMix64::new(seed),
            placing: BTreeMap::new(),
            canceling: BTreeMap::new(),
            also: BTreeMap::new(),
            hidden: BTreeMap::new(),
            held: Vec::new(),
            later: Vec::new(),
            acted: BTreeMap::new(),
            acted_on_cancels: BTreeMap::new(),
            record: Record::default(),
            double,
            is_over: false,
        })))
    }
}

impl Way for Shared {
    fn answer(&mut self, venue: &mut Venue, call: &VenueCall, now_ms: i64) -> Answer {
        self.0.borrow_mut().answer(venue, call, now_ms)
    }

    fn events(&mut self, venue: &mut Venue, now_ms: i64) -> Vec<VenueEvent> {
        self.0.borrow_mut().events(venue, now_ms)
    }
}

impl Mischief {
    pub fn placing(&mut self, id: &str, fault: Fault) {
        self.placing
            .insert(id.to_owned(), Meets { fault, acted: 0 });
    }

    pub fn canceling(&mut self, id: &str, fault: Fault) {
        self.canceling
            .insert(id.to_owned(), Meets { fault, acted: 0 });
    }

    /// Its events are spoiled too.
    pub fn also(&mut self, id: &str, fault: Fault) {
        self.also.insert(id.to_owned(), fault);
    }

    pub fn note(&mut self, id: &str, name: &'static str) {
        self.acted.entry(id.to_owned()).or_default().insert(name);
    }

    fn answer(&mut self, venue: &mut Venue, call: &VenueCall, now_ms: i64) -> Answer {
        let answer = self.spoiled(venue, call, now_ms);
        let unheard = matches!(answer, Err(TransportError::Timeout | TransportError::Other));
        if call.request.method != Method::Post || !unheard {
            return answer;
        }
        match self.double {
            None => answer,
            Some(Double::Resends) => truly(venue, call, now_ms),
            Some(Double::Denies) => coded(400, -1102),
        }
    }

    fn spoiled(&mut self, venue: &mut Venue, call: &VenueCall, now_ms: i64) -> Answer {
        let id = target(call).map(str::to_owned);
        match (call.request.method, id) {
            (Method::Get, Some(id)) => self.question(venue, call, &id, now_ms),
            (Method::Get, None) => {
                let answer = truly(venue, call, now_ms);
                self.without_hidden(call, answer, now_ms)
            }
            (method, Some(id)) => {
                let known = match method {
                    Method::Post => &mut self.placing,
                    _ => &mut self.canceling,
                };
                let fault = known.get_mut(&id).and_then(Meets::next);
                match fault.filter(|_| !self.is_over) {
                    Some(fault) => self.act(venue, call, &id, fault, now_ms),
                    None => truly(venue, call, now_ms),
                }
            }
            (_, None) => truly(venue, call, now_ms),
        }
    }

    fn act(
        &mut self,
        venue: &mut Venue,
        call: &VenueCall,
        id: &str,
        fault: Fault,
        now_ms: i64,
    ) -> Answer {
        if call.request.method == Method::Delete {
            let known = self.acted_on_cancels.entry(id.to_owned()).or_default();
            known.insert(fault.name);
        } else if !fault.does.is_of_events() {
            self.note(id, fault.name);
        }
        let mut done = |executed: bool| {
            if executed {
                truly(venue, call, now_ms).ok();
            }
        };
        match fault.does {
            Does::Say {
                executed,
                status,
                code,
                ..
            } => {
                done(executed);
                coded(status, code)
            }
            Does::Bare {
                executed,
                status,
                body,
            } => {
                done(executed);
                said(status, body.to_owned())
            }
            Does::Limit {
                status,
                code,
                wait_s,
            } => Ok(HttpResult {
                status,
                retry_after_s: Some(wait_s),
                body: match code {
                    0 => "<html>forbidden</html>".to_owned(),
                    code => format!(r#"{{"code":{code},"msg":"scripted"}}"#),
                },
                ..HttpResult::default()
            }),
            Does::Break { executed, error } => {
                done(executed);
                Err(error)
            }
            Does::DoneLater { ms } => {
                self.later.push((now_ms + ms, call.clone()));
                Err(TransportError::Timeout)
            }
            _ => self.done_and_spoiled(venue, call, id, fault.does, now_ms),
        }
    }

    /// The venue does it, and something is wrong with what comes of it.
    fn done_and_spoiled(
        &mut self,
        venue: &mut Venue,
        call: &VenueCall,
        id: &str,
        does: Does,
        now_ms: i64,
    ) -> Answer {
        match does {
            Does::Garble => {
                let whole = truly(venue, call, now_ms)?;
                let half = whole.body.chars().count() / 2;
                let body = whole.body.chars().take(half).collect();
                Ok(HttpResult { body, ..whole })
            }
            Does::Foreign => {
                let whole = truly(venue, call, now_ms)?;
                let body = whole.body.replace(id, "somebody-elses");
                Ok(HttpResult { body, ..whole })
            }
            Does::Hide { ms } => {
                self.hidden.insert(id.to_owned(), now_ms + ms);
                truly(venue, call, now_ms)
            }
            Does::Stick => {
                let answer = truly(venue, call, now_ms);
                let placed = venue.open_algos().find(|algo| algo.client_id == id);
                if let Some(number) = placed.map(|algo| algo.id) {
                    venue.mark_stuck(number);
                }
                answer
            }
            _ => truly(venue, call, now_ms),
        }
    }

    /// A question about an order: each third one fails too, and a hidden order is denied.
    fn question(&mut self, venue: &mut Venue, call: &VenueCall, id: &str, now_ms: i64) -> Answer {
        if self.is_over {
            return truly(venue, call, now_ms);
        }
        if self.hidden.get(id).is_some_and(|until| now_ms < *until) {
            return coded(400, -2013);
        }
        match self.rng.below(12) {
            0 => Err(TransportError::Timeout),
            1 => coded(503, -1008),
            2 => said(200, "{\"orderId\":".to_owned()),
            3 => said(503, "Service Unavailable.".to_owned()),
            _ => truly(venue, call, now_ms),
        }
    }

    fn without_hidden(&self, call: &VenueCall, answer: Answer, now_ms: i64) -> Answer {
        let answer = answer?;
        let is_list = call.request.path.to_lowercase().contains("open");
        let any = self.hidden.values().any(|until| now_ms < *until);
        if self.is_over || !is_list || !any {
            return Ok(answer);
        }
        let Ok(Value::Array(rows)) = serde_json::from_str(&answer.body) else {
            return Ok(answer);
        };
        let shown = |row: &Value| {
            let id = row["clientAlgoId"]
                .as_str()
                .or(row["clientOrderId"].as_str());
            let until = id.and_then(|id| self.hidden.get(id));
            until.is_none_or(|until| now_ms >= *until)
        };
        let rows: Vec<Value> = rows.into_iter().filter(shown).collect();
        let body = Value::Array(rows).to_string();
        Ok(HttpResult { body, ..answer })
    }

    fn events(&mut self, venue: &mut Venue, now_ms: i64) -> Vec<VenueEvent> {
        let due = |(at, _): &(i64, VenueCall)| *at <= now_ms;
        let (ripe, later) = std::mem::take(&mut self.later).into_iter().partition(due);
        self.later = later;
        for (_, call) in ripe {
            truly(venue, &call, now_ms).ok();
        }
        let mut out = self.take_due(now_ms);
        let mut swapped = Vec::new();
        for event in venue.take_events() {
            self.record.take(&event);
            let Some(id) = about(&event) else {
                // One position event in twenty is lost as well.
                if self.is_over || self.rng.below(20) != 0 {
                    out.push(event);
                }
                continue;
            };
            let of_call = self.placing.get(&id).map(|meets| meets.fault);
            let also = self.also.get(&id).copied();
            let fault = also.or(of_call).filter(|_| !self.is_over);
            match fault.map(|fault| fault.does) {
                Some(Does::Lose) => {}
                Some(Does::Late { ms }) => self.held.push((now_ms + ms, event)),
                Some(Does::Twice) => out.extend([event.clone(), event]),
                Some(Does::Swap) => swapped.push(event),
                _ => {
                    out.push(event);
                    continue;
                }
            }
            if let Some(fault) = fault {
                self.note(&id, fault.name);
            }
        }
        out.extend(swapped.into_iter().rev());
        out
    }

    fn take_due(&mut self, now_ms: i64) -> Vec<VenueEvent> {
        let due = |(at, _): &(i64, VenueEvent)| *at <= now_ms || self.is_over;
        let (ripe, held) = std::mem::take(&mut self.held).into_iter().partition(due);
        self.held = held;
        let ripe: Vec<(i64, VenueEvent)> = ripe;
        ripe.into_iter().map(|(_, event)| event).collect()
    }
}

impl Meets {
    /// The fault of the next call, where it still has one.
    fn next(&mut self) -> Option<Fault> {
        let times = match self.fault.does {
            Does::Say { times, .. } => times,
            _ => 1,
        };
        if self.acted >= times {
            return None;
        }
        self.acted += 1;
        Some(self.fault)
    }
}

impl Does {
    /// Whether it acts on events, not on the call.
    pub const fn is_of_events(self) -> bool {
        matches!(
            self,
            Self::Lose | Self::Late { .. } | Self::Twice | Self::Swap | Self::Cut
        )
    }
}
