//! A value that knows whether it may have changed.

use std::ops::{Deref, DerefMut};

/// Whoever borrows the value to change it leaves a mark, so that what is checked about it need not
/// be checked again while nobody has.
#[derive(Debug)]
pub struct Touched<T> {
    value: T,
    is_touched: bool,
}

impl<T> Touched<T> {
    /// A value that nothing has been checked about.
    pub const fn new(value: T) -> Self {
        Self {
            value,
            is_touched: true,
        }
    }

    /// Whether it may have changed since [`Touched::checked`].
    pub const fn is_touched(&self) -> bool {
        self.is_touched
    }

    /// It has been checked as it is now.
    pub const fn checked(&mut self) {
        self.is_touched = false;
    }
}

impl<T> Deref for Touched<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Touched<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.is_touched = true;
        &mut self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_borrow_to_change_leaves_a_mark() {
        let mut value = Touched::new(vec![1]);
        assert!(value.is_touched());
        value.checked();
        assert_eq!(value.len(), 1);
        assert!(!value.is_touched());
        value.push(2);
        assert!(value.is_touched());
    }
}
