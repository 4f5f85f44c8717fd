//! `exitctl plan`: one plan.

use crate::answer::{Answer, Trouble};
use crate::cli::{Cli, Plan};

mod explain;
mod trial;

/// Does one of the verbs.
///
/// # Errors
/// [`Trouble`] where it can't be done.
pub async fn run(verb: &Plan, cli: &Cli) -> Result<Answer, Trouble> {
    match verb {
        Plan::Explain(asked) => explain::run(asked, cli).await,
        Plan::Try(typed) => trial::run(typed, cli.format(), runtime::now()),
    }
}
