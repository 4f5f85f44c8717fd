//! Streams on the bus, as the job that provisions them sees them.

use async_nats::jetstream::{self, Context, stream};
use bus::{Client, ClientTls, ConnectOptions, Identity};
use futures_util::TryStreamExt as _;

use crate::system::System;

/// What a record of everything captures.
const RECORDED: [(&str, &str); 4] = [
    ("POSITION", "position.>"),
    ("EXIT", "exit.>"),
    ("ORDER", "order.>"),
    ("CONTROL", "control.>"),
];
/// Nothing of this size is ever queued here.
const CAPACITY: usize = 64;

/// Connects with the rights of `identity`.
///
/// # Panics
/// Where the bus says no.
pub async fn connect(system: &System, identity: Identity) -> Client {
    let options = ConnectOptions {
        url: system.addresses().nats,
        identity,
        seed_file: system
            .files()
            .keys()
            .join(format!("{}.nk", identity.name())),
        capacity: CAPACITY,
        tls: ClientTls::default(),
    };
    let client = Client::connect(&options).await;
    client.unwrap_or_else(|error| panic!("{error}"))
}

/// The provisioner's view.
#[derive(Debug)]
pub struct Streams(Context);

impl Streams {
    /// Of the bus of `system`.
    pub async fn of(system: &System) -> Self {
        let client = connect(system, Identity::Provisioner).await;
        Self(jetstream::new(client.raw().clone()))
    }

    /// Creates one for each family of subjects that is worth a record.
    ///
    /// # Panics
    /// Where the server says no.
    pub async fn record(&self) {
        for (name, subject) in RECORDED {
            let config = stream::Config {
                name: name.into(),
                subjects: vec![subject.into()],
                ..stream::Config::default()
            };
            let created = self.0.create_stream(config).await;
            created.unwrap_or_else(|error| panic!("stream {name}: {error}"));
        }
    }

    /// The names of all that there are.
    ///
    /// # Panics
    /// Where the server says no.
    pub async fn names(&self) -> Vec<String> {
        let names = self.0.stream_names().try_collect().await;
        names.unwrap_or_else(|error| panic!("the names of the streams: {error}"))
    }

    /// Deletes every one, and says how many that were.
    ///
    /// # Panics
    /// Where the server says no.
    pub async fn delete_all(&self) -> usize {
        let names = self.names().await;
        for name in &names {
            let deleted = self.0.delete_stream(name).await;
            deleted.unwrap_or_else(|error| panic!("stream {name}: {error}"));
        }
        names.len()
    }
}
