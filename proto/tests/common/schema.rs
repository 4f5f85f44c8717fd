//! What the schemas promise, read from their text: which fields are required, and what they hold.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// One field, or one `oneof` with the numbers of all its members.
#[derive(Debug, Clone)]
pub struct Promise {
    pub name: String,
    pub kind: String,
    pub numbers: Vec<u32>,
    pub required: bool,
    pub repeated: bool,
    pub is_oneof: bool,
}

/// Fields of each message, and the names of all enums.
#[derive(Debug, Default)]
pub struct Schemas {
    pub messages: BTreeMap<String, Vec<Promise>>,
    pub enums: Vec<String>,
}

impl Schemas {
    pub fn read() -> Self {
        let mut schemas = Self::default();
        for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap() {
            let path = entry.unwrap().path();
            if path
                .extension()
                .is_some_and(|extension| extension == "proto")
            {
                schemas.add(&fs::read_to_string(path).unwrap());
            }
        }
        schemas
    }

    fn add(&mut self, text: &str) {
        let mut message: Option<String> = None;
        let mut oneof: Option<usize> = None;
        let mut required = false;
        for line in text.lines().map(str::trim) {
            let words: Vec<&str> = line.split_whitespace().collect();
            match *words.as_slice() {
                ["//", first, ..] => required |= first == "Required.",
                ["message", name, ..] => {
                    self.messages.insert(name.into(), Vec::new());
                    message = (!line.ends_with("{}")).then(|| name.into());
                }
                ["enum", name, ..] => self.enums.push(name.into()),
                ["oneof", name, ..] => {
                    let promises = self.fields(message.as_deref());
                    promises.push(promise(name, "oneof", required));
                    oneof = Some(promises.len() - 1);
                    required = false;
                }
                ["}"] if oneof.is_some() => oneof = None,
                ["}"] => message = None,
                [.., "=", number] if message.is_some() => {
                    let number: u32 = number.trim_end_matches(';').parse().unwrap();
                    let name = words[words.len() - 3];
                    let mut field = promise(name, words[words.len() - 4], required);
                    field.numbers.push(number);
                    field.repeated = words[0] == "repeated" || words[0].starts_with("map<");
                    let promises = self.fields(message.as_deref());
                    if let Some(index) = oneof {
                        promises[index].numbers.push(number);
                    }
                    promises.push(field);
                    required = false;
                }
                _ => {}
            }
        }
    }

    fn fields(&mut self, message: Option<&str>) -> &mut Vec<Promise> {
        self.messages.get_mut(message.unwrap()).unwrap()
    }
}

fn promise(name: &str, kind: &str, required: bool) -> Promise {
    Promise {
        name: name.into(),
        kind: kind.into(),
        numbers: Vec::new(),
        required,
        repeated: false,
        is_oneof: kind == "oneof",
    }
}
