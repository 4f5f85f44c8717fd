//! The rights by accounts, with imports and exports between them.

use crate::identity::{AccountName, Identity};
use crate::keys::PublicKeys;
use crate::map::{ROWS, Row, numbered};

use super::file::{Lines, quoted};
use super::rights::Rights;
use super::{Layout, Policy};

pub(super) fn write(file: &mut Lines, keys: &PublicKeys, policy: Policy, streams: bool) {
    let rights = Rights {
        policy,
        layout: Layout::Accounts,
    };
    file.line("system_account: SYS");
    file.line("accounts {");
    let sys = keys.get(Identity::System);
    file.line(&format!("  SYS {{ users: [ {{ nkey: {sys} }} ] }}"));
    orders(file, keys, &rights);
    trade(file, keys, &rights, streams);
    legacy(file, keys, &rights);
    file.line("}");
}

/// Exactly two users; nothing imported, nothing exported, no streams: a message here was published
/// by the guard's second connection, and no trick with reply subjects can change that.
fn orders(file: &mut Lines, keys: &PublicKeys, rights: &Rights) {
    file.line("  ORDERS {");
    users(file, keys, rights, AccountName::Orders);
    file.line("  }");
}

fn trade(file: &mut Lines, keys: &PublicKeys, rights: &Rights, streams: bool) {
    file.line("  TRADE {");
    if streams {
        file.line("    jetstream: enabled");
    }
    users(file, keys, rights, AccountName::Trade);
    exports(file, Row::is_for_legacy, AccountName::Legacy);
    imports(file, Row::is_from_legacy, AccountName::Legacy, |row| {
        destination(row, rights.policy)
    });
    file.line("  }");
}

fn legacy(file: &mut Lines, keys: &PublicKeys, rights: &Rights) {
    file.line("  LEGACY {");
    users(file, keys, rights, AccountName::Legacy);
    exports(file, Row::is_from_legacy, AccountName::Trade);
    imports(file, Row::is_for_legacy, AccountName::Trade, |_| None);
    file.line("  }");
}

fn exports(file: &mut Lines, crosses: impl Fn(&Row) -> bool, to: AccountName) {
    file.line("    exports: [");
    for row in ROWS.iter().filter(|row| crosses(row)) {
        let pattern = quoted(row.pattern);
        file.line(&format!("      {{ stream: {pattern}, accounts: [{to}] }}"));
    }
    file.line("    ]");
}

fn imports(
    file: &mut Lines,
    crosses: impl Fn(&Row) -> bool,
    from: AccountName,
    destination: impl Fn(&Row) -> Option<String>,
) {
    file.line("    imports: [");
    for row in ROWS.iter().filter(|row| crosses(row)) {
        let pattern = quoted(row.pattern);
        let source = format!("stream: {{ account: {from}, subject: {pattern} }}");
        let to = destination(row).map(|to| format!(", to: {}", quoted(&to)));
        file.line(&format!("      {{ {source}{} }}", to.unwrap_or_default()));
    }
    file.line("    ]");
}

/// Where an incumbent's intent arrives: in LIVE on the subject that the guard reads only to count
/// and to answer. The module stays spelled out, so none can arrive under another's name.
fn destination(row: &Row, policy: Policy) -> Option<String> {
    let diverted = row.diverted_to()?;
    Some(match policy.diverts() {
        true => diverted,
        false => numbered(row.pattern),
    })
}

fn users(file: &mut Lines, keys: &PublicKeys, rights: &Rights, account: AccountName) {
    file.line("    users: [");
    let members = Identity::ALL
        .into_iter()
        .filter(|identity| identity.account() == account);
    for identity in members {
        file.user(keys, identity, rights);
    }
    file.line("    ]");
}
