//! `exitctl completions` and `exitctl man`: what the command line says of itself.

use clap::CommandFactory;
use clap_mangen::Man;

use crate::answer::{Answer, Trouble};
use crate::cli::{Cli, Shell};

/// The completions for `shell`.
///
/// # Errors
/// Where they can't be written, which only a broken build could cause.
pub fn completions(shell: Shell) -> Result<Answer, Trouble> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "exitctl", &mut text);
    written(text)
}

/// The manual page.
///
/// # Errors
/// As [`completions`].
pub fn page() -> Result<Answer, Trouble> {
    let mut text = Vec::new();
    Man::new(Cli::command())
        .render(&mut text)
        .map_err(|error| Trouble::Failure(format!("the page can't be written: {error}")))?;
    written(text)
}

fn written(text: Vec<u8>) -> Result<Answer, Trouble> {
    let text = String::from_utf8(text)
        .map_err(|error| Trouble::Failure(format!("the answer is no text: {error}")))?;
    Ok(Answer::ok(text.trim_end().to_owned()))
}
