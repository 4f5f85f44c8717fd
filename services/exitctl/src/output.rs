//! The only place that prints: data to stdout, everything else to stderr.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use crate::answer::{Answer, Trouble, code};
use crate::render::Paint;

/// Prints an answer.
pub fn answer(answer: &Answer) -> ExitCode {
    match writeln!(io::stdout().lock(), "{}", answer.text) {
        Ok(()) => ExitCode::from(answer.code),
        // Whoever read us has gone (`exitctl status | head`): there is nobody left to tell.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::from(answer.code),
        Err(_) => ExitCode::from(code::FAILURE),
    }
}

/// Prints what went wrong.
pub fn trouble(trouble: &Trouble) -> ExitCode {
    let told = writeln!(io::stderr().lock(), "exitctl: {trouble}");
    // A closed stderr changes nothing about what happened.
    drop(told);
    ExitCode::from(trouble.code())
}

/// Colour only for people: not into a pipe, not where `NO_COLOR` or the flag say no.
pub fn paint(no_color: bool) -> Paint {
    let asked_not = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if no_color || asked_not || !io::stdout().is_terminal() {
        Paint::Plain
    } else {
        Paint::Colored
    }
}
