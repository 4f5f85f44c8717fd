//! Two candidates for one lease over a bad network: whatever is late, lost, repeated or paused,
//! the newer holder has the higher token.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use domain::lease::{Answer, Holder, LeaseKey, MemoryStore, Op, Outcome, Request, Tenure, token};
use domain::{Span, Timestamp};
use proptest::prelude::*;

const LEASE_TIME: Span = Span::from_secs(3);
const STEP_MS: i64 = 100;
const STEPS: i64 = 400;

/// The store, and the tokens of the takings in the order in which it accepted them.
#[derive(Default)]
struct Store {
    inner: MemoryStore,
    taken: Vec<u64>,
}

impl Store {
    fn carry_out(&mut self, request: &Request) -> Answer {
        let answer = self.inner.carry_out(request);
        let takes = matches!(&request.op, Op::Write { entry, .. } if entry.lacks_token());
        if let (true, Outcome::Written { revision, created }) = (takes, &answer.outcome) {
            self.taken.push(token(*created, *revision));
        }
        answer
    }
}

/// What may go wrong in one step.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    None,
    Pause { who: usize, steps: i64 },
    Outage { steps: i64 },
    MadeAnew,
    Lose { who: usize },
    Repeat { who: usize },
}

struct Node {
    tenure: Tenure,
    paused_until: i64,
    losing: bool,
    repeating: bool,
}

struct Race {
    nodes: Vec<Node>,
    store: Store,
    lost_until: i64,
    /// Arrival at the store, sender, request.
    requests: Vec<(i64, usize, Request)>,
    /// Arrival at the asker, asker, answer.
    answers: Vec<(i64, usize, Answer)>,
}

impl Race {
    fn new() -> Self {
        let node = |name: &str| Node {
            tenure: Tenure::new(
                LeaseKey::Guard,
                Holder {
                    instance: name.into(),
                    boot: 1,
                },
                LEASE_TIME,
            ),
            paused_until: 0,
            losing: false,
            repeating: false,
        };
        Self {
            nodes: vec![node("a"), node("b")],
            store: Store::default(),
            lost_until: 0,
            requests: Vec::new(),
            answers: Vec::new(),
        }
    }

    fn trouble(&mut self, step: i64, trouble: Trouble) {
        match trouble {
            Trouble::None => {}
            Trouble::Pause { who, steps } => self.nodes[who].paused_until = step + steps,
            Trouble::Outage { steps } => self.lost_until = step + steps,
            Trouble::MadeAnew => {
                let now = u64::try_from(step * STEP_MS * 1_000).unwrap();
                self.store.inner.make_anew(now);
            }
            Trouble::Lose { who } => self.nodes[who].losing = true,
            Trouble::Repeat { who } => self.nodes[who].repeating = true,
        }
    }

    /// One step of 100 ms; `delay` in steps is what a message takes from now on.
    fn step(&mut self, step: i64, delay: i64) {
        self.store.inner.set_lost(step < self.lost_until);
        let now = Timestamp::from_millis(step * STEP_MS);
        let due = |arrival: &i64| *arrival <= step;
        for (_, who, request) in self.requests.extract_if(.., |(at, ..)| due(at)) {
            let answer = self.store.carry_out(&request);
            let node = &mut self.nodes[who];
            if std::mem::take(&mut node.losing) {
                continue;
            }
            if std::mem::take(&mut node.repeating) {
                self.answers.push((step + delay + 5, who, answer.clone()));
            }
            self.answers.push((step + delay, who, answer));
        }
        for who in 0..self.nodes.len() {
            let node = &mut self.nodes[who];
            if step < node.paused_until {
                continue;
            }
            let mut out = Vec::new();
            node.tenure.beat(now, &mut out);
            let mine = |(at, to, _): &(i64, usize, Answer)| *to == who && due(at);
            for (_, _, answer) in self.answers.extract_if(.., |answer| mine(answer)) {
                node.tenure.answered(now, &answer, &mut out);
            }
            let sent = out.into_iter().map(|request| (step + delay, who, request));
            self.requests.extend(sent);
        }
    }

    /// Tokens of those that run and are sure.
    fn sure(&self, step: i64) -> Vec<u64> {
        let now = Timestamp::from_millis(step * STEP_MS);
        let running = self.nodes.iter().filter(|node| step >= node.paused_until);
        running.filter_map(|node| node.tenure.token(now)).collect()
    }
}

fn any_trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        12 => Just(Trouble::None),
        2 => (0..2_usize, 1..80_i64).prop_map(|(who, steps)| Trouble::Pause { who, steps }),
        1 => (1..80_i64).prop_map(|steps| Trouble::Outage { steps }),
        1 => Just(Trouble::MadeAnew),
        2 => (0..2_usize).prop_map(|who| Trouble::Lose { who }),
        2 => (0..2_usize).prop_map(|who| Trouble::Repeat { who }),
    ]
}

fn pauses_only() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        5 => Just(Trouble::None),
        1 => (0..2_usize, 1..80_i64).prop_map(|(who, steps)| Trouble::Pause { who, steps }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn tokens_grow_and_tell_two_holders_apart(
        troubles in prop::collection::vec((any_trouble(), 0..4_i64), 40)
    ) {
        let mut race = Race::new();
        for step in 1..=STEPS {
            let (trouble, delay) = troubles[usize::try_from((step - 1) / 10).unwrap()];
            if step % 10 == 1 {
                race.trouble(step, trouble);
            }
            race.step(step, delay);
            let taken = &race.store.taken;
            prop_assert!(taken.is_sorted_by(|a, b| a < b), "{taken:?}");
            let sure = race.sure(step);
            prop_assert!(sure.len() < 2 || sure[0] != sure[1], "{sure:?}");
            let unknown = sure.iter().find(|token| !taken.contains(token));
            prop_assert!(unknown.is_none(), "{unknown:?} was never taken");
        }
    }

    #[test]
    fn pauses_and_delays_alone_never_make_two_holders_and_leave_one_in_the_end(
        troubles in prop::collection::vec((pauses_only(), 0..2_i64), 40)
    ) {
        let mut race = Race::new();
        for step in 1..=STEPS {
            let (trouble, delay) = troubles[usize::try_from((step - 1) / 10).unwrap()];
            if step % 10 == 1 {
                race.trouble(step, trouble);
            }
            race.step(step, delay);
            prop_assert!(race.sure(step).len() < 2);
        }
        let calm = STEPS + 200;
        for step in STEPS + 1..=calm {
            race.step(step, 0);
        }
        prop_assert_eq!(race.sure(calm).len(), 1);
    }
}
