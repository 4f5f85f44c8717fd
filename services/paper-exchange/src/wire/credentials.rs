//! The key a request must carry and the keys its signature is checked with.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::{hmac, signature};

/// Length of a raw Ed25519 public key.
const ED25519_KEY_BYTES: usize = 32;

/// Why key material cannot be used. Never contains the material.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The key text is empty.
    #[error("the API key is empty: put the key alone into its file")]
    EmptyKey,
    /// The public key is neither PEM, base64 nor hex of 32 bytes.
    #[error("the Ed25519 public key is not PEM, base64 or hex of a 32-byte key")]
    BadPublicKey,
    /// The RSA public key is not a PEM of 2048 bits or more.
    #[error("the RSA public key is not a PEM (BEGIN PUBLIC KEY) of 2048 to 8192 bits")]
    BadRsaKey,
}

/// API key and the secrets behind it; prints as a placeholder.
#[derive(Clone)]
pub struct Credentials {
    api_key: String,
    secret: Option<hmac::Key>,
    public_key: Option<Vec<u8>>,
    rsa_key: Option<Vec<u8>>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(hidden)")
    }
}

impl Credentials {
    /// Credentials that accept no signature yet.
    ///
    /// # Errors
    /// [`KeyError::EmptyKey`].
    pub fn new(api_key: &str) -> Result<Self, KeyError> {
        let api_key = api_key.trim();
        if api_key.is_empty() {
            return Err(KeyError::EmptyKey);
        }
        Ok(Self {
            api_key: api_key.to_owned(),
            secret: None,
            public_key: None,
            rsa_key: None,
        })
    }

    /// Also accepts HMAC-SHA256 signatures (hex) made with this secret.
    #[must_use]
    pub fn with_secret(mut self, secret: &str) -> Self {
        self.secret = Some(hmac::Key::new(hmac::HMAC_SHA256, secret.trim().as_bytes()));
        self
    }

    /// Also accepts Ed25519 signatures (base64); the key is PEM, base64 or hex.
    ///
    /// # Errors
    /// [`KeyError::BadPublicKey`].
    pub fn with_ed25519(mut self, public_key: &str) -> Result<Self, KeyError> {
        self.public_key = Some(read_public_key(public_key).ok_or(KeyError::BadPublicKey)?);
        Ok(self)
    }

    /// Also accepts RSA signatures (PKCS#1 v1.5 over SHA-256, base64); the key is a PEM.
    ///
    /// # Errors
    /// [`KeyError::BadRsaKey`].
    pub fn with_rsa(mut self, public_key: &str) -> Result<Self, KeyError> {
        self.rsa_key = Some(read_rsa_key(public_key).ok_or(KeyError::BadRsaKey)?);
        Ok(self)
    }

    /// True when this is the account's key.
    #[must_use]
    pub fn is_key(&self, api_key: &str) -> bool {
        self.api_key == api_key
    }

    /// True when the signature fits the payload under any of the keys.
    #[must_use]
    pub fn verifies(&self, payload: &[u8], signature_text: &str) -> bool {
        self.verifies_hmac(payload, signature_text)
            || self.verifies_ed25519(payload, signature_text)
            || self.verifies_rsa(payload, signature_text)
    }

    fn verifies_hmac(&self, payload: &[u8], text: &str) -> bool {
        let (Some(key), Ok(tag)) = (&self.secret, hex::decode(text)) else {
            return false;
        };
        hmac::verify(key, payload, &tag).is_ok()
    }

    fn verifies_rsa(&self, payload: &[u8], text: &str) -> bool {
        let (Some(key), Ok(tag)) = (&self.rsa_key, STANDARD.decode(text)) else {
            return false;
        };
        let key = signature::UnparsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, key);
        key.verify(payload, &tag).is_ok()
    }

    pub(super) fn verifies_ed25519(&self, payload: &[u8], text: &str) -> bool {
        let (Some(key), Ok(tag)) = (&self.public_key, STANDARD.decode(text)) else {
            return false;
        };
        let key = signature::UnparsedPublicKey::new(&signature::ED25519, key);
        key.verify(payload, &tag).is_ok()
    }
}

/// The PKCS#1 key inside a PEM: either that itself, or the end of a SubjectPublicKeyInfo, whose
/// header for RSA is 24 bytes long from 2048 bits on.
fn read_rsa_key(text: &str) -> Option<Vec<u8>> {
    const HEADER_BYTES: usize = 24;
    const LEAST_BYTES: usize = 256;
    let inner: String = text
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let bytes = STANDARD.decode(inner.trim()).ok()?;
    if bytes.len() < HEADER_BYTES + LEAST_BYTES {
        return None;
    }
    let is_spki = text.contains("BEGIN PUBLIC KEY");
    let key = if is_spki {
        &bytes[HEADER_BYTES..]
    } else {
        &bytes[..]
    };
    // A sequence with a length of two bytes.
    key.starts_with(&[0x30, 0x82]).then(|| key.to_vec())
}

/// PEM (SubjectPublicKeyInfo), base64 of it, base64 or hex of the raw key.
fn read_public_key(text: &str) -> Option<Vec<u8>> {
    let inner: String = text
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let inner = inner.trim();
    let bytes = hex::decode(inner)
        .ok()
        .or_else(|| STANDARD.decode(inner).ok())?;
    // An Ed25519 SubjectPublicKeyInfo is a fixed 12-byte header and the raw key.
    let start = bytes.len().checked_sub(ED25519_KEY_BYTES)?;
    if start != 0 && start != 12 {
        return None;
    }
    Some(bytes[start..].to_vec())
}
