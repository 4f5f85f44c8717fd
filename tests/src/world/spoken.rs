//! What a reader hears of what somebody says, where the two are not of one release.

use std::rc::Rc;

use super::World;
use super::said::Said;
use super::seat::Seat;
use crate::neighbour::Release;

impl World {
    /// What `to` hears where `from`, or somebody outside, says `said`.
    pub(super) fn interpreted(&self, from: Option<Seat>, to: Seat, said: &Rc<Said>) -> Rc<Said> {
        let Some(neighbours) = &self.options.neighbours else {
            return Rc::clone(said);
        };
        let from = from.and_then(|from| neighbours.release(&from.service));
        let to = neighbours.release(&to.service);
        // Whatever the release to come knows, it understands.
        if from == to && from != Some(Release::Previous) {
            return Rc::clone(said);
        }
        let heard = neighbours.interpreter.between(from, to, &said.message);
        Rc::new(Said::from(heard))
    }
}
