//! A service's counters over its restarts: what former boots reached plus what this one says.

/// Something that counts up and can be added to its like.
pub trait Reading: Default + Clone {
    /// Adds `other` to this.
    fn absorb(&mut self, other: &Self);
}

/// Counters of one service that start at zero with each boot, read as if they never did. What a
/// former boot counted after its last heartbeat (a second at most) is not known to anyone.
#[derive(Debug, Clone, Default)]
pub struct Odometer<T> {
    read: Option<(u64, u64)>,
    former: T,
    current: T,
}

impl<T: Reading> Odometer<T> {
    /// Takes a reading of `boot`, the `sequence`-th. `false` where it is an old one: of a former
    /// boot, or not newer than what is known of this boot.
    pub fn read(&mut self, boot: u64, sequence: u64, reading: T) -> bool {
        if self.read.is_some_and(|known| (boot, sequence) <= known) {
            return false;
        }
        if self.read.is_some_and(|(known, _)| known < boot) {
            self.former.absorb(&self.current);
        }
        self.read = Some((boot, sequence));
        self.current = reading;
        true
    }

    /// Former boots and this one together.
    #[must_use]
    pub fn total(&self) -> T {
        let mut total = self.former.clone();
        total.absorb(&self.current);
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Reading for u64 {
        fn absorb(&mut self, other: &Self) {
            *self = self.saturating_add(*other);
        }
    }

    fn total(readings: &[(u64, u64, u64)]) -> u64 {
        let mut odometer = Odometer::default();
        for (boot, sequence, value) in readings {
            odometer.read(*boot, *sequence, *value);
        }
        odometer.total()
    }

    #[test]
    fn a_restart_adds_to_what_the_former_boot_reached() {
        assert_eq!(total(&[(1, 1, 5), (1, 2, 9), (2, 1, 0), (2, 2, 4)]), 13);
    }

    #[test]
    fn a_former_boot_that_speaks_late_is_ignored() {
        assert_eq!(total(&[(1, 1, 5), (2, 1, 3), (1, 2, 100)]), 8);
    }

    #[test]
    fn a_repeated_or_overtaken_reading_changes_nothing() {
        assert_eq!(total(&[(1, 2, 9), (1, 2, 9), (1, 1, 4)]), 9);
    }
}
