//! Which contacts are one person: each with those it is linked to, seen from either side.

use std::collections::{BTreeMap, BTreeSet};

use gatehouse_domain::ContactId;

/// Links among contacts. Whoever has none is not in it.
#[derive(Debug, Default)]
pub struct Linked(BTreeMap<ContactId, BTreeSet<ContactId>>);

impl Linked {
    pub fn link(&mut self, one: ContactId, other: ContactId) {
        self.0.entry(one).or_default().insert(other);
        self.0.entry(other).or_default().insert(one);
    }

    pub fn unlink(&mut self, one: ContactId, other: ContactId) {
        for (from, to) in [(one, other), (other, one)] {
            if let Some(links) = self.0.get_mut(&from) {
                links.remove(&to);
                if links.is_empty() {
                    self.0.remove(&from);
                }
            }
        }
    }

    pub fn forget(&mut self, gone: ContactId) {
        for other in self.to(gone).collect::<Vec<_>>() {
            self.unlink(gone, other);
        }
    }

    /// Whom it is linked to itself.
    pub fn to(&self, contact: ContactId) -> impl Iterator<Item = ContactId> {
        self.0.get(&contact).into_iter().flatten().copied()
    }

    /// Everybody it is one person with, itself first: those it is linked to, those they are linked to, and so on.
    pub fn person(&self, contact: ContactId) -> Vec<ContactId> {
        let (mut person, mut seen, mut next) = (vec![contact], BTreeSet::from([contact]), 0);
        while let Some(one) = person.get(next).copied() {
            person.extend(self.to(one).filter(|other| seen.insert(*other)));
            next += 1;
        }
        person
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn whoever_is_linked_is_one_person_seen_from_each_of_them() {
        let mut linked = Linked::default();
        linked.link(id(1), id(2));
        linked.link(id(3), id(2));
        assert_eq!(linked.person(id(1)), [id(1), id(2), id(3)]);
        assert_eq!(linked.person(id(3)), [id(3), id(2), id(1)]);
        assert_eq!(linked.to(id(1)).collect::<Vec<_>>(), [id(2)]);
        assert_eq!(linked.person(id(4)), [id(4)]);
    }

    #[test]
    fn a_link_is_undone_from_either_side() {
        for (one, other) in [(1, 2), (2, 1)] {
            let mut linked = Linked::default();
            linked.link(id(1), id(2));
            linked.link(id(2), id(3));
            linked.unlink(id(one), id(other));
            assert_eq!(linked.person(id(1)), [id(1)]);
            assert_eq!(linked.person(id(2)), [id(2), id(3)]);
        }
    }

    #[test]
    fn whoever_is_forgotten_is_linked_to_nobody() {
        let mut linked = Linked::default();
        linked.link(id(1), id(2));
        linked.link(id(2), id(3));
        linked.forget(id(2));
        assert!(linked.0.is_empty(), "{linked:?}");
    }

    fn id(n: u128) -> ContactId {
        ContactId(Uuid::from_u128(n))
    }
}
