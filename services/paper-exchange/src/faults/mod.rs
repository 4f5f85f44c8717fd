//! The fault layer: sits between a caller and the venue, seeded or scripted.

mod events;
mod hidden;
mod plan;
mod timed;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::{Value, json};

pub use plan::{
    EventAction, EventFault, EventOrder, FaultPlan, Often, RequestAction, RequestFault, Spares,
    TimedAction, TimedFault,
};

use crate::rng::SplitMix64;
use crate::venue::{Venue, VenueError, VenueEvent};
use crate::wire::{Fate, WireRequest, WireResponse, handle, params_of, status_of};
use crate::world::SocketKind;
use events::Post;

/// The venue's text when it does not know what became of a request.
const UNKNOWN: &str = "Unknown error, please check your request or try again later.";
const TIMEOUT: &str = "Timeout waiting for response from backend server. Send status unknown; \
                       execution status unknown.";
const OVERLOAD: &str = "Request throttled by system-level protection. Reduce-only/close-position \
                        orders are exempt.";

/// A running fault plan.
#[derive(Debug, Clone)]
pub struct Faults {
    plan: FaultPlan,
    rng: SplitMix64,
    /// The moment the plan's times count from: the first at which it was asked anything.
    began_ms: Option<i64>,
    request_counts: Vec<Count>,
    event_counts: Vec<Count>,
    post: Post,
    /// The first timed action that has not happened yet, by time.
    next_timed: usize,
    banned_until_ms: i64,
    limited_until_ms: i64,
    hang_ups: Vec<SocketKind>,
    acted: u64,
    acted_by: BTreeMap<&'static str, u64>,
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
    pub fn new(mut plan: FaultPlan) -> Self {
        plan.timed.sort_by_key(|timed| timed.at_ms);
        Self {
            rng: SplitMix64::new(plan.seed),
            began_ms: None,
            request_counts: vec![Count::default(); plan.requests.len()],
            event_counts: vec![Count::default(); plan.events.len()],
            plan,
            post: Post::default(),
            next_timed: 0,
            banned_until_ms: i64::MIN,
            limited_until_ms: i64::MIN,
            hang_ups: Vec::new(),
            acted: 0,
            acted_by: BTreeMap::new(),
        }
    }

    /// No faults.
    #[must_use]
    pub fn none() -> Self {
        Self::new(FaultPlan::default())
    }

    /// Follows another plan from now on; events already held back still come when they are due.
    pub fn replace(&mut self, plan: FaultPlan) {
        let post = std::mem::take(&mut self.post);
        let acted = self.acted;
        let acted_by = std::mem::take(&mut self.acted_by);
        *self = Self {
            post,
            acted,
            acted_by,
            ..Self::new(plan)
        };
    }

    /// Faults that acted so far.
    #[must_use]
    pub const fn acted(&self) -> u64 {
        self.acted
    }

    /// The same by kind of fault, with the names that a plan gives them.
    #[must_use]
    pub const fn acted_by(&self) -> &BTreeMap<&'static str, u64> {
        &self.acted_by
    }

    fn act(&mut self, kind: &'static str) {
        self.acted += 1;
        *self.acted_by.entry(kind).or_default() += 1;
    }

    /// Answers a request through the plan.
    pub fn handle(
        &mut self,
        venue: &mut Venue,
        request: &WireRequest,
        now_ms: i64,
    ) -> WireResponse {
        self.advance(venue, now_ms);
        venue.set_gte_blind_ms(self.plan.gte_blind_ms.max(venue.config().gte_blind_ms));
        if let Some(refused) = self.gate(now_ms) {
            return refused;
        }
        let Some(action) = self.request_action(request, now_ms) else {
            return self.execute(venue, request, now_ms);
        };
        match action {
            RequestAction::ExecuteThenUnknown => {
                self.execute(venue, request, now_ms);
                unknown()
            }
            RequestAction::ExecuteThenTimeout => {
                self.execute(venue, request, now_ms);
                error(-1007, TIMEOUT)
            }
            RequestAction::ExecuteThenFail { code, message } => {
                self.execute(venue, request, now_ms);
                error(code, &message)
            }
            RequestAction::ExecuteThenCut => WireResponse {
                fate: Fate::Cut,
                ..self.execute(venue, request, now_ms)
            },
            RequestAction::Slow { ms } => WireResponse {
                fate: Fate::Late { ms },
                ..self.execute(venue, request, now_ms)
            },
            RequestAction::LoseThenUnknown => unknown(),
            RequestAction::LoseThenTimeout => error(-1007, TIMEOUT),
            RequestAction::LoseThenCut => WireResponse {
                fate: Fate::Cut,
                ..unknown()
            },
            RequestAction::RefuseOverload => error(-1008, OVERLOAD),
            RequestAction::RefuseInternal => error(
                -1001,
                "Internal error; unable to process your request. Please try again.",
            ),
            RequestAction::RefuseUnavailable => plain_503("Service Unavailable."),
            RequestAction::RefuseWith { code, message } => error(code, &message),
        }
    }

    fn execute(&mut self, venue: &mut Venue, request: &WireRequest, now_ms: i64) -> WireResponse {
        let response = handle(venue, request, now_ms);
        self.maybe_stick(venue, request, &response);
        if self.plan.visible_after_ms > 0 {
            let seen_ms = now_ms.saturating_sub(self.plan.visible_after_ms);
            return hidden::without_young(request, response, seen_ms);
        }
        response
    }

    fn request_action(&mut self, request: &WireRequest, now_ms: i64) -> Option<RequestAction> {
        let since_ms = self.since_ms(now_ms);
        for (index, rule) in self.plan.requests.iter().enumerate() {
            if !matches_request(rule, request) {
                continue;
            }
            let is_spared = rule.action == RequestAction::RefuseOverload
                && is_spared(self.plan.overload_spares, request);
            if is_spared {
                continue;
            }
            let count = &mut self.request_counts[index];
            if acts(&mut self.rng, &rule.often, count, since_ms) {
                let action = rule.action.clone();
                self.act(action.name());
                return Some(action);
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
            self.act("stuck_triggering");
            venue.mark_stuck(id);
        }
    }

    /// Time since the plan has begun, ms.
    fn since_ms(&mut self, now_ms: i64) -> i64 {
        now_ms.saturating_sub(*self.began_ms.get_or_insert(now_ms))
    }
}

fn matches_request(rule: &RequestFault, request: &WireRequest) -> bool {
    let same = |want: &Option<String>, have: &str| want.as_deref().is_none_or(|w| w == have);
    let by_socket = request.ws.as_ref().map(|call| call.method.as_str());
    let path = same(&rule.path, &request.path)
        || by_socket.is_some() && { rule.path.as_deref() == by_socket };
    let contains = |text: &str| {
        let payload = request.ws.as_ref().map_or("", |call| &call.payload);
        request.query.contains(text) || request.body.contains(text) || payload.contains(text)
    };
    same(&rule.method, &request.method) && path && rule.contains.as_deref().is_none_or(contains)
}

/// True for what the venue's overload protection lets pass.
fn is_spared(spares: Spares, request: &WireRequest) -> bool {
    let on_algo = request.path == "/fapi/v1/algoOrder";
    let ordinary = [
        "/fapi/v1/order",
        "/fapi/v1/order/test",
        "/fapi/v1/batchOrders",
    ];
    match spares {
        Spares::Nobody => false,
        _ if request.method == "DELETE" => true,
        Spares::Documented => ordinary.contains(&request.path.as_str()) && only_closes(request),
        Spares::Protective => {
            (on_algo || ordinary.contains(&request.path.as_str())) && only_closes(request)
        }
    }
}

/// True when a request says that it can only shrink a position.
fn only_closes(request: &WireRequest) -> bool {
    let Some(params) = params_of(request) else {
        return false;
    };
    let text = |name: &str| params.get(name).map_or("", String::as_str);
    let is_set = |name: &str| text(name).eq_ignore_ascii_case("true");
    let leg_closes = matches!(
        (text("side"), text("positionSide")),
        ("SELL", "LONG") | ("BUY", "SHORT")
    );
    let batch = text("batchOrders").replace([' ', '"'], "");
    let batch_closes = !batch.is_empty()
        && batch.matches("reduceOnly:true").count() == batch.matches("symbol:").count();
    is_set("reduceOnly") || is_set("closePosition") || leg_closes || batch_closes
}

fn acts(rng: &mut SplitMix64, often: &Often, count: &mut Count, since_ms: i64) -> bool {
    if since_ms < often.from_ms || (often.until_ms > 0 && since_ms >= often.until_ms) {
        return false;
    }
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
