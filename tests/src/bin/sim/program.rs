//! Which program this is: the commit, and the bytes of the program itself.

use std::env;
use std::fs;
use std::io;
use std::process::Command;

/// The commit, marked where something was changed since, and a number of the program's bytes: a
/// run may go on only with the very same program.
///
/// # Errors
/// Where the program's own file can't be read.
pub fn identity() -> io::Result<String> {
    let commit = Command::new("git")
        .args([
            "describe",
            "--always",
            "--dirty",
            "--abbrev=12",
            "--exclude=*",
        ])
        .output();
    let commit = commit.ok().filter(|it| it.status.success());
    let commit = commit.map_or_else(
        || "an unknown commit".into(),
        |it| String::from_utf8_lossy(&it.stdout).trim().to_owned(),
    );
    let bytes = fs::read(env::current_exe()?)?;
    let number = bytes.iter().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
    });
    Ok(format!("{commit}, program {number:016x}"))
}
