//! `exitctl story`: what happened to a position, and why.

use proto::wire::{StoryList, StoryRequest};
use serde::Serialize;

use crate::answer::{Answer, Trouble};
use crate::cli::{Cli, Format, Story};
use crate::{client, render};

/// The JSON form.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    kind: &'static str,
    /// Lives of any position of which diagnostics keeps nothing any more.
    dropped_lives: u64,
    items: &'a [proto::wire::Story],
}

/// The story of what was asked for; exit code 3 where none is kept.
pub async fn run(asked: &Story, cli: &Cli) -> Result<Answer, Trouble> {
    let place = &asked.position;
    let request = StoryRequest {
        account: place.account.as_ref().map(ToString::to_string),
        symbol: Some(place.symbol.to_string()),
        side: place.side.map(|side| side.name().into()),
        epoch: asked.life,
    };
    let told = client::story(&cli.grpc, cli.timeout, request).await?;
    answer(asked, &told, cli.format())
}

fn answer(asked: &Story, told: &StoryList, format: Format) -> Result<Answer, Trouble> {
    let document = Document {
        api_version: "exitbrain/v1",
        kind: "StoryList",
        dropped_lives: told.dropped_lives,
        items: &told.stories,
    };
    let is_missing = told.stories.is_empty();
    let text = render::told(format, &document, |format| {
        if is_missing {
            return missing(asked, told.dropped_lives);
        }
        let stories = told.stories.iter();
        let stories: Vec<String> = stories
            .map(|story| render::story::render(story, format == Format::Wide))
            .collect();
        stories.join("\n\n\n")
    })?;
    Ok(Answer::holds(text, !is_missing))
}

fn missing(asked: &Story, dropped: u64) -> String {
    let position = &asked.position;
    let life = asked.life.map(|life| format!(" life {life}"));
    let life = life.unwrap_or_default();
    let kept = match dropped {
        0 => "diagnostics keeps what it has heard since it started".into(),
        _ => format!("{dropped} older lives are no longer kept"),
    };
    format!("no story of {position}{life} is known: {kept} (see: exitctl positions)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_that_is_not_there_is_exit_code_3() {
        let asked = |life| Story {
            position: "BTCUSDT.LONG".parse().unwrap(),
            life,
        };
        for (life, dropped, text) in [
            (
                None,
                0,
                "no story of BTCUSDT.LONG is known: diagnostics keeps what it has heard since it \
                 started (see: exitctl positions)",
            ),
            (
                Some(7),
                2,
                "no story of BTCUSDT.LONG life 7 is known: 2 older lives are no longer kept \
                 (see: exitctl positions)",
            ),
        ] {
            let none = StoryList {
                stories: Vec::new(),
                dropped_lives: dropped,
            };
            let told = answer(&asked(life), &none, Format::Table).unwrap();
            assert_eq!((told.text.as_str(), told.code), (text, 3));
            let json = answer(&asked(life), &none, Format::Json).unwrap();
            assert_eq!(json.code, 3);
            assert!(json.text.contains("\"items\": []"), "{}", json.text);
        }
    }
}
