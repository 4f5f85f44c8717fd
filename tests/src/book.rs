//! The blocks of a document whose commands are run: what each is, and what it must say.
//!
//! | fence | meaning |
//! |---|---|
//! | `sh` | run, in order, in one shell; no command in it may fail |
//! | `text`, after it | what it says: `[..]` is any part of a line, `...` any number of lines |
//! | `sh cluster` | needs a cluster: what it names is looked for in what would be applied |

use thiserror::Error;

/// What is between two fences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The line of its opening fence, from 1 on.
    pub line: usize,
    /// Where it can be run.
    pub place: Place,
    /// The commands.
    pub text: String,
    /// What they must say, where the document tells.
    pub said: Option<String>,
}

/// Where a block can be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// On this machine.
    Here,
    /// In a cluster alone.
    Cluster,
}

/// A fence that nobody would run or look at.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BookError {
    /// The mark is none of the table.
    #[error(
        "line {line}: a fence is marked {mark:?}: use `sh`, `sh cluster`, or `text` after `sh`"
    )]
    Mark {
        /// Where.
        line: usize,
        /// How.
        mark: String,
    },
    /// It says what comes out of no command.
    #[error("line {0}: this `text` comes after no `sh`: nobody would compare it")]
    OutputOfNothing(usize),
    /// It is never closed.
    #[error("line {0}: this fence is never closed")]
    Open(usize),
}

/// Every block of a document.
///
/// # Errors
/// The first fence that nobody would run or look at.
pub fn blocks(document: &str) -> Result<Vec<Block>, BookError> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut lines = document.lines().enumerate();
    // Whether nothing but blank lines stands between here and the last block.
    let mut follows = false;
    while let Some((number, line)) = lines.next() {
        let Some(mark) = line.trim_start().strip_prefix("```") else {
            follows = follows && line.trim().is_empty();
            continue;
        };
        let line = number + 1;
        let mut text = String::new();
        loop {
            let (_, inner) = lines.next().ok_or(BookError::Open(line))?;
            if inner.trim() == "```" {
                break;
            }
            text.push_str(inner);
            text.push('\n');
        }
        let place = match mark {
            "sh" => Place::Here,
            "sh cluster" => Place::Cluster,
            "text" => {
                let before = blocks
                    .last_mut()
                    .filter(|block| follows && block.place == Place::Here && block.said.is_none());
                before.ok_or(BookError::OutputOfNothing(line))?.said = Some(text);
                continue;
            }
            _ => {
                let mark = mark.to_owned();
                return Err(BookError::Mark { line, mark });
            }
        };
        let said = None;
        blocks.push(Block {
            line,
            place,
            text,
            said,
        });
        follows = true;
    }
    Ok(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_knows_its_line_its_place_and_what_it_says() {
        let document =
            "# A\n```sh\necho 1\n```\n\n```text\n1\n```\n```sh cluster\nkubectl x\n```\n";
        let found = blocks(document).unwrap();
        let (here, cluster) = (&found[0], &found[1]);
        assert_eq!(
            (here.line, here.place, here.text.as_str()),
            (2, Place::Here, "echo 1\n")
        );
        assert_eq!(here.said.as_deref(), Some("1\n"));
        assert_eq!((cluster.line, cluster.place), (9, Place::Cluster));
        assert_eq!((cluster.said.as_ref(), found.len()), (None, 2));
    }

    #[test]
    fn a_fence_that_nobody_would_run_is_an_error() {
        for mark in ["", "bash", "sh  cluster", "console", "sh later"] {
            let told = blocks(&format!("a\n```{mark}\nx\n```\n")).unwrap_err();
            let mark = mark.to_owned();
            assert_eq!(told, BookError::Mark { line: 2, mark });
        }
        let twice = "```sh\nx\n```\n```text\n1\n```\n```text\n2\n```\n";
        assert_eq!(blocks(twice), Err(BookError::OutputOfNothing(7)));
        let apart = "```sh\nx\n```\nwords\n```text\n1\n```\n";
        assert_eq!(blocks(apart), Err(BookError::OutputOfNothing(5)));
        let cluster = "```sh cluster\nx\n```\n```text\n1\n```\n";
        assert_eq!(blocks(cluster), Err(BookError::OutputOfNothing(4)));
        assert_eq!(blocks("```sh\nx\n"), Err(BookError::Open(1)));
    }
}
