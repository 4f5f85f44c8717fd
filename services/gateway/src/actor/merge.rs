//! Reads of the venue: asked for when due, compared with the live picture when they come.

use domain::{Epoch, Price, Qty, Side, Span, Symbol, Timestamp};
use rust_decimal::Decimal;

use super::book::{Missing, Source};
use super::calls::{Lane, Out, Purpose, Waiting};
use super::ledger::ASK_FIRST;
use super::legs::{LegKey, Merge, Told};
use super::observed::{Book, Observed};
use super::reads::{Basic, Part, Read, Round};
use super::{GatewayActor, GatewayEffect, STREAM_SILENCE, TAG};
use binance::PositionMode;
use binance::outcome::Outcome;
use binance::response::{self, PositionRisk};
use binance::symbol_rules::{ExchangeInfo, exchange_info};
use binance::wire::{ParseError, WirePositionSide};

impl GatewayActor {
    /// Queues every read that is due.
    pub(super) fn queue_reads(&mut self) {
        let now = self.now;
        for basic in self.reads.take_basics(now) {
            // An order may wait for the clock.
            let lane = match basic {
                Basic::Clock => Lane::Protective,
                _ => Lane::Read,
            };
            self.queue_read(Read::Basic(basic), lane);
        }
        let room = self.calls.budget.room(now);
        for read in self.reads.take_round(room, now) {
            self.queue_read(read, Lane::Read);
        }
        let due: Vec<Symbol> = self
            .legs
            .iter()
            .filter(|(_, leg)| leg.derive_at.is_some_and(|at| at <= now))
            .map(|(key, _)| key.0.clone())
            .collect();
        for symbol in due {
            if self.reads.trades_out.insert(symbol.clone()) {
                self.queue_read(Read::Trades(symbol), Lane::Read);
            }
        }
    }

    fn queue_read(&mut self, read: Read, lane: Lane) {
        let waiting = Waiting {
            request: read.request(),
            purpose: Purpose::Read(read),
            lane,
            not_before: self.now,
            line: None,
        };
        self.push(waiting);
    }

    /// A read was answered.
    pub(super) fn read_answered(&mut self, read: &Read, out: &Out, outcome: Outcome) {
        match read {
            Read::Basic(basic) => self.basic_answered(*basic, out, outcome),
            Read::Trades(symbol) => self.trades_answered(symbol, outcome),
            Read::Positions | Read::Orders(_) | Read::Algos(_) => {
                self.part_answered(read, out.sent_at, outcome);
            }
        }
    }

    /// A read could not be made.
    pub(super) fn read_failed(&mut self, read: &Read) {
        let now = self.now;
        self.pulse.count("reads_failed");
        match read {
            Read::Basic(basic) => {
                self.reads.basic_failed(*basic, now);
                if *basic == Basic::Clock {
                    self.release_after_clock();
                }
            }
            Read::Trades(symbol) => self.derive_again(symbol, now),
            part => {
                if let Some(round) = self.reads.part(part, None, now) {
                    self.merge_round(&round);
                }
            }
        }
    }

    pub(super) fn unread(&mut self, read: &Read, outcome: &Outcome<()>) {
        if let Outcome::Unknown { why } = outcome {
            self.pulse.count("reads_unread");
            tracing::error!(tag = TAG, ?read, ?why, "answer of the venue unread");
        }
        self.read_failed(read);
    }

    fn basic_answered(&mut self, basic: Basic, out: &Out, outcome: Outcome) {
        let learned = match basic {
            Basic::Clock => take(outcome, response::server_time, |ms| self.clock(ms, out)),
            Basic::Filters => take(outcome, exchange_info, |info| self.filters(&info)),
            Basic::PositionMode => take(outcome, response::position_mode, |mode| {
                self.rules.position_mode = Some(mode);
            }),
            Basic::Leverages => take(outcome, response::symbol_config, |rows| {
                self.rules.learn_leverages(&rows);
                let held: Vec<Symbol> = self.legs.iter().map(|(key, _)| key.0.clone()).collect();
                for symbol in held {
                    self.apply_leverage(&symbol);
                }
            }),
        };
        match learned {
            Ok(()) => self.reads.basic_done(basic, self.now),
            Err(failed) => self.unread(&Read::Basic(basic), &failed),
        }
    }

    /// Takes limits and filters in; what changed under our positions is told with new snapshots.
    fn filters(&mut self, info: &ExchangeInfo) {
        self.calls.budget.learn_limits(info.limits);
        let learned = self.rules.learn_symbols(info);
        for (symbol, why) in learned.refused {
            self.pulse.count("symbols_refused");
            tracing::error!(tag = TAG, symbol, why, "symbol can't be used");
        }
        for (symbol, change) in learned.changes {
            self.pulse.count(change.counter());
            tracing::warn!(tag = TAG, %symbol, %change, "the venue changed a symbol");
            for side in [Side::Long, Side::Short] {
                self.legs.mark_dirty(&(symbol.clone(), side));
            }
        }
    }

    /// The venue read its clock about halfway between question and answer.
    fn clock(&mut self, venue_ms: i64, out: &Out) {
        let middle = (out.sent_at.micros() + self.now.micros()) / 2;
        let offset_ms = venue_ms - Timestamp::from_micros(middle).millis();
        self.out.push(GatewayEffect::SetClockOffset(offset_ms));
        self.calls.budget.learn_offset(Span::from_millis(offset_ms));
        self.release_after_clock();
    }

    fn part_answered(&mut self, read: &Read, sent_at: Timestamp, outcome: Outcome) {
        let mut part = None;
        let learned = match read {
            Read::Positions => take(outcome, response::position_risk, |rows| {
                part = Some(Part::Positions(rows));
            }),
            Read::Orders(scope) => take(outcome, response::open_orders, |rows| {
                part = Some(Part::Orders(scope.clone(), rows));
            }),
            Read::Algos(scope) => take(outcome, response::open_algo_orders, |rows| {
                part = Some(Part::Algos(scope.clone(), rows));
            }),
            Read::Basic(_) | Read::Trades(_) => return,
        };
        match (learned, part) {
            (Ok(()), Some(part)) => {
                let answered = Some((sent_at, part));
                if let Some(round) = self.reads.part(read, answered, self.now) {
                    self.merge_round(&round);
                }
            }
            (Err(failed), _) => self.unread(read, &failed),
            (Ok(()), None) => {}
        }
    }

    /// Compares a round with the picture. What came is used even where a part is missing; only a
    /// clean round proves an absence.
    fn merge_round(&mut self, round: &Round) {
        let mut differences = 0;
        for (sent_at, part) in &round.parts {
            differences += match part {
                Part::Positions(rows) => self.merge_positions(rows, *sent_at, round),
                Part::Orders(scope, rows) => {
                    let seen: Vec<Observed> = rows.iter().map(Observed::from).collect();
                    self.merge_orders(Book::Ordinary, scope.as_ref(), &seen, *sent_at)
                }
                Part::Algos(scope, rows) => {
                    let seen: Vec<Observed> = rows.iter().map(Observed::from).collect();
                    self.merge_orders(Book::Algo, scope.as_ref(), &seen, *sent_at)
                }
            };
        }
        if !round.is_clean {
            return;
        }
        if differences > 0 && self.booted {
            self.pulse.add("differences_reconciled", differences);
            tracing::warn!(tag = TAG, differences, "the venue holds what no event told");
            self.suspect_stream();
        }
        if round.scope.is_none() {
            self.after_full_round(round);
        }
    }

    fn after_full_round(&mut self, round: &Round) {
        let now = self.now;
        if let Some(asked_at) = round.parts.iter().map(|(sent_at, _)| *sent_at).min() {
            self.safe.clean_read(asked_at);
        }
        let check_lives = round.after_gap && self.booted;
        for (_, leg) in self.legs.iter_mut() {
            leg.is_dirty = true; // `complete` may be true now
            if check_lives && leg.position.is_open() {
                leg.derive_at.get_or_insert(now);
            }
        }
        self.enter_orphans();
        self.try_ready();
    }

    /// Ready once the venue has been read and every open position's life is known.
    pub(super) fn try_ready(&mut self) {
        let known = self.legs.open().all(|(_, leg)| leg.is_known);
        if !self.booted && self.reads.is_complete && known {
            self.booted = true;
            let positions = self.legs.open().count();
            tracing::info!(tag = TAG, positions, "account read: ready");
        }
    }

    /// A difference after a long silence: the stream is dead though it is connected.
    fn suspect_stream(&mut self) {
        let now = self.now;
        let long = |at: Option<Timestamp>| at.is_none_or(|at| now.since(at) >= STREAM_SILENCE);
        let open = self.legs.open().next().is_some();
        if open && long(self.stream.last_frame_at) && long(self.stream.renewed_at) {
            self.stream.renewed_at = Some(now);
            self.pulse.count("streams_renewed");
            tracing::error!(tag = TAG, "user stream is silent: renewing it");
            self.out.push(GatewayEffect::RenewStream);
        }
    }

    fn merge_positions(&mut self, rows: &[PositionRisk], sent_at: Timestamp, round: &Round) -> u64 {
        let mut shown: Vec<LegKey> = Vec::new();
        let mut differences = 0;
        for row in rows.iter().filter(|row| !row.position_amt.is_zero()) {
            let Some(symbol) = self.rules.symbol(&row.symbol) else {
                self.pulse.count("positions_without_rules");
                let symbol = &row.symbol;
                tracing::error!(
                    tag = TAG,
                    symbol,
                    "a position is open that can't be protected"
                );
                continue;
            };
            let side = side_of(row);
            let key = (symbol, side);
            differences += self.merge_position(&key, row, sent_at);
            shown.push(key);
        }
        if !round.is_clean {
            return differences;
        }
        let lacked: Vec<LegKey> = self
            .legs
            .iter()
            .filter(|(key, _)| !shown.contains(key))
            .map(|(key, _)| key.clone())
            .collect();
        for key in lacked {
            match self.legs.miss(&key, sent_at, self.now) {
                Merge::Same => {}
                Merge::Again => self.reads.want(&key.0),
                Merge::Difference => differences += 1,
            }
        }
        differences
    }

    fn merge_position(&mut self, key: &LegKey, row: &PositionRisk, sent_at: Timestamp) -> u64 {
        let Ok(entry) = Price::new(row.entry_price) else {
            self.pulse.count("positions_without_entry");
            self.reads.want(&key.0);
            return 0;
        };
        let told = Told {
            qty: Qty::new(row.position_amt.abs()).unwrap_or(Qty::ZERO),
            entry: Some(entry),
            at_ms: row.update_time,
        };
        let other = (key.0.clone(), key.1.opposite());
        let one_way = self.rules.position_mode == Some(PositionMode::OneWay);
        if one_way && self.legs.outdates(&other, row.update_time, sent_at) {
            self.reads.want(&key.0);
            return 0;
        }
        let leverage = self.leverage(&key.0);
        let when = (sent_at, self.now);
        match self.legs.merge(key, (told, entry), leverage, when) {
            Merge::Same => 0,
            Merge::Again => {
                self.reads.want(&key.0);
                0
            }
            Merge::Difference => {
                if one_way {
                    self.legs.disprove(&other, row.update_time, self.now);
                }
                1
            }
        }
    }

    fn merge_orders(
        &mut self,
        book: Book,
        scope: Option<&Symbol>,
        seen: &[Observed],
        sent_at: Timestamp,
    ) -> u64 {
        for order in seen {
            self.observe(order, Source::List { sent_at });
        }
        let listed: Vec<i64> = seen.iter().map(|order| order.venue_id).collect();
        let missing = self.books.miss(book, scope, &listed, sent_at);
        self.missed(&missing)
    }

    fn missed(&mut self, missing: &Missing) -> u64 {
        for id in &missing.fresh {
            self.doubt(id, ASK_FIRST);
        }
        for (_, open) in &missing.doubtful {
            self.legs.mark_dirty(&(open.symbol.clone(), open.side));
            self.reads.want(&open.symbol);
            self.doubt(&open.resting.client_order_id, Span::ZERO);
        }
        for (_, open) in &missing.gone {
            self.legs.mark_dirty(&(open.symbol.clone(), open.side));
            self.doubt(&open.resting.client_order_id, Span::ZERO);
        }
        u64::try_from(missing.gone.len()).unwrap_or(u64::MAX)
    }

    /// Orders of ours that rest without a position: their life has ended unseen.
    fn enter_orphans(&mut self) {
        let orphans: Vec<(LegKey, Epoch, Price)> = self
            .books
            .all()
            .filter_map(|open| {
                let cause = open.resting.client_order_id.cause(&open.symbol)?;
                let price = match open.resting.order {
                    domain::order::CloseOrder::Limit { price, .. } => Some(price),
                    order => order.stop_trigger(),
                };
                Some(((open.symbol.clone(), open.side), cause.epoch, price?))
            })
            .collect();
        for (key, epoch, price) in orphans {
            if self.legs.get(&key).is_none() {
                let leverage = self.leverage(&key.0);
                self.legs.orphan(&key, epoch, price, leverage, self.now);
                self.pulse.count("orphans_found");
                self.reads.want(&key.0);
            }
        }
    }
}

/// Uses a good answer; hands back what else it was.
pub(super) fn take<T>(
    outcome: Outcome,
    parse: impl FnOnce(&str) -> Result<T, ParseError>,
    then: impl FnOnce(T),
) -> Result<(), Outcome<()>> {
    match outcome.read(parse).map(then) {
        Outcome::Done(()) => Ok(()),
        failed => Err(failed),
    }
}

fn side_of(row: &PositionRisk) -> Side {
    match row.position_side {
        WirePositionSide::Long => Side::Long,
        WirePositionSide::Short => Side::Short,
        WirePositionSide::Both if row.position_amt > Decimal::ZERO => Side::Long,
        WirePositionSide::Both => Side::Short,
    }
}
