//! `--watch`: the same question again and again, each answer printed, until somebody stops it or
//! nobody reads any more.

use std::time::Duration;

use tokio::time::sleep;

use crate::answer::{Answer, Trouble};
use crate::cli::{Cli, Format, Watch};
use crate::output::{self, Screen};
use crate::signals;

/// Asks once, or again and again where that was typed. Who does not answer at first is a fault;
/// later it is told, and asked again.
///
/// # Errors
/// [`Trouble`] where the first answer can't be had, or nothing can be printed.
pub async fn repeat(
    watch: &Watch,
    cli: &Cli,
    ask: impl AsyncFn() -> Result<Answer, Trouble>,
) -> Result<Answer, Trouble> {
    let Some(pause) = watch.watch else {
        return ask().await;
    };
    let stopped = signals::stopped()?;
    tokio::select! {
        ended = on_and_on(pause, cli, ask) => ended?,
        () = stopped => {}
        () = signals::time_up(watch.longest) => return Ok(Answer::time_up()),
    }
    Ok(Answer::silent())
}

async fn on_and_on(
    pause: Duration,
    cli: &Cli,
    ask: impl AsyncFn() -> Result<Answer, Trouble>,
) -> Result<(), Trouble> {
    let screen = output::screen();
    let first = ask().await?;
    let mut text = framed(&first.text, cli.format(), screen);
    loop {
        // A list of nothing has no line.
        if !text.is_empty() && output::written(output::line(&text))?.is_break() {
            return Ok(());
        }
        sleep(pause).await;
        text = loop {
            match ask().await {
                Ok(answer) => break framed(&answer.text, cli.format(), screen),
                Err(trouble) => output::note(&trouble.to_string()),
            }
            sleep(pause).await;
        };
    }
}

/// One answer among others: on a terminal it takes the place of the last one, in YAML it is a
/// document of its own, for people there is a blank line between two.
fn framed(text: &str, format: Format, screen: Screen) -> String {
    const CLEAR: &str = "\u{1b}[H\u{1b}[2J";
    match (format, screen) {
        (Format::Json | Format::Jsonl | Format::Html, _) => text.into(),
        (Format::Yaml, _) => format!("---\n{text}"),
        (Format::Table | Format::Wide, Screen::Terminal) => format!("{CLEAR}{text}"),
        (Format::Table | Format::Wide, Screen::Stream) => format!("{text}\n"),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use clap::Parser;

    use super::*;

    #[test]
    fn answers_are_told_apart_in_each_format() {
        assert_eq!(framed("{}", Format::Json, Screen::Terminal), "{}");
        assert_eq!(framed("a: 1", Format::Yaml, Screen::Stream), "---\na: 1");
        assert_eq!(framed("x", Format::Table, Screen::Stream), "x\n");
        let told = framed("x", Format::Table, Screen::Terminal);
        assert!(told.starts_with('\u{1b}') && told.ends_with('x'));
    }

    #[tokio::test]
    async fn without_the_option_it_asks_once_and_a_first_failure_is_one() {
        let cli = Cli::parse_from(["exitctl", "status"]);
        let asked = Cell::new(0);
        let once = async || {
            asked.set(asked.get() + 1);
            Ok(Answer::ok("x".into()))
        };
        let answer = repeat(&Watch::default(), &cli, once).await.unwrap();
        assert_eq!((answer.text.as_str(), asked.get()), ("x", 1));
        let watch = Watch {
            watch: Some(Duration::from_millis(1)),
            longest: None,
        };
        let nobody = async || Err(Trouble::Unreachable("nobody".into()));
        let trouble = repeat(&watch, &cli, nobody).await.unwrap_err();
        assert_eq!(trouble.to_string(), "nobody");
    }
}
