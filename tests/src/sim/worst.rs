//! How long a position may lack its stop, by the worst that its script knows.

use domain::Span;

use super::act::Action;
use super::draw::Script;

/// What the report calls the time in which incumbents own the positions.
pub const OF_INCUMBENTS: &str = "outside LIVE, by incumbents";
/// Naked time beyond the placement window that they are granted: they look every ten seconds, and
/// what they try may fail once.
pub const NAKED_MAX_OF_INCUMBENTS: Span = Span::from_secs(20);

/// The worst kind of trouble that a script knows, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Worst {
    /// Prices move, signals come, positions are opened and closed.
    Nothing,
    /// Somebody meddles by hand, rules of the venue change, or modes do.
    Hands,
    /// Services die, stand still, or lose the store of their leases; clocks are wrong.
    Services,
    /// The user stream breaks.
    Stream,
    /// The bus loses and delays.
    Bus,
    /// The venue refuses, answers late or never.
    Venue,
}

impl Worst {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Nothing,
        Self::Hands,
        Self::Services,
        Self::Stream,
        Self::Bus,
        Self::Venue,
    ];

    /// Of a script.
    #[must_use]
    pub fn of(script: &Script) -> Self {
        let worst = script
            .steps
            .iter()
            .map(|step| Self::of_action(&step.action));
        worst.max().unwrap_or(Self::Nothing)
    }

    const fn of_action(action: &Action) -> Self {
        match action {
            Action::Open { .. }
            | Action::Move { .. }
            | Action::Close(_)
            | Action::Risk(_)
            | Action::Hint(..)
            | Action::VenueWell => Self::Nothing,
            Action::Trim(_)
            | Action::Add(_)
            | Action::Uncover(_)
            | Action::Rest(_)
            | Action::Filters(..)
            | Action::Status(..)
            | Action::Leverage(..)
            | Action::Flatten(_)
            | Action::Kill(_)
            | Action::Policy(_)
            | Action::StartOver(_) => Self::Hands,
            Action::Crash(_)
            | Action::CrashAfter(..)
            | Action::Rise(_)
            | Action::Pause(_)
            | Action::Resume(_)
            | Action::LoseLeases
            | Action::FindLeases { .. }
            | Action::Clock { .. }
            | Action::ClocksRight => Self::Services,
            Action::CutStream(_) | Action::ListenKeyDies => Self::Stream,
            Action::Bus(_) => Self::Bus,
            Action::Venue(_) => Self::Venue,
        }
    }

    /// What the report calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing goes wrong",
            Self::Hands => "hands, rules, modes",
            Self::Services => "services, leases, clocks",
            Self::Stream => "user stream",
            Self::Bus => "bus",
            Self::Venue => "venue",
        }
    }

    /// Naked time beyond the placement window that it may cost, outages left out.
    #[must_use]
    pub const fn naked_max(self, by_lease: bool) -> Span {
        match self {
            // An owner that has not got its lease yet lets pass what it hears; after two seconds
            // that is asked for again.
            Self::Nothing | Self::Hands | Self::Services if by_lease => Span::from_secs(4),
            // What the next look at the positions finds is asked for with the next picture.
            Self::Nothing | Self::Hands | Self::Services => Span::from_millis(1_500),
            // What nobody tells is found by the slow reads; what is lost on the way is asked for
            // again after its answer has not come.
            Self::Stream | Self::Bus => Span::from_secs(6),
            // What became of an order that got no answer is known for sure after 8 s at the
            // earliest; then there is some time to act.
            Self::Venue => Span::from_secs(12),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::setup::TRADED;
    use super::*;

    fn worst(actions: &[Action]) -> Worst {
        let mut script = Script::of(1);
        script.steps.truncate(1);
        let step = script.steps[0].clone();
        let steps = actions.iter().map(|action| super::super::Step {
            action: action.clone(),
            ..step.clone()
        });
        script.steps = steps.collect();
        Worst::of(&script)
    }

    #[test]
    fn the_worst_step_decides() {
        let close = Action::Close(TRADED[0]);
        let cut = Action::CutStream(Span::from_secs(1));
        let venue = Action::Venue(Box::default());
        assert_eq!(worst(&[]), Worst::Nothing);
        assert_eq!(worst(&[close.clone(), cut.clone()]), Worst::Stream);
        assert_eq!(worst(&[venue, close, cut]), Worst::Venue);
    }

    #[test]
    fn worse_trouble_never_allows_less() {
        for by_lease in [false, true] {
            let allowed = Worst::ALL.map(|worst| worst.naked_max(by_lease));
            assert!(allowed.is_sorted());
        }
    }
}
