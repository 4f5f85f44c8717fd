//! In whatever order and however often fills are told, they come to the same.

use proptest::prelude::*;
use proptest::strategy::Strategy;
use std::vec::Vec;

use super::*;
use crate::num::Price;

/// Cumulative fills of one order up to the whole quarter, each with its average.
fn steps() -> impl Strategy<Value = Vec<(u32, i64)>> {
    proptest::collection::vec((1_u32..25, 90_000_i64..110_000), 1..6)
}

/// News of the order: the fills in their order, the last one its end.
fn told(steps: &[(u32, i64)], side: Side) -> Vec<News> {
    let mut sizes: Vec<u32> = steps.iter().map(|step| step.0).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let mut notional = Decimal::ZERO;
    let mut before = Decimal::ZERO;
    let mut news = Vec::new();
    sizes.push(25);
    for (index, (size, (_, paid))) in sizes.iter().zip(steps.iter().cycle()).enumerate() {
        let filled = Decimal::new(i64::from(*size), 2);
        notional += (filled - before) * Decimal::new(*paid, 3);
        before = filled;
        let average = Price::new(notional / filled).unwrap();
        let at = after(1_000 + i64::try_from(index).unwrap());
        news.push(News {
            side,
            status: OrderStatus::PartiallyFilled,
            filled: Qty::new(filled).unwrap(),
            average: Some(average),
            ..News::filled(TakeProfit(1), "1", "1", at)
        });
    }
    news.last_mut().unwrap().status = OrderStatus::Filled;
    news
}

fn outcome(news: &[&News], side: Side) -> (u64, u64, Ratio) {
    let mut tracker = laddered(side);
    for it in news {
        it.tell(&mut tracker);
    }
    over(&mut tracker, side, after(5_000));
    let row = row(&tracker, 1);
    (row.hit, row.missed, row.slippage.unwrap())
}

proptest! {
    #[test]
    fn repeated_and_reordered_news_come_to_the_same(
        steps in steps(),
        picks in proptest::collection::vec(any::<prop::sample::Index>(), 0..12),
        short in any::<bool>(),
    ) {
        let side = if short { Short } else { Long };
        let news = told(&steps, side);
        let straight: Vec<&News> = news.iter().collect();
        let mut mixed: Vec<&News> = picks.iter().map(|pick| pick.get(&news)).collect();
        mixed.extend(news.iter().rev());
        let (expected, found) = (outcome(&straight, side), outcome(&mixed, side));
        prop_assert_eq!((found.0, found.1), (1, 0));
        prop_assert_eq!(expected, found);
    }

    #[test]
    fn a_long_and_its_mirror_image_perform_alike(
        paid in 90_000_i64..110_000,
        marks in proptest::collection::vec(90_000_i64..110_000, 0..8),
    ) {
        let mirrored = |value: i64| 200_000 - value;
        let run = |side: Side, paid: i64, marks: Vec<i64>| {
            let mut tracker = laddered(side);
            let average = Price::new(Decimal::new(paid, 3)).ok();
            let part = News { side, average, ..News::filled(TakeProfit(1), "0.25", "1", after(1)) };
            part.tell(&mut tracker);
            over(&mut tracker, side, after(1_000));
            for (index, it) in marks.into_iter().enumerate() {
                let at = after(2_000 + i64::try_from(index).unwrap());
                mark(&mut tracker, &Decimal::new(it, 3).to_string(), at);
            }
            let worse = row(&tracker, 1).slippage.unwrap();
            (worse > Ratio::ZERO, worse < Ratio::ZERO, counts(&tracker, 1), counts(&tracker, 2))
        };
        let long = run(Long, paid, marks.clone());
        let short = run(Short, mirrored(paid), marks.into_iter().map(mirrored).collect());
        prop_assert_eq!(long, short);
    }

    #[test]
    fn planned_is_always_hit_and_missed_and_open(
        orders in proptest::collection::vec((1_u8..4, 1_i64..30, any::<bool>(), 0_u8..4), 0..20),
    ) {
        let mut tracker = laddered(Long);
        for (leg, filled, is_done, turn) in orders {
            let status = if is_done { OrderStatus::Filled } else { OrderStatus::PartiallyFilled };
            let filled = Qty::new(Decimal::new(filled, 2)).unwrap();
            let whole = News::filled(TakeProfit(leg), "1", "101", after(9));
            let news = News { status, filled, ..whole };
            match turn {
                0 => flat(&mut tracker, Long, after(9)),
                1 => tracker.plan(&ladder(Long, after(10))),
                2 => tracker.settle(after(9) + SETTLE_AFTER),
                _ => news.tell(&mut tracker),
            }
            for row in tracker.report(None, START).iter().flat_map(|it| &it.targets) {
                prop_assert!(row.planned <= 1 && row.hit + row.missed <= row.planned);
            }
        }
    }
}
