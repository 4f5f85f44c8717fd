//! `exitctl status`: what the running system does.

use proto::wire::ExitBrainStatus;

use crate::answer::{Answer, Trouble};
use crate::cli::Format;
use crate::{output, render};

/// The owner's block, or exactly the document of the HTTP endpoint.
pub fn run(status: &ExitBrainStatus, format: Format, no_color: bool) -> Result<Answer, Trouble> {
    let text = render::told(format, status, |_| {
        render::status::render(status, output::paint(no_color))
    })?;
    Ok(Answer::ok(text))
}
