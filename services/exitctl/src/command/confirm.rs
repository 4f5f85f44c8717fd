//! The two locks before a dangerous verb: `--yes`, and the typed word that says what it is about.

use crate::answer::Trouble;
use crate::cli::Confirm;
use crate::output;

/// What a dangerous verb would do.
pub struct Danger<'a> {
    /// As it is typed: `kill --to shadow`.
    pub verb: &'a str,
    /// In words, after the verb: `takes the running system down`.
    pub effect: &'a str,
    /// The word to type: `SHADOW`.
    pub word: &'a str,
}

/// Lets the verb pass, or says why not. Asks for the word only on a terminal.
///
/// # Errors
/// [`Trouble::Usage`] where it is not confirmed; nothing was done then.
pub fn confirm(given: &Confirm, danger: &Danger<'_>) -> Result<(), Trouble> {
    judge(given, danger, output::ask)
}

/// `ask` puts a question to a person; none where there is nobody to ask.
fn judge(
    given: &Confirm,
    danger: &Danger<'_>,
    ask: impl FnOnce(&str) -> Option<String>,
) -> Result<(), Trouble> {
    let Danger { verb, effect, word } = danger;
    if given.dry_run {
        return Ok(());
    }
    if !given.yes {
        return Err(Trouble::Usage(format!(
            "{verb} {effect}; nothing was done. Add --yes --confirm {word} to do it"
        )));
    }
    let question = || format!("{verb} {effect}. Type {word} to do it: ");
    let typed = given.confirm.clone().or_else(|| ask(&question()));
    match typed.as_deref().map(str::trim) {
        Some(typed) if typed.eq_ignore_ascii_case(word) => Ok(()),
        Some(typed) => Err(Trouble::Usage(format!(
            "{verb} {effect}, and {typed:?} is not {word}; nothing was done. Type {word}, or add \
             --confirm {word}"
        ))),
        None => Err(Trouble::Usage(format!(
            "{verb} {effect}, and there is no terminal to ask; nothing was done. Add --confirm \
             {word} to do it"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::code;

    const DANGER: Danger<'_> = Danger {
        verb: "kill --to shadow",
        effect: "takes the running system down",
        word: "SHADOW",
    };

    fn given(yes: bool, confirm: Option<&str>) -> Confirm {
        let confirm = confirm.map(Into::into);
        Confirm {
            yes,
            confirm,
            dry_run: false,
        }
    }

    fn refusal(given: &Confirm, typed: Option<&str>) -> String {
        let trouble = judge(given, &DANGER, |_| typed.map(Into::into)).unwrap_err();
        assert_eq!(trouble.code(), code::USAGE);
        assert!(trouble.to_string().contains("nothing was done"));
        trouble.to_string()
    }

    #[test]
    fn both_locks_are_needed() {
        for (yes, word, typed) in [
            (true, Some("SHADOW"), None),
            (true, Some("shadow"), None),
            (true, None, Some("SHADOW\n")),
        ] {
            let passed = judge(&given(yes, word), &DANGER, |_| typed.map(Into::into));
            assert!(passed.is_ok(), "{yes} {word:?} {typed:?}");
        }
        let told = refusal(&given(false, Some("SHADOW")), Some("SHADOW"));
        assert!(told.contains("Add --yes --confirm SHADOW"), "{told}");
        let told = refusal(&given(true, Some("LEGACY")), Some("SHADOW"));
        assert!(told.contains("\"LEGACY\" is not SHADOW"), "{told}");
        let told = refusal(&given(true, None), Some(""));
        assert!(told.contains("\"\" is not SHADOW"), "{told}");
        let told = refusal(&given(true, None), None);
        assert!(told.contains("no terminal to ask"), "{told}");
    }

    #[test]
    fn a_dry_run_passes_both_locks_and_asks_nobody() {
        let dry = Confirm {
            dry_run: true,
            ..Confirm::default()
        };
        let passed = judge(&dry, &DANGER, |question| panic!("asked: {question}"));
        assert!(passed.is_ok());
    }

    #[test]
    fn nobody_is_asked_who_has_not_said_yes_or_has_said_the_word() {
        for given in [given(false, None), given(true, Some("SHADOW"))] {
            let asked = judge(&given, &DANGER, |question| panic!("asked: {question}"));
            assert_eq!(asked.is_ok(), given.yes);
        }
    }
}
