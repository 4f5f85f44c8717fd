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
    /// Ends after so long: exit code 124, as of timeout(1).
    #[arg(long = "for", value_name = "TIME", requires = "watch", value_parser = super::duration)]
    pub longest: Option<Duration>,
}
