//! What was heard last, by name, up to a bound: the oldest is forgotten first.

use std::collections::{BTreeMap, VecDeque};

/// At most `MAX` values, by key.
#[derive(Debug, Clone)]
pub struct Recent<K, V, const MAX: usize> {
    values: BTreeMap<K, V>,
    oldest: VecDeque<K>,
}

impl<K, V, const MAX: usize> Default for Recent<K, V, MAX> {
    fn default() -> Self {
        Self {
            values: BTreeMap::new(),
            oldest: VecDeque::new(),
        }
    }
}

impl<K: Ord + Clone, V, const MAX: usize> Recent<K, V, MAX> {
    /// Keeps `value`; gives back what was kept under the key before.
    pub fn put(&mut self, key: &K, value: V) -> Option<V> {
        let before = self.values.insert(key.clone(), value);
        if before.is_none() {
            self.oldest.push_back(key.clone());
        }
        while self.oldest.len() > MAX {
            if let Some(oldest) = self.oldest.pop_front() {
                self.values.remove(&oldest);
            }
        }
        before
    }

    /// What is kept under the key.
    #[must_use]
    pub fn get(&self, key: &K) -> Option<&V> {
        self.values.get(key)
    }

    /// Everything that is kept.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.values.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten_first_and_news_of_a_known_one_make_it_no_younger() {
        let mut recent = Recent::<u32, &str, 2>::default();
        assert_eq!(recent.put(&1, "one"), None);
        assert_eq!(recent.put(&2, "two"), None);
        assert_eq!(recent.put(&1, "again"), Some("one"));
        assert_eq!(recent.put(&3, "three"), None);
        assert_eq!(recent.get(&1), None);
        assert_eq!(recent.values().collect::<Vec<_>>(), [&"two", &"three"]);
    }
}
