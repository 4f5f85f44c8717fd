//! Lines for people: the time, the level, the tag in brackets, the owner's words.

use std::fmt;

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

use super::lines;

/// The field that names the tag.
const TAG: &str = "tag";
/// The field under which the constant text of an event comes.
const MESSAGE: &str = "message";
/// The field that names a position: account, symbol and side with dots between.
const POSITION: &str = "position";

/// Writes each event as one line. What the owner has a line for reads exactly as that line; what
/// it does not tell follows behind a bar.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text;

impl<S, N> FormatEvent<S, N> for Text
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut facts = Facts::default();
        event.record(&mut facts);
        SystemTime.format_time(&mut writer)?;
        let metadata = event.metadata();
        write!(writer, " {} ", metadata.level())?;
        let line = facts.line();
        match facts.get(TAG) {
            Some(tag) => write!(writer, "[{tag}] {line}")?,
            None => write!(writer, "{}: {line}", metadata.target())?,
        }
        if let Some(scope) = context.event_scope() {
            for span in scope.from_root() {
                if let Some(fields) = span.extensions().get::<FormattedFields<N>>() {
                    write!(writer, " {fields}")?;
                }
            }
        }
        writeln!(writer)
    }
}

/// What an event says, in the order in which it says it.
#[derive(Debug, Default)]
pub(super) struct Facts(Vec<(&'static str, String)>);

impl Facts {
    /// A fact by its name; symbol and side are told by the position too.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let own = |name: &str| {
            let found = self.0.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.as_str())
        };
        let part = match name {
            "symbol" => 1,
            "side" => 2,
            _ => return own(name),
        };
        own(name).or_else(|| own(POSITION)?.split('.').nth(part))
    }

    /// The line without its tag.
    fn line(&self) -> String {
        let message = self.get(MESSAGE).unwrap_or_default();
        let tag = self.get(TAG).unwrap_or_default();
        let (mut line, told) = match lines::wording(tag, message, self) {
            Some(line) => line,
            // Some messages bear their tag already.
            None => {
                let bare = message
                    .strip_prefix('[')
                    .and_then(|rest| rest.strip_prefix(tag));
                let bare = bare.and_then(|rest| rest.strip_prefix("] "));
                (bare.unwrap_or(message).to_owned(), Vec::new())
            }
        };
        let is_rest = |name: &&'static str| ![TAG, MESSAGE].contains(name) && !told.contains(name);
        let rest = self.0.iter().filter(|(name, _)| is_rest(name));
        let mut bar = " |";
        for (name, value) in rest {
            line.push_str(bar);
            bar = "";
            line.push_str(&format!(" {name}={value}"));
        }
        line
    }

    fn take(&mut self, field: &Field, value: String) {
        self.0.push((field.name(), value));
    }
}

impl Visit for Facts {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, escaped(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.take(field, escaped(&format!("{value:?}")));
    }
}

/// Text from outside can't begin a line of its own, nor move a terminal's cursor.
fn escaped(text: &str) -> String {
    if !text.contains(char::is_control) {
        return text.to_owned();
    }
    let one = |c: char| {
        if c.is_control() {
            c.escape_default().to_string()
        } else {
            c.to_string()
        }
    };
    text.chars().map(one).collect()
}

#[cfg(test)]
mod tests;
