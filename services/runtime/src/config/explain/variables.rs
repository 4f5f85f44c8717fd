//! The variables that stand for themselves.

use domain::mode::{self, Flags};

use super::{POLICED, SERVICES};
use crate::config::FILE_VARIABLE;
use crate::policy::profile;
use crate::{start, telemetry, trace};

/// A variable that sets what is no key of the file.
pub(super) struct Variable {
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
    pub(super) services: &'static [&'static str],
    pub(super) doc: &'static str,
    /// The value in force where that is not the text itself.
    pub(super) read: Option<fn(&Flags) -> Option<String>>,
}

const fn flag(
    name: &'static str,
    kind: &'static str,
    doc: &'static str,
    read: fn(&Flags) -> Option<String>,
) -> Variable {
    Variable {
        read: Some(read),
        ..plain(name, kind, SERVICES, doc)
    }
}

const fn plain(
    name: &'static str,
    kind: &'static str,
    services: &'static [&'static str],
    doc: &'static str,
) -> Variable {
    Variable {
        name,
        kind,
        services,
        doc,
        read: None,
    }
}

/// All of them.
pub(super) const VARIABLES: &[Variable] = &[
    flag(
        mode::EXIT_MODE,
        "LEGACY or EXIT_BRAIN_V3",
        "which system owns exits",
        |it| Some(it.exit_mode.to_string()),
    ),
    flag(
        mode::EXIT_EXECUTOR_MODE,
        "SHADOW or LIVE",
        "what the executor may do",
        |it| Some(it.executor_mode.to_string()),
    ),
    flag(
        mode::EXIT_BRAIN_V3_LIVE_ROLLOUT,
        "DISABLED or ENABLED",
        "the switch of LIVE",
        |it| Some(it.rollout.to_string()),
    ),
    flag(
        mode::EXIT_BRAIN_V3_ENABLED,
        "true or false",
        "older toggle, checked for contradiction",
        |it| it.enabled.map(|it| it.to_string()),
    ),
    flag(
        mode::EXIT_LIVE_ROLLOUT_PCT,
        "percent, 0 to 100",
        "share of the symbols that LIVE extends to",
        |it| Some(it.rollout_pct.to_string()),
    ),
    plain(
        profile::EXIT_BRAIN_PROFILE,
        "DEFAULT or CHALLENGE_100",
        POLICED,
        "which legs plans get",
    ),
    plain(FILE_VARIABLE, "path", SERVICES, "the settings file"),
    plain(
        start::INSTANCE_VARIABLE,
        "name, at most 40 characters",
        SERVICES,
        "names the instance; unset means the host's name",
    ),
    plain(
        telemetry::FILTER_VARIABLE,
        "filter",
        SERVICES,
        "which log lines are written",
    ),
    plain(
        telemetry::FORMAT_VARIABLE,
        "json or text",
        SERVICES,
        "how log lines are written",
    ),
    plain(
        telemetry::ENDPOINT_VARIABLE,
        "address",
        SERVICES,
        "where traces go; none means that none are made",
    ),
    plain(
        trace::SAMPLER_VARIABLE,
        "name of a sampler",
        SERVICES,
        "which price ticks are traced",
    ),
    plain(
        trace::PART_VARIABLE,
        "fraction, 0 to 1",
        SERVICES,
        "the share of them, where the sampler takes one",
    ),
];
