//! Two releases and one message: the older one reads what today's code writes, and today's code
//! reads what the older one writes.

use std::collections::BTreeSet;

use prost::Message;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, ReflectMessage, Value};
use proto::Wire;

use super::changes::short;
use super::release::{PACKAGE, Release, Schema};

/// Fields of text that hold one word of a list; another one is refused.
const WORDS: [&str; 4] = [
    "Decision.rule",
    "TpTarget.regime",
    "TpTarget.recommendation",
    "Heartbeat.service",
];

/// Checks that `value` passes between today's code and a neighbour of `release`, whichever of the
/// two says it. `in_two_steps` names values that today's code only reads.
pub fn both_ways<M: Wire>(
    value: &M,
    release: &Release,
    today: &Schema,
    in_two_steps: &[&str],
) -> Result<(), String> {
    let name = format!("{PACKAGE}{}", M::NAME);
    let Some(message) = release.schema.pool.get_message_by_name(&name) else {
        return Ok(()); // nobody of that release says or hears it
    };
    let bytes = value.encode();
    let read = |schema: &Schema| {
        let message = schema.pool.get_message_by_name(&name).unwrap();
        DynamicMessage::decode(message, bytes.as_slice())
    };
    let is = read(today).map_err(|fault| format!("{name}: {fault}"))?;
    let was = read(&release.schema).map_err(|fault| format!("{name}: {fault}"))?;
    let mut told = BTreeSet::new();
    facts(&is, &mut told);
    if in_two_steps.iter().any(|staged| told.contains(*staged)) {
        return Ok(());
    }
    understood(&was, &is, &release.facts)?;
    let was = known(was);
    let back = M::decode(&was.encode_to_vec()).map_err(|fault| fault.to_string())?;
    let again = DynamicMessage::decode(message, back.encode().as_slice());
    let again = known(again.map_err(|fault| format!("{name}: {fault}"))?);
    if again != was {
        return Err(format!("{name}: {was} comes back as {again}"));
    }
    Ok(())
}

/// Whether a neighbour that sees `was` understands all that it knows of `is`.
fn understood(
    was: &DynamicMessage,
    is: &DynamicMessage,
    known: &BTreeSet<String>,
) -> Result<(), String> {
    for field in was.descriptor().fields() {
        let path = short(field.full_name()).to_owned();
        let before = was.get_field(&field);
        let after = is.get_field_by_number(field.number());
        let after = after.ok_or_else(|| format!("{path} is gone"))?;
        same(&field, &before, &after, known)?;
        if was.has_field(&field) != is.has_field_by_number(field.number()) {
            return Err(format!("{path} is there for one and not for the other"));
        }
    }
    for oneof in was.descriptor().oneofs() {
        let is_set = oneof.fields().any(|field| was.has_field(&field));
        let descriptor = is.descriptor();
        let other = descriptor
            .oneofs()
            .find(|other| other.name() == oneof.name());
        let mut chosen = other.iter().flat_map(|other| other.fields());
        if let Some(chosen) = chosen.find(|field| !is_set && is.has_field(field)) {
            let path = short(chosen.full_name());
            return Err(format!("{path} is no choice that the neighbour knows"));
        }
    }
    Ok(())
}

fn same(
    field: &FieldDescriptor,
    was: &Value,
    is: &Value,
    known: &BTreeSet<String>,
) -> Result<(), String> {
    let path = short(field.full_name());
    match (was, is) {
        (Value::Message(was), Value::Message(is)) => understood(was, is, known),
        (Value::List(before), Value::List(after)) if before.len() == after.len() => {
            let mut pairs = before.iter().zip(after);
            pairs.try_for_each(|(was, is)| same(field, was, is, known))
        }
        (Value::EnumNumber(was), Value::EnumNumber(is)) if was == is => match field.kind() {
            Kind::Enum(values) if values.get_value(*was).is_some() => Ok(()),
            _ => Err(format!(
                "{path} has a value {is} that the neighbour refuses"
            )),
        },
        (Value::String(_), Value::String(is)) if WORDS.contains(&path) => {
            let fact = format!("{path} {is}");
            let is_known = was == &Value::String(is.clone()) && known.contains(&fact);
            is_known
                .then_some(())
                .ok_or_else(|| format!("{path} has a word {is:?} that the neighbour refuses"))
        }
        _ if was == is => Ok(()),
        _ => Err(format!("{path} is {is:?}, and the neighbour reads {was:?}")),
    }
}

/// A message without what its schema does not know, at any depth.
pub fn known(mut message: DynamicMessage) -> DynamicMessage {
    forget_unknown(&mut message);
    // Read anew: one that has forgotten is not equal to one that never knew.
    DynamicMessage::decode(message.descriptor(), message.encode_to_vec().as_slice()).unwrap()
}

fn forget_unknown(message: &mut DynamicMessage) {
    message.take_unknown_fields().for_each(drop);
    for (_, value) in message.fields_mut() {
        match value {
            Value::Message(inner) => forget_unknown(inner),
            Value::List(items) => {
                items
                    .iter_mut()
                    .filter_map(Value::as_message_mut)
                    .for_each(forget_unknown);
            }
            _ => {}
        }
    }
}

/// What occurs in a message: which fields are there and which not, values of enums, listed words.
pub fn facts(message: &DynamicMessage, all: &mut BTreeSet<String>) {
    for field in message.descriptor().fields() {
        let path = short(field.full_name()).to_owned();
        if message.has_field(&field) {
            let value = message.get_field(&field);
            fact(&field, &path, &value, all);
        } else {
            all.insert(format!("{path} absent"));
        }
    }
}

fn fact(field: &FieldDescriptor, path: &str, value: &Value, all: &mut BTreeSet<String>) {
    match (value, field.kind()) {
        (Value::Message(inner), _) => facts(inner, all),
        (Value::List(items), _) => items.iter().for_each(|item| fact(field, path, item, all)),
        (Value::EnumNumber(number), Kind::Enum(values)) => {
            let name = values.get_value(*number).map(|it| it.name().to_owned());
            let parent = short(values.full_name()).to_owned();
            let value = name.unwrap_or_else(|| number.to_string());
            all.insert(format!("{parent}.{value}"));
        }
        (Value::String(word), _) if WORDS.contains(&path) => {
            all.insert(format!("{path} {word}"));
        }
        _ => {}
    }
    all.insert(path.to_owned());
}
