//! Sorting by one sort: the standard library's is compiled anew for each type and comparison, 3.5 KB each. This one
//! sorts places, whatever stands there, and is for lists that fit an answer.

use std::cmp::Ordering;

/// Puts a list in order; what is equal keeps its order.
pub trait Order<T> {
    /// By a comparison.
    fn order_by(&mut self, compare: impl Fn(&T, &T) -> Ordering);

    /// By a key that each has.
    fn order_by_key<K: Ord>(&mut self, key: impl Fn(&T) -> K) {
        self.order_by(|one, other| key(one).cmp(&key(other)));
    }
}

impl<T> Order<T> for [T] {
    fn order_by(&mut self, compare: impl Fn(&T, &T) -> Ordering) {
        let mut from = places(self.len(), &|one, other| match (self.get(one), self.get(other)) {
            (Some(one), Some(other)) => compare(one, other),
            _ => Ordering::Equal,
        });
        // What stands at `from[to]` belongs to `to`; each cycle of places is followed once.
        for to in 0..from.len() {
            let mut hole = to;
            while let Some(next) = from.get_mut(hole).map(|next| std::mem::replace(next, hole)) {
                if next == to || next == hole {
                    break;
                }
                self.swap(hole, next);
                hole = next;
            }
        }
    }
}

fn places(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    places.sort_by(|one, other| compare(*one, *other));
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn orders_as_the_standard_library_does(mut ours: Vec<(u8, u16)>) {
            let mut theirs = ours.clone();
            theirs.sort_by_key(|(key, _)| *key);
            ours.order_by_key(|(key, _)| *key);
            prop_assert_eq!(ours, theirs);
        }
    }
}
