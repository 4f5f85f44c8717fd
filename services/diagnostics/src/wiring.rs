//! Ties the read model to the bus and to its two ports, which answer before there is a bus.

use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use bus::{Client, Identity};
use runtime::{Ended, Failure, Node};

use crate::recording::{self, Recorded};
use crate::server::Listeners;
use crate::services::DIAGNOSTICS;
use crate::shared::Shared;
use crate::view::View;
use crate::{DiagnosticsActor, hears, measures};

/// Runs the service until a stop is asked for.
#[must_use]
pub fn run() -> ExitCode {
    runtime::main(DIAGNOSTICS, start)
}

async fn start(node: Node) -> Result<(), Failure> {
    let actor = DiagnosticsActor::new(&node.instance, node.flags, node.boot);
    let shared = Shared::new(actor);
    // The health endpoints answer before there is a bus, and go on when it is gone.
    let connection = Connection::default();
    serve(&node, &shared, &connection)?;
    let client = node.connect(Identity::Diagnostics).await?;
    let into = recording::limits(&node.config.records);
    let mut subjects = [hears(), measures()].concat();
    if let Some((dir, _)) = &into {
        tracing::info!(?dir, "keeping records");
        subjects.extend(recording::hears());
    }
    let mut recorded = Recorded::new(shared.clone(), into, runtime::now)
        .map_err(|error| format!("a thread for records: {error}"))?;
    let inbox = client.inbox(&subjects).await?;
    let client = Arc::clone(connection.get_or_init(|| Arc::new(client)));
    let send = move |message| {
        let (said, client) = (runtime::start::say(&client, message), Arc::clone(&client));
        let noted = shared.clone();
        async move {
            said.await;
            noted.note_faults(&client.faults().named());
        }
    };
    let stop = node.shutdown();
    match runtime::actor::run(&mut recorded, inbox, send, runtime::now, stop).await {
        Ended::InboxClosed => Err("the connection to the bus is gone for good".into()),
        Ended::SteppedBack(stepped) => Err(stepped.into()),
        Ended::Shutdown | Ended::Overdue => Ok(()),
    }
}

/// The connection, once there is one.
type Connection = Arc<OnceLock<Arc<Client>>>;

fn serve(node: &Node, shared: &Shared, connection: &Connection) -> Result<(), Failure> {
    let config = &node.config.diagnostics;
    let listeners = Listeners::bind(config.http_listen, config.grpc_listen)?;
    let addresses = listeners.addresses()?;
    let connection = connection.clone();
    let is_connected = move || connection.get().is_some_and(|it| it.is_connected());
    let view = View::new(shared.clone(), runtime::now, is_connected);
    // The thread ends with the process; nobody has to wait for it.
    drop(listeners.spawn(view, node.shutdown())?);
    tracing::info!(http = %addresses.http, grpc = %addresses.grpc, "listening");
    if let Some(path) = &config.ports_file {
        let taken = [("http", addresses.http), ("grpc", addresses.grpc)];
        runtime::ports::write(path, &taken)
            .map_err(|error| format!("diagnostics.ports_file = {path:?}: {error}"))?;
    }
    Ok(())
}
