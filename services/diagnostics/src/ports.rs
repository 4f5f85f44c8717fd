//! Tells whoever started us which ports were taken, by a file that is whole or not there.

use std::fs;
use std::io;
use std::path::Path;

use crate::server::Addresses;

/// Writes `{"http":"ip:port","grpc":"ip:port"}` to `path`: first beside it, then renamed, so that
/// a reader never sees half of it.
///
/// # Errors
/// Where the folder can't be written to.
pub fn write(path: &Path, addresses: Addresses) -> io::Result<()> {
    let Addresses { http, grpc } = addresses;
    let text = serde_json::json!({
        "http": http.to_string(),
        "grpc": grpc.to_string(),
    });
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let beside = Path::new(&name);
    fs::write(beside, format!("{text}\n"))?;
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
            write(&path, Addresses { http, grpc }).unwrap();
            let text = fs::read_to_string(&path).unwrap();
            let json: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(json["http"], format!("127.0.0.1:{port}"));
            assert_eq!(json["grpc"], "127.0.0.1:9");
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
