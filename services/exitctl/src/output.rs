//! The only place that prints: data to stdout, everything else to stderr.

use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};
use std::ops::ControlFlow;
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::answer::{Answer, Trouble, code};
use crate::render::Paint;

/// Prints an answer; one without text was printed while it came.
pub fn answer(answer: &Answer) -> ExitCode {
    if answer.text.is_empty() {
        return ExitCode::from(answer.code);
    }
    match writeln!(io::stdout().lock(), "{}", answer.text) {
        Ok(()) => ExitCode::from(answer.code),
        // Whoever read us has gone (`exitctl status | head`): there is nobody left to tell.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::from(answer.code),
        Err(_) => ExitCode::from(code::FAILURE),
    }
}

/// Prints one line of an answer that goes on.
///
/// # Errors
/// Where stdout does not take it.
pub fn line(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

/// Whoever read us may have gone (`exitctl decisions tail | head`): then there is nobody left to
/// tell, and that is no fault.
///
/// # Errors
/// [`Trouble::Failure`] where it was not written for another reason.
pub fn written(done: io::Result<()>) -> Result<ControlFlow<()>, Trouble> {
    match done {
        Ok(()) => Ok(ControlFlow::Continue(())),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ControlFlow::Break(())),
        Err(error) => Err(Trouble::Failure(format!("not written: {error}"))),
    }
}

/// Where stdout goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// To a person's screen.
    Terminal,
    /// Into a file or a pipe.
    Stream,
}

/// Where stdout goes.
pub fn screen() -> Screen {
    match io::stdout().is_terminal() {
        true => Screen::Terminal,
        false => Screen::Stream,
    }
}

/// Tells something beside the answer.
pub fn note(text: &str) {
    let told = writeln!(io::stderr().lock(), "exitctl: {text}");
    // A closed stderr changes nothing about the answer.
    drop(told);
}

/// How far something has come, for a person who waits: on stderr, and only on a terminal.
pub struct Progress(ProgressBar);

impl Progress {
    /// Nothing of `steps` is done yet.
    pub fn new(steps: u64, is_quiet: bool) -> Self {
        let target = match is_quiet {
            true => ProgressDrawTarget::hidden(),
            false => ProgressDrawTarget::stderr(),
        };
        let bar = ProgressBar::with_draw_target(Some(steps), target);
        let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} {elapsed} eta {eta}");
        // The template is a constant; without it the bar has the library's own.
        Self(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
    }

    /// So many are done.
    pub fn at(&self, done: u64) {
        self.0.set_position(done);
    }

    /// The bar goes away.
    pub fn end(&self) {
        self.0.finish_and_clear();
    }
}

/// Prints what went wrong.
pub fn trouble(trouble: &Trouble) -> ExitCode {
    note(&trouble.to_string());
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

/// Longest word that is read from a terminal, in bytes.
const WORD_BYTES_MAX: u64 = 256;

/// What a person types as an answer to `question`; none where there is no terminal to ask.
pub fn ask(question: &str) -> Option<String> {
    let (input, mut told) = (io::stdin(), io::stderr());
    if !input.is_terminal() || !told.is_terminal() {
        return None;
    }
    write!(told, "{question}")
        .and_then(|()| told.flush())
        .ok()?;
    let mut word = String::new();
    let mut line = BufReader::new(input.lock().take(WORD_BYTES_MAX));
    line.read_line(&mut word).ok()?;
    Some(word)
}
