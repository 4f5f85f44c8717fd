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
#[derive(Debug, Clone, Default)]
pub struct Schemas {
    pub messages: BTreeMap<String, Vec<Promise>>,
    pub enums: Vec<String>,
}

/// The schemas in a folder, by the names of their files.
pub fn texts(folder: &Path) -> BTreeMap<String, String> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let texts = files.filter_map(|file| {
        let name = file.file_name().into_string().unwrap();
        let is_schema = name.ends_with(".proto");
        is_schema.then(|| (name, fs::read_to_string(file.path()).unwrap()))
    });
    texts.collect()
}

impl Schemas {
    pub fn read() -> Self {
        Self::of(texts(Path::new(env!("CARGO_MANIFEST_DIR"))).values())
    }

    pub fn of<'a>(texts: impl IntoIterator<Item = &'a String>) -> Self {
        let mut schemas = Self::default();
        texts.into_iter().for_each(|text| schemas.add(text));
        schemas
    }

    fn add(&mut self, text: &str) {
        let mut message: Option<String> = None;
        let mut oneof: Option<usize> = None;
        let mut required = false;
        for line in text.lines().map(str::trim) {
            let line = line.split(" [").next().unwrap();
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
