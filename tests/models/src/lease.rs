//! Two candidates for one lease and the store that keeps it: whatever is late, repeated, paused or
//! cut off, newer tokens are higher, and who has an older one does not act or is refused.
//!
//! Everybody who is awake beats at the same moments. What has not arrived when the next one comes
//! is late, and that is a fault: it may arrive at any later moment, or never.

mod race;
mod steps;

use domain::lease::Standing;
use stateright::Property;

use self::race::{Candidate, Fault, Race, State};
use crate::desk::Pulse;
use crate::walk::{fails, holds};

/// Beats within which somebody acts once nothing goes wrong any more: an entry that nobody renews
/// is read first, is seen unchanged for a lease time of six beats, and is taken at the next one.
const CALM: i64 = 8;
/// Long enough to lose the lease meanwhile, to come back, and to see another fault.
const RESTLESS: i64 = 10;

const TWO_SURE: &str = "never two are sure";
const NO_OLDER: &str = "no older owner passes the guard";

fn race(name: &'static str, may: &[Fault]) -> Race {
    Race {
        name,
        restless: RESTLESS,
        calm: CALM,
        may: may.into(),
        faults: 1,
        speaks: false,
        has_fences: true,
        is_clock_deaf: false,
        truths: vec![
            Property::always("every taking has a higher token", |_, state: &State| {
                state.taken.is_sorted_by(|a, b| a < b)
            }),
            Property::always("who is sure has taken the lease", |_, state: &State| {
                state.tokens().all(|token| state.taken.contains(&token))
            }),
            Property::always(
                "in the end one is sure, under the newest token",
                |race: &Race, state: &State| {
                    let is_over = state.tick == race.last_tick() && state.is_settled();
                    !is_over || state.tokens().eq(state.taken.last().copied())
                },
            ),
        ],
    }
}

fn never_two(mut race: Race) -> Race {
    race.truths
        .push(Property::always(TWO_SURE, |_, state: &State| {
            state.tokens().count() < 2
        }));
    race
}

/// Both start at once. Then one is paused, dies, or is replaced, wherever that hurts.
fn interrupted() -> Race {
    let mut race = never_two(race(
        "lease: pauses, deaths and stops",
        &[Fault::Pause, Fault::Death, Fault::Stop],
    ));
    race.truths.extend([
        Property::sometimes("both have asked for it at once", |_, state: &State| {
            let takes = state.requests.iter();
            takes.filter(|it| it.takes()).count() == 2
        }),
        Property::sometimes("one wakes up after it was taken", |_, state: &State| {
            let is_passed_over = |it: &Candidate| {
                it.pulse == Pulse::Runs
                    && it.tenure.standing(it.clock(state.now())) == Standing::Unsure
            };
            state.candidates.iter().any(is_passed_over) && state.tokens().count() == 1
        }),
        Property::sometimes(
            "what was given back is taken at once",
            |_, state: &State| {
                state.tick < RESTLESS / 2 && state.taken.len() == 2 && state.tokens().count() == 1
            },
        ),
    ]);
    race
}

#[test]
fn pauses_deaths_and_stops_never_make_two_owners_and_leave_one() {
    holds(interrupted());
}

/// Messages between the candidates and the store are late, lost or come twice.
#[test]
fn nor_do_late_lost_and_repeated_messages() {
    let mut race = never_two(race(
        "lease: late, lost and repeated messages",
        &[Fault::Late, Fault::Repeat],
    ));
    race.truths.extend([
        Property::sometimes("a write is done that was given up", |_, state: &State| {
            state.answers.iter().any(|it| it.is_late && it.is_written())
        }),
        Property::sometimes("a write meets another one", |_, state: &State| {
            state.answers.iter().any(|it| it.is_conflict())
        }),
        Property::sometimes("a holder doubts", |_, state: &State| {
            let standing = |it: &Candidate| it.tenure.standing(it.clock(state.now()));
            let mut all = state.candidates.iter();
            all.any(|it| it.pulse == Pulse::Runs && standing(it) == Standing::Unsure)
        }),
    ]);
    holds(race);
}

/// Owners ask the guard for something, and the token is what tells two of them apart.
fn fenced(mut race: Race) -> Race {
    race.speaks = true;
    race.truths.extend([
        Property::always(NO_OLDER, |_, state: &State| !state.has_older_passed),
        Property::sometimes("two are sure", |_, state: &State| {
            state.tokens().count() == 2
        }),
        Property::sometimes("the older one was refused", |_, state: &State| {
            state.was_refused
        }),
    ]);
    race
}

/// A holder that is cut off from the store, alone, loses the lease without knowing it.
fn cut_off() -> Race {
    let mut race = fenced(race("lease: cut off from the store", &[Fault::Cut]));
    race.calm = 3;
    race
}

/// So does one that is paused twice, each time for less than what it notices, while an answer is on
/// its way.
#[test]
fn one_that_misses_its_answers_in_short_pauses_is_refused_too() {
    let mut race = fenced(race("lease: two pauses", &[Fault::Pause]));
    race.faults = 2;
    (race.restless, race.calm) = (8, 3);
    holds(race);
}

#[test]
fn one_that_is_cut_off_is_refused_where_the_newer_one_has_spoken() {
    holds(cut_off());
}

#[test]
fn a_guard_that_remembers_no_token_is_found() {
    let has_fences = false;
    fails(
        Race {
            has_fences,
            ..cut_off()
        },
        NO_OLDER,
    );
}

/// A clock that stands still while the process does hides the pause from it.
#[test]
fn a_clock_that_hides_pauses_is_found() {
    let is_clock_deaf = true;
    fails(
        Race {
            is_clock_deaf,
            ..interrupted()
        },
        TWO_SURE,
    );
}
