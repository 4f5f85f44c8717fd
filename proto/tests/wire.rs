//! Every message: it comes back as it was sent, what is missing or wrong is refused by name, and no
//! bytes make the reader panic.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[macro_use]
mod common;

use common::orders;
use common::raw::{self, Field, Value};
use common::schema::{Promise, Schemas};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use proto::{Wire, WireError};
use std::fmt::Debug;

fn checked<M: Wire + PartialEq + Debug>(value: &M) -> Result<(), TestCaseError> {
    let bytes = value.encode();
    let back = M::decode(&bytes).map_err(|fault| TestCaseError::fail(fault.to_string()))?;
    prop_assert_eq!(&back, value);
    prop_assert_eq!(back.encode(), bytes.clone(), "one value, one encoding");
    let schemas = Schemas::read();
    let reader = Reader {
        schemas: &schemas,
        decode: &|bytes| M::decode(bytes).map(drop),
    };
    reader.walk(M::NAME, &bytes, "", &|bytes| bytes)
}

/// Takes a message apart and expects its reader to notice.
struct Reader<'a> {
    schemas: &'a Schemas,
    decode: &'a dyn Fn(&[u8]) -> Result<(), WireError>,
}

/// Puts the bytes of an inner message back into the whole.
type Embed<'a> = &'a dyn Fn(Vec<u8>) -> Vec<u8>;

impl Reader<'_> {
    fn walk(
        &self,
        message: &str,
        bytes: &[u8],
        path: &str,
        embed: Embed<'_>,
    ) -> Result<(), TestCaseError> {
        let fields = raw::read(bytes);
        for promise in &self.schemas.messages[message] {
            let path = format!("{path}{}", promise.name);
            let in_oneof = self.is_member(message, promise);
            self.without(promise, in_oneof, &fields, &path, embed)?;
            self.damaged(promise, &fields, &path, embed)?;
            self.inside(promise, &fields, &path, embed)?;
        }
        Ok(())
    }

    fn refused(&self, bytes: &[u8], path: &str, what: &str) -> Result<(), TestCaseError> {
        match (self.decode)(bytes) {
            Ok(()) => Err(TestCaseError::fail(format!("{path} {what} was accepted"))),
            Err(fault) => {
                prop_assert_eq!(&fault.field, path, "{}: {}", what, fault);
                Ok(())
            }
        }
    }

    fn without(
        &self,
        promise: &Promise,
        in_oneof: bool,
        fields: &[Field],
        path: &str,
        embed: Embed<'_>,
    ) -> Result<(), TestCaseError> {
        let kept = |field: &&Field| !promise.numbers.contains(&field.number);
        let kept: Vec<Field> = fields.iter().filter(kept).cloned().collect();
        let bytes = embed(raw::write(&kept));
        if promise.required {
            return self.refused(&bytes, path, "missing");
        }
        let was_set = fields.len() != kept.len();
        prop_assert!(
            (in_oneof && was_set) || (self.decode)(&bytes).is_ok(),
            "{} is not optional",
            path
        );
        Ok(())
    }

    /// Whether the field is a member of a `oneof` of `message`, which is required as a whole.
    fn is_member(&self, message: &str, promise: &Promise) -> bool {
        let oneofs = self.schemas.messages[message].iter();
        let holds = |oneof: &Promise| oneof.numbers.contains(&promise.numbers[0]);
        oneofs
            .filter(|it| it.is_oneof && !promise.is_oneof)
            .any(holds)
    }

    fn damaged(
        &self,
        promise: &Promise,
        fields: &[Field],
        path: &str,
        embed: Embed<'_>,
    ) -> Result<(), TestCaseError> {
        for (index, field) in fields.iter().enumerate() {
            if promise.is_oneof || promise.numbers != [field.number] || promise.repeated {
                continue;
            }
            for bad in bad_values(promise, field, &self.schemas.enums) {
                let mut fields = fields.to_vec();
                fields[index].value = bad.clone();
                self.refused(&embed(raw::write(&fields)), path, &format!("as {bad:?}"))?;
            }
        }
        Ok(())
    }

    fn inside(
        &self,
        promise: &Promise,
        fields: &[Field],
        path: &str,
        embed: Embed<'_>,
    ) -> Result<(), TestCaseError> {
        if !self.schemas.messages.contains_key(&promise.kind) {
            return Ok(());
        }
        for (index, field) in fields.iter().enumerate() {
            if let (true, Value::Bytes(inner)) = (promise.numbers == [field.number], &field.value) {
                let again = |bytes: Vec<u8>| {
                    let mut fields = fields.to_vec();
                    fields[index].value = Value::Bytes(bytes);
                    embed(raw::write(&fields))
                };
                self.walk(&promise.kind, inner, &format!("{path}."), &again)?;
            }
        }
        Ok(())
    }
}

/// What no reader of such a field may accept.
fn bad_values(promise: &Promise, field: &Field, enums: &[String]) -> Vec<Value> {
    match (&field.value, promise.kind.as_str()) {
        (Value::Varint(_), kind) if enums.iter().any(|name| name == kind) => {
            vec![Value::Varint(99), Value::Varint(u64::MAX)]
        }
        (Value::Varint(_), "int64") if is_time(&promise.name) => {
            vec![Value::Varint(u64::MAX), Value::Varint(i64::MAX as u64)]
        }
        (Value::Varint(_), "int64") if promise.name == "time_to_hit" => {
            vec![Value::Varint(u64::MAX)]
        }
        (Value::Varint(_), "uint32") => vec![Value::Varint(256)],
        (Value::Bytes(text), "string") if is_decimal(text) && is_number(&promise.name) => {
            let bad = [
                "", "abc", "1e5", "+1", "1_0", " 1", "1.", ".5", "NaN", "0x1",
            ];
            let huge = "9".repeat(29);
            bad.into_iter().chain([huge.as_str()]).map(bytes).collect()
        }
        (Value::Bytes(_), "string") if !is_text(&promise.name) => vec![bytes(""), bytes("\n")],
        (Value::Bytes(_), "string") => vec![bytes(&"x".repeat(1_025))],
        (Value::Bytes(_), "bytes") if promise.name == "signature" => vec![bytes("short")],
        _ => Vec::new(),
    }
}

fn bytes(text: &str) -> Value {
    Value::Bytes(text.as_bytes().to_vec())
}

fn is_time(name: &str) -> bool {
    matches!(name, "at" | "since" | "time_stop") || name.ends_with("_at")
}

fn is_text(name: &str) -> bool {
    matches!(name, "reason" | "detail" | "note" | "rationale" | "refused")
}

/// Venue's names of orders may hold digits and a point.
fn is_number(name: &str) -> bool {
    !is_text(name) && !matches!(name, "client_order_id" | "target")
}

/// Names may look like a number, so only what has a point is taken for one.
fn is_decimal(text: &[u8]) -> bool {
    let digits = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
    text.contains(&b'.') && text.iter().all(digits)
}

macro_rules! tests_of_every_message {
    ($($name:ident: $type:ty = $strategy:expr;)+) => {
        $(
            mod $name {
                use super::*;

                proptest! {
                    #![proptest_config(ProptestConfig::with_cases(24))]

                    #[test]
                    fn travel_and_bad_ones_are_named(value in $strategy) {
                        checked::<$type>(&value)?;
                    }
                }
            }
        )+

        fn decode_all(bytes: &[u8]) -> Vec<Option<WireError>> {
            vec![$(<$type>::decode(bytes).err(),)+]
        }
    };
}

for_every_message!(tests_of_every_message);

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for fault in decode_all(&bytes).into_iter().flatten() {
            prop_assert!(!fault.message.is_empty() && !fault.field.is_empty(), "{}", fault);
        }
    }

    #[test]
    fn no_damaged_message_makes_a_reader_panic(
        value in orders::position_snapshot(),
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = value.encode();
        for (place, byte) in flips {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        decode_all(&bytes);
    }
}
