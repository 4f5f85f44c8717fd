//! Blows that only a simulation deals: deaths between two effects, wrong clocks, changed rules.

use binance::{ApiRequest, Method};
use domain::{Span, Timestamp};
use gateway::GatewayEffect;
use paper_exchange::venue::{FilterChange, SymbolStatus};
use paper_exchange::wire::{Fate, WireResponse};
use runtime::clock::STEP_BACK_MAX;
use serde_json::json;

use super::World;
use super::cast::Service;
use super::tally::Tally;
use super::watch::handed;

/// The venue's code for too much weight, for a ban too; it lasts a minute where nothing is said.
const WEIGHT_LIMIT: i64 = -1_003;
/// Its code for too many orders; it lasts ten seconds where nothing is said.
const ORDER_LIMIT: i64 = -1_015;
/// A clock that is off by no more than this excuses nothing: two such clocks differ by less than
/// the second that every reader of a date lives with.
pub const SKEW_MAX: Span = Span::from_millis(450);
/// The end of what has no end yet.
const FOREVER: Timestamp = Timestamp::from_millis(i64::MAX / 1_000);
/// What the record calls a decision that changes something, but was not said in LIVE.
const SHADOW_DECISION: &str = "a decision outside LIVE";

impl World {
    /// `service` dies right after it has carried out `effects` more of what it wants done: what it
    /// wanted beyond that is never done.
    pub fn crash_after(&mut self, service: Service, effects: u32) {
        if self.is_alive(service) {
            self.armed.insert(service, effects);
        }
    }

    /// It does not die after all.
    pub fn disarm(&mut self, service: Service) {
        self.armed.remove(&service);
    }

    /// What the run has been through so far.
    pub const fn tally_mut(&mut self) -> &mut Tally {
        &mut self.tally
    }

    /// What the run has been through, to its end: decisions, denials and faults among it.
    #[must_use]
    pub fn into_tally(self) -> Tally {
        let mut tally = self.tally.ended(self.now.millis());
        let watch = &self.watch;
        let said = watch
            .decisions
            .iter()
            .map(|(it, n)| (format!("decision {it}"), n));
        let rules = watch.rules.iter().map(|(it, n)| (format!("rule {it}"), n));
        let denials = watch
            .denials
            .iter()
            .map(|(it, n)| (format!("denial {it}"), n));
        let faults = self
            .faults
            .acted_by()
            .iter()
            .map(|(it, n)| (format!("fault {it}"), n));
        let takeovers = tally.happened.entry("a position changes hands".into());
        *takeovers.or_default() += watch.takeovers;
        let shadow = watch.shadow_decisions;
        *tally.happened.entry(SHADOW_DECISION.into()).or_default() += shadow;
        for (what, count) in said.chain(rules).chain(denials).chain(faults) {
            *tally.happened.entry(what).or_default() += count;
        }
        tally
    }

    /// Counts an effect of `service` down, and ends it where its time has come.
    pub(super) fn may_die(&mut self, service: Service, after: &str) {
        let Some(left) = self.armed.get_mut(&service) else {
            return;
        };
        match left.checked_sub(1) {
            Some(fewer) => *left = fewer,
            None => {
                self.tally.happen(&format!("{service} dies after {after}"));
                self.crash(service);
            }
        }
    }

    /// A service's clock jumps by so much. Who protects may be off by [`SKEW_MAX`] at most; that of
    /// anybody else excuses nothing, however wrong it is.
    pub fn clock_jumps(&mut self, service: Service, jump: Span) {
        self.transcript.note(
            self.now,
            format_args!("the clock of {service} is off by {} ms", jump.millis()),
        );
        let until_now = self.clock(service);
        let before = self.clocks.insert(service, jump);
        self.stepped(service, before.unwrap_or(Span::ZERO), jump, until_now);
    }

    /// A process whose clock steps back ends and starts anew, as the runtime does it: every time
    /// that it remembers may lie ahead. After a small step its time stands still for a while.
    fn stepped(&mut self, service: Service, before: Span, after: Span, until_now: Timestamp) {
        let back = before.micros() - after.micros();
        if back > STEP_BACK_MAX.micros() && self.is_alive(service) {
            self.tally.happen("a clock steps back");
            self.restart(service);
        } else if back > 0 {
            self.stands_still.insert(service, until_now);
        }
    }

    /// Every clock is right again.
    pub fn clocks_right(&mut self) {
        if !self.clocks.is_empty() {
            self.transcript
                .note(self.now, format_args!("all clocks are right"));
            for service in self.services() {
                let until_now = self.clock(service);
                if let Some(before) = self.clocks.remove(&service) {
                    self.stepped(service, before, Span::ZERO, until_now);
                }
            }
        }
    }

    /// What time `service` believes it is.
    pub(super) fn clock(&self, service: Service) -> Timestamp {
        let jump = self.clocks.get(&service).copied();
        let read = self.now + jump.unwrap_or(Span::ZERO);
        let latest = self.stands_still.get(&service).copied();
        latest.map_or(read, |latest| latest.max(read))
    }

    /// The venue changes a symbol's filters; a change that contradicts itself is refused.
    pub fn filters_change(&mut self, name: &str, change: &FilterChange) {
        let changed = self.venue.change_filters(name, change);
        let words = format!("filters of {name} {change:?}: {changed:?}");
        self.transcript.note(self.now, format_args!("{words}"));
    }

    /// Trading of a symbol stops or goes on. While it stands still nothing can be protected anew.
    pub fn status_changes(&mut self, name: &str, status: SymbolStatus) {
        let set = self.venue.set_symbol_status(name, status);
        set.expect("a script names traded symbols");
        self.transcript
            .note(self.now, format_args!("{name} is {status:?}"));
        let until = match status {
            SymbolStatus::Trading => {
                self.now.max(self.shut_until) + self.options.executors.recovery()
            }
            _ => FOREVER,
        };
        self.watch.halted_until.insert(name.to_owned(), until);
    }

    /// The listen key dies: the socket stays open and says nothing any more.
    pub fn listen_key_dies(&mut self) {
        let Some(connection) = self.connection else {
            return;
        };
        let (at, key) = (self.now.millis(), "of this connection");
        let expired = json!({"e": "listenKeyExpired", "E": at, "listenKey": key});
        self.tell(expired.to_string());
        self.mute = Some(connection);
    }

    /// A close at market was answered: was it left open, or refused although there is a position?
    pub(super) fn note_close(&mut self, request: &ApiRequest, answer: &WireResponse) {
        let is_close = request.method == Method::Post && request.param("type") == Some("MARKET");
        if !is_close || answer.status == 200 && answer.fate != Fate::Cut {
            return;
        }
        if handed::may_be_done(answer) {
            self.tally.happen("a close of unknown outcome");
        }
        let name = request.param("symbol").unwrap_or_default();
        let is_open = self.venue.open_legs_of(name).next().is_some();
        if is_open && answer.body.contains("-2022") {
            self.tally.happen("an open position, reduce-only refused");
        }
    }

    /// What the plan's clock brings about without a request.
    pub(super) fn hung_up(&mut self) {
        if !self.faults.take_hang_ups().is_empty() {
            self.cut_stream(super::exchange::RECONNECT);
        }
    }

    /// The plan has ended the listen key.
    pub(super) fn key_expires(&mut self) {
        let now_ms = self.now.millis();
        if self.venue.session_mut().take_expired(now_ms).is_some() {
            self.listen_key_dies();
        }
    }

    /// For as long as something keeps everybody from protecting, and for the time of recovery
    /// after it, nakedness is excused.
    pub(super) fn excuse(&mut self) {
        let services = self.services().into_iter();
        let mut protectors = services.filter(|it| self.protects(*it));
        let dead = protectors.any(|it| self.is_missing(it)) || self.leases.has_orphans();
        let until = if dead || self.chaos.is_lost() {
            FOREVER
        } else {
            self.now.max(self.shut_until) + self.options.executors.recovery()
        };
        self.watch.outage_until = until;
    }

    /// The venue says that it takes nothing for a while: until then, and for the time of recovery
    /// after it, nakedness is excused.
    pub(super) fn excuse_limit(&mut self, code: i64, retry_after_s: Option<u64>) {
        let pause = match code {
            WEIGHT_LIMIT => Span::from_secs(60),
            ORDER_LIMIT => Span::from_secs(10),
            _ => return,
        };
        let told = retry_after_s.and_then(|it| i64::try_from(it).ok());
        let pause = told.map_or(pause, Span::from_secs);
        self.shut_until = self.shut_until.max(self.now + pause);
        let end = self.shut_until + self.options.executors.recovery();
        self.watch.outage_until = self.watch.outage_until.max(end);
    }

    /// For how long the venue has said that it takes nothing.
    #[must_use]
    pub fn shut_for(&self) -> Span {
        self.shut_until.since(self.now).max(Span::ZERO)
    }
}

/// Whether a clock that is off by so much excuses nothing.
#[must_use]
pub const fn is_lived_with(off: Span) -> bool {
    off.micros().abs() <= SKEW_MAX.micros()
}

/// What an effect is called in the record of deaths.
pub(super) fn effect_name(effect: &GatewayEffect) -> String {
    match effect {
        GatewayEffect::Publish(message) => {
            let mut tokens = message.subject.split('.');
            let family = tokens.next().unwrap_or_default();
            match tokens.next().filter(|_| family != "health") {
                Some(kind) => format!("{family}.{kind}"),
                None => family.to_owned(),
            }
        }
        GatewayEffect::Call(call) => {
            format!("{:?} {}", call.request.method, call.request.path)
        }
        GatewayEffect::SetClockOffset(_) => "clock offset".into(),
        GatewayEffect::RenewStream => "stream renewal".into(),
        GatewayEffect::Lease(_) => "lease request".into(),
    }
}
