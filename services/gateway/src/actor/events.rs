//! Takes the user stream in: orders, conditional orders, positions, gaps.

use domain::ids::ClientOrderId;
use domain::order::OrderStatus;
use domain::{Price, Qty, Side, Span, Symbol, Timestamp};
use rust_decimal::Decimal;

use super::book::{Effect, Source};
use super::ledger::News;
use super::legs::Told;
use super::observed::{Book, Observed};
use super::rules::UNKNOWN_LEVERAGE;
use super::{GatewayActor, GatewayEffect, TAG};
use binance::PositionMode;
use binance::stream::StreamItem;
use binance::user_event::{
    AccountUpdate, ConfigUpdate, OrderUpdate, PositionRow, UserEvent, user_event,
};
use binance::wire::WirePositionSide;

/// The account event of a fill comes with the fill; after this long it is taken as lost.
const ACCOUNT_EVENT_WAIT: Span = Span::from_millis(500);

impl GatewayActor {
    pub(super) fn stream_item(&mut self, item: StreamItem) {
        match item {
            StreamItem::Connected => {
                tracing::info!(tag = TAG, "user stream connected");
                self.stream.is_connected = true;
                self.reads.is_blind = false;
                self.stream.last_frame_at = Some(self.now);
                self.gap();
            }
            StreamItem::Disconnected { why } => {
                self.pulse.count("stream_gaps");
                tracing::warn!(tag = TAG, %why, "user stream lost");
                self.stream.is_connected = false;
                self.reads.is_blind = true;
                self.gap();
            }
            StreamItem::Text(text) => {
                self.stream.last_frame_at = Some(self.now);
                match user_event(&text) {
                    Ok(event) => self.event(event),
                    Err(error) => {
                        self.pulse.count("user_events_unread");
                        tracing::error!(tag = TAG, %error, "user event unread");
                        self.gap();
                    }
                }
            }
        }
    }

    fn gap(&mut self) {
        self.reads.gap(self.now);
        for (_, leg) in self.legs.iter_mut() {
            leg.is_dirty = true; // `complete` is no longer true
        }
    }

    fn event(&mut self, event: UserEvent) {
        // A standby keeps its stream alive; what has happened it reads when it begins to act.
        if !self.owner.has_begun() && !matches!(event, UserEvent::ListenKeyExpired) {
            return;
        }
        match event {
            UserEvent::Order(update) => self.order_event(&update),
            UserEvent::Algo(update) => {
                self.observe(&Observed::from(update.as_ref()), Source::Word);
            }
            UserEvent::Account(update) => self.account_event(&update),
            UserEvent::Config(ConfigUpdate::Leverage { symbol, leverage }) => {
                if let Some(symbol) = self.rules.learn_leverage(&symbol, leverage) {
                    self.apply_leverage(&symbol);
                }
            }
            UserEvent::ListenKeyExpired => {
                self.pulse.count("listen_keys_expired");
                self.gap();
                self.out.push(GatewayEffect::RenewStream);
            }
            UserEvent::MarginCall(rows) => {
                self.pulse.count("margin_calls");
                for row in rows {
                    let (symbol, mark) = (row.symbol, row.mark_price);
                    tracing::error!(tag = TAG, symbol, %mark, "margin call");
                }
            }
            UserEvent::TradeLite | UserEvent::Config(ConfigUpdate::Account) => {}
            UserEvent::Other(_) => self.pulse.count("user_events_unused"),
        }
    }

    fn order_event(&mut self, update: &OrderUpdate) {
        self.observe(&Observed::from(update), Source::Word);
        if let Some(forced) = update.order.forced_close() {
            self.pulse.count("forced_closes");
            let symbol = &update.order.symbol;
            tracing::error!(
                tag = TAG,
                symbol,
                ?forced,
                "the venue closes a position by itself"
            );
        }
        if !update.order.is_fill() {
            return;
        }
        let Some(symbol) = self.rules.symbol(&update.order.symbol) else {
            return;
        };
        let of = update.order.position_side;
        let sides: &[Side] = match of {
            WirePositionSide::Both => &[Side::Long, Side::Short],
            WirePositionSide::Long => &[Side::Long],
            WirePositionSide::Short => &[Side::Short],
        };
        let known = sides
            .iter()
            .filter_map(|side| self.legs.get(&(symbol.clone(), *side)))
            .any(|leg| leg.changed_ms >= update.transact_ms);
        if !known {
            let (at_ms, due) = (update.transact_ms, self.now + ACCOUNT_EVENT_WAIT);
            // A train of fills doesn't put the first one's account event off.
            let fill = self.fills.entry((symbol, of)).or_insert((at_ms, due));
            fill.0 = fill.0.max(at_ms);
        }
    }

    /// A fill without an account event: the position is read.
    pub(super) fn await_account_events(&mut self) {
        let now = self.now;
        let is_lost = |_: &_, (_, due): &mut (_, Timestamp)| *due <= now;
        let lost: Vec<(Symbol, WirePositionSide)> = self
            .fills
            .extract_if(.., is_lost)
            .map(|(leg, _)| leg)
            .collect();
        for (symbol, _) in lost {
            self.pulse.count("account_events_missing");
            self.reads.want(&symbol);
        }
    }

    fn account_event(&mut self, update: &AccountUpdate) {
        for row in &update.change.positions {
            let Some(symbol) = self.rules.symbol(&row.symbol) else {
                self.foreign_symbol(&row.symbol);
                continue;
            };
            let leg = (symbol.clone(), row.position_side);
            match self.fills.get_mut(&leg) {
                Some((at_ms, _)) if *at_ms <= update.transact_ms => {
                    self.fills.remove(&leg);
                }
                Some((_, due)) => *due = self.now + ACCOUNT_EVENT_WAIT,
                None => {}
            }
            if !row.amount.is_zero() && row.entry_price <= Decimal::ZERO {
                self.pulse.count("positions_without_entry");
                self.reads.want(&symbol);
                continue;
            }
            for (side, told) in self.told_by(row, update.transact_ms) {
                let leverage = self.leverage(&symbol);
                let key = (symbol.clone(), side);
                let when = (self.reads.is_complete, self.now);
                if !self.legs.tell(&key, told, leverage, when) {
                    self.pulse.count("account_events_late");
                }
            }
        }
    }

    pub(super) fn foreign_symbol(&mut self, name: &str) {
        if self.rules.is_allowed(name) && self.reads.has_basics() {
            self.pulse.count("symbols_without_rules");
        }
    }

    /// The leverage of `symbol`, or [`UNKNOWN_LEVERAGE`] with an alarm, said each time that its
    /// count has doubled.
    pub(super) fn leverage(&mut self, symbol: &Symbol) -> Decimal {
        if let Some(told) = self.rules.leverage(symbol) {
            return told;
        }
        self.pulse.count("leverages_assumed");
        let count = self.pulse.counters().get("leverages_assumed");
        if count.is_some_and(|count| count.is_power_of_two()) {
            self.pulse.count("alarms");
            tracing::error!(
                tag = TAG, symbol = %symbol, assumed = %UNKNOWN_LEVERAGE,
                "the venue tells no leverage; set one there: stops are as tight as with the assumed"
            );
        }
        UNKNOWN_LEVERAGE
    }

    pub(super) fn apply_leverage(&mut self, symbol: &Symbol) {
        let leverage = self.leverage(symbol);
        for (key, leg) in self.legs.iter_mut() {
            if key.0 == *symbol && leg.position.leverage != leverage {
                leg.position.leverage = leverage;
                leg.is_dirty = true;
            }
        }
    }

    /// Takes in what was told of one order, ours or not.
    pub(super) fn observe(&mut self, seen: &Observed, source: Source) {
        let Some(symbol) = self.rules.symbol(&seen.symbol) else {
            self.foreign_symbol(&seen.symbol);
            return;
        };
        let id = ClientOrderId::new(&seen.client_id).ok();
        if let (Some(child), Some(id)) = (seen.child, &id) {
            self.books.adopt_child(child, id);
        }
        if let Some(parent) = self.parent_of(seen, id.as_ref()) {
            self.child_event(&symbol, &parent, seen);
            return;
        }
        match self.books.observe(seen, &symbol, source, self.now) {
            Effect::Stale => {
                self.reads.want(&symbol);
                return;
            }
            Effect::Changed(side) => self.legs.mark_dirty(&(symbol.clone(), side)),
            Effect::Unlisted => self.pulse.count("orders_unlisted"),
            Effect::None => {}
        }
        if let Some(id) = id {
            self.own_news(&id, &symbol, seen);
        }
    }

    /// An order of ours that rests for the first time, long after this gateway began, and that it
    /// has not sent: another one has. What the last one sent has come by then, or never will.
    fn suspect_rival(&mut self, id: &ClientOrderId, seen: &Observed) {
        let begun = self.calls.budget.on_venue(self.owner.since()) + self.recv_window;
        let is_new = seen.status == Some(OrderStatus::Accepted);
        if is_new && Timestamp::from_millis(seen.at_ms) > begun {
            self.doubt_lease(&format!("{id} was placed, and not by this one"));
        }
    }

    fn own_news(&mut self, id: &ClientOrderId, symbol: &Symbol, seen: &Observed) {
        let Some(cause) = id.cause(symbol) else {
            return;
        };
        if seen.status.is_none() {
            return;
        }
        // A name is unique among open orders only: under another number it is another order.
        let is_known = self.ledger.get(id).is_some_and(|own| {
            let same = own.venue_id.is_none_or(|known| known == seen.venue_id);
            same || !own.status.is_final()
        });
        if !is_known {
            self.suspect_rival(id, seen);
            let account = self.account.clone();
            self.ledger.adopt(id, &account, symbol, cause, seen.book);
        }
        if let Some(own) = self.ledger.get_mut(id)
            && own.order_type.is_empty()
        {
            own.order_type.clone_from(&seen.order_type);
        }
        let news = News {
            status: seen.status,
            filled: seen.filled,
            average: seen.average,
            at_ms: seen.at_ms,
            venue_id: Some(seen.venue_id),
            code: None,
            detail: seen.reason.clone(),
        };
        self.news(id, news);
    }

    /// The conditional order whose child this is. Joined by the venue's number; by the name only
    /// where the venue gave the child its parent's.
    fn parent_of(&self, seen: &Observed, id: Option<&ClientOrderId>) -> Option<ClientOrderId> {
        if seen.book == Book::Algo {
            return None;
        }
        if let Some(parent) = self.books.parent(seen.venue_id) {
            return Some(parent.clone());
        }
        let id = id?;
        let own = self.ledger.get(id)?;
        (own.book == Book::Algo).then(|| id.clone())
    }

    fn child_event(&mut self, symbol: &Symbol, parent: &ClientOrderId, seen: &Observed) {
        let status = match seen.status {
            Some(OrderStatus::Accepted) => OrderStatus::Triggered,
            Some(fill @ (OrderStatus::PartiallyFilled | OrderStatus::Filled)) => fill,
            _ => return, // how the stop ended is told by its own last event
        };
        let side = self.books.child_news(parent, status, seen.filled, self.now);
        if let Some(side) = side {
            self.legs.mark_dirty(&(symbol.clone(), side));
        }
        let news = News {
            status: Some(status),
            filled: seen.filled,
            average: seen.average,
            at_ms: seen.at_ms,
            ..News::default()
        };
        self.news(parent, news);
    }

    /// What one row tells of the legs of its symbol: in one-way mode of both.
    fn told_by(&self, row: &PositionRow, at_ms: i64) -> Vec<(Side, Told)> {
        let told = |amount: Decimal| {
            let qty = Qty::new(amount).unwrap_or(Qty::ZERO);
            let entry = Price::new(row.entry_price).ok();
            Told { qty, entry, at_ms }
        };
        match row.position_side {
            // In hedge mode this row is always zero and means nothing.
            WirePositionSide::Both if self.rules.position_mode == Some(PositionMode::Hedge) => {
                Vec::new()
            }
            WirePositionSide::Both => vec![
                (Side::Long, told(row.amount)),
                (Side::Short, told(-row.amount)),
            ],
            WirePositionSide::Long => vec![(Side::Long, told(row.amount.abs()))],
            WirePositionSide::Short => vec![(Side::Short, told(row.amount.abs()))],
        }
    }
}
