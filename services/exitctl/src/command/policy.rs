//! `exitctl policy`: the rules' numbers of a file; needs no running system.

use std::path::Path;

use domain::policy::{Fault, Policy, ProfileMode};
use runtime::ConfigError;
use runtime::policy::{self, Change};
use serde::Serialize;

use crate::answer::{Answer, Trouble};
use crate::cli::{self, Format};
use crate::render::{self, table::table};

/// Does one of the verbs.
///
/// # Errors
/// [`Trouble::Failure`] for a file that can't be read, and for one that can't be used where its
/// numbers are asked for.
pub fn run(verb: &cli::Policy, format: Format) -> Result<Answer, Trouble> {
    match verb {
        cli::Policy::Check { file } => check(file, format),
        cli::Policy::Show { file } => show(file.as_deref(), format),
    }
}

/// The policy in `file`, or what ships.
///
/// # Errors
/// [`Trouble::Failure`] where the file can't be read or used, with every fault.
pub fn load(file: Option<&Path>) -> Result<Policy, Trouble> {
    let Some(file) = file else {
        return Ok(Policy::default());
    };
    policy::parse(&read(file)?).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(|fault| format!("\n  {fault}")).collect();
        Trouble::Failure(format!(
            "{} can't be used:{}",
            file.display(),
            faults.concat()
        ))
    })
}

fn read(file: &Path) -> Result<String, Trouble> {
    policy::read(file).map_err(|error| match error {
        ConfigError::PolicyFile { path, source } => {
            Trouble::Failure(format!("{} can't be read: {source}", path.display()))
        }
        other => Trouble::Failure(other.to_string()),
    })
}

fn show(file: Option<&Path>, format: Format) -> Result<Answer, Trouble> {
    let policy = load(file)?;
    let text = render::told(format, &policy, |_| {
        policy::write(&policy).trim_end().to_owned()
    })?;
    Ok(Answer::ok(text))
}

fn check(file: &Path, format: Format) -> Result<Answer, Trouble> {
    let found = policy::parse(&read(file)?);
    let text = render::told(format, &Document::of(file, &found), |_| match &found {
        Ok(policy) => usable(file, policy),
        Err(faults) => unusable(file, faults),
    })?;
    Ok(Answer::holds(text, found.is_ok()))
}

fn usable(file: &Path, policy: &Policy) -> String {
    let changes = policy::changes(policy);
    let mut head = format!(
        "{} can be used: policy {}, legs of {}",
        file.display(),
        hash(policy),
        legs(policy.profiles.mode)
    );
    for warning in policy.warnings() {
        head += &format!("\nwarning: {warning}");
    }
    if changes.is_empty() {
        return format!("{head}\nnothing differs from what ships");
    }
    let none = || "-".to_owned();
    let rows: Vec<[String; 3]> = changes
        .into_iter()
        .map(|Change { key, shipped, here }| {
            [key, shipped.unwrap_or_else(none), here.unwrap_or_else(none)]
        })
        .collect();
    format!("{head}\n\n{}", table(["KEY", "SHIPPED", "HERE"], &rows))
}

fn unusable(file: &Path, faults: &[Fault]) -> String {
    let rows: Vec<[String; 3]> = faults
        .iter()
        .cloned()
        .map(|fault| [fault.field, fault.value, fault.why])
        .collect();
    let count = faults.len();
    let head = format!("{} can't be used, faults: {count}", file.display());
    format!("{head}\n\n{}", table(["KEY", "VALUE", "FAULT"], &rows))
}

/// As plans carry it.
fn hash(policy: &Policy) -> String {
    format!("{:016x}", policy.hash())
}

const fn legs(mode: ProfileMode) -> &'static str {
    match mode {
        ProfileMode::Ladder => "the ladder",
        ProfileMode::Static => "the table of profiles",
        ProfileMode::Dynamic => "the dynamic calculation",
        ProfileMode::Challenge100 => "CHALLENGE_100",
    }
}

/// The JSON form.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    kind: &'static str,
    file: String,
    usable: bool,
    /// Of a usable one, as its plans carry it.
    policy_hash: Option<String>,
    mode: Option<ProfileMode>,
    faults: Vec<FaultRow<'a>>,
    /// Of a usable one: what is not meant for real money.
    warnings: Vec<String>,
    changes: Vec<ChangeRow>,
}

#[derive(Serialize)]
struct FaultRow<'a> {
    key: &'a str,
    value: &'a str,
    why: &'a str,
}

#[derive(Serialize)]
struct ChangeRow {
    key: String,
    shipped: Option<String>,
    here: Option<String>,
}

impl<'a> Document<'a> {
    fn of(file: &Path, found: &'a Result<Policy, Vec<Fault>>) -> Self {
        let policy = found.as_ref().ok();
        let faults = found.as_ref().err().into_iter().flatten();
        let changes = policy.map(policy::changes).unwrap_or_default();
        Self {
            api_version: "exitbrain/v1",
            kind: "PolicyCheck",
            file: file.display().to_string(),
            usable: policy.is_some(),
            policy_hash: policy.map(hash),
            mode: policy.map(|policy| policy.profiles.mode),
            faults: faults
                .map(|fault| FaultRow {
                    key: &fault.field,
                    value: &fault.value,
                    why: &fault.why,
                })
                .collect(),
            warnings: policy
                .map(Policy::warnings)
                .unwrap_or_default()
                .iter()
                .map(Fault::to_string)
                .collect(),
            changes: changes
                .into_iter()
                .map(|Change { key, shipped, here }| ChangeRow { key, shipped, here })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    #[test]
    fn a_usable_file_says_what_it_changes() {
        let file = file("[base]\nstop = \"0.02\"\n[profiles]\nmode = \"static\"\n");
        let answer = check(file.path(), Format::Table).unwrap();
        let mut policy = Policy::default();
        policy.base.stop = domain::Ratio::basis_points(200);
        policy.profiles.mode = ProfileMode::Static;
        let expected = format!(
            "{} can be used: policy {:016x}, legs of the table of profiles\n\n\
             KEY            SHIPPED   HERE\n\
             base.stop      \"0.025\"   \"0.02\"\n\
             profiles.mode  \"ladder\"  \"static\"",
            file.path().display(),
            policy.hash()
        );
        assert_eq!((answer.text, answer.code), (expected, 0));
    }

    #[test]
    fn what_ships_differs_in_nothing() {
        let file = file("");
        let answer = check(file.path(), Format::Table).unwrap();
        assert!(answer.text.ends_with("nothing differs from what ships"));
    }

    #[test]
    fn a_test_mode_is_warned_of_and_no_fault() {
        let file = file("[breakeven]\nexact_entry = true\n");
        let answer = check(file.path(), Format::Table).unwrap();
        assert_eq!(answer.code, 0);
        let warned = answer.text.lines().nth(1).unwrap();
        assert!(
            warned.starts_with("warning: breakeven.exact_entry = true: test mode"),
            "{warned}"
        );
        let json = check(file.path(), Format::Json).unwrap().text;
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["warnings"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn every_fault_is_listed_and_the_condition_is_not_met() {
        let file = file("[base]\nstop = \"2\"\nstpo = \"1\"\n");
        let answer = check(file.path(), Format::Table).unwrap();
        assert_eq!(answer.code, 3);
        let lines: Vec<&str> = answer.text.lines().collect();
        assert!(
            lines[0].ends_with("can't be used, faults: 2"),
            "{}",
            lines[0]
        );
        assert_eq!(lines[2], "KEY        VALUE  FAULT");
        assert!(lines[3].starts_with("base.stpo  \"1\"    is unknown here"));
        assert!(lines[4].starts_with("base.stop  \"2\"    must be above 0"));
        let trouble = load(Some(file.path())).unwrap_err();
        assert_eq!(trouble.code(), 1);
        assert!(trouble.to_string().contains("\n  base.stop = \"2\": must"));
    }

    #[test]
    fn programs_get_the_same() {
        let json = |text: &str| -> (serde_json::Value, u8) {
            let file = file(text);
            let answer = check(file.path(), Format::Json).unwrap();
            (serde_json::from_str(&answer.text).unwrap(), answer.code)
        };
        let (usable, code) = json("[base]\nstop = \"0.02\"\n");
        assert_eq!((&usable["usable"], code), (&true.into(), 0));
        assert_eq!(usable["mode"], "ladder");
        assert_eq!(usable["changes"][0]["key"], "base.stop");
        assert_eq!(usable["changes"][0]["here"], "\"0.02\"");
        let (unusable, code) = json("[base]\nstop = \"2\"\n");
        assert_eq!((&unusable["usable"], code), (&false.into(), 3));
        assert_eq!(unusable["faults"][0]["key"], "base.stop");
        assert_eq!(unusable["policy_hash"], serde_json::Value::Null);
    }

    #[test]
    fn what_is_shown_is_a_file_that_can_be_used() {
        let shipped = show(None, Format::Table).unwrap().text;
        assert_eq!(policy::parse(&shipped).unwrap(), Policy::default());
        let file = file("[base]\nstop = \"0.02\"\n");
        let here = show(Some(file.path()), Format::Table).unwrap().text;
        assert!(here.contains("stop = \"0.02\""), "{here}");
        let json = show(None, Format::Json).unwrap().text;
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["stops"]["grace"], "1500ms");
    }
}
