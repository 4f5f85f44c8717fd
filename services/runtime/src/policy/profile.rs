//! `EXIT_BRAIN_PROFILE`: the one switch that changes which legs plans get without a policy file.

use std::env;

use domain::mode::FlagWarning;
use domain::policy::{Policy, ProfileMode};

use super::{changes, load};
use crate::ConfigError;
use crate::config::PolicyConfig;

/// Name of the variable: `DEFAULT` or `CHALLENGE_100`, in any letter case (behaviour 1.1).
pub const EXIT_BRAIN_PROFILE: &str = "EXIT_BRAIN_PROFILE";
const DEFAULT: &str = "DEFAULT";
const CHALLENGE_100: &str = "CHALLENGE_100";

/// The policy that a service of this process works by: the file's, under the profile that the
/// environment names. A name that is none is warned of and changes nothing. Says in the log which
/// policy it is, by the hash that its plans carry.
///
/// # Errors
/// As [`load`].
pub fn in_force(config: &PolicyConfig) -> Result<Policy, ConfigError> {
    let policy = load(config.file.as_deref())?;
    let named = env::var_os(EXIT_BRAIN_PROFILE).map(|name| name.to_string_lossy().into_owned());
    let (policy, warning) = profiled(policy, named.as_deref());
    if let Some(warning) = warning {
        tracing::warn!(tag = "EXIT_MODE", flag = warning.flag, "{}", warning.text);
    }
    tracing::info!(
        file = ?config.file,
        policy_hash = format!("{:016x}", policy.hash()),
        changed = changes(&policy).len(),
        "policy in force"
    );
    if policy.profiles.mode == ProfileMode::Challenge100 {
        let policy_hash = format!("{:016x}", policy.hash());
        tracing::info!(profile = CHALLENGE_100, policy_hash, "profile in force");
    }
    Ok(policy)
}

/// `policy` under the profile `named`: `CHALLENGE_100` puts it above the mode of the file,
/// `DEFAULT` and no name leave the file's.
#[must_use]
pub fn profiled(policy: Policy, named: Option<&str>) -> (Policy, Option<FlagWarning>) {
    match named {
        None => (policy, None),
        Some(name) if name.eq_ignore_ascii_case(DEFAULT) => (policy, None),
        Some(name) if name.eq_ignore_ascii_case(CHALLENGE_100) => (challenge(policy), None),
        Some(name) => {
            let text = format!(
                "{EXIT_BRAIN_PROFILE}={name:?} is neither {DEFAULT} nor {CHALLENGE_100}: taken as \
                 {DEFAULT}"
            );
            let flag = EXIT_BRAIN_PROFILE;
            (policy, Some(FlagWarning { flag, text }))
        }
    }
}

fn challenge(mut policy: Policy) -> Policy {
    policy.profiles.mode = ProfileMode::Challenge100;
    policy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_name_switches_and_a_wrong_one_is_told() {
        // Name, whether it switches, whether it is warned of.
        let cases = [
            (None, false, false),
            (Some("DEFAULT"), false, false),
            (Some("default"), false, false),
            (Some("CHALLENGE_100"), true, false),
            (Some("challenge_100"), true, false),
            (Some("CHALLENGE_100 "), false, true),
            (Some("CHALLENGE"), false, true),
            (Some(""), false, true),
        ];
        for (named, switches, warned) in cases {
            let (policy, warning) = profiled(Policy::default(), named);
            let switched = policy.profiles.mode == ProfileMode::Challenge100;
            assert_eq!(
                (switched, warning.is_some()),
                (switches, warned),
                "{named:?}"
            );
            if let Some(warning) = warning {
                assert!(
                    warning.text.contains("taken as DEFAULT"),
                    "{}",
                    warning.text
                );
            }
        }
    }

    #[test]
    fn the_default_profile_leaves_the_mode_of_the_file() {
        let mut policy = Policy::default();
        policy.profiles.mode = ProfileMode::Dynamic;
        assert_eq!(profiled(policy.clone(), Some("DEFAULT")).0, policy);
    }
}
