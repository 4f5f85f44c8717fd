//! Each closed position twice: as it really went, and as the brain would have had it.

use std::collections::BTreeMap;

use domain::{Span, Timestamp};
use records::closed::ClosedPosition;
use records::read::Found;
use records::{MarkBar, Moment, RecordedSide, ShadowRecord};
use rust_decimal::Decimal;
use serde::Serialize;

use super::costs::{Costs, Exit, Opened, Outcome, outcome};
use super::coverage::Gap;
use super::replay::replay;

/// A position that was heard of later than this after its opening was not seen from its begin.
const SEEN_WITHIN: Span = Span::from_secs(60);
/// Longest time without a mark.
const SILENCE_MAX: Span = Span::from_secs(60);

/// One position, both ways. Money is quote currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// Contract.
    pub symbol: String,
    /// Direction.
    pub side: RecordedSide,
    /// Which life of the position.
    pub epoch: u64,
    /// When it was opened.
    pub opened_at: Moment,
    /// When it was closed.
    pub closed_at: Moment,
    /// Entry price times quantity.
    pub notional: Decimal,
    /// As it really went.
    pub legacy: Outcome,
    /// As the brain would have had it.
    pub brain: Outcome,
    /// Brain minus legacy.
    pub difference: Decimal,
    /// The same in basis points of the notional.
    pub difference_bps: Decimal,
}

/// A position that can be compared, with what belongs to it.
#[derive(Debug, Clone)]
pub struct Case<'a> {
    /// The position.
    pub closed: &'a ClosedPosition,
    /// Decisions about it, in the order of time.
    pub decisions: Vec<&'a ShadowRecord>,
    /// Marks of its life, in the order of time.
    pub bars: Vec<&'a MarkBar>,
}

/// Which decisions belong to which life.
type Whose<'a> = (&'a str, &'a str, RecordedSide, u64);

/// The positions that can be compared, and how many can't, by why.
#[must_use]
pub fn cases<'a>(found: &'a Found, gaps: &[Gap]) -> (Vec<Case<'a>>, BTreeMap<&'static str, u64>) {
    let mut decisions: BTreeMap<Whose<'a>, Vec<&ShadowRecord>> = BTreeMap::new();
    for record in &found.decisions {
        let meta = &record.decision.meta;
        let whose = (
            meta.account.as_str(),
            record.symbol.as_str(),
            record.side,
            meta.epoch,
        );
        decisions.entry(whose).or_default().push(record);
    }
    let mut bars: BTreeMap<&str, Vec<&MarkBar>> = BTreeMap::new();
    for bar in &found.bars {
        bars.entry(&bar.symbol).or_default().push(bar);
    }
    let (mut cases, mut left_out) = (Vec::new(), BTreeMap::new());
    for closed in &found.closed {
        let whose = (
            closed.account.as_str(),
            closed.symbol.as_str(),
            closed.side,
            closed.epoch,
        );
        let case = Case {
            closed,
            decisions: decisions.get(&whose).cloned().unwrap_or_default(),
            bars: during(bars.get(closed.symbol.as_str()), closed),
        };
        match unfit(&case, gaps) {
            None => cases.push(case),
            Some(why) => *left_out.entry(why).or_default() += 1,
        }
    }
    (cases, left_out)
}

fn during<'a>(bars: Option<&Vec<&'a MarkBar>>, closed: &ClosedPosition) -> Vec<&'a MarkBar> {
    let begin = records::bar::begin(closed.opened_at.get());
    let lives = |bar: &&MarkBar| (begin..=closed.timestamp.get()).contains(&bar.timestamp.get());
    bars.into_iter().flatten().copied().filter(lives).collect()
}

/// Why a position can't be compared; none where it can.
fn unfit(case: &Case<'_>, gaps: &[Gap]) -> Option<&'static str> {
    let closed = case.closed;
    let (begin, end) = (closed.opened_at.get(), closed.timestamp.get());
    let told: Decimal = closed.fills.iter().map(|it| it.qty.get()).sum();
    let was_seen = closed.seen_from.get().since(begin) <= SEEN_WITHIN;
    if !was_seen || closed.seen_qty != closed.qty && closed.additions == 0 {
        return Some("not seen from its opening on");
    }
    if closed.additions > 0 {
        return Some("more was opened later");
    }
    if told != closed.qty.get() || closed.qty.get().is_zero() {
        return Some("nobody told what closed it");
    }
    if case.decisions.is_empty() {
        return Some("no decision was recorded");
    }
    if gaps.iter().any(|gap| gap.from < end && begin < gap.until) {
        return Some("decisions are missing");
    }
    let times = case.bars.iter().map(|bar| bar.timestamp.get());
    let times: Vec<Timestamp> = [begin].into_iter().chain(times).chain([end]).collect();
    let is_silent = times.windows(2).any(|it| it[1].since(it[0]) > SILENCE_MAX);
    (is_silent || case.bars.is_empty()).then_some("marks are missing")
}

/// Compares one position; none where its record holds filters that no venue has. Of its decisions
/// those count that `counts` says.
#[must_use]
pub fn compare(
    case: &Case<'_>,
    costs: &Costs,
    counts: impl Fn(&ShadowRecord) -> bool,
) -> Option<Pair> {
    let closed = case.closed;
    let instrument = closed.filters.instrument(&closed.symbol).ok()?;
    let opened = Opened {
        side: closed.side.into(),
        entry: closed.entry_price.get(),
        qty: closed.qty.get(),
        at: closed.opened_at.get(),
        bars: &case.bars,
    };
    let kept = case.decisions.iter().copied().filter(|it| counts(it));
    let kept: Vec<&ShadowRecord> = kept.collect();
    let legacy: Vec<Exit> = closed
        .fills
        .iter()
        .map(|fill| Exit {
            at: fill.at.get(),
            qty: fill.qty.get(),
            price: fill.price.get(),
            maker: fill.maker,
        })
        .collect();
    let last = legacy.iter().max_by_key(|it| it.at)?;
    let brain = replay(&opened, &instrument, &kept, last, costs);
    let brain = outcome(&opened, &brain, costs);
    let legacy = outcome(&opened, &legacy, costs);
    let notional = opened.entry * opened.qty;
    let difference = brain.net - legacy.net;
    Some(Pair {
        symbol: closed.symbol.clone(),
        side: closed.side,
        epoch: closed.epoch,
        opened_at: closed.opened_at,
        closed_at: closed.timestamp,
        notional,
        legacy,
        brain,
        difference,
        difference_bps: difference.checked_div(notional)? * Decimal::from(10_000),
    })
}
