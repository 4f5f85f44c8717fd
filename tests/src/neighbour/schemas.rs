//! The schemas of the release before, as they were frozen, and of one to come, made of today's.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use prost_reflect::prost::Message as _;
use prost_reflect::prost_types::field_descriptor_proto::{Label, Type};
use prost_reflect::prost_types::{
    DescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    FileDescriptorSet, OneofDescriptorProto,
};
use prost_reflect::{DescriptorPool, FieldDescriptor, MessageDescriptor};

/// Begins the full name of everything in the schemas.
pub const PACKAGE: &str = "exitbrain.v1.";
/// The number of what is added to messages, far from all that are used.
pub const NEXT_FIELD: u32 = 15_000;
/// The number of what is added to choices.
const NEXT_CHOICE: i32 = 15_001;
/// The number of what is added to enums.
pub const NEXT_VALUE: i32 = 900;
/// The message that is added.
const NEXT: &str = "FromTheNextRelease";
/// Signed, with all that it is made of: a field there takes two releases, see decision 27.
const SEALED: [&str; 2] = ["Approval", "DirectKill"];

/// What the release to come says that nobody knows.
#[derive(Debug, Clone, Copy)]
pub struct Additions {
    /// Enums that have one more value.
    pub values: &'static [&'static str],
    /// Messages whose choice has one more member.
    pub choices: &'static [&'static str],
    /// One message in so many has them, where it can; 1 is every message.
    pub one_in: u64,
}

impl Additions {
    /// In what protection does not need: the picture of the market, how a plan came about, what is
    /// recorded of a decision, and an answer to an incumbent.
    pub const HARMLESS: Self = Self {
        values: &["Regime", "StepName"],
        choices: &["Decision", "PlanReply"],
        one_in: 3,
    };

    /// Whether an enum has one more value.
    #[must_use]
    pub fn has_value(&self, name: &str) -> bool {
        self.values.contains(&name)
    }
}

/// Where a release of this version is kept.
#[must_use]
pub fn folder_of(version: &str) -> PathBuf {
    let releases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../proto/releases");
    releases.join(version)
}

/// The folders of all releases that are kept, the last one last.
///
/// # Panics
/// Where there are none.
#[must_use]
pub fn frozen() -> Vec<PathBuf> {
    let folders = fs::read_dir(folder_of("")).expect("proto/releases is there");
    let folders = folders.filter_map(Result::ok).map(|entry| entry.path());
    let mut folders: Vec<PathBuf> = folders.collect();
    folders.sort_by_key(|path| version(path));
    assert!(
        !folders.is_empty(),
        "no release is frozen: run `make freeze`"
    );
    folders
}

fn version(path: &Path) -> Vec<u64> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let numbers = name.split('.').map(str::parse);
    let numbers: Result<_, _> = numbers.collect();
    numbers.expect("a folder of proto/releases is named by its version")
}

/// The schemas of the release before.
pub fn previous() -> DescriptorPool {
    let folder = frozen().pop().expect("there is one");
    let names = fs::read_dir(&folder).expect("a frozen release can be read");
    let names = names.filter_map(Result::ok).map(|it| it.path());
    let schemas = names.filter(|path| path.extension().is_some_and(|it| it == "proto"));
    let set = protox::compile(schemas, [&folder]).expect("frozen schemas compile");
    DescriptorPool::from_file_descriptor_set(set).expect("compiled schemas are whole")
}

/// The schemas of the release to come.
pub fn next(additions: &Additions) -> DescriptorPool {
    let set = FileDescriptorSet::decode(proto::FILE_DESCRIPTOR_SET);
    let mut set = set.expect("our own schemas can be read");
    let today = DescriptorPool::from_file_descriptor_set(set.clone()).expect("ours are whole");
    let sealed = sealed(&today);
    let common = "next.proto".to_owned();
    for file in &mut set.file {
        file.dependency.push(common.clone());
        for message in &mut file.message_type {
            extend(message, &sealed, additions);
        }
        for values in &mut file.enum_type {
            if additions.has_value(values.name()) {
                values.value.push(EnumValueDescriptorProto {
                    name: Some(format!(
                        "{}_FROM_THE_NEXT_RELEASE",
                        values.name().to_uppercase()
                    )),
                    number: Some(NEXT_VALUE),
                    options: None,
                });
            }
        }
    }
    set.file.insert(0, addition(common));
    DescriptorPool::from_file_descriptor_set(set).expect("what is added fits")
}

/// The file with the message that is added.
fn addition(name: String) -> FileDescriptorProto {
    let fields = [
        ("words", 1, Type::String),
        ("number", 2, Type::Fixed64),
        ("bits", 3, Type::Bytes),
    ];
    FileDescriptorProto {
        name: Some(name),
        package: Some(PACKAGE.trim_end_matches('.').into()),
        syntax: Some("proto3".into()),
        message_type: vec![DescriptorProto {
            name: Some(NEXT.into()),
            field: fields
                .map(|(name, number, kind)| field(name, number, kind))
                .into(),
            ..DescriptorProto::default()
        }],
        ..FileDescriptorProto::default()
    }
}

fn field(name: &str, number: i32, kind: Type) -> FieldDescriptorProto {
    FieldDescriptorProto {
        name: Some(name.into()),
        number: Some(number),
        label: Some(Label::Optional.into()),
        r#type: Some(kind.into()),
        ..FieldDescriptorProto::default()
    }
}

fn extend(message: &mut DescriptorProto, sealed: &BTreeSet<String>, additions: &Additions) {
    let added = |name: &str, number: i32| FieldDescriptorProto {
        type_name: Some(format!(".{PACKAGE}{NEXT}")),
        ..field(name, number, Type::Message)
    };
    if !sealed.contains(message.name()) {
        let number = i32::try_from(NEXT_FIELD).expect("a small number");
        message.field.push(added("from_the_next_release", number));
    }
    if additions.choices.contains(&message.name()) {
        let is_real = |oneof: &OneofDescriptorProto| !oneof.name().starts_with('_');
        let choice = message.oneof_decl.iter().position(is_real);
        let choice = choice.expect("a message with a choice");
        message.field.push(FieldDescriptorProto {
            oneof_index: Some(i32::try_from(choice).expect("a small number")),
            ..added("choice_of_the_next_release", NEXT_CHOICE)
        });
    }
}

/// The choice that `additions` give a message.
pub fn next_choice(message: &MessageDescriptor, additions: &Additions) -> Option<FieldDescriptor> {
    let number = u32::try_from(NEXT_CHOICE).ok()?;
    let has = additions.choices.contains(&message.name());
    message.get_field(number).filter(|_| has)
}

fn sealed(pool: &DescriptorPool) -> BTreeSet<String> {
    let named = |name: &&str| pool.get_message_by_name(&format!("{PACKAGE}{name}"));
    let mut open: Vec<MessageDescriptor> = SEALED.iter().filter_map(named).collect();
    let mut sealed = BTreeSet::new();
    while let Some(message) = open.pop() {
        if sealed.insert(message.name().to_owned()) {
            let inner = message.fields();
            open.extend(inner.filter_map(|field| field.kind().as_message().cloned()));
        }
    }
    sealed
}
