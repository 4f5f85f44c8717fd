//! What the gateway says that it sent is what it sent.

use std::collections::{BTreeMap, BTreeSet};

use binance::ApiRequest;
use domain::Module;
use domain::invariant::{Verdict, Violation};
use domain::snapshot::ExitMetrics;

use super::handed::placed;

/// Orders that left one gateway since it started.
#[derive(Debug, Default)]
pub struct Left {
    /// By module; one that is sent again counts once.
    orders: BTreeMap<String, BTreeSet<String>>,
}

impl Left {
    /// A request leaves the gateway.
    pub fn leaves(&mut self, request: &ApiRequest) {
        let Some((symbol, id)) = placed(request) else {
            return;
        };
        let code = id.split('-').next().unwrap_or_default();
        let module = Module::from_code(code).map_or_else(String::new, |it| it.name().to_owned());
        let orders = self.orders.entry(module).or_default();
        orders.insert(format!("{symbol} {id}"));
    }

    /// I16: the counters tell exactly these, by module and in sum.
    ///
    /// # Errors
    /// [`Violation`] where they tell others.
    pub fn is_counted(&self, told: &ExitMetrics) -> Verdict {
        let counts = self.orders.iter();
        let sent: BTreeMap<String, u64> = counts
            .map(|(module, orders)| (module.clone(), orders.len() as u64))
            .collect();
        if told.sent_by_module == sent && told.total_orders() == sent.values().sum::<u64>() {
            return Ok(());
        }
        Err(Violation {
            name: "I16_counters_add_up",
            detail: format!("sent {sent:?}, told {:?}", told.sent_by_module),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::handed::tests::order;
    use super::*;

    fn told(sent: u64) -> ExitMetrics {
        let module = Module::ExitExecutor.name().to_owned();
        ExitMetrics {
            sent_by_module: BTreeMap::from([(module, sent)]),
            ..ExitMetrics::default()
        }
    }

    #[test]
    fn counters_that_differ_from_what_left_are_a_breach() {
        let mut left = Left::default();
        assert!(left.is_counted(&ExitMetrics::default()).is_ok());
        for id in ["xe-1", "xe-2", "xe-2"] {
            left.leaves(&order(id));
        }
        assert!(left.is_counted(&told(2)).is_ok());
        for wrong in [told(1), told(3), ExitMetrics::default()] {
            let broken = left.is_counted(&wrong).unwrap_err();
            assert_eq!(broken.name, "I16_counters_add_up");
        }
    }

    #[test]
    fn orders_of_nobody_of_us_are_a_breach() {
        let mut left = Left::default();
        left.leaves(&order("nobody"));
        assert!(left.is_counted(&ExitMetrics::default()).is_err());
    }
}
