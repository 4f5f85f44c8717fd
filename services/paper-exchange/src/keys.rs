//! Keys of one's own for a paper account: made once, kept in a folder, never in the repository.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair as _};

/// Random bytes of an API key and of a secret: 64 characters in hex, as the venue's.
const KEY_BYTES: usize = 32;
/// What the file with the private key says it is.
const PEM_LABEL: &str = "PRIVATE KEY";

/// Where the keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFiles {
    /// The API key.
    pub api_key: PathBuf,
    /// The HMAC secret.
    pub secret: PathBuf,
    /// The Ed25519 public key, base64.
    pub ed25519_public: PathBuf,
    /// The Ed25519 private key, PKCS#8 PEM, for the client.
    pub ed25519_private: PathBuf,
}

/// Makes the keys that are not there yet, readable for the owner only.
///
/// # Errors
/// The file system's, or no randomness.
pub fn ensure(folder: &Path) -> io::Result<KeyFiles> {
    fs::create_dir_all(folder)?;
    let files = KeyFiles {
        api_key: folder.join("api-key"),
        secret: folder.join("api-secret"),
        ed25519_public: folder.join("ed25519.pub"),
        ed25519_private: folder.join("ed25519.pem"),
    };
    for path in [&files.api_key, &files.secret] {
        if !path.exists() {
            let mut bytes = [0; KEY_BYTES];
            let filled = SystemRandom::new().fill(&mut bytes);
            filled.map_err(|_| io::Error::other("no randomness"))?;
            write_private(path, &hex::encode(bytes))?;
        }
    }
    if !files.ed25519_private.exists() || !files.ed25519_public.exists() {
        let pair = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new());
        let pair = pair.map_err(|_| io::Error::other("no randomness"))?;
        let read = Ed25519KeyPair::from_pkcs8(pair.as_ref());
        let read = read.map_err(|_| io::Error::other("the new key cannot be read"))?;
        let pem = format!(
            "-----BEGIN {PEM_LABEL}-----\n{}\n-----END {PEM_LABEL}-----\n",
            STANDARD.encode(pair.as_ref())
        );
        write_private(&files.ed25519_private, &pem)?;
        write_private(&files.ed25519_public, &STANDARD.encode(read.public_key()))?;
    }
    Ok(files)
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::wire::Credentials;

    #[test]
    fn keys_are_made_once_fit_each_other_and_are_private() {
        let folder = tempfile::tempdir().unwrap();
        let files = ensure(&folder.path().join("keys")).unwrap();
        let read = |path: &Path| fs::read_to_string(path).unwrap();
        let key = read(&files.api_key);
        assert_eq!(key.len(), 64);
        let mode = fs::metadata(&files.secret).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let public = read(&files.ed25519_public);
        let credentials = Credentials::new(&key)
            .unwrap()
            .with_ed25519(&public)
            .unwrap();
        let pem = read(&files.ed25519_private);
        let inner: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let pair = Ed25519KeyPair::from_pkcs8(&STANDARD.decode(inner).unwrap()).unwrap();
        let tag = STANDARD.encode(pair.sign(b"text").as_ref());
        assert!(credentials.verifies(b"text", &tag));
        assert_eq!(ensure(&folder.path().join("keys")).unwrap(), files);
        assert_eq!(read(&files.api_key), key, "what is there stays");
    }
}
