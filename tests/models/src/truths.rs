//! What holds in every state, and what has happened on the way to it.

use domain::Price;
use domain::Qty;
use domain::invariant::{i3_place_confirm_cancel, i4_stop_only_tightens, i5_never_reverses};
use domain::order::RestingOrder;
use stateright::Property;

use crate::desk::{Desk, News};
use crate::house::House;
use crate::parts;
use crate::venue::Venue;
use crate::world::{State, World};

/// What a state alone does not tell.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Record {
    /// Whether stops with a quantity have ever covered the position.
    pub was_covered: bool,
    /// The invariant that the last step broke.
    pub broken: Option<&'static str>,
}

impl Record {
    pub fn new(venue: &Venue) -> Self {
        Self {
            was_covered: venue.is_covered(),
            broken: None,
        }
    }

    /// Compares the state before a step with what it has become.
    pub fn note(&mut self, before: &State, venue: &Venue, house: &House, desks: &[Desk; 2]) {
        let sides = [before.venue.open, venue.open].map(|open| (venue.side, open));
        let gone = venue.orders.len() < before.venue.orders.len();
        let is_cancel = gone && venue.open == before.venue.open;
        let mut verdicts = vec![i5_never_reverses(sides[0], sides[1])];
        if is_cancel && before.venue.protected() >= venue.open {
            verdicts.push(i3_place_confirm_cancel(venue.open, venue.protected()));
        }
        for (old, new) in before.desks.iter().zip(desks) {
            if let (Some(old), Some(new)) = (&old.life, &new.life) {
                let (old, new) = (old.desired.stop, new.desired.stop);
                verdicts.push(i4_stop_only_tightens(venue.side, old, new));
            }
        }
        let broken = verdicts.into_iter().find_map(Result::err);
        self.broken = self.broken.or(broken.map(|it| it.name));
        if house.has_two_owners {
            self.broken = Some("I1_one_writer");
        }
        self.was_covered |= venue.is_covered();
    }
}

/// The truth that is another one where the owner changes on the way.
pub const ALL_WELL: &str = "in the end all is as it should be";

/// What holds in every state of every model.
pub fn always() -> Vec<Property<World>> {
    vec![
        Property::always("what stops cover stays covered", |_, state: &State| {
            !state.record.was_covered || state.venue.is_covered()
        }),
        Property::always("I1, I3, I4 and I5 hold", |_, state: &State| {
            state.record.broken.is_none()
        }),
        Property::always("no name is given twice", |_, state: &State| {
            !state.venue.repeated
        }),
        Property::always("one close of a position at a time", |_, state: &State| {
            state.house.closes_under_way(state.now) <= 1
        }),
        Property::always("targets never exceed the position", |_, state: &State| {
            state.venue.resting() <= state.venue.open
        }),
        Property::always(ALL_WELL, |world: &World, state| {
            !world.is_over(state) || is_as_it_should_be(state)
        }),
    ]
}

/// Flat with nothing left, or one working stop where it is wanted and the disaster stop beside it.
fn is_as_it_should_be(state: &State) -> bool {
    if state.venue.open.is_zero() {
        return state.venue.orders.is_empty();
    }
    let mut owners = state
        .desks
        .iter()
        .filter(|desk| desk.runs() && !desk.is_passive);
    let stops: Vec<Price> = triggers(&state.venue).collect();
    owners.any(|desk| {
        let life = desk.life.as_ref();
        life.is_some_and(|life| {
            !life.desired.exiting && life.desired.stop == stops.first().copied()
        })
    }) && stops.len() == 1
        && state.venue.is_covered()
        && state.venue.has_disaster()
}

pub fn triggers(venue: &Venue) -> impl Iterator<Item = Price> {
    venue
        .working_stops()
        .filter_map(|it| it.order.stop_trigger())
}

/// Whether one working stop rests, where a long has `trigger`.
pub fn only_stop(venue: &Venue, trigger: i64) -> bool {
    triggers(venue).eq([parts::price_of(venue.side, trigger)])
}

/// Whether a doubt has just ended, with the order executed or not.
pub fn has_found_out(state: &State, executed: bool) -> bool {
    let news = state.desks[0].news.iter();
    news.filter_map(|it| match it {
        News::Word(word) if word.after_doubt => Some(word),
        _ => None,
    })
    .any(|word| (word.status != domain::order::OrderStatus::Rejected) == executed)
}

/// Quantity of resting targets of one number.
pub fn of_leg(venue: &Venue, leg: u8) -> Qty {
    let leg = domain::LegId::TakeProfit(leg);
    let limits = venue.limits();
    let own = limits.filter(|it| parts::cause(&it.client_order_id).leg == leg);
    own.filter_map(RestingOrder::open_qty)
        .fold(Qty::ZERO, Qty::plus)
}
