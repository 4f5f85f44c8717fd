//! Reading the venue: positions, orders, trades, totals. Nothing here changes anything.

use super::cancel::OrderRef;
use super::order::{AlgoOrder, Order, Trade};
use super::types::{AlgoStatus, PositionSide};
use super::{Bar, Market, Position, SymbolSpec, Venue, VenueError};

impl Venue {
    /// The symbols, in order.
    pub fn symbols(&self) -> impl Iterator<Item = &SymbolSpec> {
        self.books.values().map(|book| &book.spec)
    }

    /// The filters of a symbol.
    #[must_use]
    pub fn spec(&self, symbol: &str) -> Option<&SymbolSpec> {
        self.books.get(symbol).map(|book| &book.spec)
    }

    /// The prices of a symbol; zeros until the first price.
    #[must_use]
    pub fn market(&self, symbol: &str) -> Option<Market> {
        self.books.get(symbol).map(|book| book.market)
    }

    /// The one-way position of a symbol (flat when there is none, and always in hedge mode).
    #[must_use]
    pub fn position(&self, symbol: &str) -> Option<&Position> {
        self.leg(symbol, PositionSide::Both)
    }

    /// One leg of a symbol (flat when there is none).
    #[must_use]
    pub fn leg(&self, symbol: &str, leg: PositionSide) -> Option<&Position> {
        self.books.get(symbol).map(|book| book.leg(leg))
    }

    /// The open legs of a symbol: at most one in one-way mode, at most two in hedge mode.
    pub fn open_legs_of(&self, symbol: &str) -> impl Iterator<Item = &Position> {
        self.books
            .get(symbol)
            .into_iter()
            .flat_map(|book| book.legs.open())
    }

    /// The leverage of a symbol.
    #[must_use]
    pub fn leverage(&self, symbol: &str) -> Option<u32> {
        self.books.get(symbol).map(|book| book.leverage)
    }

    /// One-minute bars of a symbol, oldest first.
    pub fn bars(&self, symbol: &str) -> impl Iterator<Item = &Bar> {
        self.books
            .get(symbol)
            .into_iter()
            .flat_map(|book| book.bars.iter())
    }

    /// Every open position with its symbol; in hedge mode a symbol can come twice.
    pub fn open_positions(&self) -> impl Iterator<Item = (&str, &Position)> {
        self.books
            .iter()
            .flat_map(|(symbol, book)| book.legs.open().map(|held| (symbol.as_str(), held)))
    }

    /// Open ordinary orders of a symbol, oldest first.
    pub fn open_orders_of(&self, symbol: &str) -> impl Iterator<Item = &Order> {
        let ids = self
            .books
            .get(symbol)
            .into_iter()
            .flat_map(|book| book.open_orders.iter());
        ids.filter_map(|id| self.orders.get(id))
    }

    /// Open ordinary orders of all symbols.
    pub fn open_orders(&self) -> impl Iterator<Item = &Order> {
        self.books
            .keys()
            .flat_map(|symbol| self.open_orders_of(symbol))
    }

    /// Conditional orders of a symbol that are not final (NEW, and TRIGGERING when stuck).
    pub fn open_algos_of(&self, symbol: &str) -> impl Iterator<Item = &AlgoOrder> {
        let ids = self
            .books
            .get(symbol)
            .into_iter()
            .flat_map(|book| book.open_algos.iter());
        ids.filter_map(|id| self.algos.get(id))
    }

    /// Conditional orders of all symbols that are not final.
    pub fn open_algos(&self) -> impl Iterator<Item = &AlgoOrder> {
        self.books
            .keys()
            .flat_map(|symbol| self.open_algos_of(symbol))
    }

    /// Every remembered ordinary order, oldest first.
    pub fn all_orders(&self) -> impl Iterator<Item = &Order> {
        self.orders.values()
    }

    /// Every remembered conditional order, oldest first.
    pub fn all_algos(&self) -> impl Iterator<Item = &AlgoOrder> {
        self.algos.values()
    }

    /// Every remembered trade, oldest first.
    pub fn trades(&self) -> impl DoubleEndedIterator<Item = &Trade> {
        self.trades.iter()
    }

    /// One ordinary order.
    ///
    /// # Errors
    /// -1121 for an unknown symbol, -2013 when there is no such order.
    pub fn order(&self, symbol: &str, which: OrderRef<'_>) -> Result<&Order, VenueError> {
        let book = self.book(symbol)?;
        let id = match which {
            OrderRef::Id(id) => Some(id),
            OrderRef::Client(client) => book.client_ids.get(client).copied(),
        };
        let order = id
            .and_then(|id| self.orders.get(&id))
            .filter(|order| order.symbol == symbol);
        order.ok_or_else(VenueError::no_such_order)
    }

    /// One conditional order.
    ///
    /// # Errors
    /// -2013 when there is no such order.
    pub fn algo(&self, which: OrderRef<'_>) -> Result<&AlgoOrder, VenueError> {
        let id = match which {
            OrderRef::Id(id) => Some(id),
            OrderRef::Client(client) => self.algo_client_ids.get(client).copied(),
        };
        id.and_then(|id| self.algos.get(&id))
            .ok_or_else(VenueError::no_such_order)
    }

    /// Resting (NEW) conditional orders of a symbol.
    pub fn resting_algos_of(&self, symbol: &str) -> impl Iterator<Item = &AlgoOrder> {
        self.open_algos_of(symbol)
            .filter(|algo| algo.status == AlgoStatus::New)
    }
}
