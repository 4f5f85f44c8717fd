//! Named profiles and their mapping.

use super::*;
use crate::policy::{ProfileLeg, ProfileTrail, StepClose, Tightening};

fn trail(policy: &mut Policy) -> &mut ProfileTrail {
    policy.profiles.table[0].trailing.as_mut().unwrap()
}

#[test]
fn names_are_unique_and_fit_a_message() {
    each_alone(&[
        (
            |it| it.profiles.strategy.clear(),
            "profiles.strategy",
            "1 to 40 bytes",
        ),
        (
            |it| it.profiles.strategy = "RL V3".into(),
            "profiles.strategy",
            "blanks",
        ),
        (
            |it| {
                let twin = it.profiles.table[1].clone();
                it.profiles.table.push(twin);
            },
            "profiles.table.5.name",
            "already",
        ),
        (
            |it| {
                let mut more = it.profiles.table[1].clone();
                more.name = String::new();
                it.profiles.table.push(more);
            },
            "profiles.table.5.name",
            "1 to 40 bytes",
        ),
        (
            |it| {
                let more = it.profiles.table[1].clone();
                it.profiles.table.extend((0..96).map(|index| {
                    let name = format!("P{index}");
                    crate::policy::Profile {
                        name,
                        ..more.clone()
                    }
                }));
            },
            "profiles.table",
            "at most 100",
        ),
    ]);
}

#[test]
fn a_leg_of_a_profile_has_a_distance_and_a_share() {
    each_alone(&[
        (
            |it| it.profiles.table[2].legs[0].r_multiple = ratio("0"),
            "profiles.table.2.legs.0.r_multiple",
            "above 0",
        ),
        (
            |it| it.profiles.table[2].legs[1].r_multiple = ratio("0.4"),
            "profiles.table.2.legs.1.r_multiple",
            "above profiles.table.2.legs.0.r_multiple",
        ),
        (
            |it| it.profiles.table[2].legs[2].r_multiple = ratio("20"),
            "profiles.table.2.legs.2.r_multiple",
            "times bounds.stop_max (\"0.05\") must be below 1",
        ),
        (
            |it| it.profiles.table[0].legs[2].size = ratio("30"),
            "profiles.table.0.legs.2.size",
            "at most 1",
        ),
        (
            |it| it.profiles.table[1].legs[2].size = ratio("0.31"),
            "profiles.table.1.legs",
            "add up to 1.01",
        ),
        (
            |it| it.profiles.table[1].legs[0].close = StepClose::Trail,
            "profiles.table.1.legs.0.close",
            "\"limit\" or \"market\"",
        ),
        (
            |it| it.profiles.table[3].legs.clear(),
            "profiles.table.3.legs",
            "1 to 8",
        ),
        (
            |it| {
                let leg = |number| ProfileLeg {
                    r_multiple: Ratio::new(Decimal::new(number, 1)),
                    size: ratio("0.1"),
                    close: StepClose::Limit,
                };
                it.profiles.table[0].legs = (1..=5).map(leg).collect();
            },
            "profiles.table.0.legs",
            "at most 4 targets",
        ),
    ]);
}

#[test]
fn a_trail_only_tightens() {
    each_alone(&[
        (
            |it| trail(it).callback = ratio("2"),
            "profiles.table.0.trailing.callback",
            "below 1",
        ),
        (
            |it| trail(it).callback = ratio("0.01"),
            "profiles.table.0.trailing.tightening.0.callback",
            "above profiles.table.0.trailing.callback",
        ),
        (
            |it| trail(it).activation_r = ratio("-1"),
            "profiles.table.0.trailing.activation_r",
            "0 or more",
        ),
        (
            |it| trail(it).activation_r = ratio("20"),
            "profiles.table.0.trailing.activation_r",
            "no short",
        ),
        (
            |it| trail(it).tightening[1].from_r = ratio("3"),
            "profiles.table.0.trailing.tightening.1.from_r",
            "above profiles.table.0.trailing.tightening.0.from_r",
        ),
        (
            |it| trail(it).tightening[0].from_r = ratio("0"),
            "profiles.table.0.trailing.tightening.0.from_r",
            "above 0",
        ),
        (
            |it| trail(it).tightening[1].callback = ratio("0.016"),
            "profiles.table.0.trailing.tightening.1.callback",
            "above profiles.table.0.trailing.tightening.0.callback",
        ),
        (
            |it| {
                let row = |number| Tightening {
                    from_r: Ratio::new(Decimal::from(number)),
                    callback: ratio("0.01"),
                };
                trail(it).tightening = (1..=9).map(row).collect();
            },
            "profiles.table.0.trailing.tightening",
            "at most 8",
        ),
    ]);
    each_usable(&[
        |it| trail(it).activation_r = ratio("0"),
        |it| trail(it).tightening.clear(),
        |it| trail(it).tightening[1].callback = ratio("0.015"),
    ]);
}

#[test]
fn a_mapping_names_what_there_is() {
    each_alone(&[
        (
            |it| it.profiles.mapping[1].symbol = "BTC USDT".into(),
            "profiles.mapping.1.symbol",
            "\"*\" for any",
        ),
        (
            |it| it.profiles.mapping[1].strategy.clear(),
            "profiles.mapping.1.strategy",
            "\"*\" for any",
        ),
        (
            |it| it.profiles.mapping[4].profile = "NORMAL".into(),
            "profiles.mapping.4.profile",
            "names no profile",
        ),
        (
            |it| {
                let row = it.profiles.mapping[0].clone();
                it.profiles.mapping = std::vec![row; 2_001];
            },
            "profiles.mapping",
            "at most 2000",
        ),
    ]);
    each_usable(&[|it| {
        it.profiles.mapping[0].symbol = "BTCUSDT".into();
        it.profiles.mapping[0].strategy = "RL_V3".into();
    }]);
}
