//! The key files: one pair for each identity, and one more with which the guard signs approvals.
//!
//! A seed lies in `<name>.nk`, readable by its owner only; the public half in `<name>.pub`.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use nkeys::{KeyPair, KeyPairType};
use thiserror::Error;

use crate::client::BusError;
use crate::identity::Identity;

/// Name of the pair that signs approvals. It is nobody's key on the bus: a server makes its clients
/// sign whatever nonce it likes, and must not get a signed approval that way.
pub const APPROVAL: &str = "approval";
/// A seed is for its owner's eyes.
const SEED_MODE: u32 = 0o600;
/// A public key is for everybody's.
const PUBLIC_MODE: u32 = 0o644;
/// Longest key file that is read; a seed has 58 characters.
const FILE_LEN_MAX: u64 = 1_024;

/// Public keys of all identities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKeys(BTreeMap<Identity, String>);

/// Keys that can't be made or used.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "each field is named in the message")]
pub enum KeysError {
    #[error("{path}: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error("{path} holds no usable key: {why}; remove it and create the keys anew")]
    Invalid { path: PathBuf, why: String },
}

impl PublicKeys {
    /// The public key of `identity`.
    #[must_use]
    pub fn get(&self, identity: Identity) -> &str {
        self.0.get(&identity).map_or("", String::as_str)
    }
}

/// Creates what is missing in `dir`, the folder included, and returns the public keys. A pair that
/// exists stays as it is; where only the public half is missing, it is written again.
///
/// # Errors
/// [`KeysError`] naming the file.
pub fn generate(dir: &Path) -> Result<PublicKeys, KeysError> {
    fs::create_dir_all(dir).map_err(|source| KeysError::File {
        path: dir.into(),
        source,
    })?;
    for name in Identity::ALL
        .map(Identity::name)
        .into_iter()
        .chain([APPROVAL])
    {
        generate_pair(dir, name)?;
    }
    load(dir)
}

/// The public keys in `dir`.
///
/// # Errors
/// [`KeysError`] naming the first file that is missing or holds no public key of a user.
pub fn load(dir: &Path) -> Result<PublicKeys, KeysError> {
    let mut keys = BTreeMap::new();
    for identity in Identity::ALL {
        let pair = public_pair(&public_path(dir, identity.name()))?;
        keys.insert(identity, pair.public_key());
    }
    Ok(PublicKeys(keys))
}

/// The pair in `dir` with which the guard signs approvals.
///
/// # Errors
/// [`KeysError`] naming the file.
pub fn approval_signer(dir: &Path) -> Result<KeyPair, KeysError> {
    seed_pair(&seed_path(dir, APPROVAL))
}

/// The public half with which the gateway checks approvals.
///
/// # Errors
/// [`KeysError`] naming the file.
pub fn approval_verifier(dir: &Path) -> Result<KeyPair, KeysError> {
    public_pair(&public_path(dir, APPROVAL))
}

/// The pair in `dir` with which the operator signs what goes to a gateway without the bus.
///
/// # Errors
/// [`KeysError`] naming the file.
pub fn operator_signer(dir: &Path) -> Result<KeyPair, KeysError> {
    seed_pair(&seed_path(dir, Identity::Operator.name()))
}

/// The public half with which a gateway checks that.
///
/// # Errors
/// [`KeysError`] naming the file.
pub fn operator_verifier(dir: &Path) -> Result<KeyPair, KeysError> {
    public_pair(&public_path(dir, Identity::Operator.name()))
}

/// A seed, checked to be one.
pub(crate) fn read_seed(path: &Path) -> Result<String, BusError> {
    let text = read(path).map_err(|source| BusError::SeedFile {
        path: path.into(),
        source,
    })?;
    let seed = text.trim().to_owned();
    match KeyPair::from_seed(&seed) {
        Ok(pair) if pair.key_pair_type() == KeyPairType::User => Ok(seed),
        Ok(_) | Err(_) => Err(BusError::SeedInvalid { path: path.into() }),
    }
}

fn seed_path(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("{name}.nk"))
}

fn public_path(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("{name}.pub"))
}

fn generate_pair(dir: &Path, name: &str) -> Result<(), KeysError> {
    let (seed, public) = (seed_path(dir, name), public_path(dir, name));
    if !seed.exists() && public.exists() {
        return Err(invalid(&public, &"its seed is missing"));
    }
    let pair = if seed.exists() {
        seed_pair(&seed)?
    } else {
        let pair = KeyPair::new_user();
        let text = pair.seed().map_err(|fault| invalid(&seed, &fault))?;
        write(&seed, &text, SEED_MODE)?;
        pair
    };
    if !public.exists() {
        return write(&public, &pair.public_key(), PUBLIC_MODE);
    }
    if public_pair(&public)?.public_key() != pair.public_key() {
        return Err(invalid(
            &public,
            &"it is not the public half of the seed beside it",
        ));
    }
    Ok(())
}

fn write(path: &Path, line: &str, mode: u32) -> Result<(), KeysError> {
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).mode(mode).open(path);
    let written = file.and_then(|mut file| writeln!(file, "{line}"));
    written.map_err(|source| KeysError::File {
        path: path.into(),
        source,
    })
}

fn read(path: &Path) -> io::Result<String> {
    if fs::metadata(path)?.len() > FILE_LEN_MAX {
        return Err(io::Error::other("too long for a key file"));
    }
    fs::read_to_string(path)
}

fn seed_pair(path: &Path) -> Result<KeyPair, KeysError> {
    let text = read_key(path)?;
    KeyPair::from_seed(text.trim()).map_err(|fault| invalid(path, &fault))
}

fn public_pair(path: &Path) -> Result<KeyPair, KeysError> {
    let text = read_key(path)?;
    let pair = KeyPair::from_public_key(text.trim()).map_err(|fault| invalid(path, &fault))?;
    if pair.key_pair_type() != KeyPairType::User {
        return Err(invalid(path, &"not the public key of a user (U...)"));
    }
    Ok(pair)
}

fn read_key(path: &Path) -> Result<String, KeysError> {
    read(path).map_err(|source| KeysError::File {
        path: path.into(),
        source,
    })
}

fn invalid(path: &Path, why: &dyn std::fmt::Display) -> KeysError {
    KeysError::Invalid {
        path: path.into(),
        why: why.to_string(),
    }
}
