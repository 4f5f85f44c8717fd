//! Merges defaults, file and variables, and words what is wrong with them.

use std::fs;
use std::path::{Path, PathBuf};

use figment::error::Kind;
use figment::providers::{Format, Toml};
use figment::util::nest;
use figment::value::{Dict, Map, Value};
use figment::{Error, Figment, Metadata, Profile, Provider};

use super::{Config, ConfigError, FILE_VARIABLE, KEY_PREFIX};

/// How a variable's name begins in what it sets: `environment variable EXITBRAIN__BUS__URL`.
pub(super) const VARIABLE: &str = "environment variable ";

/// The settings file that `variables` name, and those of them that set a key.
pub(super) fn split(
    variables: impl IntoIterator<Item = (String, String)>,
) -> (Option<PathBuf>, Vec<(String, String)>) {
    let mut file = None;
    let mut keys = Vec::new();
    for (name, value) in variables {
        if name == FILE_VARIABLE {
            file = Some(PathBuf::from(value));
        } else if name.starts_with(KEY_PREFIX) {
            keys.push((name, value));
        }
    }
    (file, keys)
}

/// What `file` and `variables` set, the latter winning, and who sets it.
pub(super) fn merged(
    file: Option<&Path>,
    variables: &[(String, String)],
) -> Result<Figment, ConfigError> {
    let mut figment = Figment::new();
    if let Some(path) = file {
        if let Err(source) = fs::File::open(path) {
            let path = path.to_path_buf();
            return Err(ConfigError::File { path, source });
        }
        figment = figment.merge(Toml::file_exact(path));
    }
    for (name, value) in variables {
        figment = figment.merge(Variable { name, value });
    }
    Ok(figment)
}

/// The settings, with the defaults where nothing is set.
pub(super) fn read(
    figment: &Figment,
    variables: &[(String, String)],
) -> Result<Config, ConfigError> {
    figment.extract().map_err(|error| worded(error, variables))
}

/// One environment variable that sets one key.
struct Variable<'a> {
    name: &'a str,
    value: &'a str,
}

impl Provider for Variable<'_> {
    fn metadata(&self) -> Metadata {
        Metadata::named(format!("{VARIABLE}{}", self.name))
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let value: Value = match self.value.parse() {
            Ok(value) => value,
            Err(never) => match never {},
        };
        let key = key_of(self.name);
        let nested = nest(&key, value);
        let dict = nested
            .into_dict()
            .ok_or_else(|| Error::from(format!("{} names no key", self.name)))?;
        Ok(Profile::Default.collect(dict))
    }
}

/// `EXITBRAIN__BUS__KEYS_DIR` is `bus.keys_dir`.
fn key_of(variable: &str) -> String {
    let tail = variable.strip_prefix(KEY_PREFIX).unwrap_or(variable);
    tail.to_ascii_lowercase().replace("__", ".")
}

fn worded(error: Error, variables: &[(String, String)]) -> ConfigError {
    let mut path = error.path.clone();
    if let Kind::UnknownField(field, _) = &error.kind
        && path.last() != Some(field)
    {
        path.push(field.clone());
    }
    let key = path.join(".");
    // An unknown key is reported at its section, whose source may be another: look it up.
    let variable = variables.iter().find(|(name, _)| key_of(name) == key);
    let place = match (variable, &error.metadata) {
        (Some((name, _)), _) => format!("{VARIABLE}{name}"),
        (None, Some(metadata)) => match &metadata.source {
            Some(source) => format!("{source}"),
            None => metadata.name.to_string(),
        },
        (None, None) => "the configuration".into(),
    };
    let key = if key.is_empty() { "syntax".into() } else { key };
    ConfigError::Key {
        key,
        place,
        reason: error.kind.to_string(),
    }
}
