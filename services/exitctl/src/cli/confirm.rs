//! What a dangerous verb has to be told before it does anything.

use clap::Args;

/// Both locks are needed: the wish, and the word that says what it is about.
#[derive(Debug, Clone, Default, Args)]
pub struct Confirm {
    /// Yes, now.
    #[arg(long)]
    pub yes: bool,
    /// What it is about, typed once more: the mode, the policy, the symbol or ALL. Left out, it is
    /// asked for on a terminal, and without a terminal nothing is done.
    #[arg(long, value_name = "WORD")]
    pub confirm: Option<String>,
    /// Only say what it would do. Nothing is said to anybody, and neither lock is needed.
    #[arg(long)]
    pub dry_run: bool,
}
