//! Feeds over small files made on the spot.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;

const BARS: &str = "open_time_ms,open,high,low,close,volume\n\
                    60000,100,110,90,105,4\n\
                    120000,105,106,104,104,8\n";

fn flat(_: &str) -> Lean {
    Lean::Flat
}

fn short(_: &str) -> Lean {
    Lean::Short
}

fn write(dir: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = dir.path().join(name);
    let bytes = zstd::encode_all(text.as_bytes(), 1).unwrap();
    fs::write(&path, bytes).unwrap();
    path
}

fn open(path: &std::path::Path) -> Feed {
    Feed::open(path.to_str().unwrap(), &[], 0).unwrap()
}

fn prices(feed: &mut Feed, lean: LeanOf<'_>) -> Vec<(i64, i64)> {
    let next = || feed.next_point(lean);
    let point = |p: PricePoint| (p.at_ms, i64::try_from(p.last.unwrap()).unwrap());
    std::iter::from_fn(next).map(point).collect()
}

#[test]
fn a_bar_is_four_points_with_the_hurting_extreme_first() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(&dir, "BTCUSDT-1m.csv.zst", BARS);
    let long = [(60_000, 100), (75_000, 90), (90_000, 110), (105_000, 105)];
    assert_eq!(prices(&mut open(&path), &flat)[..4], long);
    assert_eq!(prices(&mut open(&path), &|_: &str| Lean::Long)[..4], long);
    let short_first = [(60_000, 100), (75_000, 110), (90_000, 90), (105_000, 105)];
    assert_eq!(prices(&mut open(&path), &short)[..4], short_first);
}

#[test]
fn a_folder_is_merged_by_time_and_filtered_by_symbol() {
    let dir = tempfile::tempdir().unwrap();
    write(&dir, "BTCUSDT-1m.csv.zst", BARS);
    write(&dir, "ETHUSDT-1m.csv.zst", BARS);
    fs::write(dir.path().join("README.md"), "no prices").unwrap();
    let mut feed = open(dir.path());
    assert_eq!(feed.symbols(), ["BTCUSDT", "ETHUSDT"]);
    let times: Vec<i64> = prices(&mut feed, &flat).iter().map(|(at, _)| *at).collect();
    assert_eq!(times.len(), 16);
    assert!(times.is_sorted());
    let only = ["ETHUSDT".to_owned()];
    let mut feed = Feed::open(dir.path().to_str().unwrap(), &only, 0).unwrap();
    assert_eq!(prices(&mut feed, &flat).len(), 8);
}

#[test]
fn malformed_lines_are_skipped_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let text = format!("{BARS}nonsense\n180000,1,2\n180000,-5,6,4,4,1\n180000,9,6,4,4,1\n");
    let mut feed = open(&write(&dir, "BTCUSDT-1m.csv.zst", &text));
    assert_eq!(prices(&mut feed, &flat).len(), 8);
    assert_eq!(feed.malformed(), 4);
}

#[test]
fn a_time_that_no_later_one_can_follow_is_malformed() {
    let dir = tempfile::tempdir().unwrap();
    let text = format!("{BARS}9223372036854775807,100,110,90,105,4\n-1,100,110,90,105,4\n");
    let mut feed = open(&write(&dir, "BTCUSDT-1m.csv.zst", &text));
    assert_eq!(prices(&mut feed, &flat).len(), 8);
    assert_eq!(feed.malformed(), 2);
    let text = "1,100,1,60000,true\n2,100,1,9223372036854775807,true\n";
    let mut feed = open(&write(&dir, "BTCUSDT-trades.csv.zst", text));
    assert_eq!(prices(&mut feed, &flat).len(), 1);
}

#[test]
fn a_truncated_file_ends_early_and_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let many: String = (1..20_000)
        .map(|n| format!("{},100,110,90,105,{n}\n", n * 60_000))
        .collect();
    let path = write(&dir, "BTCUSDT-1m.csv.zst", &many);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() * 3 / 4]).unwrap();
    let mut feed = open(&path);
    let count = prices(&mut feed, &flat).len();
    assert!(count > 0 && count < 80_000, "{count}");
    assert!(feed.malformed() >= 1);
}

#[test]
fn an_unusable_file_is_an_error_that_names_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(&dir, "BTCUSDT-1m.csv.zst", "nothing\nhere\n");
    let error = Feed::open(path.to_str().unwrap(), &[], 0)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("BTCUSDT-1m.csv.zst") && error.contains("2 malformed"),
        "{error}"
    );
    let error = Feed::open("/no/such/file", &[], 0).unwrap_err().to_string();
    assert!(error.contains("/no/such/file"), "{error}");
    let empty = tempfile::tempdir().unwrap();
    assert!(Feed::open(empty.path().to_str().unwrap(), &[], 0).is_err());
}

#[test]
fn a_recorded_stream_gives_books_marks_and_trades() {
    let dir = tempfile::tempdir().unwrap();
    let text = r#"
1680652800070436 {"stream":"","data":{"e":"bookTicker","s":"BTCUSDT","b":"100","a":"102"}}
1680652800070437 {"stream":"x","data":{"e":"depthUpdate","s":"BTCUSDT","b":[["1","2"]],"a":[]}}
1680652800070438 {"lastUpdateId": 5, "bids": [["28145.10", "3.818"]], "asks": []}
1680652800080436 {"stream":"x","data":{"e":"markPriceUpdate","E":1,"s":"BTCUSDT","p":"100.5"}}
1721347201288226223 {"stream":"x","data":{"e":"bookTicker","s":"BTCUSDT","b":"101","a":"103"}}
1721347201289226223 {"stream":"x","data":{"e":"trade","s":"BTCUSDT","p":"102","q":"3"}}
1721347201289226223 {"stream":"x","data":{"e":"trade","s":"BTCUSDT","p":"abc","q":"3"}}
"#;
    let mut feed = open(&write(&dir, "BTCUSDT-x.jsonl.zst", text));
    let points: Vec<PricePoint> = std::iter::from_fn(|| feed.next_point(&flat)).collect();
    let marks: Vec<Option<Decimal>> = points.iter().map(|point| point.mark).collect();
    let mark = Some(Decimal::new(1005, 1));
    assert_eq!(marks, [Some(101.into()), mark, None, None]);
    assert_eq!(
        (points[0].at_ms, points[2].at_ms),
        (1_680_652_800_070, 1_721_347_201_288)
    );
    assert_eq!(
        (points[3].last, points[3].volume),
        (Some(102.into()), 3.into())
    );
    assert_eq!(feed.malformed(), 1);
}

#[test]
fn trades_are_points() {
    let dir = tempfile::tempdir().unwrap();
    let text = "trade_id,price,quantity,trade_time_ms,m\n1,100,0.5,777,true\n2,101,1,778,true\n";
    let mut feed = open(&write(&dir, "BTCUSDT-trades.csv.zst", text));
    assert_eq!(prices(&mut feed, &flat), [(777, 100), (778, 101)]);
}

#[test]
fn the_synthetic_market_is_the_same_for_the_same_seed_and_stays_on_its_ticks() {
    let run = |seed| {
        let mut market = Synthetic::new(&[], seed);
        (0..9_000).map(|_| market.next_point()).collect::<Vec<_>>()
    };
    assert_eq!(run(3), run(3));
    assert_ne!(run(3), run(4));
    for point in run(3) {
        let spec = crate::venue::SymbolSpec::named(&point.symbol).unwrap();
        let price = point.last.unwrap();
        assert!(
            price > Decimal::ZERO && (price % spec.tick_size).is_zero(),
            "{point:?}"
        );
    }
}

#[test]
fn the_synthetic_market_makes_up_any_symbol_that_is_asked_for() {
    let asked = ["NEWUSDT".to_owned(), "BTCUSDT".to_owned()];
    let mut market = Synthetic::new(&asked, 1);
    assert_eq!(market.symbols(), asked);
    let first = market.next_point();
    assert_eq!(first.symbol, "NEWUSDT");
    assert!(first.last.unwrap() > 90.into() && first.last.unwrap() < 110.into());
}

#[test]
fn the_synthetic_market_moves_enough_to_matter_and_not_absurdly() {
    let mut market = Synthetic::new(&["BTCUSDT".to_owned()], 1);
    let prices: Vec<Decimal> = (0..14_400)
        .filter_map(|_| market.next_point().last)
        .collect();
    let (low, high) = (prices.iter().min().unwrap(), prices.iter().max().unwrap());
    let range = (high - low) / low;
    assert!(
        range > Decimal::new(5, 3) && range < Decimal::new(30, 2),
        "{range}"
    );
}

#[test]
fn a_replay_follows_its_speed_and_begins_again_at_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let feed = open(&write(&dir, "BTCUSDT-1m.csv.zst", BARS));
    let mut replay = Replay::new(feed, "60x".parse().unwrap());
    let due = |replay: &mut Replay, wall: i64| {
        let mut count = 0;
        while replay.next_due(wall, &flat).unwrap().is_some() {
            count += 1;
        }
        count
    };
    assert_eq!(due(&mut replay, 1_000), 1);
    assert_eq!(due(&mut replay, 1_249), 0);
    assert_eq!(due(&mut replay, 1_250), 1);
    assert_eq!(due(&mut replay, 2_750), 6 + 1);
    assert_eq!(replay.rounds(), 1);
}

#[test]
fn a_gap_of_years_is_skipped() {
    let dir = tempfile::tempdir().unwrap();
    let text = "0,100,100,100,100,1\n99999960000,100,100,100,100,1\n";
    let mut replay = Replay::new(
        open(&write(&dir, "BTCUSDT-1m.csv.zst", text)),
        Speed::REAL_TIME,
    );
    while replay.next_due(0, &flat).unwrap().is_some() {}
    for wall in [15_000, 30_000] {
        assert!(replay.next_due(wall, &flat).unwrap().is_some());
    }
    assert!(replay.next_due(45_000, &flat).unwrap().is_some());
    let after = replay.next_due(45_000, &flat).unwrap().unwrap();
    assert_eq!(after.at_ms, 99_999_960_000);
}

#[test]
fn a_speed_is_a_number_with_an_x() {
    assert_eq!("1x".parse::<Speed>(), Ok(Speed::REAL_TIME));
    assert!("0.5x".parse::<Speed>().is_ok() && "60".parse::<Speed>().is_ok());
    for bad in ["", "x", "0x", "-1x", "fast", "9999999999x"] {
        assert!(bad.parse::<Speed>().is_err(), "{bad}");
    }
}
