//! What may wait a moment: what is told to those who are on no order's path in LIVE.

use std::mem;
use std::pin::Pin;
use std::time::Duration;

use bus::Message;
use tokio::time::{self, Sleep};

/// How long it waits: an order that a mark leads to leaves within 1 to 2 ms (docs/performance.md),
/// and whoever is woken here takes no core from it.
const WAIT: Duration = Duration::from_millis(3);
/// So many messages wait at most; beyond it they are said at once.
const WAITING_MAX: usize = 2_048;

/// Messages in the order in which they are to be said.
#[derive(Debug, Default)]
pub(crate) struct Aside {
    waiting: Vec<Message>,
    due: Option<Pin<Box<Sleep>>>,
}

impl Aside {
    /// Puts all of `messages` aside. What came first decides when all of it is due.
    pub(crate) fn put(&mut self, messages: &mut Vec<Message>) {
        if messages.is_empty() {
            return;
        }
        self.waiting.append(messages);
        self.due.get_or_insert_with(|| Box::pin(time::sleep(WAIT)));
    }

    /// Waits until something is due; for ever while nothing is put aside.
    pub(crate) async fn due(&mut self) {
        match &mut self.due {
            Some(_) if self.waiting.len() > WAITING_MAX => {}
            Some(due) => due.await,
            None => std::future::pending().await,
        }
    }

    /// Everything, to be said now.
    pub(crate) fn take(&mut self) -> Vec<Message> {
        self.due = None;
        mem::take(&mut self.waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(of: usize) -> Message {
        Message::new(format!("market.mark.{of}"), Vec::new())
    }

    fn put(aside: &mut Aside, of: std::ops::Range<usize>) {
        aside.put(&mut of.map(message).collect());
    }

    async fn is_due(aside: &mut Aside) -> bool {
        tokio::select! {
            biased;
            () = aside.due() => true,
            () = std::future::ready(()) => false,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_waits_from_the_first_message_on_and_keeps_the_order() {
        let mut aside = Aside::default();
        put(&mut aside, 0..1);
        time::advance(WAIT / 2).await;
        put(&mut aside, 1..3);
        assert!(!is_due(&mut aside).await);
        time::advance(WAIT / 2).await;
        assert!(is_due(&mut aside).await);
        assert_eq!(aside.take(), [message(0), message(1), message(2)]);
        assert!(!is_due(&mut aside).await, "nothing is left");
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_due_where_nothing_was_put() {
        let mut aside = Aside::default();
        put(&mut aside, 0..0);
        time::advance(WAIT * 2).await;
        assert!(!is_due(&mut aside).await);
    }

    #[tokio::test(start_paused = true)]
    async fn more_than_may_wait_is_due_at_once() {
        let mut aside = Aside::default();
        put(&mut aside, 0..WAITING_MAX);
        assert!(!is_due(&mut aside).await);
        for more in WAITING_MAX..WAITING_MAX + 3 {
            time::advance(Duration::from_micros(300)).await;
            put(&mut aside, more..more + 1);
            assert!(is_due(&mut aside).await);
        }
        assert_eq!(aside.take().len(), WAITING_MAX + 3);
    }
}
