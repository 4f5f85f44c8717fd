//! The rights by permissions alone, in one space; in LIVE the server maps the incumbents' intents.

use crate::identity::{AccountName, Identity};
use crate::keys::PublicKeys;
use crate::map::ROWS;

use super::file::{Lines, quoted};
use super::rights::Rights;
use super::{Layout, Policy};

pub(super) fn write(file: &mut Lines, keys: &PublicKeys, policy: Policy) {
    let rights = Rights {
        policy,
        layout: Layout::Plain,
    };
    // The server's own events stay apart even here: a reload is asked for there.
    let sys = keys.get(Identity::System);
    file.line("system_account: SYS");
    file.line(&format!(
        "accounts {{ SYS {{ users: [ {{ nkey: {sys} }} ] }} }}"
    ));
    // Empty rather than missing: a server that finds none on a reload keeps the old ones.
    file.line("mappings {");
    for row in ROWS.iter().filter(|_| policy.diverts()) {
        if let Some(to) = row.diverted_to() {
            file.line(&format!("  {}: {}", quoted(row.pattern), quoted(&to)));
        }
    }
    file.line("}");
    file.line("authorization {");
    file.line("    users: [");
    for identity in Identity::ALL {
        if identity.account() != AccountName::Sys {
            file.user(keys, identity, &rights);
        }
    }
    file.line("    ]");
    file.line("}");
}
