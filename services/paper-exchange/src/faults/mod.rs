//! The fault layer: sits between a caller and the venue, seeded or scripted.

mod plan;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::{Value, json};

pub use plan::{EventAction, EventFault, FaultPlan, Often, RequestAction, RequestFault};

use crate::rng::SplitMix64;
use crate::venue::{Venue, VenueError, VenueEvent};
use crate::wire::{WireRequest, WireResponse, handle, status_of};

/// Events held back at most; beyond that they are delivered on time.
const MAX_LATE: usize = 10_000;
/// The venue's text when it does not know what became of a request.
const UNKNOWN: &str = "Unknown error, please check your request or try again later.";

/// A running fault plan.
#[derive(Debug, Clone)]
pub struct Faults {
    plan: FaultPlan,
    rng: SplitMix64,
    request_counts: Vec<Count>,
    event_counts: Vec<Count>,
    late: BTreeMap<(i64, u64), VenueEvent>,
    late_seq: u64,
    acted: u64,
}

/// How often a rule has matched and acted.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    matched: u32,
    acted: u32,
}

impl Faults {
    /// Starts a plan.
    #[must_use]
    pub fn new(plan: FaultPlan) -> Self {
        Self {
            rng: SplitMix64::new(plan.seed),
            request_counts: vec![Count::default(); plan.requests.len()],
            event_counts: vec![Count::default(); plan.events.len()],
            plan,
            late: BTreeMap::new(),
            late_seq: 0,
            acted: 0,
        }
    }

    /// No faults.
    #[must_use]
    pub fn none() -> Self {
        Self::new(FaultPlan::default())
    }

    /// Follows another plan from now on; events already held back still come when they are due.
    pub fn replace(&mut self, plan: FaultPlan) {
        let late = std::mem::take(&mut self.late);
        let (late_seq, acted) = (self.late_seq, self.acted);
        *self = Self {
            late,
            late_seq,
            acted,
            ..Self::new(plan)
        };
    }

    /// Faults that acted so far.
    #[must_use]
    pub const fn acted(&self) -> u64 {
        self.acted
    }

    /// Answers a request through the plan.
    pub fn handle(
        &mut self,
        venue: &mut Venue,
        request: &WireRequest,
        now_ms: i64,
    ) -> WireResponse {
        venue.set_gte_blind_ms(self.plan.gte_blind_ms.max(venue.config().gte_blind_ms));
        let Some(action) = self.request_action(request) else {
            let response = handle(venue, request, now_ms);
            self.maybe_stick(venue, request, &response);
            return response;
        };
        match action {
            RequestAction::ExecuteThenUnknown => {
                handle(venue, request, now_ms);
                unknown()
            }
            RequestAction::ExecuteThenTimeout => {
                handle(venue, request, now_ms);
                let text = "Timeout waiting for response from backend server. Send status \
                            unknown; execution status unknown.";
                error(-1007, text)
            }
            RequestAction::LoseThenUnknown => unknown(),
            RequestAction::RefuseOverload => error(
                -1008,
                "Request throttled by system-level protection. Reduce-only/close-position orders \
                 are exempt.",
            ),
            RequestAction::RefuseInternal => error(
                -1001,
                "Internal error; unable to process your request. Please try again.",
            ),
            RequestAction::RefuseUnavailable => plain_503("Service Unavailable."),
            RequestAction::RefuseWith { code, message } => error(code, &message),
        }
    }

    /// Lets user events through: some lost, some twice, some kept for later; those that are due
    /// now come first.
    pub fn deliver(&mut self, events: Vec<VenueEvent>, now_ms: i64) -> Vec<VenueEvent> {
        let mut out = self.take_due(now_ms);
        for event in events {
            match self.event_action(&event) {
                None => out.push(event),
                Some(EventAction::Lose) => {}
                Some(EventAction::Duplicate) => {
                    out.push(event.clone());
                    out.push(event);
                }
                Some(EventAction::Delay { ms }) if self.late.len() < MAX_LATE && ms > 0 => {
                    self.late_seq += 1;
                    self.late
                        .insert((now_ms.saturating_add(ms), self.late_seq), event);
                }
                Some(EventAction::Delay { .. }) => out.push(event),
            }
        }
        out
    }

    /// When the next held-back event is due, ms.
    #[must_use]
    pub fn next_due_ms(&self) -> Option<i64> {
        self.late.keys().next().map(|key| key.0)
    }

    fn take_due(&mut self, now_ms: i64) -> Vec<VenueEvent> {
        let later = self.late.split_off(&(now_ms.saturating_add(1), 0));
        std::mem::replace(&mut self.late, later)
            .into_values()
            .collect()
    }

    fn request_action(&mut self, request: &WireRequest) -> Option<RequestAction> {
        for (index, rule) in self.plan.requests.iter().enumerate() {
            if !matches_request(rule, request) {
                continue;
            }
            if acts(&mut self.rng, &rule.often, &mut self.request_counts[index]) {
                self.acted += 1;
                return Some(rule.action.clone());
            }
        }
        None
    }

    fn event_action(&mut self, event: &VenueEvent) -> Option<EventAction> {
        for (index, rule) in self.plan.events.iter().enumerate() {
            if rule
                .name
                .as_deref()
                .is_some_and(|name| name != event.body.name())
            {
                continue;
            }
            if acts(&mut self.rng, &rule.often, &mut self.event_counts[index]) {
                self.acted += 1;
                return Some(rule.action);
            }
        }
        None
    }

    fn maybe_stick(&mut self, venue: &mut Venue, request: &WireRequest, response: &WireResponse) {
        let placed = request.method == "POST"
            && request.path == "/fapi/v1/algoOrder"
            && response.status == 200;
        if !placed || !self.rng.chance_ppm(self.plan.stuck_triggering_ppm) {
            return;
        }
        let answer: Value = serde_json::from_str(&response.body).unwrap_or_default();
        if let Some(id) = answer["algoId"].as_u64() {
            self.acted += 1;
            venue.mark_stuck(id);
        }
    }
}

fn matches_request(rule: &RequestFault, request: &WireRequest) -> bool {
    let same = |want: &Option<String>, have: &str| want.as_deref().is_none_or(|w| w == have);
    let contains = |text: &str| request.query.contains(text) || request.body.contains(text);
    same(&rule.method, &request.method)
        && same(&rule.path, &request.path)
        && rule.contains.as_deref().is_none_or(contains)
}

fn acts(rng: &mut SplitMix64, often: &Often, count: &mut Count) -> bool {
    count.matched = count.matched.saturating_add(1);
    let open = count.matched > often.skip && (often.times == 0 || count.acted < often.times);
    let acts = open && rng.chance_ppm(often.chance_ppm);
    count.acted += u32::from(acts);
    acts
}

fn error(code: i32, message: &str) -> WireResponse {
    WireResponse::error(status_of(code), &VenueError::new(code, message))
}

fn unknown() -> WireResponse {
    plain_503(UNKNOWN)
}

fn plain_503(message: &str) -> WireResponse {
    let body = json!({"code": -1000, "msg": message}).to_string();
    WireResponse {
        status: 503,
        body,
        ..WireResponse::default()
    }
}
