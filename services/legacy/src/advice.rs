//! Which advice counts: a young hint, while the brain is on (M108).

use domain::Span;
use domain::signal::RlHint;

use crate::method::Picture;

/// A hint older than this is none (the planner's own patience).
pub const HINT_AGE_MAX: Span = Span::from_secs(300);

/// The hint that counts now.
#[must_use]
pub fn advice<'a>(picture: &Picture<'a>) -> Option<&'a RlHint> {
    let hint = picture.hint.filter(|_| picture.is_brain_on())?;
    let young = picture.now.since(hint.at) <= HINT_AGE_MAX;
    young.then_some(hint)
}
