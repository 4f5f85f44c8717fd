//! What a story may do to the world.

use std::rc::Rc;

use bus::policy::Policy as ServerPolicy;
use bus::{Heard, Identity, Message, subjects};
use domain::flatten::Flatten;
use domain::ids::{ClientOrderId, LegId};
use domain::mode::{Flags, Kill, Mode};
use domain::order::CloseOrder;
use domain::signal::{RiskMode, RiskState, RlHint};
use domain::{Module, Ratio, Side, Span, Timestamp};
use paper_exchange::faults::FaultPlan;
use paper_exchange::venue::{
    self, NewAlgo, NewOrder, OrderRef, PositionSide, PriceUpdate, VenueError,
};
use rust_decimal::Decimal;

use super::cast::symbol;
use super::said::Said;
use super::truth::account;
use super::{Chaos, Service, World};

/// How the names begin that people give their orders.
const HAND: &str = "human-";

impl World {
    /// The venue's price changes, and is shown at once.
    pub fn price(&mut self, name: &str, text: &str) {
        self.price_at(name, decimal(text));
    }

    /// The same, for a price that was computed.
    pub fn price_at(&mut self, name: &str, price: Decimal) {
        self.transcript
            .note(self.now, format_args!("{name} at {price}"));
        let update = PriceUpdate::at(price);
        let told = self.venue.on_price(name, update, self.now.millis());
        told.expect("a story gives positive prices of traded symbols");
        self.frame(name);
        self.tell_venue_events();
        self.check(None);
    }

    /// The strategy, or somebody, opens or adds.
    pub fn human_open(&mut self, name: &str, side: Side, qty: &str) {
        self.hands += 1;
        let id = format!("bot-{}", self.hands);
        let side = opening(side);
        let leg = self.venue.opening_leg(side);
        self.by_hand(name, (side, leg), decimal(qty), &id);
    }

    /// Somebody closes all of it by hand.
    pub fn human_close(&mut self, name: &str) {
        let open: Vec<_> = self.venue.open_legs_of(name).cloned().collect();
        for held in open {
            let (qty, side) = (held.qty.abs(), held.closing_side());
            self.hands += 1;
            let id = format!("{HAND}{}", self.hands);
            let side = side.expect("it is open");
            self.venue.free_leg(name, held.leg, self.now.millis());
            self.by_hand(name, (side, held.leg), qty, &id);
        }
    }

    /// Somebody closes a part by hand, as a target does that fills in pieces.
    pub fn human_trims(&mut self, name: &str, qty: &str) {
        let held = self.venue.open_legs_of(name).next();
        let Some((held, side)) = held.and_then(|it| Some((it.leg, it.closing_side()?))) else {
            return;
        };
        self.hands += 1;
        let id = format!("{HAND}{}", self.hands);
        self.by_hand(name, (side, held), decimal(qty), &id);
    }

    /// Somebody cancels a stop of ours by hand.
    pub fn human_cancels_stop(&mut self, name: &str, id: &str) {
        self.transcript
            .note(self.now, format_args!("by hand: cancel {id} on {name}"));
        let canceled = self
            .venue
            .cancel_algo(OrderRef::Client(id), self.now.millis());
        canceled.expect("a story cancels what rests");
        self.watch.uncovered_by_hand(&self.venue);
        self.watch.by_hand = true;
        self.tell_venue_events();
        self.watch.by_hand = false;
        self.check(None);
    }

    /// Somebody rests a take-profit of their own for the first open leg.
    pub fn human_rests(&mut self, name: &str, qty: &str, price: &str) {
        let held = self.venue.open_legs_of(name).next();
        let held = held.and_then(|it| Some((it.leg, it.closing_side()?)));
        let (leg, side) = held.expect("it is open");
        self.hands += 1;
        let id = format!("{HAND}{}", self.hands);
        self.transcript.note(
            self.now,
            format_args!("by hand: {qty} {name} rests as {id}"),
        );
        let order = NewOrder::limit(name, side, decimal(qty), decimal(price));
        let order = order.on_leg(leg).with_client_id(&id);
        let placed = self.venue.place_order(order, self.now.millis());
        self.taken(placed);
        self.tell_venue_events();
        self.check(None);
    }

    /// Whoever rests orders of their own takes them back.
    pub fn hands_off(&mut self, name: &str) {
        let theirs = |id: &str| id.starts_with(HAND);
        let open = self
            .venue
            .open_orders_of(name)
            .map(|it| it.client_id.clone());
        for id in open.filter(|id| theirs(id)).collect::<Vec<String>>() {
            self.transcript
                .note(self.now, format_args!("by hand: cancel {id} on {name}"));
            let which = OrderRef::Client(&id);
            let canceled = self.venue.cancel_order(name, which, self.now.millis());
            self.taken(canceled);
        }
        self.tell_venue_events();
        self.check(None);
    }

    fn by_hand(
        &mut self,
        name: &str,
        (side, leg): (venue::Side, PositionSide),
        qty: Decimal,
        id: &str,
    ) {
        self.transcript.note(
            self.now,
            format_args!("by hand: {side:?} {qty} {name} as {id}"),
        );
        if self.open(name).iter().any(|it| self.is_leaving(&it.key)) {
            self.tally.happen("a hand meddles with an exit");
        }
        let order = NewOrder::market(name, side, qty)
            .on_leg(leg)
            .with_client_id(id);
        let placed = self.venue.place_order(order, self.now.millis());
        self.taken(placed);
        self.tell_venue_events();
        self.check(None);
    }

    /// A person's wish is refused only where chance decides; in a story that is its mistake.
    fn taken<T>(&mut self, answer: Result<T, VenueError>) {
        if let Err(refused) = answer {
            assert!(self.options.hands_may_err, "{refused:?}");
            let code = refused.code;
            self.transcript
                .note(self.now, format_args!("refused: {code}"));
        }
    }

    /// Sets a symbol's leverage on the venue.
    pub fn leverage(&mut self, name: &str, leverage: u32) {
        let set = self.venue.set_leverage(name, leverage, self.now.millis());
        self.taken(set);
        self.tell_venue_events();
    }

    /// The account is full of copies of the stop that rests for `module`, as if it had placed them.
    pub fn fill_with_stops(&mut self, name: &str, module: &Module) {
        let stop = self.legs(name, module, LegId::Stop).into_iter().next();
        let stop = stop.expect("a stop of the module rests");
        let mut cause = stop.cause.expect("it names its cause");
        let CloseOrder::Stop { qty, trigger } = stop.order else {
            return;
        };
        let (qty, trigger) = (qty.get(), trigger.get());
        let side = opening(cause.side.opposite());
        self.watch.by_hand = true;
        loop {
            cause.generation += 1;
            let id = ClientOrderId::derive(&symbol(name), &cause);
            let algo = NewAlgo::reduce_only_stop(name, side, qty, trigger);
            let algo = algo.with_client_id(id.as_str());
            if self.venue.place_algo(algo, self.now.millis()).is_err() {
                break;
            }
        }
        self.tell_venue_events();
        self.watch.by_hand = false;
        self.check(None);
    }

    /// A service dies; what was under way to it is lost.
    pub fn crash(&mut self, service: Service) {
        self.transcript
            .note(self.now, format_args!("{service} dies"));
        self.alive[service as usize] = false;
        self.cast.end(service);
        self.watch.on_crash(service, &self.venue);
        if service == Service::Gateway {
            self.connection = None;
        }
        self.armed.remove(&service);
        self.paused.remove(&service);
        if service.owns() {
            self.leases.lose_owner(self.now);
        }
        self.excuse_for(service);
    }

    /// It starts again and knows nothing.
    pub fn restart(&mut self, service: Service) {
        if self.is_alive(service) {
            self.crash(service);
        }
        self.transcript
            .note(self.now, format_args!("{service} starts"));
        self.boot(service);
        self.excuse_for(service);
    }

    /// Every service is started anew with these flags.
    pub fn start_over(&mut self, flags: Flags) {
        for service in self.services() {
            self.crash(service);
        }
        self.options.flags = flags;
        self.taken_back = false;
        self.owner_changes();
        self.server = ServerPolicy::of(&self.options.flags);
        for service in self.services() {
            self.restart(service);
        }
    }

    /// From its next start on the legacy service runs these; all of them have run before.
    pub fn choose_incumbents(&mut self, modules: &[Module]) {
        self.options.incumbents = modules.to_vec();
    }

    /// From now on, for so long, a naked position is no violation.
    pub fn outage(&mut self, span: Span) {
        self.watch.outage_until = self.now + span;
    }

    /// The operator's demotion.
    pub fn kill(&mut self, to: Mode) {
        if to != Mode::Live {
            self.take_back();
        }
        let at = self.now;
        let by = "operator".into();
        let kill = Kill { to, by, at };
        self.say_as(Identity::Operator, subjects::kill().message(&kill));
    }

    /// The operator wants the positions of a symbol closed, or every position.
    pub fn flatten(&mut self, name: Option<&str>) {
        let order = Flatten {
            account: account(),
            symbol: name.map(symbol),
            by: "operator".into(),
            at: self.now,
        };
        self.say_as(Identity::Operator, subjects::flatten().message(&order));
    }

    /// The server's policy file is replaced and read again. Who may not ask any longer goes down
    /// when it tries; before that nobody knows whose the stops are.
    pub fn serve(&mut self, policy: ServerPolicy) {
        self.transcript
            .note(self.now, format_args!("bus policy {policy:?}"));
        if !policy.lets_executor_ask() {
            self.take_back();
        }
        if self.server.lets_executor_ask() {
            self.could_ask_until = self.now;
        }
        self.server = policy;
    }

    /// The risk system says its mode.
    pub fn risk(&mut self, mode: RiskMode) {
        let (heat, at) = (None, self.now);
        let state = RiskState {
            mode,
            heat,
            equity: None,
            at,
        };
        self.say_as(Identity::RiskSignal, subjects::risk().message(&state));
    }

    /// The learned policy gives a hint, in basis points.
    pub fn hint(&mut self, name: &str, target: i64, stop: i64, trail: i64, confidence: i64) {
        let hint = RlHint {
            symbol: symbol(name),
            take_profit: Some(Ratio::basis_points(target)),
            stop_loss: Some(Ratio::basis_points(stop)),
            trail: Some(Ratio::basis_points(trail)),
            confidence: Some(Ratio::basis_points(confidence)),
            signal_confidence: None,
            strategy: None,
            at: self.now,
        };
        let subject = subjects::rl(&symbol(name));
        self.say_as(Identity::RlSignal, subject.message(&hint));
    }

    /// Somebody says something with the rights of `identity`.
    pub fn say_as(&mut self, identity: Identity, message: Message) {
        match self.routes.land(&[identity], message, self.server) {
            Ok(message) => self.say(message),
            Err(_) => self.violations += 1,
        }
    }

    /// Somebody says something without being asked for rights: a stolen key, a broken server.
    pub fn say(&mut self, message: Message) {
        let subject = &message.subject;
        self.transcript
            .note(self.now, format_args!("said from outside: {subject}"));
        let said = Said::from(message);
        if let Ok(Heard::Mode(snapshot)) = &said.heard {
            let verdict = self.watch.on_mode(snapshot);
            self.demand(verdict);
        }
        self.send(None, &Rc::new(said));
    }

    /// From now on the bus behaves like this.
    pub fn chaos(&mut self, chaos: Chaos) {
        let was_lost = self.chaos.is_lost();
        self.chaos = chaos;
        if chaos.is_lost() {
            self.tally.happen("the bus is lost");
            self.watch.bus_lost(&self.venue);
        }
        if chaos.is_lost() || was_lost {
            self.excuse();
        }
    }

    /// From now on the bus loses what is said on subjects that begin so.
    pub fn lose(&mut self, subjects: &[&'static str]) {
        self.lost = subjects.to_vec();
    }

    /// From now on this goes wrong at the venue.
    pub fn venue_faults(&mut self, plan: FaultPlan) {
        self.faults.replace(plan);
    }

    /// Virtual time.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }
}

const fn opening(side: Side) -> venue::Side {
    match side {
        Side::Long => venue::Side::Buy,
        Side::Short => venue::Side::Sell,
    }
}

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a story gives decimals")
}
