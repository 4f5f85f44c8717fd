//! What a schema may not do to a neighbour that still speaks the one before.

use std::collections::BTreeSet;
use std::fmt::Display;

use prost_reflect::{
    DescriptorPool, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor, OneofDescriptor,
    ServiceDescriptor,
};

use super::release::{PACKAGE, Schema};
use super::schema::Promise;

/// Messages whose bodies are signed: their reader refuses what it would not have written itself.
const SEALED: [&str; 2] = ["Approval", "DirectKill"];

/// Every break between two schemas, each as one line. `in_two_steps` names what is known to be
/// read by one release and written by the next only; it excuses nothing else.
pub fn breaks(was: &Schema, is: &Schema, in_two_steps: &[&str]) -> Vec<String> {
    let mut comparison = Comparison {
        was,
        is,
        sealed: sealed(&is.pool),
        excused: in_two_steps,
        breaks: Vec::new(),
    };
    comparison.messages();
    comparison.enums();
    comparison.services();
    comparison.breaks
}

struct Comparison<'a> {
    was: &'a Schema,
    is: &'a Schema,
    sealed: BTreeSet<String>,
    excused: &'a [&'a str],
    breaks: Vec<String>,
}

impl Comparison<'_> {
    fn tell(&mut self, name: &str, what: impl Display) {
        self.breaks.push(format!("{name} {what}"));
    }

    /// A break for as long as nobody says that it is done in two steps.
    fn tell_unless_staged(&mut self, name: &str, what: impl Display) {
        if !self.excused.contains(&name) {
            self.tell(name, what);
        }
    }

    fn messages(&mut self) {
        for was in self.was.pool.clone().all_messages() {
            let name = short(was.full_name()).to_owned();
            let Some(is) = self.is.pool.get_message_by_name(was.full_name()) else {
                self.tell(&name, "is gone: neighbours still say it");
                continue;
            };
            for field in was.fields() {
                self.old_field(&field, &is);
            }
            for field in is.fields() {
                let is_old = was.get_field_by_name(field.name()).is_some();
                if !is_old && was.get_field(field.number()).is_none() {
                    self.new_field(&field, &was);
                }
            }
            self.oneofs(&was, &is);
            let ranges = |it: &MessageDescriptor| it.reserved_ranges().collect::<Vec<_>>();
            let kept = ranges(&is);
            let holds = |was: &std::ops::Range<u32>| {
                kept.iter()
                    .any(|is| is.start <= was.start && was.end <= is.end)
            };
            let numbers = ranges(&was).into_iter().filter(|it| !holds(it));
            let numbers: Vec<String> = numbers.map(|it| format!("{it:?}")).collect();
            let names = missing(was.reserved_names(), is.reserved_names());
            self.reserved(&name, numbers.into_iter().chain(names));
        }
    }

    fn reserved(&mut self, name: &str, missing: impl Iterator<Item = String>) {
        for what in missing {
            self.tell(name, format!("no longer reserves {what}"));
        }
    }

    fn old_field(&mut self, was: &FieldDescriptor, message: &MessageDescriptor) {
        let (name, number) = (path(was), was.number());
        if let Some(is) = message.get_field(number) {
            return self.same_field(was, &is);
        }
        if let Some(is) = message.get_field_by_name(was.name()) {
            let to = is.number();
            return self.tell(&name, format!("has moved from number {number} to {to}"));
        }
        if is_required(self.was, was) {
            self.tell(&name, "is gone, and neighbours refuse a message without it");
        } else if oneof(was).is_some() {
            self.tell_unless_staged(&name, "is gone, and neighbours may still say it");
        } else if self.sealed.contains(message.full_name()) {
            let what = "is gone from what is signed, and neighbours may still say it";
            self.tell_unless_staged(&name, what);
        }
        let is_kept = message.reserved_ranges().any(|it| it.contains(&number));
        if !is_kept {
            self.tell(
                &name,
                format!("is gone, and its number {number} is not reserved"),
            );
        }
        if !message.reserved_names().any(|it| it == was.name()) {
            self.tell(&name, "is gone, and its name is not reserved");
        }
    }

    fn same_field(&mut self, was: &FieldDescriptor, is: &FieldDescriptor) {
        let name = path(was);
        let mut differs = |what: &str, before: String, after: String| {
            let changed = before != after;
            if changed {
                self.tell(&name, format!("had {what} {before}, now {after}"));
            }
            changed
        };
        let changed = differs("the name", was.name().into(), is.name().into())
            || differs(
                "the JSON name",
                was.json_name().into(),
                is.json_name().into(),
            );
        let moved = differs("the oneof", place(was), place(is));
        let retyped = !moved && differs("the type", kind(was), kind(is));
        let (before, after) = (is_required(self.was, was), is_required(self.is, is));
        if changed || moved || retyped || before == after {
            return;
        }
        if after {
            self.tell(&name, "is required now, and neighbours may leave it out");
        } else {
            self.tell(&name, "is optional now, and neighbours require it");
        }
    }

    fn new_field(&mut self, is: &FieldDescriptor, was: &MessageDescriptor) {
        let name = path(is);
        if is_required(self.is, is) {
            return self.tell(&name, "is new and required, and neighbours leave it out");
        }
        let is_arm = oneof(is).is_some_and(|it| was.oneofs().any(|old| old.name() == it.name()));
        if is_arm {
            let what = "is a new choice, and neighbours refuse a message with it";
            self.tell_unless_staged(&name, what);
        } else if self.sealed.contains(was.full_name()) {
            let what = "is new in what is signed, and neighbours refuse a body with it";
            self.tell_unless_staged(&name, what);
        }
    }

    /// Whether a choice has to be made stays as it is; its members are fields like others.
    fn oneofs(&mut self, was: &MessageDescriptor, is: &MessageDescriptor) {
        for after in is.oneofs().filter(|it| !it.is_synthetic()) {
            let name = format!("{}.{}", is.name(), after.name());
            let before = was.oneofs().find(|it| it.name() == after.name());
            let required = |schema: &Schema, oneof: &OneofDescriptor| {
                let found = promise(schema, was.name(), |it| {
                    it.is_oneof && it.name == oneof.name()
                });
                found.is_some_and(|it| it.required)
            };
            let now = required(self.is, &after);
            match before.map(|it| required(self.was, &it)) {
                None if now => self.tell(&name, "is new and required, and neighbours lack it"),
                Some(false) if now => {
                    self.tell(&name, "is required now, and neighbours may lack it")
                }
                Some(true) if !now => {
                    self.tell(&name, "is optional now, and neighbours require it")
                }
                _ => {}
            }
        }
    }

    fn enums(&mut self) {
        for was in self.was.pool.clone().all_enums() {
            let name = short(was.full_name()).to_owned();
            let Some(is) = self.is.pool.get_enum_by_name(was.full_name()) else {
                self.tell(&name, "is gone: neighbours still say it");
                continue;
            };
            self.old_values(&name, &was, &is);
            for value in is.values() {
                let is_old = was.get_value_by_name(value.name()).is_some();
                if !is_old && was.get_value(value.number()).is_none() {
                    let value = format!("{name}.{}", value.name());
                    let what = "is a new value, and neighbours refuse a message with it";
                    self.tell_unless_staged(&value, what);
                }
            }
            let numbers = |it: &EnumDescriptor| {
                let ranges = it.reserved_ranges().map(|it| format!("{it:?}"));
                ranges.collect::<Vec<String>>()
            };
            let (before, after) = (numbers(&was), numbers(&is));
            let numbers = missing(
                before.iter().map(String::as_str),
                after.iter().map(String::as_str),
            );
            let names = missing(was.reserved_names(), is.reserved_names());
            self.reserved(&name, numbers.into_iter().chain(names));
        }
    }

    fn old_values(&mut self, name: &str, was: &EnumDescriptor, is: &EnumDescriptor) {
        for value in was.values() {
            let (path, number) = (format!("{name}.{}", value.name()), value.number());
            let moved = is.get_value_by_name(value.name());
            match (is.get_value(number), moved) {
                (Some(now), _) if now.name() == value.name() => {}
                (_, Some(now)) => {
                    let to = now.number();
                    self.tell(&path, format!("has moved from number {number} to {to}"));
                }
                (Some(now), None) => {
                    let now = now.name();
                    self.tell(&path, format!("has lost its number {number} to {now}"));
                }
                (None, None) => {
                    self.tell_unless_staged(&path, "is gone, and neighbours may still say it");
                }
            }
        }
    }

    fn services(&mut self) {
        for was in self.was.pool.clone().services() {
            let name = short(was.full_name()).to_owned();
            match self.is.pool.get_service_by_name(was.full_name()) {
                Some(is) => self.calls(&name, &was, &is),
                None => self.tell(&name, "is gone: neighbours still call it"),
            }
        }
    }

    fn calls(&mut self, name: &str, was: &ServiceDescriptor, is: &ServiceDescriptor) {
        for before in was.methods() {
            let path = format!("{name}.{}", before.name());
            let Some(after) = is.methods().find(|it| it.name() == before.name()) else {
                self.tell(&path, "is gone: neighbours still call it");
                continue;
            };
            let shape = |it: &prost_reflect::MethodDescriptor| {
                let stream = |yes: bool| if yes { "stream " } else { "" };
                format!(
                    "({}{}) returns ({}{})",
                    stream(it.is_client_streaming()),
                    short(it.input().full_name()),
                    stream(it.is_server_streaming()),
                    short(it.output().full_name()),
                )
            };
            let (before, after) = (shape(&before), shape(&after));
            if before != after {
                self.tell(&path, format!("was {before}, is {after}"));
            }
        }
    }
}

/// The names without the package, which is the same for all.
pub fn short(full_name: &str) -> &str {
    full_name.strip_prefix(PACKAGE).unwrap_or(full_name)
}

fn path(field: &FieldDescriptor) -> String {
    short(field.full_name()).to_owned()
}

fn missing<'a>(
    before: impl Iterator<Item = &'a str>,
    after: impl Iterator<Item = &'a str>,
) -> Vec<String> {
    let after: BTreeSet<&str> = after.collect();
    before
        .filter(|it| !after.contains(it))
        .map(String::from)
        .collect()
}

/// The choice that a field belongs to; the one of a single `optional` field is only notation.
fn oneof(field: &FieldDescriptor) -> Option<OneofDescriptor> {
    field.containing_oneof().filter(|it| !it.is_synthetic())
}

fn place(field: &FieldDescriptor) -> String {
    oneof(field).map_or("none".into(), |it| it.name().to_owned())
}

/// Type and label, as they are written.
fn kind(field: &FieldDescriptor) -> String {
    let label = match field {
        it if it.is_map() => "map of ",
        it if it.is_list() => "repeated ",
        it if oneof(it).is_none() && it.containing_oneof().is_some() => "optional ",
        _ => "",
    };
    format!("{label}{}", short(&format!("{:?}", field.kind())))
}

fn promise<'a>(
    schema: &'a Schema,
    message: &str,
    is: impl Fn(&Promise) -> bool,
) -> Option<&'a Promise> {
    schema
        .promises
        .messages
        .get(message)?
        .iter()
        .find(|it| is(it))
}

fn is_required(schema: &Schema, field: &FieldDescriptor) -> bool {
    let message = field.parent_message().name().to_owned();
    let found = promise(schema, &message, |it| {
        !it.is_oneof && it.numbers == [field.number()]
    });
    found.is_some_and(|it| it.required)
}

/// What is signed, with all that it is made of.
fn sealed(pool: &DescriptorPool) -> BTreeSet<String> {
    let mut sealed = BTreeSet::new();
    let named = |name: &&str| pool.get_message_by_name(&format!("{PACKAGE}{name}"));
    let mut open: Vec<MessageDescriptor> = SEALED.iter().filter_map(named).collect();
    while let Some(message) = open.pop() {
        if sealed.insert(message.full_name().to_owned()) {
            open.extend(message.fields().filter_map(|field| match field.kind() {
                Kind::Message(inner) => Some(inner),
                _ => None,
            }));
        }
    }
    sealed
}
