//! The names under which the other services heartbeat.

/// Says the mode, blocks and denies.
pub const GUARD: &str = "gateway-guard";
/// Talks to the venue.
pub const GATEWAY: &str = "gateway";
/// Decides.
pub const EXECUTOR: &str = "executor";
/// This one.
pub const DIAGNOSTICS: &str = "diagnostics";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_names_of_services() {
        for name in [GUARD, GATEWAY, EXECUTOR, DIAGNOSTICS] {
            assert!(domain::snapshot::SERVICES.contains(&name), "{name}");
        }
    }
}
