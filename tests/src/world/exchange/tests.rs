//! What the market service has after half a minute of a simulated venue.

use domain::Span;

use crate::world::{Service, World};

#[test]
fn every_contract_has_its_spread_its_funding_rate_and_its_volume() {
    let mut world = World::live(1);
    world.run_for(Span::from_secs(30));
    let market = |counter: &str| world.counter(Service::Market, counter);
    assert!(market("books") > 0 && market("volumes") > 0);
    for input in ["spread", "funding_rate", "volume"] {
        assert_eq!(market(&format!("symbols_without_{input}")), 0, "{input}");
    }
    assert_eq!(market("frames_refused"), 0);
}
