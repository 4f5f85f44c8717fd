//! Tells whoever started us which ports were taken, by a file that is whole or not there.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::Path;

/// Writes `{"<name>":"ip:port",...}` to `path`: first beside it, then renamed, so that a reader
/// never sees half of it.
///
/// # Errors
/// Where the folder can't be written to.
pub fn write(path: &Path, addresses: &[(&str, SocketAddr)]) -> io::Result<()> {
    let pairs: Vec<String> = addresses
        .iter()
        .map(|(name, address)| format!("\"{name}\":\"{address}\""))
        .collect();
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let beside = Path::new(&name);
    fs::write(beside, format!("{{{}}}\n", pairs.join(",")))?;
    fs::rename(beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_replaced_as_a_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ports.json");
        for port in [1, 2] {
            let http = ([127, 0, 0, 1], port).into();
            let grpc = ([127, 0, 0, 1], 9).into();
            write(&path, &[("http", http), ("grpc", grpc)]).unwrap();
            let text = fs::read_to_string(&path).unwrap();
            let expected = format!("{{\"http\":\"127.0.0.1:{port}\",\"grpc\":\"127.0.0.1:9\"}}\n");
            assert_eq!(text, expected);
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
