//! Keys and signatures: what is signed is the literal text that is sent.

use std::fmt;

use base64::Engine as _;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ring::{hmac, signature::Ed25519KeyPair};
use rustls_pki_types::{PrivatePkcs8KeyDer, pem::PemObject};
use zeroize::{Zeroize as _, ZeroizeOnDrop, Zeroizing};

/// Everything but RFC 3986's unreserved characters is escaped.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Longest age the venue allows a request to have, in ms.
pub const RECV_WINDOW_MAX_MS: u32 = 60_000;

/// Why a key could not be used. Never contains any part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// The key file is empty or has characters a header cannot carry.
    #[error("api key is empty or not plain ASCII letters and digits; check the key file")]
    ApiKey,
    /// The secret file is empty or has blanks inside.
    #[error("secret is empty or has characters that no HMAC secret has; check the secret file")]
    Secret,
    /// A PEM text that is not one unencrypted Ed25519 PKCS#8 key.
    #[error("secret is PEM but not one unencrypted Ed25519 PKCS#8 key; export it as that")]
    Pem,
}

/// The secret half, kept for as long as the client lives, and wiped when dropped.
///
/// What is not wiped, because other crates hold it: `ring` makes a state out of the secret for each
/// signature (two SHA-256 states, or the scalar of the Ed25519 key) and leaves it on the stack for
/// the next calls to write over; the PEM reader may leave a part of the key where its buffer grew,
/// once, at the start; and the API key, which is the name and not the secret, also stands in the
/// HTTP client's header and in the frames of the WebSocket API.
pub enum Secret {
    /// The secret text of an HMAC key.
    Hmac(Zeroizing<Vec<u8>>),
    /// PKCS#8 DER of an Ed25519 key, checked when loaded.
    Ed25519(Zeroizing<Vec<u8>>),
}

/// One API key with its secret. `Debug` shows neither.
pub struct Credentials {
    api_key: Zeroizing<String>,
    secret: Secret,
}

impl ZeroizeOnDrop for Secret {}
impl ZeroizeOnDrop for Credentials {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hmac(_) => "Hmac(redacted)",
            Self::Ed25519(_) => "Ed25519(redacted)",
        })
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Credentials {{ api_key: redacted, secret: {:?} }}",
            self.secret
        )
    }
}

impl Secret {
    /// Reads the contents of a secret file: an Ed25519 PKCS#8 PEM, or the text of an HMAC secret.
    ///
    /// # Errors
    /// [`CredentialError::Pem`] or [`CredentialError::Secret`].
    pub fn from_file_contents(contents: &str) -> Result<Self, CredentialError> {
        let text = contents.trim();
        if text.starts_with("-----BEGIN") {
            return Self::from_pem(text);
        }
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(CredentialError::Secret);
        }
        Ok(Self::Hmac(Zeroizing::new(text.as_bytes().to_vec())))
    }

    fn from_pem(text: &str) -> Result<Self, CredentialError> {
        let mut key = PrivatePkcs8KeyDer::from_pem_slice(text.as_bytes())
            .map_err(|_| CredentialError::Pem)?;
        let der = Zeroizing::new(key.secret_pkcs8_der().to_vec());
        key.zeroize();
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).map_err(|_| CredentialError::Pem)?;
        Ok(Self::Ed25519(der))
    }
}

impl Credentials {
    /// Reads the contents of the two key files; surrounding blanks and line ends do not matter.
    ///
    /// # Errors
    /// [`CredentialError`], which never repeats any part of the files.
    pub fn from_file_contents(api_key: &str, secret: &str) -> Result<Self, CredentialError> {
        let api_key = api_key.trim();
        if api_key.is_empty() || !api_key.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(CredentialError::ApiKey);
        }
        let secret = Secret::from_file_contents(secret)?;
        Ok(Self {
            api_key: Zeroizing::new(api_key.to_owned()),
            secret,
        })
    }

    /// The value of the key header. Not for logs.
    #[must_use]
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// True for keys with which a session of the WebSocket API can log on: Ed25519 only (section 7
    /// of the wire contract).
    #[must_use]
    pub fn can_log_on(&self) -> bool {
        matches!(self.secret, Secret::Ed25519(_))
    }

    /// The signature of `payload`, ready to stand in a query: hex (HMAC-SHA256), or
    /// percent-encoded base64 (Ed25519).
    #[must_use]
    pub fn sign(&self, payload: &str) -> String {
        encode(&self.sign_plain(payload))
    }

    /// The signature of `payload` as a JSON member: hex (HMAC-SHA256), or base64 (Ed25519).
    #[must_use]
    pub fn sign_plain(&self, payload: &str) -> String {
        match &self.secret {
            Secret::Hmac(secret) => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
                hex::encode(hmac::sign(&key, payload.as_bytes()))
            }
            Secret::Ed25519(der) => {
                let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der)
                    .expect("the key was read once when it was loaded");
                let signature = key.sign(payload.as_bytes());
                base64::engine::general_purpose::STANDARD.encode(signature)
            }
        }
    }

    /// The query string to send: parameters as given, then `recvWindow` and `timestamp` (ms of the
    /// venue's clock), then `signature` over all of it.
    #[must_use]
    pub fn signed_query(
        &self,
        params: &[(&'static str, String)],
        timestamp_ms: i64,
        recv_window_ms: u32,
    ) -> String {
        let mut text = query(params);
        if !text.is_empty() {
            text.push('&');
        }
        let window = recv_window_ms.min(RECV_WINDOW_MAX_MS);
        text.push_str(&format!("recvWindow={window}&timestamp={timestamp_ms}"));
        let signature = self.sign(&text);
        format!("{text}&signature={signature}")
    }
}

/// `name=value` joined by `&`, values percent-encoded as UTF-8.
#[must_use]
pub fn query(params: &[(&'static str, String)]) -> String {
    let pairs: Vec<String> = params
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    pairs.join("&")
}

fn encode(value: &str) -> String {
    utf8_percent_encode(value, ESCAPED).to_string()
}

#[cfg(test)]
#[path = "sign/tests.rs"]
mod tests;
