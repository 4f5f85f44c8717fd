//! What is said on the bus: read once, shared by everybody who hears it.

use std::rc::Rc;

use bus::{BadMessage, Heard, Message};

use super::digest::Digest;

/// A message and what it says.
#[derive(Debug, Clone)]
pub struct Said {
    /// As it travels.
    pub message: Message,
    /// As its readers understand it: all by the same border, so all alike.
    pub heard: Result<Heard, BadMessage>,
    /// Subject and payload in one number.
    pub digest: Digest,
}

impl From<Message> for Said {
    fn from(message: Message) -> Self {
        let mut digest = Digest::default();
        digest.bytes(message.subject.as_bytes());
        digest.bytes(&message.payload);
        Self {
            heard: bus::decode(&message),
            message,
            digest,
        }
    }
}

/// What a reader gets of it: the last one takes it, the others copy it.
pub fn taken(said: Rc<Said>) -> Result<Heard, BadMessage> {
    match Rc::try_unwrap(said) {
        Ok(said) => said.heard,
        Err(shared) => shared.heard.clone(),
    }
}
