//! The file as it grows.

use std::fmt::Write;

use crate::identity::Identity;
use crate::keys::PublicKeys;

use super::rights::Rights;

#[derive(Default)]
pub(super) struct Lines {
    pub(super) text: String,
}

impl Lines {
    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A user: its key, what it may say and what it may hear.
    pub(super) fn user(&mut self, keys: &PublicKeys, identity: Identity, rights: &Rights) {
        let publish = list(&rights.publish(identity));
        let mut subscribe = format!("allow: {}", list(&rights.subscribe(identity)));
        let closed = rights.closed(identity);
        if !closed.is_empty() {
            subscribe.push_str(&format!(", deny: {}", list(&closed)));
        }
        let mut user = String::new();
        let written = write!(
            user,
            "      # {identity}\n      {{ nkey: {}, permissions: {{\n          \
             publish: {{ allow: {publish} }}\n          \
             subscribe: {{ {subscribe} }} }} }}",
            keys.get(identity),
        );
        debug_assert!(written.is_ok(), "writing to a string can't fail");
        self.line(&user);
    }
}

pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

fn list(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
    format!("[{}]", items.join(", "))
}
