//! Ed25519 over a body and what it is for: a signature made for anything else counts for nothing.

use nkeys::KeyPair;
use nkeys::error::Error;

/// The signature of `body` as a `context`.
///
/// # Errors
/// Where the pair has no seed.
pub(crate) fn sign(context: &[u8], body: &[u8], signer: &KeyPair) -> Result<Vec<u8>, Error> {
    signer.sign(&[context, body].concat())
}

/// Whether `signer` has signed `body` as a `context`.
pub(crate) fn is_by(signer: &KeyPair, context: &[u8], body: &[u8], signature: &[u8]) -> bool {
    signer.verify(&[context, body].concat(), signature).is_ok()
}
