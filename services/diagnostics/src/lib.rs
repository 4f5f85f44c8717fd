//! Hears everything on the bus and commands nothing: status, health and metrics of the whole
//! system, out of one pure read model, served so that a stuck bus can't silence them.

pub mod actor;
pub mod asked;
pub mod grpc;
pub mod http;
pub mod model;
pub mod performance;
pub mod plans;
pub mod positions;
pub mod prometheus;
pub mod ready;
pub mod recording;
pub mod server;
pub mod services;
pub mod shared;
pub mod state;
pub mod status;
pub mod story;
pub mod summary;
mod truths;
pub mod view;
pub mod watch;
pub mod wiring;

use bus::subjects;

pub use actor::DiagnosticsActor;
pub use model::ReadModel;
pub use proto::moment;
pub use state::OperationalState;

/// The subjects that the service hears: those that its read model makes something of.
#[must_use]
pub fn hears() -> Vec<String> {
    vec![
        subjects::all_marks().as_str().into(),
        subjects::all_positions().as_str().into(),
        subjects::all_plans().as_str().into(),
        subjects::all_decisions().as_str().into(),
        subjects::all_denied().as_str().into(),
        subjects::all_events().as_str().into(),
        subjects::mode().as_str().into(),
        subjects::kill().as_str().into(),
        subjects::all_handovers().as_str().into(),
        subjects::all_health().as_str().into(),
    ]
}

/// What it hears beside that: how long the way from a wish to its answer is, and what a story tells
/// of it.
#[must_use]
pub fn measures() -> Vec<String> {
    vec![subjects::all_asked().as_str().into()]
}

#[cfg(test)]
mod tests {
    use bus::Identity;
    use bus::map::may_hear;

    #[test]
    fn it_subscribes_only_to_what_its_identity_may_hear() {
        for pattern in [super::hears(), super::measures(), super::recording::hears()].concat() {
            assert!(may_hear(Identity::Diagnostics, &pattern), "{pattern}");
        }
    }
}
