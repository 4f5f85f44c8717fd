//! `--watch`, of the verbs that show what changes.

use std::time::Duration;

use clap::Args;

/// Again and again.
#[derive(Debug, Clone, Default, Args)]
pub struct Watch {
    /// Asks again every so many seconds (2 where it is left out; `500ms` too), until Ctrl-C.
    #[arg(
        short,
        long,
        value_name = "SECONDS",
        num_args = 0..=1,
        default_missing_value = "2",
        value_parser = super::duration
    )]
    pub watch: Option<Duration>,
}
