//! A page has everything in it, escapes what it is given, and is the same each time.
#![allow(clippy::float_arithmetic, reason = "points of a drawing")]

use super::*;

fn page() -> Page {
    let mut table = Table::new("PnL of each policy, USDT")
        .words("policy")
        .numbers("PnL");
    table.row([Cell::from("a & b"), Cell::new("-1.50", Tone::Bad)]);
    table.row([Cell::from("short row")]);
    let wave = |at: u32| (f64::from(at) * 3_600_000.0, f64::from(at % 7));
    let lines = LineChart::new("Equity", Axis::time("UTC"), Axis::numbers("USDT"))
        .line("brain", (0..200).map(wave))
        .band((0..200).map(wave).map(|(x, y)| (x, y - 1.0, y + 1.0)))
        .line("legacy", (0..200).map(wave).map(|(x, y)| (x, -y)));
    let mut bars = BarChart::new("Exits", Axis::numbers("count"))
        .series("brain")
        .series("legacy");
    bars.category("<b>stop</b>", [3.0, 4.0]);
    bars.category("target", [f64::NAN, -2.0]);
    let dots = DotChart::reliability("Reliability", "expected", "came")
        .joined("advice", [(0.1, 0.2), (0.5, 0.4), (0.9, f64::INFINITY)])
        .ranges([(0.1, 0.1, 0.3)]);
    Page::new("A <report>", "what it is about")
        .verdict(Tone::Unsure, "INCONCLUSIVE", "7 trades are too few")
        .section(Section::new("Numbers").text("words").table(table))
        .section(Section::new("Charts").lines(lines).bars(bars).dots(dots))
        .section(Section::new("Remarks").notes(["first", "second"]))
}

#[test]
fn a_page_is_one_file_that_asks_nobody_for_anything() {
    let html = page().html().unwrap();
    for stranger in ["<script", "src=", "@import", "url(", "<link"] {
        assert!(!html.contains(stranger), "{stranger}");
    }
    let links = html.matches("href=\"").count();
    assert_eq!(links, html.matches("href=\"#section-").count());
    assert_eq!(html.matches("<svg").count(), 3);
    for word in ["INCONCLUSIVE", "7 trades are too few", "PnL of each policy"] {
        assert!(html.contains(word), "{word}");
    }
}

#[test]
fn what_it_is_given_is_text_and_never_markup() {
    let html = page().html().unwrap();
    assert!(html.contains("A &lt;report&gt;"));
    assert!(html.contains("a &amp; b"));
    assert!(html.contains("&lt;b&gt;stop"));
    assert!(!html.contains("<b>stop"));
}

#[test]
fn the_same_page_has_the_same_bytes() {
    assert_eq!(page().html(), page().html());
}

#[test]
fn a_value_that_is_no_number_has_no_mark() {
    let only_nan = LineChart::new("Empty", Axis::numbers("x"), Axis::numbers("y"))
        .line("none", [(0.0, f64::NAN)]);
    let html = Page::new("t", "a")
        .section(Section::new("s").lines(only_nan))
        .html()
        .unwrap();
    assert!(html.contains("Nothing to draw."));
    assert!(!page().html().unwrap().contains("NaN"));
}

#[test]
fn one_point_and_a_flat_line_have_room() {
    for points in [vec![(5.0, 5.0)], vec![(0.0, 0.0), (1.0, 0.0)]] {
        let chart =
            LineChart::new("Flat", Axis::numbers("x"), Axis::numbers("y")).line("flat", points);
        let html = Page::new("t", "a")
            .section(Section::new("s").lines(chart))
            .html()
            .unwrap();
        assert!(html.contains("<polyline") || html.contains("<svg"));
        assert!(!html.contains("NaN") && !html.contains("inf"));
    }
}

#[test]
fn colours_of_the_charts_change_with_the_paper() {
    let html = page().html().unwrap();
    let drawn = html
        .split("stroke=\"#")
        .skip(1)
        .filter_map(|rest| rest.get(..6))
        .collect::<std::collections::BTreeSet<_>>();
    assert!(!drawn.is_empty());
    for color in drawn {
        assert!(
            html.contains(&format!("svg [stroke=\"#{color}\"]")),
            "{color}"
        );
    }
}
