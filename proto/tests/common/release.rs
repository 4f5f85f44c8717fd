//! The released schemas: what a neighbour one release apart may speak.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use prost_reflect::{DescriptorPool, DynamicMessage};
use protox::Compiler;
use protox::file::{File, FileResolver};

use super::both_ways::facts;
use super::schema::{Schemas, texts};

/// Begins the full name of everything in the schemas.
pub const PACKAGE: &str = "exitbrain.v1.";
/// Between two messages of one file.
pub const DIVIDER: &str = "# ---\n";

/// Schemas, compiled, and what their comments promise.
#[derive(Debug, Clone)]
pub struct Schema {
    pub pool: DescriptorPool,
    pub promises: Schemas,
}

impl Schema {
    /// The schemas with these texts, by the names of their files.
    pub fn of(texts: &BTreeMap<String, String>) -> Self {
        let mut compiler = Compiler::with_file_resolver(Texts(texts.clone()));
        for name in texts.keys() {
            compiler.open_file(name).unwrap();
        }
        Self {
            pool: compiler.descriptor_pool(),
            promises: Schemas::of(texts.values()),
        }
    }

    /// Today's.
    pub fn today() -> Self {
        Self::of(&texts(folder()))
    }
}

struct Texts(BTreeMap<String, String>);

impl FileResolver for Texts {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        let text = self.0.get(name);
        let text = text.ok_or_else(|| protox::Error::file_not_found(name))?;
        File::from_source(name, text)
    }
}

/// What was released once.
#[derive(Debug, Clone)]
pub struct Release {
    pub version: String,
    pub schema: Schema,
    /// By message: what its code wrote, as it understands it.
    pub golden: BTreeMap<String, Vec<DynamicMessage>>,
    /// What occurs in those: fields that are there or not, values of enums, words.
    pub facts: BTreeSet<String>,
}

impl Release {
    /// Every release that is kept: those that may run beside this one.
    pub fn all() -> Vec<Self> {
        let versions = fs::read_dir(folder().join("releases")).unwrap();
        let mut releases: Vec<Self> = versions
            .map(|entry| Self::read(&entry.unwrap().path()))
            .collect();
        let number = |it: &str| it.parse::<u64>().unwrap();
        releases.sort_by_key(|it| it.version.split('.').map(number).collect::<Vec<u64>>());
        releases
    }

    fn read(folder: &Path) -> Self {
        let schema = Schema::of(&texts(folder));
        let mut golden = BTreeMap::new();
        for entry in fs::read_dir(folder.join("golden")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let message = schema.pool.get_message_by_name(&format!("{PACKAGE}{name}"));
            let message = message.unwrap_or_else(|| panic!("{path:?}: no schema has {name}"));
            let text = fs::read_to_string(&path).unwrap();
            let read = |text| DynamicMessage::parse_text_format(message.clone(), text).unwrap();
            golden.insert(name, text.split(DIVIDER).map(read).collect());
        }
        let mut all = BTreeSet::new();
        for message in golden.values().flat_map(|it: &Vec<DynamicMessage>| it) {
            facts(message, &mut all);
        }
        Self {
            version: folder.file_name().unwrap().to_str().unwrap().to_owned(),
            schema,
            golden,
            facts: all,
        }
    }
}

/// Where a release of this version is kept.
pub fn folder_of(version: &str) -> PathBuf {
    folder().join("releases").join(version)
}

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
