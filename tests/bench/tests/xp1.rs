//! The workload's hashes: of the driver of the trigger book, and of the floor that it is compared
//! with.

use bench::xp1::{Outcome, SIZES, Size, driver, floor, ticks};

fn both(size: Size) -> [Outcome; 2] {
    let ticks = ticks(size.symbols, size.ticks);
    [
        driver::run(size, &ticks, |_| {}),
        floor::run(size, &ticks, |_| {}),
    ]
}

#[test]
fn every_size_has_its_hash_on_the_book_and_in_the_loop() {
    for (size, hash) in SIZES {
        let [book, straight] = both(size);
        assert_eq!(
            format!("{:016x}", book.hash),
            format!("{hash:016x}"),
            "{size:?}"
        );
        assert_eq!(book, straight, "{size:?}");
    }
}
