//! The guard's yes, signed: what the gateway acts on must have passed the guard, whatever else
//! goes wrong on the bus.

use domain::intent::Approval;
use nkeys::KeyPair;
use proto::{SignedApproval, Wire, WireError};
use thiserror::Error;

use crate::message::Message;
use crate::{signature, subjects};

/// What the signature is over begins with this: a signature made for anything else is no approval.
const CONTEXT: &[u8] = b"exitbrain.v1.Approval\0";

/// An approval that can't be made or must not be acted on.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "each field is named in the message")]
pub enum ApprovalError {
    #[error("the key can't sign: {0}; it must be a pair with its seed")]
    Key(nkeys::error::Error),
    #[error("approval on {subject} refused: {error}")]
    Wire { subject: String, error: WireError },
    #[error("approval on {subject} refused: the signature is not the guard's")]
    Signature { subject: String },
    #[error("approval on {subject} refused: it is for {expected}")]
    Subject { subject: String, expected: String },
    #[error("approval on {subject} refused: its body is not written the only way it can be")]
    Canonical { subject: String },
}

/// The message that carries a signed approval: Ed25519 over the encoded approval.
///
/// # Errors
/// [`ApprovalError::Key`] where the pair has no seed.
pub fn seal(approval: &Approval, signer: &KeyPair) -> Result<Message, ApprovalError> {
    let body = approval.encode();
    let signature = signature::sign(CONTEXT, &body, signer).map_err(ApprovalError::Key)?;
    let sealed = SignedApproval { body, signature };
    Ok(subjects::approved(&approval.intent.key).message(&sealed))
}

/// The approval in a message, once the signature, the subject and every field are checked.
///
/// # Errors
/// [`ApprovalError`] with the first check that fails. Nothing may be done then.
pub fn open(message: &Message, guard: &KeyPair) -> Result<Approval, ApprovalError> {
    let subject = || message.subject.clone();
    let wire = |error| ApprovalError::Wire {
        subject: subject(),
        error,
    };
    let sealed = SignedApproval::decode(&message.payload).map_err(wire)?;
    if !signature::is_by(guard, CONTEXT, &sealed.body, &sealed.signature) {
        return Err(ApprovalError::Signature { subject: subject() });
    }
    let approval = Approval::decode(&sealed.body).map_err(wire)?;
    if approval.encode() != sealed.body {
        return Err(ApprovalError::Canonical { subject: subject() });
    }
    let expected = subjects::approved(&approval.intent.key);
    if expected.as_str() != message.subject {
        return Err(ApprovalError::Subject {
            subject: subject(),
            expected: expected.to_string(),
        });
    }
    Ok(approval)
}
