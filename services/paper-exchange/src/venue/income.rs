//! What changed the wallet, line by line (`GET /fapi/v1/income`).

use rust_decimal::Decimal;

use super::types::wire_enum;
use super::{MAX_HISTORY, Venue};

wire_enum! {
    /// Why the wallet changed.
    IncomeKind {
        /// A close at a profit or a loss.
        RealizedPnl => "REALIZED_PNL",
        /// A fee, negative.
        Commission => "COMMISSION",
        /// A funding payment.
        FundingFee => "FUNDING_FEE",
    }
}

/// One change of the wallet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Income {
    /// Transaction id.
    pub id: u64,
    /// Symbol.
    pub symbol: String,
    /// Why.
    pub kind: IncomeKind,
    /// Amount, USDT, negative when paid.
    pub amount: Decimal,
    /// The trade behind it, if there is one.
    pub trade_id: Option<u64>,
    /// Moment, ms.
    pub at_ms: i64,
}

impl Venue {
    /// Changes of the wallet that are remembered, oldest first.
    pub fn income(&self) -> impl DoubleEndedIterator<Item = &Income> {
        self.income.iter()
    }

    /// Books an amount on the wallet; nothing happens for zero.
    pub(super) fn book_income(&mut self, mut income: Income) {
        if income.amount.is_zero() {
            return;
        }
        self.wallet += income.amount;
        self.next_income += 1;
        income.id = self.next_income;
        self.income.push_back(income);
        if MAX_HISTORY < self.income.len() {
            self.income.pop_front();
        }
    }
}
