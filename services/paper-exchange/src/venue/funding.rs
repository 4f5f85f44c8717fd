//! Funding: at its time every position pays or is paid (section 8.10 of the wire contract).

use rust_decimal::Decimal;

use super::event::{AccountReason, EventBody};
use super::income::{Income, IncomeKind};
use super::{Book, MAX_HISTORY, Venue, VenueError};

/// Hours between two payments that a symbol may have.
const HOURS: [i64; 4] = [1, 2, 4, 8];
const HOUR_MS: i64 = 3_600_000;
/// Widest funding rate of the real venue.
const MAX_FUNDING: Decimal = Decimal::from_parts(3, 0, 0, false, 2);
/// Decimals of money amounts.
const MONEY_DECIMALS: u32 = 8;

/// One moment of funding of one symbol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FundingPoint {
    /// Symbol.
    pub symbol: String,
    /// Rate that was charged.
    pub rate: Decimal,
    /// Mark price it was charged at.
    pub mark: Decimal,
    /// Moment, ms.
    pub at_ms: i64,
}

impl Book {
    /// Start of the next funding period, ms.
    pub(crate) const fn next_funding(&self, now_ms: i64) -> i64 {
        now_ms - now_ms.rem_euclid(self.funding_interval_ms) + self.funding_interval_ms
    }
}

impl Venue {
    /// Sets a symbol's funding rate, shown at once and charged at the next payment.
    ///
    /// # Errors
    /// -1121 for an unknown symbol, -4001 beyond 3 %.
    pub fn set_funding_rate(&mut self, symbol: &str, rate: Decimal) -> Result<(), VenueError> {
        let book = self.book_mut(symbol)?;
        if rate.abs() > MAX_FUNDING {
            let text = format!("Funding rate {rate} is not plausible: at most 0.03 either way.");
            return Err(VenueError::new(-4001, text));
        }
        book.funding_rate = rate;
        Ok(())
    }

    /// Sets the hours between two payments of a symbol.
    ///
    /// # Errors
    /// -1121 for an unknown symbol, -4001 for other hours than 1, 2, 4 and 8.
    pub fn set_funding_hours(
        &mut self,
        symbol: &str,
        hours: i64,
        now_ms: i64,
    ) -> Result<(), VenueError> {
        self.advance(now_ms);
        let book = self.book_mut(symbol)?;
        if !HOURS.contains(&hours) {
            let text = format!("Funding every {hours} hours is not plausible: 1, 2, 4 or 8.");
            return Err(VenueError::new(-4001, text));
        }
        book.funding_interval_ms = hours * HOUR_MS;
        book.funding_due_ms = book.next_funding(now_ms);
        self.funding_due_ms = self.funding_due_ms.min(book_due(&self.books));
        Ok(())
    }

    /// Charges `rate` now, whatever is due by itself: a replay knows what was charged and when.
    ///
    /// # Errors
    /// -1121 for an unknown symbol, -4001 beyond 3 %.
    pub fn charge_funding_at(
        &mut self,
        symbol: &str,
        rate: Decimal,
        now_ms: i64,
    ) -> Result<(), VenueError> {
        self.set_funding_rate(symbol, rate)?;
        self.charge_funding(symbol, now_ms);
        Ok(())
    }

    /// Past payments, oldest first.
    pub fn funding_history(&self) -> impl DoubleEndedIterator<Item = &FundingPoint> {
        self.funding.iter()
    }

    /// Charges what is due. However long nobody looked, a symbol pays once.
    pub(super) fn run_funding(&mut self, now_ms: i64) {
        if now_ms < self.funding_due_ms {
            return;
        }
        let mut due = Vec::new();
        for (symbol, book) in &mut self.books {
            // Zero: the clock is looked at for the first time, nothing was due before.
            if 0 < book.funding_due_ms && book.funding_due_ms <= now_ms {
                due.push(symbol.clone());
            }
            if book.funding_due_ms <= now_ms {
                book.funding_due_ms = book.next_funding(now_ms);
            }
        }
        self.funding_due_ms = book_due(&self.books);
        for symbol in due {
            self.charge_funding(&symbol, now_ms);
        }
    }

    fn charge_funding(&mut self, symbol: &str, now_ms: i64) {
        let Some(book) = self.books.get(symbol).filter(|it| it.market.is_known()) else {
            return;
        };
        let (rate, mark) = (book.funding_rate, book.market.mark);
        let payment = |qty: Decimal| (-qty * mark * rate).round_dp(MONEY_DECIMALS);
        let legs = book.legs.open();
        let payments: Vec<_> = legs.map(|held| (held.leg, payment(held.qty))).collect();
        let isolated = book.isolated;
        self.funding.push_back(FundingPoint {
            symbol: symbol.to_owned(),
            rate,
            mark,
            at_ms: now_ms,
        });
        if MAX_HISTORY < self.funding.len() {
            self.funding.pop_front();
        }
        for (leg, amount) in payments {
            self.book_income(Income {
                id: 0,
                symbol: symbol.to_owned(),
                kind: IncomeKind::FundingFee,
                amount,
                trade_id: None,
                at_ms: now_ms,
            });
            if isolated && let Some(book) = self.books.get_mut(symbol) {
                book.legs.leg_mut(leg).isolated_wallet += amount;
            }
            if let Some(mut update) = self.account_update(symbol, leg) {
                update.reason = AccountReason::FundingFee;
                update.change = amount;
                update.shows_position = isolated;
                self.emit(now_ms, EventBody::Account(update));
            }
        }
        self.watch_margin(symbol, now_ms);
    }
}

fn book_due(books: &std::collections::BTreeMap<String, Book>) -> i64 {
    let due = books.values().map(|book| book.funding_due_ms);
    due.min().unwrap_or(i64::MAX)
}
