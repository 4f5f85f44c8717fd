//! Several subscriptions as one stream of messages.

use std::pin::Pin;
use std::task::{Context, Poll};

use async_nats::Subscriber;
use futures_util::stream::{self, BoxStream, SelectAll};
use futures_util::{Stream, StreamExt};

use crate::message::Message;
use crate::trace::{TRACEPARENT, TraceParent};

/// What was subscribed to, merged. Each subscription holds at most the capacity that the client
/// was connected with; beyond it messages are lost and counted as `slow_consumer`. It ends when
/// any one subscription ends: half the inputs would be worse than none.
pub struct Inbox {
    merged: SelectAll<BoxStream<'static, Option<Message>>>,
    ended: bool,
}

impl Inbox {
    pub(crate) fn new(subscribers: Vec<Subscriber>) -> Self {
        let end = || stream::once(async { None });
        let one = |subscriber: Subscriber| {
            let messages = subscriber.map(|message| {
                Some(Message {
                    subject: message.subject.to_string(),
                    payload: message.payload.to_vec(),
                    trace: trace_of(&message),
                })
            });
            messages.chain(end()).boxed()
        };
        Self {
            merged: subscribers.into_iter().map(one).collect(),
            ended: false,
        }
    }

    /// The next message; none once the inbox has ended.
    pub async fn next(&mut self) -> Option<Message> {
        StreamExt::next(self).await
    }
}

/// A header that is no trace context is none: it says nothing about the message.
fn trace_of(message: &async_nats::Message) -> Option<TraceParent> {
    let header = message.headers.as_ref()?.get(TRACEPARENT)?;
    header.as_str().parse().ok()
}

impl Stream for Inbox {
    type Item = Message;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Message>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let next = self.merged.poll_next_unpin(context);
        if matches!(next, Poll::Ready(None | Some(None))) {
            self.ended = true;
        }
        next.map(Option::flatten)
    }
}
