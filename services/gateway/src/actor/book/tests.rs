//! Tests of the module beside.

use super::*;
use domain::Price;
use rust_decimal::Decimal;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(1_000_000 + ms)
}

fn btc() -> Symbol {
    Symbol::new("BTCUSDT").unwrap()
}

fn stop(status: OrderStatus, ms: i64) -> Observed {
    let trigger = Price::new(Decimal::from(58_000)).unwrap();
    Observed {
        book: Book::Algo,
        venue_id: 7,
        client_id: "xe-1".into(),
        symbol: "BTCUSDT".into(),
        closes: Some(Side::Long),
        shape: Some(CloseOrder::DisasterStop { trigger }),
        order_type: "STOP_MARKET".into(),
        status: Some(status),
        filled: Qty::ZERO,
        average: None,
        child: None,
        at_ms: at(ms).millis(),
        reason: String::new(),
    }
}

fn with_stop() -> Books {
    let mut books = Books::default();
    let accepted = stop(OrderStatus::Accepted, 0);
    let effect = books.observe(&accepted, &btc(), Source::Word, at(0));
    assert_eq!(effect, Effect::Changed(Side::Long));
    books
}

fn list(sent_ms: i64) -> Source {
    Source::List {
        sent_at: at(sent_ms),
    }
}

#[test]
fn not_listed_right_after_the_answer_is_unknown_not_absent() {
    let mut books = with_stop();
    let missing = books.miss(Book::Algo, None, &[], at(2_999));
    assert!(!missing.fresh.is_empty() && missing.doubtful.is_empty() && missing.gone.is_empty());
    let missing = books.miss(Book::Algo, None, &[], at(3_000));
    assert_eq!((missing.doubtful.len(), missing.gone.len()), (1, 0));
    assert_eq!(books.of(&btc(), Side::Long).len(), 1);
    let missing = books.miss(Book::Algo, None, &[], at(4_000));
    assert_eq!(missing.gone.len(), 1);
    assert!(books.of(&btc(), Side::Long).is_empty());
}

#[test]
fn a_listing_in_between_clears_the_doubt() {
    let mut books = with_stop();
    books.miss(Book::Algo, None, &[], at(5_000));
    books.miss(Book::Algo, None, &[7], at(6_000));
    let missing = books.miss(Book::Algo, None, &[], at(7_000));
    assert!(missing.gone.is_empty());
}

#[test]
fn a_stop_that_a_list_lacks_is_not_relied_on_until_it_is_seen_again() {
    let mut books = with_stop();
    let status = |books: &Books| books.of(&btc(), Side::Long)[0].status;
    assert_eq!(
        books.miss(Book::Algo, None, &[], at(5_000)).doubtful.len(),
        1
    );
    assert_eq!(status(&books), OrderStatus::Unknown);
    let accepted = stop(OrderStatus::Accepted, 0);
    let effect = books.observe(&accepted, &btc(), list(6_000), at(6_010));
    assert_eq!(effect, Effect::Changed(Side::Long), "it is told");
    assert_eq!(status(&books), OrderStatus::Accepted);
}

#[test]
fn a_list_of_the_other_book_or_symbol_says_nothing() {
    let mut books = with_stop();
    let eth = Symbol::new("ETHUSDT").unwrap();
    for _ in 0..3 {
        let other_book = books.miss(Book::Ordinary, None, &[], at(9_000));
        let other_symbol = books.miss(Book::Algo, Some(&eth), &[], at(9_000));
        assert!(other_book.doubtful.is_empty() && other_symbol.doubtful.is_empty());
    }
}

#[test]
fn a_late_list_does_not_bring_an_ended_order_back() {
    let mut books = with_stop();
    let canceled = stop(OrderStatus::Canceled, 100);
    books.observe(&canceled, &btc(), Source::Word, at(100));
    let accepted = stop(OrderStatus::Accepted, 0);
    let effect = books.observe(&accepted, &btc(), list(3_000), at(3_010));
    assert_eq!(effect, Effect::Stale);
    // Nor does a repeated event.
    let effect = books.observe(&accepted, &btc(), Source::Word, at(3_020));
    assert_eq!(effect, Effect::None);
    // But what the venue lists long after rests, whatever was told before.
    let effect = books.observe(&accepted, &btc(), list(9_000), at(9_010));
    assert_eq!(effect, Effect::Changed(Side::Long));
}

#[test]
fn an_older_list_does_not_undo_a_firing() {
    let mut books = with_stop();
    let firing = stop(OrderStatus::Triggering, 500);
    books.observe(&firing, &btc(), Source::Word, at(500));
    let accepted = stop(OrderStatus::Accepted, 0);
    books.observe(&accepted, &btc(), list(400), at(600));
    let shown = books.of(&btc(), Side::Long);
    assert_eq!(shown[0].status, OrderStatus::Triggering);
    assert_eq!(shown[0].since, at(500));
}

#[test]
fn an_order_that_may_open_is_not_listed() {
    let mut books = Books::default();
    let entry = Observed {
        closes: None,
        ..stop(OrderStatus::Accepted, 0)
    };
    let effect = books.observe(&entry, &btc(), Source::Word, at(0));
    assert_eq!(effect, Effect::None);
    assert_eq!(books.all().count(), 0);
}

#[test]
fn an_order_without_a_word_for_it_is_counted() {
    let mut books = Books::default();
    let trailing = Observed {
        shape: None,
        ..stop(OrderStatus::Accepted, 0)
    };
    let effect = books.observe(&trailing, &btc(), Source::Word, at(0));
    assert_eq!(effect, Effect::Unlisted);
}

#[test]
fn a_fresh_order_that_a_list_lacks_is_noted_until_somebody_tells_of_it() {
    let mut books = with_stop();
    let lacked = |books: &Books| books.all().any(|open| open.lacked);
    books.miss(Book::Algo, None, &[], at(1_000));
    assert!(lacked(&books));
    books.miss(Book::Algo, None, &[7], at(1_500));
    assert!(!lacked(&books), "the list shows it");
    books.miss(Book::Algo, None, &[], at(2_000));
    let again = stop(OrderStatus::Accepted, 0);
    books.observe(&again, &btc(), Source::Word, at(2_100));
    assert!(!lacked(&books), "it was asked for");
}
