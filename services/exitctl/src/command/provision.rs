//! `exitctl provision`: makes what the bus has to keep, and changes nothing that is there.

use std::time::Duration;

use bus::Identity;
use bus::lease::{self, BUCKET, ProvisionError, Provisioned};
use serde::Serialize;
use tokio::time::{sleep, timeout};

use crate::answer::{Answer, Trouble};
use crate::cli::{Cli, Provision};
use crate::command::connect::{connect, too_late};
use crate::render;

/// Pause between two tries while the server comes up.
const TRY_EVERY: Duration = Duration::from_millis(200);

/// The JSON form.
#[derive(Serialize)]
struct Document {
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    kind: &'static str,
    bucket: &'static str,
    /// Whether it was missing.
    created: bool,
}

/// Makes the bucket of leases where it is missing; tries until it worked or the time is up.
///
/// # Errors
/// [`Trouble`] where there is no such bucket afterwards.
pub async fn run(order: &Provision, cli: &Cli) -> Result<Answer, Trouble> {
    runtime::install_crypto();
    let mut last = None;
    let tries = async {
        loop {
            match once(order).await {
                Err(trouble @ Trouble::Unreachable(_)) => last = Some(trouble),
                ended => return ended,
            }
            sleep(TRY_EVERY).await;
        }
    };
    let ended = timeout(cli.timeout, tries).await;
    let done = ended.unwrap_or_else(|_| {
        Err(last.unwrap_or_else(|| too_late(&order.bus, "answer", cli.timeout)))
    })?;
    let document = Document {
        api_version: "exitbrain/v1",
        kind: "Provision",
        bucket: BUCKET,
        created: done == Provisioned::Created,
    };
    let text = render::told(cli.format(), &document, |_| told(done).into())?;
    Ok(Answer::ok(text))
}

const fn told(done: Provisioned) -> &'static str {
    match done {
        Provisioned::Created => "bucket leases: created",
        Provisioned::Unchanged => "bucket leases: there already, as it should be",
    }
}

async fn once(order: &Provision) -> Result<Provisioned, Trouble> {
    let client = connect(&order.bus, Identity::Provisioner).await?;
    let done = lease::provision(&client, order.replicas).await;
    done.map_err(|error| match error {
        ProvisionError::Unanswered(_) => Trouble::Unreachable(error.to_string()),
        ProvisionError::Refused(_) | ProvisionError::Differs(_) => {
            Trouble::Failure(format!("bucket {BUCKET}: {error}"))
        }
    })
}
