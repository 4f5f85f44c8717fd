//! The shipped profiles, their mapping, and the dynamic calculation's numbers (behaviour 3.4, 3.6).

use alloc::string::String;
use alloc::vec::Vec;

use rust_decimal::Decimal;

use super::{Band, DynamicTp, Mapping, Profile, ProfileLeg, ProfileTrail, StepClose, Tightening};
use crate::market::Regime;
use crate::num::{MarginPct, Money, Ratio};

/// (R in hundredths, size in percent, close)
type Row = (i64, i64, StepClose);
/// (callback in basis points, activation in hundredths of R, tightening likewise)
type Trail = (i64, i64, &'static [(i64, i64)]);

const SOFT: StepClose = StepClose::Limit;
const HARD: StepClose = StepClose::Market;

/// Every profile that ships.
const SHIPPED: [(&str, [Row; 3], Option<Trail>); 5] = [
    (
        "TREND_DEFAULT",
        [(50, 15, SOFT), (100, 20, HARD), (200, 30, HARD)],
        Some((200, 150, &[(300, 150), (500, 100)])),
    ),
    (
        "RANGE_DEFAULT",
        [(20, 35, SOFT), (40, 35, HARD), (70, 30, HARD)],
        None,
    ),
    (
        "VOLATILE_DEFAULT",
        [(40, 25, SOFT), (80, 35, HARD), (150, 40, HARD)],
        Some((250, 100, &[])),
    ),
    (
        "CHOP_DEFAULT",
        [(15, 40, SOFT), (35, 40, HARD), (60, 20, HARD)],
        None,
    ),
    (
        "NORMAL_DEFAULT",
        [(50, 25, SOFT), (100, 25, HARD), (200, 50, HARD)],
        Some((150, 100, &[(300, 100)])),
    ),
];

fn hundredths(value: i64) -> Ratio {
    Ratio::new(Decimal::new(value, 2))
}

pub(super) fn profiles() -> Vec<Profile> {
    let leg = |(r_multiple, size, close): Row| ProfileLeg {
        r_multiple: hundredths(r_multiple),
        size: hundredths(size),
        close,
    };
    let tightening = |&(from_r, callback): &(i64, i64)| Tightening {
        from_r: hundredths(from_r),
        callback: Ratio::basis_points(callback),
    };
    let trailing = |(callback, activation_r, curve): Trail| ProfileTrail {
        callback: Ratio::basis_points(callback),
        activation_r: hundredths(activation_r),
        tightening: curve.iter().map(tightening).collect(),
    };
    let profile = |(name, legs, trail): (&str, [Row; 3], Option<Trail>)| Profile {
        name: name.into(),
        legs: legs.map(leg).to_vec(),
        trailing: trail.map(trailing),
    };
    SHIPPED.map(profile).to_vec()
}

pub(super) fn mapping() -> Vec<Mapping> {
    let any = || String::from("*");
    let row = |(regime, profile): (Regime, &str)| Mapping {
        symbol: any(),
        strategy: any(),
        regime,
        profile: profile.into(),
    };
    [
        (Regime::Trending, "TREND_DEFAULT"),
        (Regime::RangeBound, "RANGE_DEFAULT"),
        (Regime::Volatile, "VOLATILE_DEFAULT"),
        (Regime::Chop, "CHOP_DEFAULT"),
        (Regime::Normal, "NORMAL_DEFAULT"),
    ]
    .map(row)
    .to_vec()
}

pub(super) fn dynamic() -> DynamicTp {
    let sizes = |percents: [i64; 3]| percents.map(hundredths);
    let band = |(low, low_factor), (high, high_factor)| Band {
        low: Ratio::new(low),
        low_factor: hundredths(low_factor),
        high: Ratio::new(high),
        high_factor: hundredths(high_factor),
    };
    DynamicTp {
        distances: [150, 250, 400].map(Ratio::basis_points),
        sizes: sizes([30, 30, 40]),
        leverage: band((Decimal::new(5, 0), 130), (Decimal::new(15, 0), 70)),
        large_notional: Money::new(Decimal::new(2_000, 0)),
        large_factor: hundredths(80),
        large_sizes: sizes([40, 35, 25]),
        volatility: band((Decimal::new(15, 3), 75), (Decimal::new(35, 3), 140)),
        volatility_default: Ratio::basis_points(250),
        trending_factor: hundredths(150),
        trending_sizes: sizes([20, 30, 50]),
        rough_factor: hundredths(70),
        confidence: band((Decimal::new(6, 1), 75), (Decimal::new(85, 2), 130)),
        thin_volume: Money::new(Decimal::new(100_000, 0)),
        thin_factor: hundredths(80),
        thin_sizes: sizes([45, 35, 20]),
        profit_margin_pct: MarginPct::new(Decimal::new(5, 0)),
        profit_factor: hundredths(80),
        distance_min: Ratio::basis_points(50),
        distance_max: Ratio::basis_points(1_000),
        max_loss: Ratio::basis_points(250),
    }
}
