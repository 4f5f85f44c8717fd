//! Mutants of samples: of their bytes, and of their words.

use paper_exchange::rng::SplitMix64;

use super::INPUT_MAX;

/// Words at which parsers stumble: bounds, signs, emptiness, other types, other alphabets.
const WORDS: [&str; 44] = [
    "",
    "0",
    "-0",
    "-1",
    "1",
    "0.0",
    "-0.00000001",
    "1e309",
    "1e-30",
    "NaN",
    "Infinity",
    "00.1",
    "1.",
    ".1",
    "+1",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "18446744073709551616",
    "79228162514264337593543950335",
    "79228162514264337593543950336",
    "0.0000000000000000000000000001",
    "0.00000000000000000000000000001",
    "99999999999999999999999",
    "null",
    "true",
    "false",
    "\"\"",
    "[]",
    "{}",
    "[[[[[[[[",
    "\u{0}",
    "\u{feff}",
    "币安",
    "🦀",
    "BTCUSDT",
    "BUY",
    "LONG",
    "NEW",
    "%",
    "%zz",
    "&",
    "=",
    "\\u0000",
];

/// Most mutations of one input.
const STEPS_MAX: u64 = 4;

/// One of the corpus, changed in one to four places.
#[must_use]
pub fn mutated(corpus: &[Vec<u8>], rng: &mut SplitMix64) -> Vec<u8> {
    let mut input = pick(corpus, rng).clone();
    for _ in 0..=rng.below(STEPS_MAX) {
        input = step(input, corpus, rng);
    }
    input.truncate(INPUT_MAX);
    input
}

fn pick<'a>(corpus: &'a [Vec<u8>], rng: &mut SplitMix64) -> &'a Vec<u8> {
    &corpus[below(rng, corpus.len())]
}

fn below(rng: &mut SplitMix64, bound: usize) -> usize {
    let bound = u64::try_from(bound).unwrap_or(u64::MAX);
    usize::try_from(rng.below(bound)).unwrap_or(0)
}

fn step(mut input: Vec<u8>, corpus: &[Vec<u8>], rng: &mut SplitMix64) -> Vec<u8> {
    let at = below(rng, input.len() + 1);
    match rng.below(10) {
        0 => {
            if let Some(byte) = input.get_mut(at) {
                *byte ^= 1 << rng.below(8);
            }
            input
        }
        1 => {
            let byte = u8::try_from(rng.below(256)).unwrap_or(0);
            input.insert(at, byte);
            input
        }
        2 => {
            let end = (at + below(rng, 16)).min(input.len());
            input.drain(at..end);
            input
        }
        3 => {
            input.truncate(at);
            input
        }
        4 => {
            // The head of one and the tail of another.
            let other = pick(corpus, rng);
            let from = below(rng, other.len() + 1);
            input.truncate(at);
            input.extend_from_slice(&other[from..]);
            input
        }
        5 => {
            let end = (at + 1 + below(rng, 64)).min(input.len());
            let again = input[at..end].to_vec();
            input.splice(at..at, again);
            input
        }
        _ => word(&input, corpus, rng),
    }
}

/// Puts one word in the place of another: what stands between quotes, signs or spaces.
fn word(input: &[u8], corpus: &[Vec<u8>], rng: &mut SplitMix64) -> Vec<u8> {
    let places = words(input);
    if places.is_empty() {
        return input.to_vec();
    }
    let (from, to) = places[below(rng, places.len())];
    let other = pick(corpus, rng);
    let theirs = words(other);
    let new = match rng.below(3) {
        0 if !theirs.is_empty() => {
            let (from, to) = theirs[below(rng, theirs.len())];
            other[from..to].to_vec()
        }
        _ => WORDS[below(rng, WORDS.len())].as_bytes().to_vec(),
    };
    [&input[..from], &new, &input[to..]].concat()
}

fn words(input: &[u8]) -> Vec<(usize, usize)> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let mut found = Vec::new();
    let mut from = None;
    for (index, byte) in input.iter().enumerate() {
        match (is_word(*byte), from) {
            (true, None) => from = Some(index),
            (false, Some(start)) => {
                found.push((start, index));
                from = None;
            }
            _ => {}
        }
    }
    found.extend(from.map(|start| (start, input.len())));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_mutants_and_they_differ_from_their_samples() {
        let corpus = vec![br#"{"a":"1.5","b":[2,3]}"#.to_vec()];
        let make = |seed| {
            let mut rng = SplitMix64::new(seed);
            (0..200)
                .map(|_| mutated(&corpus, &mut rng))
                .collect::<Vec<_>>()
        };
        assert_eq!(make(1), make(1));
        assert_ne!(make(1), make(2));
        let changed = make(1).iter().filter(|input| **input != corpus[0]).count();
        assert!(changed > 150, "{changed}");
    }

    #[test]
    fn words_are_what_stands_between_signs() {
        assert_eq!(words(b"a=1.5&b"), [(0, 1), (2, 5), (6, 7)]);
        assert_eq!(words(b""), []);
    }
}
