//! Checks on what reaches the venue, and on what it then does.

use binance::Method;
use domain::ids::{ClientOrderId, LegId, Module, OrderCause};
use domain::invariant::{
    Verdict, Violation, i3_place_confirm_cancel, i4_stop_only_tightens, i5_never_reverses,
    i6_shadow_sends_nothing, i11_derived_id, i14_on_grid,
};
use domain::mode::Mode;
use domain::order::CloseOrder;
use domain::{Price, Qty};
use gateway::VenueCall;
use paper_exchange::protection::DEFAULT_WINDOW_MS as WINDOW_MS;
use paper_exchange::venue::{AlgoOrder, AlgoStatus, EventBody, Execution, OrderUpdate};
use paper_exchange::venue::{Venue, VenueEvent};
use rust_decimal::Decimal;

use super::super::cast::symbol;
use super::gone::One;
use super::{Leg, Watch, before_growth, truth};

/// How the names of the executor's orders begin.
const EXECUTOR_PREFIX: &str = "xe-";
/// The parameter that names a conditional order.
const ALGO_ID: &str = "clientAlgoId";
/// Working stops of one module and life that rest at once: the one that protects, the one that
/// replaces it, and what lost cancels and unknown answers leave for a moment. 200 fill the account.
const STOPS_MAX: usize = 6;
/// With those that have come within the last [`WINDOW_MS`]: each change of the position brings one,
/// and what it replaces goes when everybody knows of it.
const STOPS_AT_ONCE_MAX: usize = 12;
/// Of these, alike: the one that protects, and one whose placement or cancel was in doubt, twice.
const ALIKE_MAX: usize = 3;
/// Filters by which an order may be: what was told last, and before, for what was under way.
const FILTERS_KNOWN: usize = 2;

impl Watch {
    /// The gateway sends a request; `own` is what its flags resolve to.
    ///
    /// # Errors
    /// The truth that does not hold.
    pub fn on_request(&mut self, call: &VenueCall, own: Mode) -> Verdict {
        let request = &call.request;
        self.left.leaves(request);
        // A cancel bears the name of its target: outside LIVE an incumbent sweeps what is left, but
        // the executor takes nothing away.
        let places = request.method == Method::Post;
        let cancels = call.canceled_by == Some(Module::ExitExecutor);
        let mut ids = request.params.iter().filter(|(name, _)| is_id(name));
        let own_id = ids.find(|(_, id)| id.starts_with(EXECUTOR_PREFIX));
        let ours = own_id.is_some();
        // Only stops are held against each other.
        if let Some((_, id)) = own_id.filter(|(name, _)| places && *name == ALGO_ID) {
            let told = self.snapshots.values().flat_map(|it| &it.orders);
            let told = told.map(|it| it.client_order_id.as_str().to_owned());
            self.told_before.insert(id.clone(), told.collect());
        }
        if cancels || places && ours {
            return i6_shadow_sends_nothing(self.gateway_mode(own), &Module::ExitExecutor);
        }
        Ok(())
    }

    /// The venue tells what happened.
    ///
    /// # Errors
    /// The truth that does not hold.
    pub fn on_venue(&mut self, venue: &Venue, event: &VenueEvent) -> Verdict {
        match &event.body {
            EventBody::Account(account) => {
                let amounts = self
                    .amounts
                    .entry((account.symbol.clone(), account.leg))
                    .or_default();
                *amounts = (amounts.1, account.qty);
                let (before, after) = *amounts;
                if before != after {
                    let leg = (account.symbol.clone(), account.leg);
                    self.shares.changes(leg, before, after);
                }
                if after.abs() > before.abs() {
                    let grown = (account.symbol.clone(), account.leg);
                    self.note_growth(grown, before.abs(), event.engine_ms);
                }
                Ok(())
            }
            EventBody::Order(update) => self.on_order(venue, update),
            EventBody::Algo(algo) => self.on_algo(venue, algo, event.engine_ms),
            EventBody::TradeLite(_) | EventBody::MarginCall(_) | EventBody::Leverage { .. } => {
                Ok(())
            }
        }
    }

    fn on_order(&mut self, venue: &Venue, update: &OrderUpdate) -> Verdict {
        let order = &update.order;
        let Some(cause) = cause_of(&order.symbol, &order.client_id)? else {
            return Ok(());
        };
        match update.execution {
            // The child of a stop bears the name of its parent, which was judged already.
            Execution::New if !is_stop(&cause) => {
                let close = truth::ordinary_order(order);
                let at = (order.symbol.clone(), order.position_side);
                let named = (order.client_id.as_str(), &cause);
                let open = truth::resting_of(venue, &order.symbol, &cause);
                let qty = (truth::qty(order.qty), open);
                self.shares.accepted(&at, named, qty)?;
                self.placed(venue, (&order.symbol, &order.client_id), &cause, &close)
            }
            Execution::Trade => {
                let amounts = self
                    .amounts
                    .get(&(order.symbol.clone(), order.position_side))
                    .copied();
                let (before, after) = amounts.expect("a fill comes after its account event");
                let of = |it| (truth::side_of(it), truth::qty(it.abs()));
                i5_never_reverses(of(before), of(after))?;
                let at = (order.symbol.clone(), order.position_side);
                let closed = truth::qty((before - after).abs());
                let named = (order.client_id.as_str(), &cause);
                self.shares.filled(&at, named, closed)
            }
            _ => Ok(()),
        }
    }

    /// Whether the last picture of its position shows the order.
    fn is_told(&self, id: &str) -> bool {
        let shown = self.snapshots.values().flat_map(|it| &it.orders);
        shown
            .into_iter()
            .any(|it| it.client_order_id.as_str() == id)
    }

    /// What a stop is held against: what was told. One whose answer is lost, and whose owner has
    /// died since, is known to nobody. And a new one is held against what was told before it left:
    /// what was under way beside it is known to nobody who asks, and stays if it is tighter.
    fn tightest_told(
        &mut self,
        venue: &Venue,
        (name, id): (&str, &str),
        cause: &OrderCause,
    ) -> Option<Price> {
        let told_before = self.told_before.remove(id);
        let counts = |other: &str| {
            let told = told_before
                .as_ref()
                .map_or_else(|| self.is_told(other), |told| told.contains(other));
            other != id && told
        };
        truth::tightest(venue, name, cause, counts)
    }

    fn on_algo(&mut self, venue: &Venue, algo: &AlgoOrder, now_ms: i64) -> Verdict {
        let (name, id) = (algo.symbol.as_str(), algo.client_id.as_str());
        let Some(cause) = cause_of(name, id)? else {
            return Ok(());
        };
        let own = cause.module == Module::ExitExecutor;
        let tightest = self.tightest_told(venue, (name, id), &cause);
        let close = truth::algo_order(algo);
        let trigger = close.stop_trigger();
        match algo.status {
            AlgoStatus::New => {
                if cause.leg == LegId::Stop {
                    i4_stop_only_tightens(cause.side, tightest, trigger)?;
                    if !self.by_hand {
                        let is_shut = now_ms <= self.outage_until.millis();
                        few_stops(venue, name, &cause, (&close, now_ms, is_shut))?;
                    }
                }
                self.placed(venue, (name, id), &cause, &close)
            }
            AlgoStatus::Canceled if !self.by_hand => {
                let Some(position) = truth::position_of(venue, name, cause.side) else {
                    return Ok(());
                };
                let fresh = now_ms.saturating_sub(position.opened_at.millis()) < WINDOW_MS;
                let blind = now_ms <= self.outage_until.millis();
                if (fresh || blind) && cause.epoch != position.epoch {
                    return Ok(()); // swept for a former life; this one is not known yet
                }
                let grown = (name.to_owned(), algo.position_side);
                let known = position
                    .qty
                    .min(before_growth(&self.growths, &grown, now_ms));
                // One that has gone while the cancel was on its way was there for it.
                let gone = self.gone.cover(&position.key, now_ms);
                let cover = truth::covered(venue, &position).plus(gone);
                i3_place_confirm_cancel(known, cover.min(position.qty))?;
                // A successor has its own first stop: what it sweeps may be tighter.
                if own && cause.leg == LegId::Stop && cause.epoch == position.epoch {
                    // Outside LIVE, and outside the rollout, an incumbent replaces it.
                    let gone = self.gone.tightest(&position.key, cause.side, now_ms);
                    let rests = truth::tightest_of_anyone(venue, name, &cause, id);
                    let best = rests.into_iter().chain(gone);
                    let best = best.reduce(|a, b| cause.side.tighter(a, b));
                    return i4_stop_only_tightens(cause.side, trigger, best);
                }
                Ok(())
            }
            AlgoStatus::Triggering | AlgoStatus::Canceled => {
                let key = truth::key(name, cause.side);
                let open = truth::position_of(venue, name, cause.side);
                let open = open.map_or(Qty::ZERO, |it| it.qty);
                let qty = close.qty().unwrap_or(open);
                let trigger = trigger.filter(|_| cause.leg == LegId::Stop);
                let id = id.to_owned();
                let one = One { id, qty, trigger };
                self.gone.note(key, one, self.by_hand, now_ms);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Something is added to a position; a cancel that is on its way may not know of it.
    fn note_growth(&mut self, leg: Leg, before: Decimal, now_ms: i64) {
        let known = before_growth(&self.growths, &leg, now_ms);
        let before = known.min(truth::qty(before));
        self.growths.insert(leg, (now_ms, before));
    }

    /// The venue has accepted an order of ours.
    fn placed(
        &mut self,
        venue: &Venue,
        (name, id): (&str, &str),
        cause: &OrderCause,
        order: &CloseOrder,
    ) -> Verdict {
        if !self.accepted.insert(format!("{name} {id}")) {
            let detail = format!("{id} on {name} was accepted twice");
            let name = "one_order_is_sent_once";
            return Err(Violation { name, detail });
        }
        // The gateway can only know the filters that it was told; a change shows at its next read.
        let told = self.told_filters.get(name).into_iter().flatten();
        let on_old = told
            .into_iter()
            .any(|it| i14_on_grid(it, cause.side, order).is_ok());
        if on_old {
            return Ok(());
        }
        i14_on_grid(&truth::instrument(venue, name), cause.side, order)
    }

    /// The venue has answered a question for its filters: these and the last ones are known.
    pub fn on_filters_told(&mut self, venue: &Venue) {
        for spec in venue.symbols() {
            let now = truth::instrument(venue, &spec.symbol);
            let told = self.told_filters.entry(spec.symbol.clone()).or_default();
            if told.last() != Some(&now) {
                told.push(now);
            }
            let old = told.len().saturating_sub(FILTERS_KNOWN);
            told.drain(..old);
        }
    }
}

/// Stops do not pile up until the account is full (-4045) and new positions stay naked. While the
/// venue takes no cancels each change of a position adds one; but no two of them are alike.
fn few_stops(
    venue: &Venue,
    name: &str,
    cause: &OrderCause,
    (placed, now_ms, is_shut): (&CloseOrder, i64, bool),
) -> Verdict {
    let stops = truth::stops_like(venue, name, cause);
    let alike = stops.iter().filter(|it| it.order == *placed).count();
    let old = stops.iter().filter(|it| now_ms - it.since_ms >= WINDOW_MS);
    let (old, stops) = (old.count(), stops.len());
    let are_few = old <= STOPS_MAX && stops <= STOPS_AT_ONCE_MAX;
    if alike <= ALIKE_MAX && (are_few || is_shut) {
        return Ok(());
    }
    let detail = format!(
        "{stops} working stops of {} on {name}, {old} of them old, {alike} alike",
        cause.module
    );
    let name = "stops_do_not_pile_up";
    Err(Violation { name, detail })
}

fn is_id(name: &str) -> bool {
    let ids = ["newClientOrderId", "origClientOrderId", ALGO_ID];
    ids.contains(&name)
}

const fn is_stop(cause: &OrderCause) -> bool {
    matches!(cause.leg, LegId::Stop | LegId::Disaster)
}

/// What an order's name says, none where it is nobody's of us.
fn cause_of(name: &str, id: &str) -> Result<Option<OrderCause>, Violation> {
    let code = id.split('-').next().unwrap_or_default();
    let Some(module) = Module::from_code(code) else {
        return Ok(None);
    };
    let symbol = symbol(name);
    let client_id = ClientOrderId::new(id).expect("the venue takes only valid names");
    let Some(cause) = client_id.cause(&symbol) else {
        let detail = format!("{id} of {module} names no cause");
        let name = "I11_derived_id";
        return Err(Violation { name, detail });
    };
    i11_derived_id(&symbol, &cause, &client_id)?;
    Ok(Some(cause))
}
