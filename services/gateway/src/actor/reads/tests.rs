//! Tests of the module beside.

use super::*;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(1_000_000 + ms)
}

fn ready() -> Reads {
    let mut reads = Reads::new();
    reads.start(at(0));
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
    assert_eq!(reads.take_round(0, at(0)), []);
}

#[test]
fn a_clean_full_round_makes_the_picture_complete() {
    let mut reads = ready();
    let round = reads.take_round(0, at(0));
    assert_eq!(round.len(), 3);
    assert!(!reads.is_complete);
    assert!(answer(&mut reads, &round, 0, 10).is_some_and(|round| round.is_clean));
    assert!(reads.is_complete);
}

#[test]
fn a_round_asked_for_before_a_gap_does_not_close_it() {
    let mut reads = ready();
    let round = reads.take_round(0, at(0));
    reads.gap(at(5));
    answer(&mut reads, &round, 0, 10);
    assert!(!reads.is_complete);
    let again = reads.take_round(0, at(500));
    answer(&mut reads, &again, 500, 510);
    assert!(reads.is_complete);
}

#[test]
fn a_failed_part_spoils_the_round_and_is_tried_again_later_and_later() {
    let mut reads = ready();
    let mut now = 0;
    let mut pauses = Vec::new();
    for _ in 0..4 {
        let round = reads.take_round(0, at(now));
        assert_eq!(round.len(), 3);
        answer(&mut reads, &round[..2], now, now);
        let failed = reads.part(&round[2], None, at(now));
        assert!(failed.is_some_and(|round| !round.is_clean));
        let begun = now;
        while reads.not_before > at(now) {
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
    let round = reads.take_round(0, at(0));
    answer(&mut reads, &round, 0, 0);
    let btc = Symbol::new("BTCUSDT").unwrap();
    reads.want(&btc);
    assert_eq!(reads.take_round(0, at(100)), [], "too soon");
    let round = reads.take_round(0, at(500));
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
    let mut rounds = Vec::new();
    for ms in (0..60_000).step_by(100) {
        let round = reads.take_round(used, at(ms));
        if round.is_empty() {
            continue;
        }
        used += round.iter().map(|read| read.request().weight).sum::<u32>();
        rounds.push(ms);
        answer(&mut reads, &round, ms, ms);
        reads.gap(at(ms));
    }
    assert!(used <= 1_700, "{used}");
    let longest = rounds.windows(2).map(|pair| pair[1] - pair[0]).max();
    assert!(longest <= Some(8_000), "{rounds:?}");
}
