//! The documented vector, both key kinds, and that secrets stay inside.

use base64::Engine as _;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use super::*;

/// Secret, payload and signature of the venue's documentation.
const SECRET: &str = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9";
const PAYLOAD: &str = "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC\
                       &recvWindow=5000&timestamp=1591702613943";
const SIGNATURE: &str = "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9";

fn hmac_key() -> Credentials {
    Credentials::from_file_contents(" key1\n", &format!("{SECRET}\n")).unwrap()
}

/// A fresh key as a PEM file, made here so that no private key is kept in the tree.
fn ed25519_pem() -> (String, Vec<u8>) {
    let document = Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new()).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap();
    let label = "PRIVATE KEY";
    let body = base64::engine::general_purpose::STANDARD.encode(document.as_ref());
    let pem = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
    (pem, pair.public_key().as_ref().to_vec())
}

#[test]
fn the_documented_vector_is_reproduced() {
    assert_eq!(hmac_key().sign(PAYLOAD), SIGNATURE);
}

#[test]
fn the_signed_query_keeps_the_order_and_ends_with_the_signature() {
    let params = [
        ("symbol", "BTCUSDT".to_owned()),
        ("side", "BUY".to_owned()),
        ("type", "LIMIT".to_owned()),
        ("quantity", "1".to_owned()),
        ("price", "9000".to_owned()),
        ("timeInForce", "GTC".to_owned()),
    ];
    let text = hmac_key().signed_query(&params, 1_591_702_613_943, 5000);
    assert_eq!(text, format!("{PAYLOAD}&signature={SIGNATURE}"));
}

#[test]
fn a_call_without_parameters_signs_only_window_and_time() {
    let text = hmac_key().signed_query(&[], 7, 90_000);
    let payload = "recvWindow=60000&timestamp=7";
    assert_eq!(
        text,
        format!("{payload}&signature={}", hmac_key().sign(payload))
    );
}

#[test]
fn values_are_escaped_as_utf8_before_they_are_signed() {
    let text = query(&[
        ("symbol", "币安USDT".to_owned()),
        ("id", "a:/b.-_~ &=".to_owned()),
    ]);
    assert_eq!(
        text,
        "symbol=%E5%B8%81%E5%AE%89USDT&id=a%3A%2Fb.-_~%20%26%3D"
    );
}

#[test]
fn an_ed25519_signature_verifies_and_is_safe_in_a_query() {
    let (pem, public) = ed25519_pem();
    let key = Credentials::from_file_contents("key1", &pem).unwrap();
    let text = key.sign(PAYLOAD);
    assert!(!text.contains(['+', '/', '=']), "{text}");
    let decoded = percent_encoding::percent_decode_str(&text)
        .decode_utf8()
        .unwrap();
    let signature = base64::engine::general_purpose::STANDARD
        .decode(decoded.as_bytes())
        .unwrap();
    UnparsedPublicKey::new(&ED25519, public)
        .verify(PAYLOAD.as_bytes(), &signature)
        .unwrap();
}

#[test]
fn debug_shows_neither_key_nor_secret() {
    let (pem, _) = ed25519_pem();
    for key in [
        hmac_key(),
        Credentials::from_file_contents("key1", &pem).unwrap(),
    ] {
        let shown = format!("{key:?}");
        assert!(
            shown.contains("redacted") && !shown.contains("key1"),
            "{shown}"
        );
        assert!(!shown.contains(SECRET), "{shown}");
    }
}

#[test]
fn unusable_key_files_are_refused_without_being_repeated() {
    let label = "PRIVATE KEY";
    let junk = format!("-----BEGIN {label}-----\nMC4CAQA=\n-----END {label}-----\n");
    let (pem, _) = ed25519_pem();
    let encrypted = pem.replace(label, "ENCRYPTED PRIVATE KEY");
    for (key, secret, expected) in [
        ("", SECRET, CredentialError::ApiKey),
        ("a b", SECRET, CredentialError::ApiKey),
        ("key1", " \n", CredentialError::Secret),
        ("key1", "two words", CredentialError::Secret),
        ("key1", junk.as_str(), CredentialError::Pem),
        ("key1", encrypted.as_str(), CredentialError::Pem),
    ] {
        let error = Credentials::from_file_contents(key, secret).unwrap_err();
        assert_eq!(error, expected);
        assert!(!error.to_string().contains(SECRET));
    }
}

/// Compiles only for what wipes itself when it is dropped.
fn is_wiped<T: ZeroizeOnDrop>(_: &T) {}

#[test]
fn whatever_a_key_is_kept_in_wipes_itself_when_dropped() {
    let (pem, _) = ed25519_pem();
    for key in [
        hmac_key(),
        Credentials::from_file_contents("key1", &pem).unwrap(),
    ] {
        is_wiped(&key);
        // Each part by itself: a new one that wipes nothing does not compile here.
        let Credentials { api_key, secret } = key;
        is_wiped(&api_key);
        match secret {
            Secret::Hmac(text) => is_wiped(&text),
            Secret::Ed25519(der) => is_wiped(&der),
        }
    }
}
