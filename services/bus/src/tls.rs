//! What a client proves a server with, and itself.

use std::path::PathBuf;

/// Files for a connection that must be encrypted. Without any of them a server that asks for TLS is
/// still answered with it, and proven by the authorities that the system knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientTls {
    /// PEM with the authority of the server's certificate; with it a connection in plain text is
    /// refused.
    pub ca_file: Option<PathBuf>,
    /// PEM with our own certificate and with its private key, where the server asks for one.
    pub identity: Option<CertFiles>,
}

/// A certificate and its private key, both PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertFiles {
    /// The certificate, and those between it and the authority.
    pub cert_file: PathBuf,
    /// The private key.
    pub key_file: PathBuf,
}

impl ClientTls {
    /// The same options with these files.
    pub(crate) fn apply(&self, options: async_nats::ConnectOptions) -> async_nats::ConnectOptions {
        let mut options = options;
        if let Some(path) = &self.ca_file {
            options = options
                .add_root_certificates(path.clone())
                .require_tls(true);
        }
        if let Some(files) = &self.identity {
            let (cert, key) = (files.cert_file.clone(), files.key_file.clone());
            options = options.add_client_certificate(cert, key);
        }
        options
    }
}
