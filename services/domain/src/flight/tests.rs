//! Which generations a process may give.

use super::*;

const EPOCH: Epoch = Epoch(1_795_178_173_912);

#[test]
fn a_later_process_gives_no_generation_of_an_earlier_one() {
    let opened = EPOCH.0 * 1_000;
    let mut first = Flight::after(taken_before(EPOCH, opened - 1));
    assert_eq!(first.next_generation(LegId::Exit), 1);
    assert_eq!(first.next_generation(LegId::Exit), 2);
    let mut second = Flight::after(taken_before(EPOCH, opened + 1_000_000));
    assert_eq!(second.next_generation(LegId::Exit), 51);
    assert_eq!(second.next_generation(LegId::Exit), 52);
    let mut soon = Flight::after(taken_before(EPOCH, opened + 5_000));
    assert_eq!(soon.next_generation(LegId::Exit), 2);
}

#[test]
fn boots_and_lives_at_the_ends_of_time_are_counted_too() {
    assert_eq!(taken_before(Epoch(u64::MAX), 0), 0);
    assert_eq!(taken_before(Epoch(0), u64::MAX), u32::MAX);
}
