//! Makes a failing script small: steps are left out as long as the same truth stays broken.

use super::draw::Script;
use super::play::{Failure, play};

/// Scripts that are tried at most; a long script has 60 steps.
const TRIES_MAX: usize = 400;

/// A failing script with as few steps as could be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shrunk {
    /// The numbers of the steps that are left.
    pub kept: Vec<usize>,
    /// The script of these.
    pub script: Script,
    /// How it fails.
    pub failure: Failure,
}

/// Leaves out ever smaller runs of steps, and keeps what fails in the same way.
#[must_use]
pub fn shrink(script: &Script, failure: &Failure) -> Shrunk {
    let fails = |kept: &[usize]| {
        let failure_now = play(&script.only(kept)).err()?;
        (failure_now.truth == failure.truth).then_some(failure_now)
    };
    let mut best = (
        (0..script.steps.len()).collect::<Vec<usize>>(),
        failure.clone(),
    );
    let mut tries = 0;
    let mut width = best.0.len().div_ceil(2).max(1);
    loop {
        let mut at = 0;
        let mut found = false;
        while at < best.0.len() && tries < TRIES_MAX {
            tries += 1;
            let fewer = without(&best.0, at, width);
            match fails(&fewer) {
                Some(failure) => {
                    best = (fewer, failure);
                    found = true;
                }
                None => at += width,
            }
        }
        if tries >= TRIES_MAX || (width == 1 && !found) {
            break;
        }
        width = (width / 2).max(1);
    }
    let (kept, failure) = best;
    Shrunk {
        script: script.only(&kept),
        kept,
        failure,
    }
}

fn without(kept: &[usize], at: usize, width: usize) -> Vec<usize> {
    let end = (at + width).min(kept.len());
    [&kept[..at], &kept[end..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_steps_is_left_out() {
        assert_eq!(without(&[0, 1, 2, 3], 1, 2), [0, 3]);
        assert_eq!(without(&[0, 1, 2, 3], 3, 2), [0, 1, 2]);
    }
}
