//! Numbers in base 36: the shortest that letters and digits allow.

/// Digits that there are.
pub(super) const BASE: u64 = 36;
const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// Digits of the largest number.
const DIGITS_MAX: usize = 13;

/// A number in base 36, as text that needs no allocation.
pub(super) struct Base36 {
    digits: [u8; DIGITS_MAX],
    begin: usize,
}

impl Base36 {
    pub(super) fn of(mut value: u64) -> Self {
        let (mut digits, mut begin) = ([0; DIGITS_MAX], DIGITS_MAX);
        loop {
            begin -= 1;
            digits[begin] = DIGITS[(value % BASE) as usize];
            value /= BASE;
            if value == 0 {
                return Self { digits, begin };
            }
        }
    }

    pub(super) fn as_str(&self) -> &str {
        core::str::from_utf8(&self.digits[self.begin..]).unwrap_or_default()
    }
}

/// The number that `text` is, none where it is not one or too large.
pub(super) fn read(text: &str) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.bytes().try_fold(0_u64, |number, byte| {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'z' => byte - b'a' + 10,
            b'A'..=b'Z' => byte - b'A' + 10,
            _ => return None,
        };
        number.checked_mul(BASE)?.checked_add(u64::from(digit))
    })
}
