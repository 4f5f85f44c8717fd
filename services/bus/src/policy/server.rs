//! The server's own part: where it listens, what it keeps, how much it takes. Nothing about rights.

use std::path::{Path, PathBuf};

use super::Layout;
use super::file::{Lines, quoted};

/// What has nothing to do with who may say what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerOptions {
    /// How the identities are kept apart.
    pub layout: Layout,
    /// Name of the server in logs.
    pub server_name: String,
    /// `host:port` for clients; port -1 picks a free one.
    pub listen: String,
    /// `host:port` for monitoring, which has no authentication: never expose it.
    pub http: Option<String>,
    /// Where the server writes its process id, for reloads.
    pub pid_file: Option<PathBuf>,
    /// Where our services' account keeps its streams; none switches them off.
    pub jetstream_dir: Option<PathBuf>,
    /// With it nobody connects in plain text.
    pub tls: Option<ServerTls>,
}

/// What the server proves itself with, and what it asks of its clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerTls {
    /// PEM with the server's certificate, and those between it and the authority.
    pub cert_file: PathBuf,
    /// PEM with its private key.
    pub key_file: PathBuf,
    /// PEM with the authority of the clients' certificates; without it clients need none.
    pub client_ca_file: Option<PathBuf>,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            layout: Layout::Accounts,
            server_name: "exitbrain".into(),
            listen: "127.0.0.1:4222".into(),
            http: None,
            pid_file: None,
            jetstream_dir: None,
            tls: None,
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

/// Begins the line that switches streams on.
pub(super) const JETSTREAM: &str = "jetstream { ";

pub(super) fn write(file: &mut Lines, options: &ServerOptions) {
    file.line(&format!("server_name: {}", quoted(&options.server_name)));
    file.line(&format!("listen: {}", quoted(&options.listen)));
    if let Some(http) = &options.http {
        file.line(&format!("http: {}", quoted(http)));
    }
    if let Some(path) = &options.pid_file {
        file.line(&format!("pid_file: {}", path_text(path)));
    }
    if let Some(path) = &options.jetstream_dir {
        let dir = path_text(path);
        file.line(&format!(
            "{JETSTREAM}store_dir: {dir}, sync_interval: always }}"
        ));
    }
    if let Some(tls) = &options.tls {
        tls_part(file, tls);
    }
    file.text.push_str(LIMITS);
}

fn tls_part(file: &mut Lines, tls: &ServerTls) {
    file.line("tls {");
    file.line(&format!("  cert_file: {}", path_text(&tls.cert_file)));
    file.line(&format!("  key_file: {}", path_text(&tls.key_file)));
    if let Some(path) = &tls.client_ca_file {
        file.line(&format!("  ca_file: {}", path_text(path)));
        file.line("  verify: true");
    }
    file.line("}");
}

fn path_text(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}
