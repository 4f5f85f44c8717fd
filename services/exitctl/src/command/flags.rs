//! `exitctl flags`: flags and mode of the running services, not of the caller's environment.

use proto::wire::{ExitBrainStatus, ModeStatus, ServiceStatus, StatusConfig};
use serde::Serialize;

use crate::answer::{Answer, Trouble};
use crate::cli::Format;
use crate::render;

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
    let text = match format {
        Format::Json => render::json(&Document {
            api_version: "exitbrain/v1",
            kind: "Flags",
            config: status.config.as_ref(),
            mode: status.mode.as_ref(),
            services: &status.services,
        })?,
        Format::Table => text(status),
    };
    Ok(Answer::ok(text))
}

fn text(status: &ExitBrainStatus) -> String {
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
    let flags = render::table::table(["FLAG", "VALUE"], &rows);
    let services: Vec<_> = status.services.iter().map(service).collect();
    let head = [
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
    format!("{flags}\n\n{}", render::table::table(head, &services))
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
