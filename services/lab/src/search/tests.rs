//! Ranges become policies, and what can't be one is said.

use super::*;
use crate::contender::Kind;

fn base() -> Contender {
    Contender::brain("shipped", Policy::default())
}

fn vary(texts: &[&str]) -> Vec<Vary> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn stop_of(contender: &Contender) -> String {
    match &contender.kind {
        Kind::Brain(policy) => policy.base.stop.to_string(),
        Kind::Legacy(_) => String::new(),
    }
}

#[test]
fn a_range_holds_both_its_ends_and_keeps_its_unit() {
    let one: Vary = "base.stop=0.01..0.03:0.01".parse().unwrap();
    assert_eq!(one.values, ["0.01", "0.02", "0.03"]);
    let two: Vary = "plans.valid=12h..48h:12h".parse().unwrap();
    assert_eq!(two.values, ["12h", "24h", "36h", "48h"]);
    for wrong in [
        "base.stop",
        "base.stop=1..2",
        "a=1..2:0",
        "a=1h..2:1h",
        "a=",
        "=1",
    ] {
        let error = wrong.parse::<Vary>().unwrap_err().to_string();
        assert!(error.contains("field=from..to:step"), "{error}");
    }
}

#[test]
fn a_grid_has_every_combination_once_under_a_name_that_says_it() {
    let vary = vary(&["base.stop=0.015..0.025:0.005", "base.target=0.03,0.04"]);
    let found = search(&base(), &vary, Method::Grid).unwrap();
    let stops: Vec<String> = found.contenders.iter().map(stop_of).collect();
    assert_eq!(stops, ["0.015", "0.015", "0.02", "0.02", "0.025", "0.025"]);
    assert_eq!(
        found.contenders[1].name,
        "shipped base.stop=0.015 base.target=0.04"
    );
}

#[test]
fn a_draw_is_the_same_for_the_same_seed_and_has_nothing_twice() {
    let vary = vary(&["base.stop=0.01..0.03:0.001", "base.target=0.03..0.06:0.001"]);
    let method = Method::Random { count: 6, seed: 5 };
    let one = search(&base(), &vary, method).unwrap();
    assert_eq!(one, search(&base(), &vary, method).unwrap());
    let names: std::collections::BTreeSet<_> =
        one.contenders.iter().map(|it| it.name.clone()).collect();
    assert_eq!(names.len(), 6);
    let other = Method::Random { count: 6, seed: 6 };
    assert_ne!(one, search(&base(), &vary, other).unwrap());
}

#[test]
fn what_is_no_field_or_no_policy_is_said() {
    let unknown = search(&base(), &vary(&["base.halt=1|2"]), Method::Grid);
    assert!(unknown.unwrap_err().to_string().contains("base.halt"));
    let table = search(&base(), &vary(&["base=1|2"]), Method::Grid);
    assert!(table.unwrap_err().to_string().contains("policy show"));
    let wild = search(&base(), &vary(&["base.stop=5|7"]), Method::Grid);
    assert!(wild.unwrap_err().to_string().contains("base.stop"));
    let one_of_two = search(&base(), &vary(&["base.stop=0.02|7"]), Method::Grid).unwrap();
    assert_eq!((one_of_two.contenders.len(), one_of_two.refused), (1, 1));
}
