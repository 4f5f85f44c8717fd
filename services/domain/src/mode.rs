//! Flags, the mode that they resolve to, and what each mode allows whom to do.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::ids::{Module, NameError, Symbol, stable_hash};
use crate::time::Timestamp;

/// Name of the variable that says which system owns exits.
pub const EXIT_MODE: &str = "EXIT_MODE";
/// Name of the variable that says what the executor may do.
pub const EXIT_EXECUTOR_MODE: &str = "EXIT_EXECUTOR_MODE";
/// Name of the variable that is the rollout switch.
pub const EXIT_BRAIN_V3_LIVE_ROLLOUT: &str = "EXIT_BRAIN_V3_LIVE_ROLLOUT";
/// Name of the older single toggle: a consistency check only.
pub const EXIT_BRAIN_V3_ENABLED: &str = "EXIT_BRAIN_V3_ENABLED";
/// Name of the variable that limits LIVE to a share of the symbols.
pub const EXIT_LIVE_ROLLOUT_PCT: &str = "EXIT_LIVE_ROLLOUT_PCT";

/// Which system owns exits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExitMode {
    /// The incumbent modules.
    #[default]
    Legacy,
    /// Exit Brain, as far as the other flags let it.
    ExitBrainV3,
}

/// What the executor is configured to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExecutorMode {
    /// Decide and record.
    #[default]
    Shadow,
    /// Decide and send.
    Live,
}

/// The rollout switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rollout {
    /// LIVE is off whatever the others say.
    #[default]
    Disabled,
    /// LIVE if the others say so.
    Enabled,
}

impl fmt::Display for ExitMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Legacy => "LEGACY",
            Self::ExitBrainV3 => "EXIT_BRAIN_V3",
        })
    }
}

impl fmt::Display for ExecutorMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shadow => "SHADOW",
            Self::Live => "LIVE",
        })
    }
}

impl fmt::Display for Rollout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Disabled => "DISABLED",
            Self::Enabled => "ENABLED",
        })
    }
}

/// The effective mode. The order is the direction of demotion: LIVE can only go down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Mode {
    /// The incumbents own exits; the executor does not run.
    #[default]
    Legacy,
    /// The executor decides and records; the incumbents act.
    Shadow,
    /// The executor acts; the incumbents are blocked.
    Live,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Legacy => "LEGACY",
            Self::Shadow => "SHADOW",
            Self::Live => "LIVE",
        })
    }
}

impl FromStr for Mode {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        match text {
            "LEGACY" => Ok(Self::Legacy),
            "SHADOW" => Ok(Self::Shadow),
            "LIVE" => Ok(Self::Live),
            _ => {
                let why = "use LEGACY, SHADOW or LIVE";
                Err(NameError {
                    what: "mode",
                    text: text.into(),
                    why,
                })
            }
        }
    }
}

/// A flag that was not usable as given, and what was taken instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlagWarning {
    /// The variable.
    pub flag: &'static str,
    /// What is wrong and what is done about it.
    pub text: String,
}

/// One process's flags, as read from its environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flags {
    /// `EXIT_MODE`.
    pub exit_mode: ExitMode,
    /// `EXIT_EXECUTOR_MODE`.
    pub executor_mode: ExecutorMode,
    /// `EXIT_BRAIN_V3_LIVE_ROLLOUT`.
    pub rollout: Rollout,
    /// `EXIT_BRAIN_V3_ENABLED`, where it was set.
    pub enabled: Option<bool>,
    /// `EXIT_LIVE_ROLLOUT_PCT`, 0 to 100; 100 where it was not set.
    pub rollout_pct: u8,
}

impl Default for Flags {
    fn default() -> Self {
        Self {
            exit_mode: ExitMode::default(),
            executor_mode: ExecutorMode::default(),
            rollout: Rollout::default(),
            enabled: None,
            rollout_pct: 100,
        }
    }
}

impl Flags {
    /// Reads the flags through `get` (an environment, or a map in a test). Letter case does not
    /// count, blanks do. Whatever can't be read becomes the safe value, with a warning.
    pub fn parse(get: impl Fn(&str) -> Option<String>) -> (Self, Vec<FlagWarning>) {
        let mut reader = Reader {
            get,
            warnings: Vec::new(),
        };
        let exit_mode = reader.choice(
            EXIT_MODE,
            &[
                ("LEGACY", ExitMode::Legacy),
                ("EXIT_BRAIN_V3", ExitMode::ExitBrainV3),
            ],
        );
        let executor_mode = reader.choice(
            EXIT_EXECUTOR_MODE,
            &[
                ("SHADOW", ExecutorMode::Shadow),
                ("LIVE", ExecutorMode::Live),
            ],
        );
        let rollout = reader.choice(
            EXIT_BRAIN_V3_LIVE_ROLLOUT,
            &[
                ("DISABLED", Rollout::Disabled),
                ("ENABLED", Rollout::Enabled),
            ],
        );
        let enabled = reader.toggle();
        let rollout_pct = reader.percentage();
        let flags = Self {
            exit_mode,
            executor_mode,
            rollout,
            enabled,
            rollout_pct,
        };
        let mut warnings = reader.warnings;
        warnings.extend(flags.contradiction());
        (flags, warnings)
    }

    /// The configured executor mode.
    #[must_use]
    pub const fn get_exit_executor_mode(&self) -> ExecutorMode {
        self.executor_mode
    }

    /// Whether the executor is configured to SHADOW.
    #[must_use]
    pub fn is_exit_executor_shadow_mode(&self) -> bool {
        self.executor_mode == ExecutorMode::Shadow
    }

    /// Whether the executor is *configured* LIVE; it may still be forced to SHADOW.
    #[must_use]
    pub fn is_exit_executor_live_mode(&self) -> bool {
        self.executor_mode == ExecutorMode::Live
    }

    /// Whether the rollout switch is on.
    #[must_use]
    pub fn is_exit_brain_live_rollout_enabled(&self) -> bool {
        self.rollout == Rollout::Enabled
    }

    /// Whether all three flags align and the older toggle does not contradict them.
    #[must_use]
    pub fn is_exit_brain_live_fully_enabled(&self) -> bool {
        self.resolve() == Mode::Live
    }

    /// The one mode that these flags mean. LIVE needs all three; any miss is SHADOW; a
    /// contradiction of the older toggle is SHADOW, or LEGACY where the incumbents own exits.
    #[must_use]
    pub fn resolve(&self) -> Mode {
        if self.exit_mode == ExitMode::Legacy {
            return Mode::Legacy;
        }
        let aligned = self.is_exit_executor_live_mode()
            && self.is_exit_brain_live_rollout_enabled()
            && self.contradiction().is_none();
        if aligned { Mode::Live } else { Mode::Shadow }
    }

    /// Whether LIVE extends to `symbol`: a stable hash of it against the rollout percentage.
    #[must_use]
    pub fn is_symbol_in_rollout(&self, symbol: &Symbol) -> bool {
        stable_hash(symbol.as_str().as_bytes()) % 100 < u64::from(self.rollout_pct)
    }

    fn contradiction(&self) -> Option<FlagWarning> {
        let enabled = self.enabled?;
        let brain = self.exit_mode == ExitMode::ExitBrainV3;
        if enabled == brain {
            return None;
        }
        let text = format!(
            "{EXIT_BRAIN_V3_ENABLED}={enabled} contradicts {EXIT_MODE}={}: no LIVE, legacy \
             protection stays on; unset it or make both agree",
            self.exit_mode
        );
        Some(FlagWarning {
            flag: EXIT_BRAIN_V3_ENABLED,
            text,
        })
    }
}

struct Reader<F> {
    get: F,
    warnings: Vec<FlagWarning>,
}

impl<F: Fn(&str) -> Option<String>> Reader<F> {
    fn choice<T: Copy + Default + fmt::Display>(
        &mut self,
        flag: &'static str,
        choices: &[(&str, T)],
    ) -> T {
        let Some(text) = (self.get)(flag) else {
            return T::default();
        };
        if let Some((_, value)) = choices
            .iter()
            .find(|(name, _)| text.eq_ignore_ascii_case(name))
        {
            return *value;
        }
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let fallback = T::default();
        self.warn(
            flag,
            format!("{flag}={text:?} is none of {names:?}: taken as {fallback}"),
        );
        fallback
    }

    fn toggle(&mut self) -> Option<bool> {
        let text = (self.get)(EXIT_BRAIN_V3_ENABLED)?;
        if text.eq_ignore_ascii_case("true") {
            return Some(true);
        }
        if !text.eq_ignore_ascii_case("false") {
            let flag = EXIT_BRAIN_V3_ENABLED;
            self.warn(
                flag,
                format!("{flag}={text:?} is neither true nor false: taken as false"),
            );
        }
        Some(false)
    }

    fn percentage(&mut self) -> u8 {
        let Some(text) = (self.get)(EXIT_LIVE_ROLLOUT_PCT) else {
            return 100;
        };
        if let Ok(value @ 0..=100) = text.parse::<u8>() {
            return value;
        }
        let flag = EXIT_LIVE_ROLLOUT_PCT;
        self.warn(
            flag,
            format!("{flag}={text:?} is not a whole number 0 to 100: taken as 0"),
        );
        0
    }

    fn warn(&mut self, flag: &'static str, text: String) {
        self.warnings.push(FlagWarning { flag, text });
    }
}

/// The mode in force, as the guard says it to everybody. A higher revision replaces a lower one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModeSnapshot {
    /// Grows with every change.
    pub revision: u64,
    /// The mode in force: LIVE only where executor, guard and gateway all resolve LIVE.
    pub mode: Mode,
    /// Why it is this one.
    pub reason: String,
    /// When it was said; a reader that hears nothing newer treats LIVE as unproven.
    pub at: Timestamp,
}

/// An order to go down, by the operator: to SHADOW or to LEGACY, never up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kill {
    /// Where to go; LIVE is refused on decoding.
    pub to: Mode,
    /// Who asked.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// The mode on which three services agree: the lowest that any of them resolves, where one that
/// has not been heard counts as SHADOW at most.
#[must_use]
pub fn agreed(own: Mode, executor: Option<Mode>, gateway: Option<Mode>) -> Mode {
    let heard = |mode: Option<Mode>| mode.unwrap_or(Mode::Shadow);
    own.min(heard(executor)).min(heard(gateway))
}

/// What the guard says to an intent because of mode and module alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatrixVerdict {
    /// Goes on.
    Allow,
    /// Goes on, counted as an ownership conflict.
    AllowWithConflict,
    /// Goes on, with a warning about the unknown module.
    AllowUnknown,
    /// Stops here: counted as blocked and as a conflict.
    Block,
    /// Stops here: an unknown module in LIVE.
    DenyUnknown,
}

/// The behaviour matrix: mode x module.
#[must_use]
pub const fn matrix(mode: Mode, module: &Module) -> MatrixVerdict {
    match (mode, module) {
        (Mode::Legacy, _) | (Mode::Shadow | Mode::Live, Module::ExitExecutor) => {
            MatrixVerdict::Allow
        }
        (Mode::Shadow, Module::Other(_)) => MatrixVerdict::AllowUnknown,
        (Mode::Shadow, _) => MatrixVerdict::AllowWithConflict,
        (Mode::Live, Module::Other(_)) => MatrixVerdict::DenyUnknown,
        (Mode::Live, _) => MatrixVerdict::Block,
    }
}

#[cfg(test)]
mod tests;
