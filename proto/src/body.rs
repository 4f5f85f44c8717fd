//! What each conversion provides, and the one implementation of `Wire` on top of it.

use prost::Message;

use crate::error::{Wire, WireError};

/// Longest message, in bytes: the server's limit is the same, so a longer one is not from there.
const MESSAGE_LEN_MAX: usize = 256 * 1024;

/// A domain value and the generated message that carries it.
pub trait Body: Sized {
    /// The message's name in the schemas.
    const NAME: &'static str;
    /// The generated message.
    type Message: Message + Default;

    /// The value as a message.
    fn to_message(&self) -> Self::Message;

    /// The value in a message; errors name fields relative to it.
    fn from_message(message: Self::Message) -> Result<Self, WireError>;
}

impl<T: Body> Wire for T {
    const NAME: &'static str = T::NAME;

    fn encode(&self) -> Vec<u8> {
        self.to_message().encode_to_vec()
    }

    fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let name = <T as Body>::NAME;
        if bytes.len() > MESSAGE_LEN_MAX {
            let why = format!("more than {MESSAGE_LEN_MAX} bytes");
            return Err(WireError::value("bytes", &bytes.len().to_string(), why).of(name));
        }
        let message = T::Message::decode(bytes).map_err(|fault| {
            let why = format!("not a {name}: {fault}");
            WireError::value("bytes", &format!("{} bytes", bytes.len()), why).of(name)
        })?;
        T::from_message(message).map_err(|fault| fault.of(name))
    }
}
