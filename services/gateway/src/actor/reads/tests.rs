//! Tests of the module beside.

use super::*;
use crate::actor::budget::Budget;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(1_000_000 + ms)
}

/// What a minute leaves of which so much is used.
fn room(used: u32) -> Room {
    let mut budget = Budget::default();
    budget.spend(used, 0, at(0));
    budget.room(at(0))
}

fn ready() -> Reads {
    let mut reads = Reads::new();
    reads.start(at(-500));
    assert_eq!(reads.take_basics(at(0)), [Basic::Clock]);
    reads.basic_done(Basic::Clock, at(0));
    for basic in reads.take_basics(at(0)) {
        reads.basic_done(basic, at(0));
    }
    assert!(reads.has_basics());
    reads
}

fn part_of(read: &Read) -> Part {
    match read {
        Read::Orders(symbol) => Part::Orders(symbol.clone(), Vec::new()),
        Read::Algos(symbol) => Part::Algos(symbol.clone(), Vec::new()),
        _ => Part::Positions(Vec::new()),
    }
}

/// Answers all of `round`, asked for at `sent`, at `now`.
fn answer(reads: &mut Reads, round: &[Read], sent: i64, now: i64) -> Option<Round> {
    let mut done = None;
    for read in round {
        done = reads.part(read, Some((at(sent), part_of(read))), at(now));
    }
    done
}

#[test]
fn nothing_is_signed_before_the_clock_is_known() {
    let mut reads = Reads::new();
    reads.start(at(0));
    assert_eq!(reads.take_basics(at(0)), [Basic::Clock]);
    assert_eq!(reads.take_basics(at(0)), []);
    assert_eq!(reads.take_round(room(0), at(0)), []);
}

#[test]
fn a_clean_full_round_makes_the_picture_complete() {
    let mut reads = ready();
    let round = reads.take_round(room(0), at(0));
    assert_eq!(round.len(), 3);
    assert!(!reads.is_complete);
    assert!(answer(&mut reads, &round, 0, 10).is_some_and(|round| round.is_clean));
    assert!(reads.is_complete);
}

#[test]
fn a_round_asked_for_before_a_gap_does_not_close_it() {
    let mut reads = ready();
    let round = reads.take_round(room(0), at(0));
    reads.gap(at(5));
    answer(&mut reads, &round, 0, 10);
    assert!(!reads.is_complete);
    let again = reads.take_round(room(0), at(500));
    answer(&mut reads, &again, 500, 510);
    assert!(reads.is_complete);
}

#[test]
fn a_failed_part_spoils_the_round_and_is_tried_again_later_and_later() {
    let mut reads = ready();
    let mut now = 0;
    let mut pauses = Vec::new();
    for _ in 0..4 {
        let round = reads.take_round(room(0), at(now));
        assert_eq!(round.len(), 3);
        answer(&mut reads, &round[..2], now, now);
        let failed = reads.part(&round[2], None, at(now));
        assert!(failed.is_some_and(|round| !round.is_clean));
        let begun = now;
        while reads.full_pace.not_before > at(now) {
            now += 50;
        }
        pauses.push(now - begun);
    }
    assert_eq!(pauses, [250, 500, 1_000, 2_000]);
    assert!(!reads.is_complete);
}

#[test]
fn a_wish_for_one_symbol_reads_that_symbol_only() {
    let mut reads = ready();
    let round = reads.take_round(room(0), at(0));
    answer(&mut reads, &round, 0, 0);
    let btc = Symbol::new("BTCUSDT").unwrap();
    reads.want(&btc);
    assert_eq!(reads.take_round(room(0), at(100)), [], "too soon");
    let round = reads.take_round(room(0), at(500));
    assert!(
        round.contains(&Read::Orders(Some(btc.clone()))),
        "{round:?}"
    );
    assert!(!round.contains(&Read::Orders(None)));
    assert_eq!(round.len(), 3);
}

#[test]
fn full_rounds_are_spread_as_weight_is_used_up() {
    // A stream that breaks all the time: a gap after every round, for one minute.
    let mut reads = ready();
    let mut used = 0;
    let (mut rounds, mut full) = (Vec::new(), Vec::new());
    for ms in (0..60_000).step_by(100) {
        let round = reads.take_round(room(used), at(ms));
        if round.is_empty() {
            continue;
        }
        used += round.iter().map(|read| read.request().weight).sum::<u32>();
        rounds.push(ms);
        if round.contains(&Read::Orders(None)) {
            full.push(ms);
        }
        answer(&mut reads, &round, ms, ms);
        reads.gap(at(ms));
    }
    assert!(used <= 1_800, "{used}");
    let longest = |of: &[i64]| of.windows(2).map(|pair| pair[1] - pair[0]).max();
    assert!(longest(&rounds) <= Some(1_000), "{rounds:?}");
    assert!(longest(&full) <= Some(10_000), "{full:?}");
}

#[test]
fn the_cheap_reads_do_not_wait_for_a_full_one_that_is_spread() {
    // Another process has used the minute's weight up: the next full round is 9.5 s away.
    let mut reads = ready();
    for ms in [-500, 0] {
        let round = reads.take_round(room(1_700), at(ms));
        answer(&mut reads, &round, ms, ms + 10);
        reads.gap(at(ms + 20));
    }
    let btc = Symbol::new("BTCUSDT").unwrap();
    let (mut kinds, mut has_full) = (Vec::new(), false);
    for ms in (100..10_000).step_by(100) {
        if ms == 4_100 {
            reads.want(&btc);
        }
        let round = reads.take_round(room(1_700), at(ms));
        if round.is_empty() {
            continue;
        }
        let is_full = round.contains(&Read::Orders(None));
        kinds.push((ms, is_full, round.len()));
        answer(&mut reads, &round, ms, ms);
        has_full |= is_full;
        assert_eq!(
            reads.is_complete, has_full,
            "only a full one closes the gap"
        );
    }
    let glances = kinds.iter().filter(|it| !it.1);
    let times: Vec<i64> = glances.clone().map(|it| it.0).collect();
    assert!(
        times[0] <= 1_000 && times.windows(2).all(|it| it[1] - it[0] <= 1_000),
        "{kinds:?}"
    );
    let wanted: Vec<i64> = glances.filter(|it| it.2 == 3).map(|it| it.0).collect();
    assert!(matches!(wanted[..], [4_100..=4_500]), "{kinds:?}");
    let full: Vec<i64> = kinds.iter().filter(|it| it.1).map(|it| it.0).collect();
    assert_eq!(full, [9_500], "{kinds:?}");
}

#[test]
fn what_is_known_of_a_symbol_is_as_old_as_the_last_clean_round_that_read_it() {
    let name = |name| Symbol::new(name).unwrap();
    let (btc, eth) = (name("BTCUSDT"), name("ETHUSDT"));
    let mut reads = ready();
    let round = reads.take_round(room(0), at(0));
    answer(&mut reads, &round, 0, 30);
    let begun = reads.seen.at(&btc);
    assert!(begun <= at(30) && begun == reads.seen.at(&eth));
    reads.want(&btc);
    let round = reads.take_round(room(0), at(2_000));
    answer(&mut reads, &round, 2_000, 2_030);
    assert_eq!(reads.seen.at(&btc), at(2_000));
    assert_eq!(reads.seen.at(&eth), begun);
}

#[test]
fn a_failed_full_round_does_not_keep_the_positions_from_being_read() {
    let mut reads = ready();
    let mut now = 0;
    let mut glances = Vec::new();
    while now < 20_000 {
        let round = reads.take_round(room(0), at(now));
        for read in &round {
            let part = (*read == Read::Positions).then(|| (at(now), part_of(read)));
            reads.part(read, part, at(now));
        }
        if !round.is_empty() {
            glances.push(now);
        }
        now += 50;
    }
    assert!(
        glances.windows(2).all(|it| it[1] - it[0] <= 1_000),
        "{glances:?}"
    );
}

#[test]
fn more_symbols_than_a_round_reads_are_read_in_turn_while_no_full_round_may_go() {
    let mut reads = ready();
    let round = reads.take_round(room(1_700), at(0));
    answer(&mut reads, &round, 0, 10);
    let symbols: Vec<Symbol> = (0..SYMBOLS_PER_ROUND_MAX + 2)
        .map(|number| Symbol::new(&format!("S{number}USDT")).unwrap())
        .collect();
    for symbol in &symbols {
        reads.want(symbol);
    }
    let mut read = BTreeSet::new();
    for ms in [500, 1_000] {
        let round = reads.take_round(room(1_700), at(ms));
        assert!(round.len() <= 1 + 2 * SYMBOLS_PER_ROUND_MAX, "{round:?}");
        read.extend(round.iter().filter_map(|it| match it {
            Read::Orders(symbol) => symbol.clone(),
            _ => None,
        }));
        answer(&mut reads, &round, ms, ms);
    }
    assert_eq!(read, symbols.into_iter().collect());
}

#[test]
fn the_weights_are_those_of_the_requests() {
    let weight = |reads: &[Read]| reads.iter().map(|it| it.request().weight).sum::<u32>();
    let all = [Read::Positions, Read::Orders(None), Read::Algos(None)];
    let btc = Some(Symbol::new("BTCUSDT").unwrap());
    let one = [Read::Orders(btc.clone()), Read::Algos(btc)];
    assert_eq!(weight(&all), FULL_WEIGHT);
    assert_eq!(
        (weight(&all[..1]), weight(&one)),
        (GLANCE_WEIGHT, SYMBOL_WEIGHT)
    );
}

#[test]
fn a_process_that_starts_late_in_a_busy_minute_reads_the_account_all_the_same() {
    let mut reads = ready();
    let taken = |reads: &mut Reads, used| reads.take_round(room(used), at(0)).len();
    assert_eq!(taken(&mut reads, 2_208 - FULL_WEIGHT + 1), 0);
    assert_eq!(taken(&mut reads, 2_208 - FULL_WEIGHT), 3);
    // The stream connects meanwhile: all is read again, and soon.
    let all = [Read::Positions, Read::Orders(None), Read::Algos(None)];
    reads.gap(at(20));
    answer(&mut reads, &all, 0, 30);
    assert_eq!(reads.take_round(room(1_700), at(500)).len(), 3);
    answer(&mut reads, &all, 500, 510);
    assert!(reads.is_complete);
}

#[test]
fn a_round_is_made_as_a_whole_or_not_begun() {
    let mut reads = ready();
    let first = reads.take_round(room(0), at(0));
    answer(&mut reads, &first, 0, 0);
    let kind = |reads: &mut Reads, used, ms| reads.take_round(room(used), at(ms)).len();
    // Nothing is missing: the routine waits for the next minute, the glances go on.
    assert_eq!(kind(&mut reads, 1_608 - FULL_WEIGHT + 1, 20_000), 1);
    reads.part(&Read::Positions, None, at(20_000));
    // Something may be missing: it is read as long as there is room for all of it.
    reads.gap(at(20_000));
    assert_eq!(kind(&mut reads, 1_920 - FULL_WEIGHT + 1, 21_000), 1);
    reads.part(&Read::Positions, None, at(21_000));
    assert_eq!(kind(&mut reads, 1_920 - GLANCE_WEIGHT + 1, 30_000), 0);
    assert_eq!(kind(&mut reads, 1_920 - FULL_WEIGHT, 30_000), 3);
}
