//! Which gateway acts for an account: the one with the newest fencing token that tells pictures.
//! Two may believe to act, where one of them alone does not reach the store of leases: each
//! approval names one of them, so that an order leaves once.

use std::collections::BTreeMap;

use domain::{Account, Span, Timestamp};

/// Accounts that are followed at once; a gateway of a further one is not believed.
const ACCOUNTS_MAX: usize = 256;
/// A gateway that has told nothing for so long is not waited for: pictures come once a second. A
/// token that is newest by mistake does no harm for longer.
const SILENT_AFTER: Span = Span::from_secs(5);

/// The newest gateway of each account.
#[derive(Debug, Default)]
pub(crate) struct Gateways(BTreeMap<Account, Known>);

#[derive(Debug, Clone, Copy)]
struct Known {
    token: u64,
    heard_at: Timestamp,
}

impl Gateways {
    /// A gateway has told a picture. Whether it is to be believed: not beside a newer one.
    pub(crate) fn hear(&mut self, account: &Account, token: Option<u64>, now: Timestamp) -> bool {
        let token = token.unwrap_or(0);
        let heard = Known {
            token,
            heard_at: now,
        };
        if let Some(known) = self.0.get_mut(account) {
            let is_silent = now.since(known.heard_at) > SILENT_AFTER;
            let is_believed = token >= known.token || is_silent;
            if is_believed {
                *known = heard;
            }
            return is_believed;
        }
        let has_room = self.0.len() < ACCOUNTS_MAX;
        if has_room {
            self.0.insert(account.clone(), heard);
        }
        has_room
    }

    /// The token of the gateway that acts; none where it has named none.
    pub(crate) fn of(&self, account: &Account) -> Option<u64> {
        let known = self.0.get(account)?;
        (known.token > 0).then_some(known.token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(name: &str) -> Account {
        Account::new(name).unwrap()
    }

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(1_795_178_160_000 + ms)
    }

    #[test]
    fn beside_a_newer_one_an_older_one_is_not_believed() {
        let (mut gateways, main) = (Gateways::default(), account("main"));
        assert!(gateways.hear(&main, Some(7), at(0)));
        assert!(gateways.hear(&main, Some(9), at(10)));
        assert!(!gateways.hear(&main, Some(7), at(20)));
        assert!(!gateways.hear(&main, None, at(20)));
        assert_eq!(gateways.of(&main), Some(9));
        assert!(gateways.hear(&account("other"), Some(7), at(20)));
        assert_eq!(gateways.of(&account("other")), Some(7));
    }

    #[test]
    fn one_that_has_fallen_silent_is_not_waited_for() {
        let (mut gateways, main) = (Gateways::default(), account("main"));
        assert!(gateways.hear(&main, Some(9), at(0)));
        assert!(!gateways.hear(&main, Some(7), at(5_000)));
        assert!(gateways.hear(&main, Some(7), at(5_001)));
        assert_eq!(gateways.of(&main), Some(7));
    }

    #[test]
    fn one_that_names_no_token_is_addressed_by_none() {
        let (mut gateways, main) = (Gateways::default(), account("main"));
        assert_eq!(gateways.of(&main), None);
        assert!(gateways.hear(&main, None, at(0)));
        assert_eq!(gateways.of(&main), None);
    }

    #[test]
    fn more_accounts_than_are_followed_are_refused() {
        let mut gateways = Gateways::default();
        for number in 0..ACCOUNTS_MAX {
            assert!(gateways.hear(&account(&format!("a{number}")), Some(1), at(0)));
        }
        assert!(!gateways.hear(&account("one-more"), Some(1), at(0)));
        assert!(gateways.hear(&account("a0"), Some(2), at(0)));
    }
}
