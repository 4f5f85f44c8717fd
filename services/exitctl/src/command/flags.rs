//! `exitctl flags`: flags and mode of the running services, not of the caller's environment.

use proto::wire::{ExitBrainStatus, ModeStatus, ServiceStatus, StatusConfig};
use serde::Serialize;

use crate::answer::{Answer, Trouble};
use crate::cli::Format;
use crate::render::{self, table::table};

const HEAD: [&str; 9] = [
    "SERVICE",
    "INSTANCE",
    "MODE",
    "EXIT_MODE",
    "EXECUTOR_MODE",
    "ROLLOUT",
    "READY",
    "LEASE",
    "AGE",
];

/// The JSON form.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    kind: &'static str,
    config: Option<&'a StatusConfig>,
    mode: Option<&'a ModeStatus>,
    services: &'a [ServiceStatus],
}

/// The flags in force and what each service makes of its own.
pub fn run(status: &ExitBrainStatus, format: Format) -> Result<Answer, Trouble> {
    let document = Document {
        api_version: "exitbrain/v1",
        kind: "Flags",
        config: status.config.as_ref(),
        mode: status.mode.as_ref(),
        services: &status.services,
    };
    let text = render::told(format, &document, |format| text(status, format))?;
    Ok(Answer::ok(text))
}

fn text(status: &ExitBrainStatus, format: Format) -> String {
    let config = status.config.clone().unwrap_or_default();
    let mode = status.mode.clone().unwrap_or_default();
    let active = config.live_mode_active.to_string();
    let rows = [
        ("EXIT_MODE", config.exit_mode),
        ("EXIT_EXECUTOR_MODE", config.exit_executor_mode),
        ("EXIT_BRAIN_V3_LIVE_ROLLOUT", config.exit_brain_live_rollout),
        ("live mode active", active),
        (
            "mode in force",
            format!(
                "{} (revision {}: {})",
                mode.effective, mode.revision, mode.reason
            ),
        ),
    ];
    let rows = rows.map(|(name, value)| [name.to_owned(), value]);
    let flags = table(["FLAG", "VALUE"], &rows);
    format!("{flags}\n\n{}", services(&status.services, format))
}

fn services(services: &[ServiceStatus], format: Format) -> String {
    if format == Format::Wide {
        let rows: Vec<_> = services.iter().map(wide).collect();
        let [a, b, c, d, e, f, g, h, i] = HEAD;
        let head = [a, b, c, d, e, f, g, h, i, "BUILD", "LEASE STORE"];
        return table(head, &rows);
    }
    let rows: Vec<_> = services.iter().map(service).collect();
    table(HEAD, &rows)
}

fn wide(told: &ServiceStatus) -> [String; 11] {
    let [a, b, c, d, e, f, g, h, i] = service(told);
    let store = if told.lease_store_lost { "LOST" } else { "ok" };
    [a, b, c, d, e, f, g, h, i, told.build.clone(), store.into()]
}

fn service(service: &ServiceStatus) -> [String; 9] {
    [
        service.service.clone(),
        service.instance.clone(),
        service.mode.clone(),
        service.exit_mode.clone(),
        service.exit_executor_mode.clone(),
        service.exit_brain_live_rollout.clone(),
        service.ready.to_string(),
        service.lease.clone(),
        format!("{} ms", service.age_ms),
    ]
}
