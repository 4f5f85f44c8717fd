//! Keys and signed approvals: what is not exactly the guard's is refused.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use bus::{Identity, Message, approval, keys};
use common::values::{approval as an_approval, key};
use domain::intent::Approval;
use nkeys::KeyPair;
use proptest::prelude::*;
use proto::{SignedApproval, Wire};

fn pair() -> (KeyPair, KeyPair) {
    let signer = KeyPair::new_user();
    let public = KeyPair::from_public_key(&signer.public_key()).unwrap();
    (signer, public)
}

fn resealed(message: &Message, change: impl FnOnce(&mut SignedApproval)) -> Message {
    let mut sealed = SignedApproval::decode(&message.payload).unwrap();
    change(&mut sealed);
    Message::new(message.subject.clone(), sealed.encode())
}

#[test]
fn what_the_guard_seals_the_gateway_opens() {
    let (signer, public) = pair();
    let sealed = approval::seal(&an_approval(), &signer).unwrap();
    assert_eq!(sealed.subject, format!("order.approved.{}", key()));
    assert_eq!(approval::open(&sealed, &public).unwrap(), an_approval());
}

#[test]
fn an_approval_by_another_key_is_refused() {
    let (signer, _) = pair();
    let (_, public) = pair();
    let sealed = approval::seal(&an_approval(), &signer).unwrap();
    let error = approval::open(&sealed, &public).unwrap_err().to_string();
    assert!(error.contains("signature"), "{error}");
}

#[test]
fn an_approval_for_another_position_than_its_subject_is_refused() {
    let (signer, public) = pair();
    let mut sealed = approval::seal(&an_approval(), &signer).unwrap();
    sealed.subject = sealed.subject.replace("LONG", "SHORT");
    let error = approval::open(&sealed, &public).unwrap_err().to_string();
    assert!(error.contains("SHORT") && error.contains("LONG"), "{error}");
}

#[test]
fn a_signature_without_the_context_is_no_approval() {
    let (signer, public) = pair();
    let sealed = approval::seal(&an_approval(), &signer).unwrap();
    let bare = resealed(&sealed, |sealed| {
        sealed.signature = signer.sign(&sealed.body).unwrap();
    });
    assert!(approval::open(&bare, &public).is_err());
}

#[test]
fn a_body_with_something_appended_is_refused_even_if_it_is_signed() {
    let (signer, public) = pair();
    let sealed = approval::seal(&an_approval(), &signer).unwrap();
    let padded = resealed(&sealed, |sealed| {
        // Field 200, varint 1: unknown, so an ordinary decoder skips it.
        sealed.body.extend([0xc0, 0x0c, 0x01]);
        assert_eq!(Approval::decode(&sealed.body).unwrap(), an_approval());
        let context = b"exitbrain.v1.Approval\0";
        let signed = [context, sealed.body.as_slice()].concat();
        sealed.signature = signer.sign(&signed).unwrap();
    });
    let error = approval::open(&padded, &public).unwrap_err();
    assert!(
        matches!(error, approval::ApprovalError::Canonical { .. }),
        "{error}"
    );
}

#[test]
fn a_key_without_its_seed_can_not_seal() {
    let (_, public) = pair();
    let error = approval::seal(&an_approval(), &public).unwrap_err();
    assert!(matches!(error, approval::ApprovalError::Key(_)), "{error}");
}

proptest! {
    // Each case checks a signature, which is slow without optimization.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_changed_byte_gets_through(position in any::<prop::sample::Index>(), change in 1_u8..) {
        let (signer, public) = pair();
        let sealed = approval::seal(&an_approval(), &signer).unwrap();
        let mut changed = sealed.clone();
        let index = position.index(changed.payload.len());
        changed.payload[index] ^= change;
        prop_assert!(approval::open(&changed, &public).is_err());
    }
}

#[test]
fn every_identity_gets_a_pair_and_only_the_owner_can_read_a_seed() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("keys");
    let public = keys::generate(&dir).unwrap();
    for identity in Identity::ALL {
        let seed = dir.join(format!("{identity}.nk"));
        let mode = fs::metadata(&seed).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{identity}");
        let pair = KeyPair::from_seed(fs::read_to_string(seed).unwrap().trim()).unwrap();
        assert_eq!(pair.public_key(), public.get(identity));
    }
    let signer = keys::approval_signer(&dir).unwrap();
    let verifier = keys::approval_verifier(&dir).unwrap();
    assert_eq!(signer.public_key(), verifier.public_key());
    assert_ne!(signer.public_key(), public.get(Identity::GuardOut));
}

#[test]
fn keys_that_exist_are_kept_and_missing_ones_are_made() {
    let folder = tempfile::tempdir().unwrap();
    let before = keys::generate(folder.path()).unwrap();
    fs::remove_file(folder.path().join("planner.nk")).unwrap();
    fs::remove_file(folder.path().join("planner.pub")).unwrap();
    fs::remove_file(folder.path().join("market.pub")).unwrap();
    let after = keys::generate(folder.path()).unwrap();
    assert_eq!(after.get(Identity::Market), before.get(Identity::Market));
    assert_ne!(after.get(Identity::Planner), before.get(Identity::Planner));
    assert_eq!(after, keys::load(folder.path()).unwrap());
}

#[test]
fn a_key_file_that_holds_no_key_is_named() {
    let folder = tempfile::tempdir().unwrap();
    keys::generate(folder.path()).unwrap();
    for (name, text) in [
        ("executor.pub", "no key"),
        ("planner.pub", "UA\" } injected"),
    ] {
        let path = folder.path().join(name);
        let kept = fs::read_to_string(&path).unwrap();
        fs::write(&path, text).unwrap();
        let error = keys::load(folder.path()).unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
        fs::write(&path, kept).unwrap();
    }
}

#[test]
fn half_of_another_pair_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    keys::generate(folder.path()).unwrap();
    fs::remove_file(folder.path().join("planner.nk")).unwrap();
    let error = keys::generate(folder.path()).unwrap_err().to_string();
    assert!(error.contains("planner"), "{error}");
}
