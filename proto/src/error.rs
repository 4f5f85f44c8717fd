//! The trait of everything that travels, and the refusal that names field and value.

use thiserror::Error;

/// A value that travels on the bus.
pub trait Wire: Sized {
    /// The message's name in the schemas.
    const NAME: &'static str;

    /// The value as bytes; the same value always gives the same bytes.
    #[must_use]
    fn encode(&self) -> Vec<u8>;

    /// The value in `bytes`.
    ///
    /// # Errors
    /// [`WireError`] naming the first field that is missing or not acceptable.
    fn decode(bytes: &[u8]) -> Result<Self, WireError>;
}

/// Bytes that are not an acceptable message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}.{field} {reason}")]
pub struct WireError {
    /// Name of the message as a whole.
    pub message: &'static str,
    /// Path of the field in it, as `position.key.symbol`; `bytes` for the message as a whole.
    pub field: String,
    /// The value and what is wrong with it.
    pub reason: String,
}

/// Longest value that an error repeats, in bytes: errors are logged.
const VALUE_SHOWN_MAX: usize = 64;

impl WireError {
    /// A value of `field` that is not acceptable. The message is named by [`Self::of`] later.
    pub(crate) fn value(field: &str, value: &str, why: impl Into<String>) -> Self {
        let shown = clip(value, VALUE_SHOWN_MAX);
        let cut = if shown.len() < value.len() { "..." } else { "" };
        let why = why.into();
        Self {
            message: "",
            field: field.into(),
            reason: format!("{shown:?}{cut}: {why}"),
        }
    }

    /// A required field that is not there.
    pub(crate) fn missing(field: &str) -> Self {
        Self {
            message: "",
            field: field.into(),
            reason: "is missing".into(),
        }
    }

    /// The same error, seen from the message that holds the field's message as `parent`.
    pub(crate) fn within(mut self, parent: &str) -> Self {
        self.field = format!("{parent}.{}", self.field);
        self
    }

    /// The same error in the list `parent`; the index is for people, the path stays countable.
    pub(crate) fn within_item(mut self, parent: &str, index: usize) -> Self {
        self.reason = format!("{} (item {index})", self.reason);
        self.within(parent)
    }

    pub(crate) fn of(mut self, message: &'static str) -> Self {
        self.message = message;
        self
    }
}

/// The longest beginning of `text` of at most `len_max` bytes that ends at a character.
pub(crate) fn clip(text: &str, len_max: usize) -> &str {
    let mut end = len_max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
