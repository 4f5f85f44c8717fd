//! Neighbours one release apart: what a service says and hears, as if it were of another release.
//!
//! There is one build, so a service of another release is played: what it says, and what is said to
//! it, passes an interpreter. For the release before, that forgets what its frozen schemas don't
//! know. For the release to come, it adds what one release may add to the next: a field to
//! everything that is not signed, and now and then a value or a choice that nobody knows.

mod relay;
mod schemas;

use std::collections::BTreeMap;
use std::sync::Mutex;

use bus::map::ROWS;
use bus::{Message, approval};
use domain::intent::Approval;
use nkeys::KeyPair;
use prost_reflect::bytes::Bytes;
use prost_reflect::prost::Message as _;
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage, Value,
};
use proto::{SignedApproval, Wire};

pub use relay::Relay;
pub use schemas::{Additions, folder_of, frozen};
use schemas::{NEXT_FIELD, NEXT_VALUE, PACKAGE};

/// Of which release somebody is that is not of this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Release {
    /// The one before: it speaks the schemas that were frozen last.
    Previous,
    /// The one to come: it speaks today's schemas and more.
    Next,
}

/// What has passed an interpreter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Passed {
    /// Messages as the release before says or hears them.
    pub reduced: u64,
    /// Messages with a field of the release to come.
    pub extended: u64,
    /// Messages with a value or a choice that only the release to come knows.
    pub unknown: u64,
    /// Approvals that were signed anew, because the release before says less in them.
    pub resigned: u64,
}

/// Puts messages into the words of another release.
#[derive(Debug)]
pub struct Interpreter {
    previous: DescriptorPool,
    next: DescriptorPool,
    additions: Additions,
    signer: KeyPair,
    passed: Mutex<Passed>,
}

impl Interpreter {
    /// One that signs with `signer` what it has to change in an approval.
    ///
    /// # Panics
    /// Where the frozen schemas can't be compiled.
    #[must_use]
    pub fn new(additions: Additions, signer: KeyPair) -> Self {
        Self {
            previous: schemas::previous(),
            next: schemas::next(&additions),
            additions,
            signer,
            passed: Mutex::default(),
        }
    }

    /// What has passed so far.
    ///
    /// # Panics
    /// Where another thread has died in here.
    #[must_use]
    pub fn passed(&self) -> Passed {
        *self.passed.lock().expect("nobody panics in here")
    }

    /// What somebody of `to` hears where somebody of `from` says `message`; none is this release.
    #[must_use]
    pub fn between(
        &self,
        from: Option<Release>,
        to: Option<Release>,
        message: &Message,
    ) -> Message {
        use Release::{Next, Previous};
        let Some(name) = name_of(&message.subject) else {
            return message.clone();
        };
        let extends = from == Some(Next) && to != Some(Next);
        let reduces = from == Some(Previous) || to == Some(Previous);
        let mut heard = message.clone();
        if extends {
            heard.payload = self.extended(name, &heard.payload);
        }
        if reduces {
            heard.payload = self.reduced(name, &heard.payload);
        }
        heard
    }

    /// `payload` as the release before would write or read it.
    fn reduced(&self, name: &str, payload: &[u8]) -> Vec<u8> {
        self.count(|it| it.reduced += 1);
        if name == SignedApproval::NAME {
            return self.approval(payload);
        }
        let Some(mut message) = read(&self.previous, name, payload) else {
            return payload.to_vec();
        };
        forget(&mut message);
        message.encode_to_vec()
    }

    /// A signed approval as the guard of the release before would have made it.
    fn approval(&self, payload: &[u8]) -> Vec<u8> {
        let Ok(sealed) = SignedApproval::decode(payload) else {
            return payload.to_vec();
        };
        let body = self.reduced(Approval::NAME, &sealed.body);
        if body == sealed.body {
            return payload.to_vec();
        }
        self.count(|it| it.resigned += 1);
        let less = Approval::decode(&body).expect("an approval without what is optional");
        let message = approval::seal(&less, &self.signer).expect("the guard's pair signs");
        message.payload
    }

    /// `payload` as the release to come may write it.
    fn extended(&self, name: &str, payload: &[u8]) -> Vec<u8> {
        let Some(mut message) = read(&self.next, name, payload) else {
            return payload.to_vec();
        };
        let sum: u64 = payload.iter().map(|byte| u64::from(*byte)).sum();
        let mut added = Added {
            unknown: sum
                .is_multiple_of(self.additions.one_in)
                .then_some(&self.additions),
            fields: false,
            values: false,
        };
        added.add(&mut message);
        self.count(|it| {
            it.extended += u64::from(added.fields);
            it.unknown += u64::from(added.values);
        });
        message.encode_to_vec()
    }

    fn count(&self, count: impl FnOnce(&mut Passed)) {
        count(&mut self.passed.lock().expect("nobody panics in here"));
    }
}

/// Who is of another release, and the interpreter between them and the others.
#[derive(Debug)]
pub struct Neighbours<Who> {
    /// Everybody who is not of this release.
    pub releases: BTreeMap<Who, Release>,
    /// Between all of them.
    pub interpreter: Interpreter,
}

impl<Who: Ord> Neighbours<Who> {
    /// The release of `who`, where it is another one.
    pub fn release(&self, who: &Who) -> Option<Release> {
        self.releases.get(who).copied()
    }
}

/// The message that the table has for a subject.
fn name_of(subject: &str) -> Option<&'static str> {
    ROWS.iter()
        .find(|row| row.covers(subject))
        .map(|row| row.message)
}

fn read(pool: &DescriptorPool, name: &str, payload: &[u8]) -> Option<DynamicMessage> {
    let message = pool.get_message_by_name(&format!("{PACKAGE}{name}"))?;
    DynamicMessage::decode(message, payload).ok()
}

/// Takes out what the schema of `message` does not know, at every depth.
fn forget(message: &mut DynamicMessage) {
    message.take_unknown_fields().for_each(drop);
    each_inner(message, &mut forget);
}

fn each_inner(message: &mut DynamicMessage, then: &mut impl FnMut(&mut DynamicMessage)) {
    for (_, value) in message.fields_mut() {
        match value {
            Value::Message(inner) => then(inner),
            Value::List(items) => items
                .iter_mut()
                .filter_map(Value::as_message_mut)
                .for_each(&mut *then),
            _ => {}
        }
    }
}

/// What is being added to one message.
struct Added<'a> {
    /// What nobody knows, where this message shall have it.
    unknown: Option<&'a Additions>,
    fields: bool,
    values: bool,
}

impl Added<'_> {
    fn add(&mut self, message: &mut DynamicMessage) {
        each_inner(message, &mut |inner: &mut DynamicMessage| self.add(inner));
        let descriptor = message.descriptor();
        if let Some(field) = descriptor.get_field(NEXT_FIELD) {
            message.set_field(&field, Value::Message(something(&field)));
            self.fields = true;
        }
        let Some(additions) = self.unknown else {
            return;
        };
        for field in descriptor.fields() {
            if matches!(field.kind(), Kind::Enum(values) if additions.has_value(values.name())) {
                message.set_field(&field, Value::EnumNumber(NEXT_VALUE));
                self.values = true;
            }
        }
        if let Some(choice) = schemas::next_choice(&descriptor, additions) {
            message.set_field(&choice, Value::Message(something(&choice)));
            self.values = true;
        }
    }
}

/// A value of the message that the release to come has added.
fn something(field: &FieldDescriptor) -> DynamicMessage {
    let kind = field.kind();
    let message: &MessageDescriptor = kind.as_message().expect("what is added is a message");
    let mut it = DynamicMessage::new(message.clone());
    it.set_field_by_name("words", Value::String("what nobody has heard of".into()));
    it.set_field_by_name("number", Value::U64(u64::MAX));
    it.set_field_by_name("bits", Value::Bytes(Bytes::from_static(b"\x00\xff")));
    it
}
