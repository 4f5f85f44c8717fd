//! See `tests::fuzz`: the function is there.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| tests::fuzz::run("direct_kill", input));
