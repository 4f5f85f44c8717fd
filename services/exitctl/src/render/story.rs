//! The story of a position for people: one line for each chapter.

use proto::wire::{Story, StoryChapter};

use super::table::table;

/// Where nothing is told.
const NONE: &str = "-";

/// One life of a position, with the ids where there is room, without the last line break.
pub fn render(story: &Story, is_wide: bool) -> String {
    let head = [
        format!("{}.{}.{}", story.account, story.symbol, story.side),
        format!("life {} {}", story.epoch, story.state),
    ];
    let mut lines = vec![head.join(" ")];
    if !story.other_epochs.is_empty() {
        let others: Vec<String> = story.other_epochs.iter().map(u64::to_string).collect();
        lines.push(format!("other lives: {}", others.join(" ")));
    }
    if story.dropped_chapters > 0 {
        let dropped = story.dropped_chapters;
        lines.push(format!("{dropped} older chapters are no longer kept"));
    }
    format!(
        "{}\n\n{}",
        lines.join("\n"),
        chapters(&story.chapters, is_wide)
    )
}

fn chapters(chapters: &[StoryChapter], is_wide: bool) -> String {
    let head = ["#", "OF", "AT", "CHAPTER", "WHAT", "REASON"];
    if is_wide {
        let [a, b, c, d, e, f] = head;
        let head = [
            a, b, c, d, e, f, "CODE", "BY", "PLAN", "INTENT", "ORDER", "LAST",
        ];
        let rows: Vec<_> = chapters.iter().map(wide).collect();
        return table(head, &rows);
    }
    let rows: Vec<_> = chapters.iter().map(row).collect();
    table(head, &rows)
}

fn wide(chapter: &StoryChapter) -> [String; 12] {
    let [a, b, c, d, e, f] = row(chapter);
    let id = |id: &Option<String>| id.clone().unwrap_or_else(|| NONE.into());
    let last = if chapter.times > 1 {
        chapter.last_at.clone()
    } else {
        NONE.into()
    };
    [
        a,
        b,
        c,
        d,
        e,
        f,
        chapter.code.clone(),
        chapter.module.clone(),
        id(&chapter.plan_id),
        id(&chapter.intent_id),
        id(&chapter.client_order_id),
        last,
    ]
}

fn row(chapter: &StoryChapter) -> [String; 6] {
    let times = match chapter.times {
        0 | 1 => String::new(),
        times => format!(" (x{times})"),
    };
    [
        chapter.number.to_string(),
        chapter
            .because
            .map_or_else(|| NONE.into(), |number| number.to_string()),
        chapter.at.clone(),
        chapter.kind.clone(),
        format!("{}{times}", chapter.what),
        chapter.reason.clone(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_before_anything_is_told() {
        let chapter = StoryChapter {
            number: 1,
            at: "2025-12-10T22:14:55.000Z".into(),
            kind: "DECISION".into(),
            what: "no_change".into(),
            reason: "nothing to do".into(),
            times: 3,
            ..StoryChapter::default()
        };
        let story = Story {
            account: "main".into(),
            symbol: "BTCUSDT".into(),
            side: "LONG".into(),
            epoch: 7,
            state: "OPEN".into(),
            dropped_chapters: 12,
            other_epochs: vec![6, 5],
            chapters: vec![chapter],
        };
        let expected = "\
main.BTCUSDT.LONG life 7 OPEN
other lives: 6 5
12 older chapters are no longer kept

#  OF  AT                        CHAPTER   WHAT            REASON
1  -   2025-12-10T22:14:55.000Z  DECISION  no_change (x3)  nothing to do";
        assert_eq!(render(&story, false), expected);
    }
}
