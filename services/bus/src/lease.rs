//! The store of leases: one bucket of a key-value store in the account `TRADE`.
//!
//! A service may write the keys of its own family and read all; only the provisioning job may make
//! the bucket. A bucket that is missing is a fault to be told, never made anew by a service.

use std::time::Duration;

use async_nats::jetstream::context::{GetStreamErrorKind, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{
    Config, DiscardPolicy, Info, LastRawMessageErrorKind, StorageType, Stream,
};
use async_nats::jetstream::{self, Context, ErrorCode};
use bytes::Bytes;
use domain::lease::{Answer, Entry, Holder, LeaseKey, Op, Outcome, Request};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio::time;

use crate::client::Client;
use crate::identity::Identity;

/// Name of the bucket.
pub const BUCKET: &str = "leases";
/// The stream behind it.
pub const STREAM: &str = "KV_leases";
/// Everything in it.
const SUBJECTS: &str = "$KV.leases.>";
/// Longest value: two names and two numbers.
const VALUE_BYTES_MAX: i32 = 512;
/// Room for ten thousand positions; a full bucket refuses new keys and keeps what it has.
const BUCKET_BYTES_MAX: i64 = 16 * 1_024 * 1_024;
/// The provisioning job may wait longer than a service: a cluster elects a leader first.
const PROVISION_MAX: Duration = Duration::from_secs(10);

/// What anybody with a family of keys may ask for: reads answered by the stream's leader. Direct
/// reads are not among them, because a follower may answer those with what is no longer true.
pub(crate) const READS: [&str; 2] = [
    "$JS.API.STREAM.MSG.GET.KV_leases",
    "$JS.API.STREAM.INFO.KV_leases",
];

/// The keys that `identity` alone may write.
#[must_use]
pub const fn family(identity: Identity) -> Option<&'static str> {
    match identity {
        Identity::GuardTrade => Some("$KV.leases.guard.*"),
        Identity::GatewayTrade => Some("$KV.leases.gateway.*"),
        Identity::Executor => Some("$KV.leases.position.*.*.*"),
        _ => None,
    }
}

/// The subject behind a key.
#[must_use]
pub fn subject(key: &LeaseKey) -> String {
    format!("$KV.{BUCKET}.{key}")
}

/// An entry as it lies in the bucket; JSON, so that `nats kv get` shows it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase", deny_unknown_fields)]
enum Value {
    Held {
        instance: String,
        boot: u64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<u64>,
    },
    Released {},
}

/// The bytes of an entry.
#[must_use]
pub fn encode(entry: &Entry) -> Vec<u8> {
    let value = match entry.clone() {
        Entry::Held { holder, token } => Value::Held {
            instance: holder.instance,
            boot: holder.boot,
            token,
        },
        Entry::Released => Value::Released {},
    };
    serde_json::to_vec(&value).expect("names and numbers are always JSON")
}

/// The entry in `bytes`; none where they are not ours. An empty value is what the tools write when
/// a key is deleted by hand: it is free.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<Entry> {
    if bytes.is_empty() {
        return Some(Entry::Released);
    }
    Some(match serde_json::from_slice(bytes).ok()? {
        Value::Held {
            instance,
            boot,
            token,
        } => Entry::Held {
            holder: Holder { instance, boot },
            token,
        },
        Value::Released {} => Entry::Released,
    })
}

/// The bucket as one identity reaches it. Clones share the connection.
#[derive(Debug, Clone)]
pub struct LeaseStore {
    client: Client,
    context: Context,
}

impl LeaseStore {
    /// The bucket over `client`; nothing is asked yet.
    #[must_use]
    pub fn new(client: Client) -> Self {
        let context = jetstream::new(client.raw().clone());
        Self { client, context }
    }

    /// Carries a request out, once; no answer within `longest` is [`Outcome::Unavailable`]. While
    /// the connection is down nothing is sent: the server would be given it later.
    pub async fn carry_out(&self, request: Request, longest: Duration) -> Answer {
        let Request { key, ticket, op } = request;
        let outcome = if self.client.is_connected() {
            let done = time::timeout(longest, self.outcome(&key, op)).await;
            done.ok().flatten().unwrap_or(Outcome::Unavailable)
        } else {
            Outcome::Unavailable
        };
        Answer {
            key,
            ticket,
            outcome,
        }
    }

    async fn outcome(&self, key: &LeaseKey, op: Op) -> Option<Outcome> {
        let stream = self.context.get_stream_no_info(STREAM).await.ok()?;
        match op {
            Op::Read => read(&stream, &subject(key)).await,
            Op::Write { expected, entry } => self.write(&stream, key, expected, &entry).await,
        }
    }

    async fn write(
        &self,
        stream: &Stream<()>,
        key: &LeaseKey,
        expected: u64,
        entry: &Entry,
    ) -> Option<Outcome> {
        let message = PublishMessage::build()
            .payload(Bytes::from(encode(entry)))
            .expected_stream(STREAM)
            .expected_last_subject_sequence(expected);
        let sent = self.context.send_publish(subject(key), message).await;
        let revision = match sent.ok()?.await {
            Ok(ack) => ack.sequence,
            Err(error) if error.kind() == PublishErrorKind::WrongLastSequence => {
                return Some(Outcome::Conflict);
            }
            Err(_) => return None,
        };
        let created = created(stream, entry).await?;
        Some(Outcome::Written { revision, created })
    }
}

async fn read(stream: &Stream<()>, subject: &str) -> Option<Outcome> {
    match stream.get_last_raw_message_by_subject(subject).await {
        Ok(message) => {
            let entry = decode(&message.payload)?;
            let created = created(stream, &entry).await?;
            Some(Outcome::Found {
                entry,
                revision: message.sequence,
                created,
            })
        }
        Err(error) if matches!(error.kind(), LastRawMessageErrorKind::NoMessageFound) => {
            Some(Outcome::Absent)
        }
        Err(_) => None,
    }
}

/// When the bucket was made, in microseconds, where the entry's token depends on it. Asked for
/// after the entry was seen or written: should the bucket have been made anew in between, the
/// token is too high rather than too low, and the next write meets a conflict.
async fn created(stream: &Stream<()>, entry: &Entry) -> Option<u64> {
    if !entry.lacks_token() {
        return Some(0);
    }
    stream.get_info().await.ok().and_then(|info| micros(&info))
}

fn micros(info: &Info) -> Option<u64> {
    u64::try_from(info.created.unix_timestamp_nanos() / 1_000).ok()
}

/// What the provisioning job found and did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provisioned {
    /// The bucket was missing and was made.
    Created,
    /// It was there and is as it should be.
    Unchanged,
}

/// Why there is no bucket as it should be.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "each field is named in the message")]
pub enum ProvisionError {
    #[error("the server does not answer about stream {STREAM}: {0}; is JetStream on for TRADE?")]
    Unanswered(String),
    #[error("stream {STREAM} can't be made: {0}")]
    Refused(String),
    #[error("stream {STREAM} is there with other settings: {0}; demote, delete it, provision anew")]
    Differs(String),
}

/// Makes the bucket where it is missing; never changes or replaces one. Only the identity
/// `provisioner` may.
///
/// # Errors
/// [`ProvisionError`] where it is not as it should be afterwards.
pub async fn provision(client: &Client, replicas: u8) -> Result<Provisioned, ProvisionError> {
    let done = time::timeout(PROVISION_MAX, make(client, replicas)).await;
    done.unwrap_or_else(|_| Err(ProvisionError::Unanswered("nothing came".into())))
}

/// How many servers keep a copy of the bucket; none where it is missing. Changes nothing. Only the
/// identity `provisioner` may ask.
///
/// # Errors
/// [`ProvisionError`] where it is not as it should be, or nobody answers.
pub async fn inspect(client: &Client) -> Result<Option<usize>, ProvisionError> {
    let context = jetstream::new(client.raw().clone());
    let asked = time::timeout(PROVISION_MAX, found(&context)).await;
    let found = asked.unwrap_or_else(|_| Err(ProvisionError::Unanswered("nothing came".into())))?;
    let Some(found) = found else {
        return Ok(None);
    };
    let replicas = found.num_replicas;
    same(&found, &config(replicas)).map(|_| Some(replicas))
}

/// The settings of the stream; none where it is missing.
async fn found(context: &Context) -> Result<Option<Config>, ProvisionError> {
    match context.get_stream(STREAM).await {
        Ok(stream) => Ok(Some(stream.cached_info().config.clone())),
        Err(error) => match error.kind() {
            GetStreamErrorKind::JetStream(cause)
                if cause.error_code() == ErrorCode::STREAM_NOT_FOUND =>
            {
                Ok(None)
            }
            _ => Err(ProvisionError::Unanswered(error.to_string())),
        },
    }
}

async fn make(client: &Client, replicas: u8) -> Result<Provisioned, ProvisionError> {
    let context = jetstream::new(client.raw().clone());
    let wanted = config(replicas.into());
    if let Some(found) = found(&context).await? {
        return same(&found, &wanted);
    }
    let made = context.create_stream(wanted).await;
    made.map_err(|error| ProvisionError::Refused(error.to_string()))?;
    Ok(Provisioned::Created)
}

/// On disk: a restart of the server must not look like a loss of the bucket.
fn config(replicas: usize) -> Config {
    Config {
        name: STREAM.into(),
        subjects: vec![SUBJECTS.into()],
        description: Some("Leases: who may act for what".into()),
        max_messages_per_subject: 1,
        max_message_size: VALUE_BYTES_MAX,
        max_bytes: BUCKET_BYTES_MAX,
        discard: DiscardPolicy::New,
        storage: StorageType::File,
        num_replicas: replicas,
        deny_delete: true,
        deny_purge: true,
        allow_direct: false,
        ..Config::default()
    }
}

fn same(found: &Config, wanted: &Config) -> Result<Provisioned, ProvisionError> {
    let differs = |what: &str| Err(ProvisionError::Differs(what.into()));
    if found.subjects != wanted.subjects {
        return differs("subjects");
    }
    if found.max_messages_per_subject != wanted.max_messages_per_subject {
        return differs("messages per subject");
    }
    if found.storage != wanted.storage {
        return differs("storage");
    }
    if found.num_replicas != wanted.num_replicas {
        return differs("replicas");
    }
    Ok(Provisioned::Unchanged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_reads_back_and_a_stranger_is_none() {
        let holder = Holder {
            instance: "guard-1".into(),
            boot: 7,
        };
        for token in [None, Some(9)] {
            let holder = holder.clone();
            let entry = Entry::Held { holder, token };
            assert_eq!(decode(&encode(&entry)), Some(entry));
        }
        assert_eq!(decode(&encode(&Entry::Released)), Some(Entry::Released));
        assert_eq!(decode(b""), Some(Entry::Released), "deleted by hand");
        for wrong in [&b"{}"[..], b"null", b"{\"state\":\"mine\"}", b"\xff"] {
            assert_eq!(decode(wrong), None);
        }
    }

    #[test]
    fn the_longest_entry_fits_the_bucket() {
        let holder = Holder {
            instance: "x".repeat(40),
            boot: u64::MAX,
        };
        let entry = Entry::Held {
            holder,
            token: Some(u64::MAX),
        };
        let longest = usize::try_from(VALUE_BYTES_MAX).unwrap();
        assert!(encode(&entry).len() < longest / 2);
    }
}
