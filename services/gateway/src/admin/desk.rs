//! Which direct kill counts: the operator's, for this account, dated now, once.

use std::collections::BTreeMap;

use bus::kill::{self, KillError};
use domain::mode::Kill;
use domain::{Account, Span, Timestamp};
use nkeys::KeyPair;
use proto::wire::SignedKill;
use thiserror::Error;
use tonic::Status;

/// How far the order's date may be from our clock, either way: clocks of two machines, and an
/// operator's hand. What was recorded is worth nothing after that.
pub const DATED_MAX: Span = Span::from_secs(60);
/// Orders that are remembered as used. Only the operator can make one more.
pub const USED_MAX: usize = 256;

/// Why an order does not count.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "each field is named in the message")]
pub enum Refusal {
    #[error(transparent)]
    Unproven(#[from] KillError),
    #[error("kill refused: it is for the account {asked}, this gateway is for {ours}")]
    Account { asked: Account, ours: Account },
    #[error(
        "kill refused: it is dated {ms} ms {direction} of this gateway's clock, {max} ms are \
         allowed; set the clock right",
        max = DATED_MAX.millis()
    )]
    Date { ms: i64, direction: &'static str },
    #[error("kill refused: it is from before this gateway started; say it anew")]
    Older,
    #[error("kill refused: it was used before; say it anew")]
    Used,
    #[error("kill refused: {USED_MAX} kills within a minute; wait")]
    Full,
}

impl Refusal {
    /// The refusal as the caller sees it.
    pub(super) fn status(&self) -> Status {
        let text = self.to_string();
        match self {
            Self::Unproven(_) => Status::permission_denied(text),
            Self::Full => Status::resource_exhausted(text),
            _ => Status::failed_precondition(text),
        }
    }
}

/// Looks at each order, and remembers those that counted.
#[derive(Debug)]
pub struct Desk {
    operator: KeyPair,
    account: Account,
    started_at: Timestamp,
    /// Bodies that counted, and when they were dated.
    used: BTreeMap<Vec<u8>, Timestamp>,
}

impl Desk {
    /// A desk that takes the orders of whoever has `operator`'s seed.
    #[must_use]
    pub const fn new(operator: KeyPair, account: Account, started_at: Timestamp) -> Self {
        Self {
            operator,
            account,
            started_at,
            used: BTreeMap::new(),
        }
    }

    /// The kill, if it counts; the same one does not a second time, nor in the next process.
    ///
    /// # Errors
    /// [`Refusal`] with the first check that fails.
    pub fn admit(&mut self, sealed: &SignedKill, now: Timestamp) -> Result<Kill, Refusal> {
        let order = kill::open(sealed, &self.operator)?;
        if order.account != self.account {
            let (asked, ours) = (order.account, self.account.clone());
            return Err(Refusal::Account { asked, ours });
        }
        let at = order.kill.at;
        let (behind, ahead) = (now.since(at), at.since(now));
        for (by, direction) in [(behind, "behind"), (ahead, "ahead")] {
            if by > DATED_MAX {
                let ms = by.millis();
                return Err(Refusal::Date { ms, direction });
            }
        }
        if at < self.started_at {
            return Err(Refusal::Older);
        }
        self.used.retain(|_, at| now.since(*at) <= DATED_MAX);
        if self.used.contains_key(&sealed.body) {
            return Err(Refusal::Used);
        }
        if self.used.len() >= USED_MAX {
            return Err(Refusal::Full);
        }
        self.used.insert(sealed.body.clone(), at);
        Ok(order.kill)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::mode::Mode;
    use proto::DirectKill;

    const START: Timestamp = Timestamp::from_millis(1_000_000);

    fn after(ms: i64) -> Timestamp {
        START + Span::from_millis(ms)
    }

    struct Scene {
        operator: KeyPair,
        desk: Desk,
    }

    fn scene() -> Scene {
        let operator = KeyPair::new_user();
        let public = KeyPair::from_public_key(&operator.public_key()).unwrap();
        let desk = Desk::new(public, Account::new("main").unwrap(), START);
        Scene { operator, desk }
    }

    fn order(account: &str, at: Timestamp) -> DirectKill {
        DirectKill {
            kill: Kill {
                to: Mode::Shadow,
                by: "ada".into(),
                at,
            },
            account: Account::new(account).unwrap(),
        }
    }

    impl Scene {
        fn sealed(&self, at: Timestamp) -> SignedKill {
            kill::seal(&order("main", at), &self.operator).unwrap()
        }
    }

    #[test]
    fn the_operators_order_counts_once() {
        let mut scene = scene();
        let sealed = scene.sealed(after(10));
        let kill = scene.desk.admit(&sealed, after(12)).unwrap();
        assert_eq!(kill.to, Mode::Shadow);
        for ms in [12, 5_000, 60_000] {
            let again = scene.desk.admit(&sealed, after(ms));
            assert!(matches!(again, Err(Refusal::Used)), "{again:?}");
        }
        let late = scene.desk.admit(&sealed, after(60_011));
        assert!(matches!(late, Err(Refusal::Date { .. })), "{late:?}");
        let next = scene.sealed(after(11));
        scene.desk.admit(&next, after(12)).unwrap();
    }

    #[test]
    fn a_strangers_order_and_one_for_another_account_do_not_count() {
        let mut scene = scene();
        let strange = kill::seal(&order("main", after(1)), &KeyPair::new_user()).unwrap();
        let refused = scene.desk.admit(&strange, after(2)).unwrap_err();
        assert_eq!(refused.status().code(), tonic::Code::PermissionDenied);
        let other = kill::seal(&order("other", after(1)), &scene.operator).unwrap();
        let refused = scene.desk.admit(&other, after(2)).unwrap_err();
        assert_eq!(refused.status().code(), tonic::Code::FailedPrecondition);
        assert!(refused.to_string().contains("other"), "{refused}");
    }

    #[test]
    fn an_order_from_another_time_does_not_count() {
        let mut scene = scene();
        let long = after(600_000);
        for (at, word) in [(after(539_999), "behind"), (after(660_001), "ahead")] {
            let sealed = scene.sealed(at);
            let refused = scene.desk.admit(&sealed, long).unwrap_err();
            assert!(refused.to_string().contains(word), "{refused}");
        }
        for at in [after(540_000), after(660_000)] {
            let sealed = scene.sealed(at);
            scene.desk.admit(&sealed, long).unwrap();
        }
    }

    #[test]
    fn what_the_gateway_before_took_does_not_count_again() {
        let mut scene = scene();
        let sealed = scene.sealed(Timestamp::from_millis(999_999));
        let refused = scene.desk.admit(&sealed, after(1)).unwrap_err();
        assert!(matches!(refused, Refusal::Older), "{refused}");
    }

    #[test]
    fn what_is_remembered_is_bounded_and_forgotten_in_time() {
        let mut scene = scene();
        for ms in 0..i64::try_from(USED_MAX).unwrap() {
            let sealed = scene.sealed(after(ms));
            scene.desk.admit(&sealed, after(ms)).unwrap();
        }
        let sealed = scene.sealed(after(1_000));
        let refused = scene.desk.admit(&sealed, after(1_000)).unwrap_err();
        assert!(matches!(refused, Refusal::Full), "{refused}");
        let sealed = scene.sealed(after(60_001));
        scene.desk.admit(&sealed, after(60_001)).unwrap();
        assert_eq!(scene.desk.used.len(), USED_MAX);
    }
}
