//! The operator's order to a gateway without the bus: signed, so that nobody else's counts. That it
//! is fresh and used once only is the gateway's to check.

use nkeys::KeyPair;
use proto::wire::SignedKill;
use proto::{DirectKill, Wire, WireError};
use thiserror::Error;

use crate::signature;

/// What the signature is over begins with this. The last byte is in no text: a server of the bus
/// makes its clients sign what it likes, but that always is text, so it gets no kill that way.
const CONTEXT: &[u8] = b"exitbrain.v1.DirectKill\xff";

/// An order that can't be made or must not be followed.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "each field is named in the message")]
pub enum KillError {
    #[error("the key can't sign: {0}; it must be a pair with its seed")]
    Key(nkeys::error::Error),
    #[error("kill refused: the signature is not the operator's")]
    Signature,
    #[error("kill refused: {0}")]
    Wire(#[from] WireError),
    #[error("kill refused: its body is not written the only way it can be")]
    Canonical,
}

/// The order, signed with the operator's key on the bus.
///
/// # Errors
/// [`KillError::Key`] where the pair has no seed.
pub fn seal(order: &DirectKill, operator: &KeyPair) -> Result<SignedKill, KillError> {
    let body = order.encode();
    let signature = signature::sign(CONTEXT, &body, operator).map_err(KillError::Key)?;
    Ok(SignedKill { body, signature })
}

/// The order, once the signature and every field are checked.
///
/// # Errors
/// [`KillError`] with the first check that fails. Nothing may be done then.
pub fn open(sealed: &SignedKill, operator: &KeyPair) -> Result<DirectKill, KillError> {
    if !signature::is_by(operator, CONTEXT, &sealed.body, &sealed.signature) {
        return Err(KillError::Signature);
    }
    let order = DirectKill::decode(&sealed.body)?;
    if order.encode() != sealed.body {
        return Err(KillError::Canonical);
    }
    Ok(order)
}

#[cfg(test)]
mod tests {
    use domain::mode::{Kill, Mode};
    use domain::{Account, Timestamp};

    use super::*;

    fn order() -> DirectKill {
        DirectKill {
            kill: Kill {
                to: Mode::Shadow,
                by: "ada".into(),
                at: Timestamp::from_millis(1_000),
            },
            account: Account::new("main").unwrap(),
        }
    }

    #[test]
    fn what_the_operator_signed_opens_and_nothing_else() {
        let operator = KeyPair::new_user();
        let sealed = seal(&order(), &operator).unwrap();
        assert_eq!(open(&sealed, &operator).unwrap(), order());
        let stranger = open(&sealed, &KeyPair::new_user());
        assert!(matches!(stranger, Err(KillError::Signature)));
        for index in 0..sealed.body.len() {
            let mut changed = sealed.clone();
            changed.body[index] ^= 1;
            let opened = open(&changed, &operator);
            assert!(matches!(opened, Err(KillError::Signature)), "{index}");
        }
    }

    #[test]
    fn a_signature_for_anything_else_is_no_kill() {
        let operator = KeyPair::new_user();
        let body = order().encode();
        let signature = operator.sign(&body).unwrap();
        let opened = open(&SignedKill { body, signature }, &operator);
        assert!(matches!(opened, Err(KillError::Signature)));
        // What a server can have signed is text, and this is none.
        assert!(String::from_utf8(CONTEXT.to_vec()).is_err());
    }

    #[test]
    fn there_is_no_way_up_and_no_second_way_to_write_it() {
        let operator = KeyPair::new_user();
        let up = DirectKill {
            kill: Kill {
                to: Mode::Live,
                ..order().kill
            },
            ..order()
        };
        let sealed = seal(&up, &operator).unwrap();
        assert!(matches!(open(&sealed, &operator), Err(KillError::Wire(_))));
        let mut body = order().encode();
        body.extend([0x78, 1]); // a field that nobody knows
        let signature = signature::sign(CONTEXT, &body, &operator).unwrap();
        let opened = open(&SignedKill { body, signature }, &operator);
        assert!(matches!(opened, Err(KillError::Canonical)));
    }
}
