//! A relay on the way of one service to the bus, so that the service is of another release.
//!
//! It speaks the clients' protocol of NATS (docs.nats.io/reference/reference-protocols/
//! nats-protocol) as far as it must: it rewrites what is published and what is delivered, and hands
//! on everything else as it comes.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use bus::Message;

use super::{Interpreter, Release};

/// Longest line: the server's greeting is one, and so is a client's.
const LINE_BYTES_MAX: u64 = 64 * 1024;
/// Longest payload with its headers: the server's own bound.
const PAYLOAD_BYTES_MAX: usize = 1024 * 1024;
/// Connections of one service, with those that it has given up.
const CONNECTIONS_MAX: usize = 64;

/// A relay. Dropping it cuts every connection through it.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

/// What it does to what passes.
#[derive(Debug, Clone)]
struct Way {
    release: Release,
    interpreter: Arc<Interpreter>,
}

impl Relay {
    /// Listens on a free port, for services of `release`; the bus is at `bus`, as `nats://...`.
    ///
    /// # Errors
    /// Where there is no port or no thread.
    pub fn start(bus: &str, release: Release, interpreter: Arc<Interpreter>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let open = Arc::new(Mutex::new(Vec::new()));
        let bus = bus.trim_start_matches("nats://").to_owned();
        let way = Way {
            release,
            interpreter,
        };
        let kept = Arc::clone(&open);
        thread::Builder::new().name("relay".into()).spawn(move || {
            for client in listener.incoming().take(CONNECTIONS_MAX).flatten() {
                // A bus that is away is away for the client too: its connection ends.
                drop(connect(client, &bus, &way, &kept));
            }
        })?;
        Ok(Self { address, open })
    }

    /// Where services find the bus through it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://{}", self.address)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        for stream in open.iter() {
            // One that has ended needs no end.
            drop(stream.shutdown(Shutdown::Both));
        }
    }
}

fn connect(
    client: TcpStream,
    bus: &str,
    way: &Way,
    open: &Mutex<Vec<TcpStream>>,
) -> io::Result<()> {
    let server = TcpStream::connect(bus)?;
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
        let kept = stream.try_clone()?;
        open.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(kept);
    }
    for (from, to) in [(client.try_clone()?, server.try_clone()?), (server, client)] {
        let way = way.clone();
        thread::Builder::new().name("relay".into()).spawn(move || {
            // However it ends, so do both directions.
            drop(hand_on(BufReader::new(&from), &to, &way));
            drop(from.shutdown(Shutdown::Both));
            drop(to.shutdown(Shutdown::Both));
        })?;
    }
    Ok(())
}

/// Hands everything on until one side ends.
fn hand_on(mut from: impl BufRead, mut to: impl Write, way: &Way) -> io::Result<()> {
    let mut line = String::new();
    loop {
        line.clear();
        if from.by_ref().take(LINE_BYTES_MAX).read_line(&mut line)? == 0 {
            return Ok(());
        }
        match Frame::of(&line) {
            Some(frame) => to.write_all(&frame.read(&mut from)?.interpreted(way))?,
            None => to.write_all(line.as_bytes())?,
        }
        to.flush()?;
    }
}

/// A line that a payload follows.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Frame {
    /// The words before the sizes.
    words: Vec<String>,
    is_published: bool,
    headers_len: Option<usize>,
    len: usize,
}

impl Frame {
    fn of(line: &str) -> Option<Self> {
        let mut words: Vec<String> = line.split_ascii_whitespace().map(String::from).collect();
        let verb = words.first()?.to_ascii_uppercase();
        let (is_published, has_headers) = match verb.as_str() {
            "PUB" => (true, false),
            "HPUB" => (true, true),
            "MSG" => (false, false),
            "HMSG" => (false, true),
            _ => return None,
        };
        let len = words.pop()?.parse().ok()?;
        let headers_len = match has_headers {
            true => Some(words.pop()?.parse().ok()?),
            false => None,
        };
        Some(Self {
            words,
            is_published,
            headers_len,
            len,
        })
    }

    /// The frame with what follows its line.
    fn read(self, from: &mut impl Read) -> io::Result<Whole> {
        let fault = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
        if self.len > PAYLOAD_BYTES_MAX || self.headers_len > Some(self.len) {
            return Err(fault("a payload is larger than the server allows"));
        }
        let mut body = vec![0; self.len + 2];
        from.read_exact(&mut body)?;
        if !body.ends_with(b"\r\n") {
            return Err(fault("a payload ends where its line says"));
        }
        body.truncate(self.len);
        Ok(Whole { frame: self, body })
    }
}

/// A frame, its headers and its payload.
struct Whole {
    frame: Frame,
    body: Vec<u8>,
}

impl Whole {
    /// Its bytes, with the payload as the other side says or hears it.
    fn interpreted(mut self, way: &Way) -> Vec<u8> {
        let headers_len = self.frame.headers_len.unwrap_or(0);
        let payload = self.body.split_off(headers_len);
        let subject = self.frame.words.get(1).cloned().unwrap_or_default();
        let (from, to) = match self.frame.is_published {
            true => (Some(way.release), None),
            false => (None, Some(way.release)),
        };
        let said = Message::new(subject, payload);
        let heard = way.interpreter.between(from, to, &said);
        let mut line = self.frame.words.join(" ");
        let len = headers_len + heard.payload.len();
        if self.frame.headers_len.is_some() {
            line += &format!(" {headers_len}");
        }
        line += &format!(" {len}\r\n");
        [line.as_bytes(), &self.body, &heard.payload, b"\r\n"].concat()
    }
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;
    use domain::mode::{Mode, ModeSnapshot};
    use nkeys::KeyPair;
    use proto::Wire;

    use super::*;
    use crate::neighbour::{Additions, Passed};

    fn way(release: Release) -> Way {
        let interpreter = Interpreter::new(Additions::HARMLESS, KeyPair::new_user());
        Way {
            release,
            interpreter: Arc::new(interpreter),
        }
    }

    fn said() -> ModeSnapshot {
        ModeSnapshot {
            revision: 3,
            mode: Mode::Shadow,
            reason: "a test".into(),
            at: Timestamp::from_millis(1_000),
        }
    }

    fn frame(verb: &str, headers: &str, payload: &[u8]) -> Vec<u8> {
        let mut sizes = String::new();
        if verb.starts_with('H') {
            sizes = format!("{} ", headers.len());
        }
        let len = headers.len() + payload.len();
        let line = format!("{verb} control.mode {sizes}{len}\r\n{headers}");
        [line.as_bytes(), payload, b"\r\n"].concat()
    }

    fn passed(input: &[u8], way: &Way) -> Vec<u8> {
        let mut output = Vec::new();
        hand_on(input, &mut output, way).unwrap();
        output
    }

    #[test]
    fn what_is_no_message_passes_as_it_came() {
        let way = way(Release::Next);
        let talk = b"INFO {\"nonce\":\"x\"}\r\nCONNECT {}\r\nPING\r\nPONG\r\nSUB a.b 1\r\n+OK\r\n";
        assert_eq!(passed(talk, &way), talk);
        let stranger = b"PUB some.thing reply 5\r\nhe\r\nl\r\n";
        assert_eq!(passed(stranger, &way), stranger);
        assert_eq!(way.interpreter.passed(), Passed::default());
    }

    #[test]
    fn what_is_published_is_of_the_other_release_with_its_headers_as_they_were() {
        let headers = "NATS/1.0\r\ntraceparent: 00-a\r\n\r\n";
        let way = way(Release::Next);
        for (verb, headers) in [("PUB", ""), ("HPUB", headers)] {
            let input = frame(verb, headers, &said().encode());
            let output = passed(&input, &way);
            let text = String::from_utf8_lossy(&output).into_owned();
            assert!(text.contains("what nobody has heard of"), "{text}");
            let frame = Frame::of(text.lines().next().unwrap()).unwrap();
            let body = output.splitn(2, |byte| *byte == b'\n').nth(1).unwrap();
            let (told, payload) = body[..frame.len].split_at(headers.len());
            assert_eq!(told, headers.as_bytes());
            assert_eq!(
                ModeSnapshot::decode(payload),
                Ok(said()),
                "and it is understood"
            );
            assert_eq!(
                output.len(),
                input.len() + payload.len() - said().encode().len()
            );
        }
        assert_eq!(way.interpreter.passed().extended, 2);
    }

    #[test]
    fn what_is_delivered_lacks_what_the_release_before_does_not_know() {
        let way = way(Release::Previous);
        let mut more = said().encode();
        more.extend([0x78, 1]); // a field that nobody knows
        let output = passed(&frame("MSG", "", &more), &way);
        assert_eq!(output, frame("MSG", "", &said().encode()));
        assert_eq!(way.interpreter.passed().reduced, 1);
    }

    #[test]
    fn a_frame_that_lies_about_its_size_ends_the_connection() {
        let way = way(Release::Previous);
        for wrong in [
            "PUB a.b 3\r\nhello\r\n",
            "PUB a.b 9999999\r\n",
            "HPUB a.b 9 3\r\nabc\r\n",
        ] {
            let mut output = Vec::new();
            assert!(
                hand_on(wrong.as_bytes(), &mut output, &way).is_err(),
                "{wrong:?}"
            );
        }
    }
}
