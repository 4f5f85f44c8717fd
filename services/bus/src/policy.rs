//! The server's configuration, derived from the table: accounts, users, rights, the diversion.

use std::fmt::Write;
use std::path::PathBuf;

use domain::mode::{Flags, Mode};

use crate::identity::{AccountName, Identity};
use crate::keys::PublicKeys;
use crate::lease;
use crate::map::{self, ROWS, Row};

/// What the subjects allow. The server starts with [`Policy::Shadow`]; a replaced file and a reload
/// change it in milliseconds, and connections stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// The incumbents own exits.
    Legacy,
    /// The incumbents own exits, the executor only decides: it has no right to publish an intent.
    #[default]
    Shadow,
    /// The executor owns exits; the incumbents' intents are diverted.
    Live,
    /// LIVE for a share of the symbols: the executor may ask, and the incumbents still reach the
    /// guard, which blocks them symbol by symbol. Subjects can't be diverted for some symbols only.
    Staged,
}

impl Policy {
    /// The policy that belongs to flags.
    #[must_use]
    pub fn of(flags: &Flags) -> Self {
        match flags.resolve() {
            Mode::Legacy => Self::Legacy,
            Mode::Shadow => Self::Shadow,
            Mode::Live if flags.rollout_pct < 100 => Self::Staged,
            Mode::Live => Self::Live,
        }
    }

    /// Whether the executor may ask for orders.
    #[must_use]
    pub const fn lets_executor_ask(self) -> bool {
        matches!(self, Self::Live | Self::Staged)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Legacy => "LEGACY",
            Self::Shadow => "SHADOW",
            Self::Live => "LIVE",
            Self::Staged => "STAGED",
        }
    }
}

/// What has nothing to do with rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerOptions {
    /// Name of the server in logs.
    pub server_name: String,
    /// `host:port` for clients; port -1 picks a free one.
    pub listen: String,
    /// `host:port` for monitoring, which has no authentication: never expose it.
    pub http: Option<String>,
    /// Where the server writes its process id, for reloads.
    pub pid_file: Option<PathBuf>,
    /// Where TRADE keeps its streams; none switches them off.
    pub jetstream_dir: Option<PathBuf>,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            server_name: "exitbrain".into(),
            listen: "127.0.0.1:4222".into(),
            http: None,
            pid_file: None,
            jetstream_dir: None,
        }
    }
}

/// Limits: messages are small, clients few, and a slow one is dropped rather than waited for.
const LIMITS: &str = r#"max_payload: 256KB
max_control_line: 4KB
max_connections: 128
max_subscriptions: 512
max_pending: 16MB
write_deadline: "2s"
ping_interval: "5s"
ping_max: 2
"#;

/// The whole configuration file.
#[must_use]
pub fn render(keys: &PublicKeys, policy: Policy, options: &ServerOptions) -> String {
    let mut file = Lines::default();
    let name = policy.name();
    file.line(&format!(
        "# Bus policy {name}. Made from the table of subjects: don't edit."
    ));
    server(&mut file, options);
    file.text.push_str(LIMITS);
    file.line("system_account: SYS");
    file.line("accounts {");
    let sys = keys.get(Identity::System);
    file.line(&format!("  SYS {{ users: [ {{ nkey: {sys} }} ] }}"));
    orders(&mut file, keys, policy);
    trade(&mut file, keys, policy, options.jetstream_dir.is_some());
    legacy(&mut file, keys, policy);
    file.line("}");
    file.text
}

/// The file as it grows.
#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}

fn server(file: &mut Lines, options: &ServerOptions) {
    file.line(&format!("server_name: {}", quoted(&options.server_name)));
    file.line(&format!("listen: {}", quoted(&options.listen)));
    if let Some(http) = &options.http {
        file.line(&format!("http: {}", quoted(http)));
    }
    if let Some(path) = &options.pid_file {
        file.line(&format!("pid_file: {}", quoted(&path.to_string_lossy())));
    }
    if let Some(path) = &options.jetstream_dir {
        let dir = quoted(&path.to_string_lossy());
        file.line(&format!(
            "jetstream {{ store_dir: {dir}, sync_interval: always }}"
        ));
    }
}

fn quoted(text: &str) -> String {
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

/// Exactly two users; nothing imported, nothing exported, no streams: a message here was published
/// by the guard's second connection, and no trick with reply subjects can change that.
fn orders(file: &mut Lines, keys: &PublicKeys, policy: Policy) {
    file.line("  ORDERS {");
    users(file, keys, policy, AccountName::Orders);
    file.line("  }");
}

fn trade(file: &mut Lines, keys: &PublicKeys, policy: Policy, streams: bool) {
    file.line("  TRADE {");
    if streams {
        file.line("    jetstream: enabled");
    }
    users(file, keys, policy, AccountName::Trade);
    file.line("    exports: [");
    for row in ROWS.iter().filter(|row| is_for_legacy(row)) {
        let pattern = quoted(row.pattern);
        file.line(&format!(
            "      {{ stream: {pattern}, accounts: [LEGACY] }}"
        ));
    }
    file.line("    ]");
    file.line("    imports: [");
    for row in ROWS.iter().filter(|row| is_from_legacy(row)) {
        let pattern = quoted(row.pattern);
        let source = format!("stream: {{ account: LEGACY, subject: {pattern} }}");
        let to = destination(row, policy).map(|to| format!(", to: {}", quoted(&to)));
        file.line(&format!("      {{ {source}{} }}", to.unwrap_or_default()));
    }
    file.line("    ]");
    file.line("  }");
}

fn legacy(file: &mut Lines, keys: &PublicKeys, policy: Policy) {
    file.line("  LEGACY {");
    users(file, keys, policy, AccountName::Legacy);
    file.line("    exports: [");
    for row in ROWS.iter().filter(|row| is_from_legacy(row)) {
        let pattern = quoted(row.pattern);
        file.line(&format!("      {{ stream: {pattern}, accounts: [TRADE] }}"));
    }
    file.line("    ]");
    file.line("    imports: [");
    for row in ROWS.iter().filter(|row| is_for_legacy(row)) {
        let pattern = quoted(row.pattern);
        file.line(&format!(
            "      {{ stream: {{ account: TRADE, subject: {pattern} }} }}"
        ));
    }
    file.line("    ]");
    file.line("  }");
}

/// What crosses from TRADE to the incumbents.
fn is_for_legacy(row: &Row) -> bool {
    !row.writer.is_legacy() && row.readers.iter().any(|reader| reader.is_legacy())
}

/// What crosses from the incumbents to TRADE.
fn is_from_legacy(row: &Row) -> bool {
    row.writer.is_legacy()
}

/// Where an incumbent's intent arrives: in LIVE on the subject that the guard reads only to count
/// and to answer. The module stays spelled out, so none can arrive under another's name.
fn destination(row: &Row, policy: Policy) -> Option<String> {
    if !row.is_legacy_intent() {
        return None;
    }
    let word = if policy == Policy::Live {
        "blocked"
    } else {
        "intent"
    };
    let module = row.writer.name();
    Some(format!("order.{word}.{module}.$1.$2.$3"))
}

fn users(file: &mut Lines, keys: &PublicKeys, policy: Policy, account: AccountName) {
    file.line("    users: [");
    let members = Identity::ALL
        .into_iter()
        .filter(|identity| identity.account() == account);
    for identity in members {
        let publish = list(&publish(identity, policy));
        let subscribe = list(&subscribe(identity));
        let mut user = String::new();
        let written = write!(
            user,
            "      # {identity}\n      {{ nkey: {}, permissions: {{\n          \
             publish: {{ allow: {publish} }}\n          \
             subscribe: {{ allow: {subscribe} }} }} }}",
            keys.get(identity),
        );
        debug_assert!(written.is_ok(), "writing to a string can't fail");
        file.line(&user);
    }
    file.line("    ]");
}

/// What `identity` may publish: its rows, its family of leases, and its own inbox (a round trip to
/// itself).
fn publish(identity: Identity, policy: Policy) -> Vec<String> {
    let closed = |row: &Row| row.is_executor_intent() && !policy.lets_executor_ask();
    let mine = |row: &Row| row.writer == identity && !closed(row);
    let rows = ROWS.iter().filter(|row| mine(row));
    let mut subjects: Vec<String> = rows.map(|row| row.pattern.into()).collect();
    if identity == Identity::Provisioner {
        subjects.push("$JS.API.>".into());
    }
    if let Some(own) = lease::family(identity) {
        subjects.push(own.into());
        subjects.extend(lease::READS.map(String::from));
    }
    subjects.push(own_inbox(identity));
    subjects
}

/// What `identity` may subscribe to: what it reads, and its own inbox.
fn subscribe(identity: Identity) -> Vec<String> {
    let read = map::patterns(|row| row.readers.contains(&identity));
    let mut subjects: Vec<String> = read.into_iter().map(Into::into).collect();
    subjects.push(own_inbox(identity));
    subjects
}

fn own_inbox(identity: Identity) -> String {
    format!("{}.>", identity.inbox_prefix())
}
