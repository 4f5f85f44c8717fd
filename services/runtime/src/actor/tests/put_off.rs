//! What nobody waits for comes after, and before the next input.

use super::super::inputs::PAUSE;
use super::*;

/// Puts a word off for each refused message.
#[derive(Default)]
struct Putter {
    owed: u32,
}

impl Actor for Putter {
    type Effect = u32;

    fn hear(&mut self, _now: Timestamp, _heard: Heard, _out: &mut Vec<u32>) {}

    fn beat(&mut self, _now: Timestamp, _out: &mut Vec<u32>) {}

    fn refused(&mut self, _now: Timestamp, _bad: &BadMessage) {
        self.owed += 1;
    }

    fn afterwards(&mut self, _now: Timestamp, out: &mut Vec<u32>) {
        out.extend(std::iter::repeat_n(
            2,
            std::mem::take(&mut self.owed) as usize,
        ));
    }
}

#[tokio::test]
async fn what_was_put_off_is_said_before_the_next_input() {
    let told = Rc::new(RefCell::new(Vec::new()));
    let (inputs, said) = (Rc::clone(&told), Rc::clone(&told));
    let inbox = stream::iter(0..3).map(move |_| {
        inputs.borrow_mut().push(0);
        noise()
    });
    let send = async move |effect| said.borrow_mut().push(effect);
    let ended = run(&mut Putter::default(), inbox, send, epoch, Shutdown::new()).await;
    assert_eq!(ended, Ended::InboxClosed);
    assert_eq!(*told.borrow(), [0, 2, 0, 2, 0, 2]);
}

/// Says 1 with its first beat, and puts a 2 off.
#[derive(Default)]
struct Acting {
    beats: u32,
    owed: bool,
}

impl Actor for Acting {
    type Effect = u32;

    fn hear(&mut self, _now: Timestamp, _heard: Heard, _out: &mut Vec<u32>) {}

    fn beat(&mut self, _now: Timestamp, out: &mut Vec<u32>) {
        self.beats += 1;
        if self.beats == 1 {
            self.owed = true;
            out.push(1);
        }
    }

    fn refused(&mut self, _now: Timestamp, _bad: &BadMessage) {}

    fn owes(&self) -> bool {
        self.owed
    }

    fn afterwards(&mut self, _now: Timestamp, out: &mut Vec<u32>) {
        if std::mem::take(&mut self.owed) {
            out.push(2);
        }
    }

    fn stop(&mut self, _now: Timestamp, out: &mut Vec<u32>) {
        out.push(3);
    }
}

/// What it says, and how long after its start, until the inbox ends or `stop` asks for an end.
async fn acting(
    inbox: impl Stream<Item = Message> + Unpin,
    shutdown: Shutdown,
) -> Vec<(Duration, u32)> {
    let (began, said) = (Instant::now(), RefCell::new(Vec::new()));
    let send = async |effect| said.borrow_mut().push((began.elapsed(), effect));
    let mut actor = Acting::default();
    let looping = run(&mut actor, inbox, send, epoch, shutdown);
    assert!(timeout(BEAT * 2, looping).await.is_ok());
    said.into_inner()
}

#[tokio::test(start_paused = true)]
async fn where_something_has_left_what_was_put_off_waits_for_the_pause() {
    let late = stream::once(time::sleep(BEAT / 2)).map(|()| noise());
    let said = acting(Box::pin(late), Shutdown::new()).await;
    assert_eq!(said, [(Duration::ZERO, 1), (PAUSE, 2)]);
}

#[tokio::test(start_paused = true)]
async fn an_input_that_comes_in_the_pause_finds_everything_said() {
    let soon = stream::once(time::sleep(PAUSE / 2)).map(|()| noise());
    let said = acting(Box::pin(soon), Shutdown::new()).await;
    assert_eq!(said, [(Duration::ZERO, 1), (PAUSE / 2, 2)]);
}

#[tokio::test(start_paused = true)]
async fn a_stop_in_the_pause_comes_after_what_was_put_off() {
    let shutdown = Shutdown::new();
    let stop = shutdown.clone();
    let stopping = async {
        time::sleep(PAUSE / 2).await;
        stop.request();
    };
    let (said, ()) = tokio::join!(acting(stream::pending(), shutdown), stopping);
    let half = PAUSE / 2;
    assert_eq!(said, [(Duration::ZERO, 1), (half, 2), (half, 3)]);
}
