//! The answer to "what happened to this position, and why": a pure function of what is remembered.

use domain::{Epoch, PositionKey};
use proto::wire;

use super::because::because;
use super::page::{Held, Page};
use super::words::{Words, words};
use super::{Chapter, Life, Stories};
use crate::asked::Asked;
use crate::moment::rfc3339;

/// The stories that `asked` is about, of each position one life.
#[must_use]
pub fn stories(known: &Stories, asked: &wire::StoryRequest) -> wire::StoryList {
    let which = Asked {
        account: asked.account.as_deref(),
        symbol: asked.symbol.as_deref(),
        side: asked.side.as_deref(),
    };
    let mut positions: Vec<(&PositionKey, Vec<(Epoch, &Life)>)> = Vec::new();
    for (key, epoch, life) in known.iter().filter(|(key, ..)| which.covers(key)) {
        match positions.last_mut().filter(|(last, _)| *last == key) {
            Some((_, lives)) => lives.insert(0, (epoch, life)),
            None => positions.push((key, vec![(epoch, life)])),
        }
    }
    let told = positions.iter().filter_map(|(key, lives)| {
        let is_meant = |epoch: Epoch| asked.epoch.is_none_or(|it| it == epoch.0);
        let (epoch, life) = lives.iter().find(|(epoch, _)| is_meant(*epoch))?;
        let others = lives.iter().map(|(other, _)| other.0);
        let others = others.filter(|other| *other != epoch.0).collect();
        Some(story(key, *epoch, life, others))
    });
    wire::StoryList {
        stories: told.collect(),
        dropped_lives: known.dropped(),
    }
}

fn story(key: &PositionKey, epoch: Epoch, life: &Life, other_epochs: Vec<u64>) -> wire::Story {
    let state = match life.held().map(Held::is_open) {
        Some(true) => "OPEN",
        Some(false) => "CLOSED",
        None => "UNKNOWN",
    };
    wire::Story {
        account: key.account.to_string(),
        symbol: key.symbol.to_string(),
        side: key.side.to_string(),
        epoch: epoch.0,
        state: state.into(),
        dropped_chapters: life.dropped(),
        other_epochs,
        chapters: chapters(life),
    }
}

/// In order of time. Things said in one step bear one time: then a cause comes before what
/// follows from it.
fn chapters(life: &Life) -> Vec<wire::StoryChapter> {
    let mut sorted: Vec<&Chapter> = life.chapters().collect();
    sorted.sort_by_key(|it| (it.at, rank(&it.page)));
    let pages: Vec<&Page> = sorted.iter().map(|it| &it.page).collect();
    let told = sorted.iter().enumerate();
    told.map(|(index, chapter)| wire::StoryChapter {
        number: number(index),
        because: because(&pages[..index], &chapter.page).map(number),
        ..said(chapter)
    })
    .collect()
}

/// 1 is the first.
fn number(index: usize) -> u32 {
    u32::try_from(index).map_or(u32::MAX, |it| it.saturating_add(1))
}

const fn rank(page: &Page) -> u8 {
    match page {
        Page::Position(_) => 0,
        Page::Plan(_) => 1,
        Page::Decision { .. } => 2,
        Page::Intent(_) => 3,
        Page::Verdict(_) => 4,
        Page::Order(_) => 5,
    }
}

fn said(chapter: &Chapter) -> wire::StoryChapter {
    let Words {
        kind,
        code,
        what,
        reason,
        module,
    } = words(&chapter.page);
    let ids = ids(&chapter.page);
    wire::StoryChapter {
        at: rfc3339(chapter.at),
        kind: kind.into(),
        code,
        what,
        reason,
        module,
        plan_id: ids.plan,
        intent_id: ids.intent,
        client_order_id: ids.order,
        times: chapter.times,
        last_at: rfc3339(chapter.last_at),
        ..wire::StoryChapter::default()
    }
}

#[derive(Default)]
struct Ids {
    plan: Option<String>,
    intent: Option<String>,
    order: Option<String>,
}

fn ids(page: &Page) -> Ids {
    match page {
        Page::Position(_) => Ids::default(),
        Page::Plan(plan) => Ids {
            plan: Some(plan.id.to_string()),
            ..Ids::default()
        },
        Page::Decision { decision, .. } => Ids {
            plan: decision.plan_id.map(|id| id.to_string()),
            ..Ids::default()
        },
        Page::Intent(intent) => Ids {
            plan: intent.plan_id.map(|id| id.to_string()),
            intent: Some(intent.id.to_string()),
            order: Some(intent.client_order_id().to_string()),
        },
        Page::Verdict(verdict) => Ids {
            intent: Some(verdict.intent_id.to_string()),
            ..Ids::default()
        },
        Page::Order(event) => Ids {
            intent: Some(event.intent_id.to_string()),
            order: Some(event.client_order_id.to_string()),
            ..Ids::default()
        },
    }
}
