//! What the benches measure with, and the workload on which engines are compared.

pub mod fleet;
pub mod rounds;
pub mod xp1;
