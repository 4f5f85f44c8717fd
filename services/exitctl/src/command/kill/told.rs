//! What is told of a kill.

use std::time::Duration;

use domain::mode::Mode;
use proto::wire::{DemotionStatus, ExitBrainStatus};
use serde::Serialize;

use super::policy::Reversal;
use crate::answer::{Answer, Trouble, code};
use crate::cli::Cli;
use crate::command::bus::verify::millis;
use crate::render::{
    self,
    status::{last_order, taken_over},
};

/// A kill that was said, and what was seen of it.
pub struct Killed {
    pub status: ExitBrainStatus,
    /// What it still lacked when the time was up, in words.
    pub missing: Option<String>,
    /// From the command until the mode was seen to be down.
    pub down_after: Option<Duration>,
}

/// The JSON form.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    kind: &'static str,
    to: String,
    /// Whether everything that was waited for has come.
    done: bool,
    /// The mode in force; none where it was not waited for.
    effective: Option<&'a str>,
    /// From the command until the mode was seen to be down.
    down_after_ms: Option<u64>,
    demotion: Option<&'a DemotionStatus>,
    /// Only where it was to follow.
    #[serde(skip_serializing_if = "Option::is_none")]
    bus_policy: Option<&'a Reversal>,
    text: &'a str,
}

impl<'a> Document<'a> {
    fn new(to: Mode, status: Option<&'a ExitBrainStatus>, text: &'a str) -> Self {
        let mode = status.and_then(|status| status.mode.as_ref());
        Self {
            api_version: "exitbrain/v1",
            kind: "Kill",
            to: to.to_string(),
            done: false,
            effective: mode.map(|mode| mode.effective.as_str()),
            down_after_ms: None,
            demotion: status.and_then(|status| status.demotion.as_ref()),
            bus_policy: None,
            text,
        }
    }

    fn answer(&self, cli: &Cli, code: u8) -> Result<Answer, Trouble> {
        let text = render::told(cli.format(), self, |_| self.text.to_owned())?;
        Ok(Answer { text, code })
    }
}

/// It was said, and nobody waited.
pub fn published(cli: &Cli, to: Mode) -> Result<Answer, Trouble> {
    let words = format!("kill to {to} published");
    Document::new(to, None, &words).answer(cli, code::OK)
}

/// Nothing was said; `words` is what would be.
pub fn rehearsed(
    cli: &Cli,
    to: Mode,
    status: &ExitBrainStatus,
    words: &str,
) -> Result<Answer, Trouble> {
    Document::new(to, Some(status), words).answer(cli, code::OK)
}

/// What has come of the kill, and of the policy where it was to follow. Neither hides the other:
/// the exit code is the kill's, and only where that is 0, the policy's.
pub fn answer(
    cli: &Cli,
    to: Mode,
    killed: Result<Killed, Trouble>,
    policy: Option<Reversal>,
) -> Result<Answer, Trouble> {
    let also = policy.as_ref().map(|it| format!("\n{}", it.text));
    let also = also.unwrap_or_default();
    let killed = killed.map_err(|trouble| trouble.and(&also))?;
    let mut words = report(&killed);
    if let Some(missing) = &killed.missing {
        words = format!("kill to {to} published, but {missing}\n{words}");
    }
    words.push_str(&also);
    let code = match (&killed.missing, &policy) {
        (Some(_), _) => code::CONDITION,
        (None, Some(policy)) => policy.code,
        (None, None) => code::OK,
    };
    let document = Document {
        done: code == code::OK,
        down_after_ms: killed.down_after.map(millis),
        bus_policy: policy.as_ref(),
        ..Document::new(to, Some(&killed.status), &words)
    };
    document.answer(cli, code)
}

fn report(killed: &Killed) -> String {
    let effective = killed.status.mode.clone().unwrap_or_default().effective;
    let mut lines = vec![match killed.down_after {
        Some(after) => format!("{effective} is in force, seen {after:.1?} after the command"),
        None => format!("{effective} is in force"),
    }];
    if let Some(demotion) = &killed.status.demotion {
        lines.push(taken_over(demotion));
        lines.push(last_order(demotion));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use serde_json::Value;

    use super::*;

    fn killed(missing: Option<&str>, last_order_us: Option<i64>) -> Killed {
        Killed {
            status: ExitBrainStatus {
                mode: Some(proto::wire::ModeStatus {
                    effective: "SHADOW".into(),
                    ..Default::default()
                }),
                demotion: Some(DemotionStatus {
                    positions: 3,
                    taken_over: 3,
                    last_order_us,
                    ..Default::default()
                }),
                ..ExitBrainStatus::default()
            },
            missing: missing.map(Into::into),
            down_after: missing.is_none().then_some(Duration::from_millis(203)),
        }
    }

    fn reversal(code: u8) -> Reversal {
        Reversal {
            in_force: code == code::OK,
            in_force_after_ms: (code == code::OK).then_some(250),
            text: "Policy of the bus: words".into(),
            code,
        }
    }

    #[test]
    fn the_report_tells_who_has_what_and_when_the_last_order_left() {
        let text = report(&killed(None, Some(1_234)));
        let first = "SHADOW is in force, seen 203.0ms after the command\n";
        assert!(text.starts_with(first), "{text}");
        assert!(text.contains("3/3 taken over"), "{text}");
        assert!(text.contains("1.234 ms after the command"), "{text}");
        let text = report(&killed(Some("LIVE is still in force"), None));
        assert!(text.starts_with("SHADOW is in force\n"), "{text}");
        assert!(text.contains("none after the command"), "{text}");
    }

    #[test]
    fn neither_kill_nor_policy_hides_what_came_of_the_other() {
        let cli = Cli::parse_from(["exitctl", "status"]);
        let told = |missing, policy| answer(&cli, Mode::Shadow, Ok(killed(missing, None)), policy);
        for (missing, policy, code) in [
            (None, None, code::OK),
            (None, Some(code::OK), code::OK),
            (None, Some(code::CONDITION), code::CONDITION),
            (None, Some(code::FAILURE), code::FAILURE),
            (None, Some(code::CONFLICT), code::CONFLICT),
            (
                Some("LIVE is still in force"),
                Some(code::OK),
                code::CONDITION,
            ),
            (
                Some("LIVE is still in force"),
                Some(code::FAILURE),
                code::CONDITION,
            ),
        ] {
            let answer = told(missing, policy.map(reversal)).unwrap();
            assert_eq!(answer.code, code, "{}", answer.text);
            assert!(
                answer.text.contains("SHADOW is in force"),
                "{}",
                answer.text
            );
            assert_eq!(answer.text.ends_with("words"), policy.is_some());
            let said = missing.is_none_or(|missing| answer.text.contains(missing));
            assert!(said, "{}", answer.text);
        }
        let lost = Trouble::Unreachable("nobody answers".into());
        let trouble = answer(&cli, Mode::Shadow, Err(lost), Some(reversal(code::OK)));
        let trouble = trouble.unwrap_err();
        assert_eq!(trouble.code(), code::UNREACHABLE);
        assert_eq!(
            trouble.to_string(),
            "nobody answers\nPolicy of the bus: words"
        );
    }

    #[test]
    fn the_document_has_both_times() {
        let cli = Cli::parse_from(["exitctl", "--json", "status"]);
        let told = |policy| answer(&cli, Mode::Shadow, Ok(killed(None, None)), policy).unwrap();
        let document: Value = serde_json::from_str(&told(Some(reversal(code::OK))).text).unwrap();
        assert_eq!(document["down_after_ms"], 203);
        assert_eq!(document["bus_policy"]["in_force_after_ms"], 250);
        assert_eq!(document["done"], true);
        let document: Value = serde_json::from_str(&told(None).text).unwrap();
        assert_eq!(document.get("bus_policy"), None);
    }
}
