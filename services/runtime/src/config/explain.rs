//! Every setting with the value in force, where it comes from, and what it is for.

use std::fmt;
use std::path::PathBuf;

use domain::mode::{FlagWarning, Flags};
use domain::policy::Policy;
use figment::{Figment, Source};

use super::{Config, ConfigError, source};
use crate::policy::profile;

mod keys;
mod variables;

use keys::{KEYS, Key};
use variables::{VARIABLES, Variable};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// What ships.
    Default,
    /// The settings file.
    File(PathBuf),
    /// An environment variable, by its name.
    Variable(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Variable(name) => write!(f, "environment variable {name}"),
        }
    }
}

/// One setting as it is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// `section.key`, or the name of a variable that stands for itself.
    pub key: &'static str,
    /// None where it is not set. Never a secret: those are in files, and what an address may carry
    /// of them is left out.
    pub value: Option<String>,
    /// Where the value comes from.
    pub origin: Origin,
    /// Type and unit.
    pub kind: &'static str,
    /// The services that read it.
    pub services: &'static [&'static str],
    /// What it is for.
    pub doc: &'static str,
}

/// All settings, and what is wrong with flags that were not usable as given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// In the order of the file, the variables that stand for themselves last.
    pub settings: Vec<Setting>,
    /// What was taken instead, and why.
    pub warnings: Vec<FlagWarning>,
}

/// The services that read settings.
pub const SERVICES: &[&str] = &[
    "market",
    "planner",
    "executor",
    "gateway-guard",
    "gateway",
    "diagnostics",
    "legacy",
];
const POLICED: &[&str] = &["planner", "executor", "legacy"];

/// Explains the settings that a service started with these `variables` would work by.
///
/// # Errors
/// As [`Config::load`].
pub fn explain(
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<Explanation, ConfigError> {
    let variables: Vec<_> = variables.into_iter().collect();
    let (file, keys) = source::split(variables.iter().cloned());
    let figment = source::merged(file.as_deref(), &keys)?;
    let config = source::read(&figment, &keys)?;
    let get = |name: &str| {
        let mut variables = variables.iter();
        let found = variables.find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone())
    };
    let (flags, mut warnings) = Flags::parse(get);
    let profile = get(profile::EXIT_BRAIN_PROFILE);
    warnings.extend(profile::profiled(Policy::default(), profile.as_deref()).1);
    let mut settings: Vec<_> = KEYS
        .iter()
        .map(|key| of_key(key, &figment, &config))
        .collect();
    settings.extend(
        VARIABLES
            .iter()
            .map(|variable| of_variable(variable, get(variable.name), &flags)),
    );
    Ok(Explanation { settings, warnings })
}

fn of_key(key: &Key, figment: &Figment, config: &Config) -> Setting {
    let origin = match figment.find_metadata(key.name) {
        None => Origin::Default,
        Some(metadata) => match &metadata.source {
            Some(Source::File(path)) => Origin::File(path.clone()),
            _ => {
                let name = metadata.name.strip_prefix(source::VARIABLE);
                Origin::Variable(name.unwrap_or(&metadata.name).into())
            }
        },
    };
    Setting {
        key: key.name,
        value: (key.read)(config),
        origin,
        kind: key.kind,
        services: key.services,
        doc: key.doc,
    }
}

fn of_variable(variable: &Variable, text: Option<String>, flags: &Flags) -> Setting {
    let origin = match &text {
        Some(_) => Origin::Variable(variable.name.into()),
        None => Origin::Default,
    };
    let value = match variable.read {
        Some(read) => read(flags),
        None => text.map(|text| without_login(&text)),
    };
    Setting {
        key: variable.name,
        value,
        origin,
        kind: variable.kind,
        services: variable.services,
        doc: variable.doc,
    }
}

/// An address without the name and password that it may carry.
fn without_login(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else {
        return address.into();
    };
    let host_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..host_end].rfind('@') {
        Some(at) => format!("{scheme}://***{}", &rest[at..]),
        None => address.into(),
    }
}
