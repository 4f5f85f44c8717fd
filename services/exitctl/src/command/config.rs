//! `exitctl config explain`: what a service would work by that is started here.

use runtime::config::explain::{self, Explanation, Origin, Setting};
use runtime::config::variables;
use serde::Serialize;

use crate::answer::{Answer, Trouble};
use crate::cli::{Config, Format};
use crate::render::{self, table::table};

const HEAD: [&str; 5] = ["SETTING", "VALUE", "FROM", "TYPE", "FOR"];

/// The JSON form.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    kind: &'static str,
    items: Vec<Item<'a>>,
    warnings: Vec<&'a str>,
}

/// One setting in the JSON form.
#[derive(Serialize)]
struct Item<'a> {
    setting: &'static str,
    value: Option<&'a str>,
    /// `default`, `file` or `variable`.
    origin: &'static str,
    /// Which file, which variable.
    source: Option<String>,
    #[serde(rename = "type")]
    kind: &'static str,
    services: &'static [&'static str],
    doc: &'static str,
}

impl<'a> From<&'a Setting> for Item<'a> {
    fn from(setting: &'a Setting) -> Self {
        let (origin, source) = match &setting.origin {
            Origin::Default => ("default", None),
            Origin::File(path) => ("file", Some(path.display().to_string())),
            Origin::Variable(name) => ("variable", Some(name.clone())),
        };
        Self {
            setting: setting.key,
            value: setting.value.as_deref(),
            origin,
            source,
            kind: setting.kind,
            services: setting.services,
            doc: setting.doc,
        }
    }
}

/// Explains the settings.
///
/// # Errors
/// [`Trouble::Failure`] naming the setting that no service would start with.
pub fn run(verb: &Config, format: Format) -> Result<Answer, Trouble> {
    let Config::Explain(asked) = verb;
    let explained = explain::explain(variables(asked.config.as_deref()));
    let mut explained = explained.map_err(|error| Trouble::Failure(error.to_string()))?;
    if let Some(service) = asked.service.as_deref() {
        let settings = &mut explained.settings;
        settings.retain(|setting| setting.services.contains(&service));
    }
    let document = Document {
        api_version: "exitbrain/v1",
        kind: "SettingList",
        items: explained.settings.iter().map(Item::from).collect(),
        warnings: explained
            .warnings
            .iter()
            .map(|it| it.text.as_str())
            .collect(),
    };
    let text = render::told(format, &document, |format| text(&explained, format))?;
    Ok(Answer::ok(text))
}

fn text(explained: &Explanation, format: Format) -> String {
    let settings = explained.settings.iter();
    let mut text = if format == Format::Wide {
        let [a, b, c, d, e] = HEAD;
        let rows: Vec<_> = settings.map(wide).collect();
        table([a, b, c, d, e, "READ BY"], &rows)
    } else {
        let rows: Vec<_> = settings.map(row).collect();
        table(HEAD, &rows)
    };
    for warning in &explained.warnings {
        text.push_str(&format!("\nwarning: {}", warning.text));
    }
    text
}

fn row(setting: &Setting) -> [String; 5] {
    let value = setting.value.as_deref().filter(|value| !value.is_empty());
    let from = match &setting.origin {
        Origin::Variable(name) => name.clone(),
        origin => origin.to_string(),
    };
    [
        setting.key.into(),
        value.unwrap_or("-").into(),
        from,
        setting.kind.into(),
        setting.doc.into(),
    ]
}

fn wide(setting: &Setting) -> [String; 6] {
    let [a, b, c, d, e] = row(setting);
    [a, b, c, d, e, setting.services.join(",")]
}
