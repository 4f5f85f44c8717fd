//! A message as its raw fields, so that tests can take one out or replace it (wire format:
//! protobuf.dev/programming-guides/encoding).

/// One field on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub number: u32,
    pub value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Varint(u64),
    Fixed64([u8; 8]),
    Bytes(Vec<u8>),
}

pub fn read(mut bytes: &[u8]) -> Vec<Field> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes);
        let value = match tag & 7 {
            0 => Value::Varint(varint(&mut bytes)),
            1 => Value::Fixed64(take(&mut bytes, 8).try_into().unwrap()),
            2 => {
                let len = usize::try_from(varint(&mut bytes)).unwrap();
                Value::Bytes(take(&mut bytes, len).to_vec())
            }
            other => panic!("wire type {other} is not used by our schemas"),
        };
        let number = u32::try_from(tag >> 3).unwrap();
        fields.push(Field { number, value });
    }
    fields
}

pub fn write(fields: &[Field]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for Field { number, value } in fields {
        let mut begin = |wire_type: u64| put(&mut bytes, u64::from(*number) << 3 | wire_type);
        match value {
            Value::Varint(value) => {
                begin(0);
                put(&mut bytes, *value);
            }
            Value::Fixed64(value) => {
                begin(1);
                bytes.extend(value);
            }
            Value::Bytes(value) => {
                begin(2);
                put(&mut bytes, value.len() as u64);
                bytes.extend(value);
            }
        }
    }
    bytes
}

fn take<'a>(bytes: &mut &'a [u8], len: usize) -> &'a [u8] {
    let (head, tail) = bytes.split_at(len);
    *bytes = tail;
    head
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let byte = take(bytes, 1)[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    value
}

fn put(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}
