//! A long position with a stop that rests, and a venue that answers the next call with one code.

use binance::Method;
use domain::ids::ClientOrderId;
use domain::intent::OrderIntent;
use domain::order::{CloseOrder, OrderEvent, OrderStatus};
use domain::{LegId, Side};
use paper_exchange::faults::{FaultPlan, Often, RequestAction, RequestFault};

use crate::world::{World, price, qty};

pub const ORDER: &str = "/fapi/v1/order";
pub const ALGO: &str = "/fapi/v1/algoOrder";
pub const POSITIONS: &str = "/fapi/v3/positionRisk";
pub const ALGOS: &str = "/fapi/v1/openAlgoOrders";
pub const EVERYWHERE: [(LegId, &str); 3] = [
    (LegId::TakeProfit(1), ORDER),
    (LegId::Stop, ALGO),
    (LegId::Exit, ORDER),
];

/// A position that a disaster stop protects; the alarms and calls before don't count.
pub struct Scene {
    pub world: World,
    pub disaster: OrderIntent,
    alarms: u64,
    sent: usize,
}

impl Scene {
    pub fn new() -> Self {
        let mut world = World::with_long();
        let order = CloseOrder::DisasterStop {
            trigger: price("50000"),
        };
        let disaster = world.intent(Side::Long, LegId::Disaster, 1, order);
        world.approve(&disaster);
        world.run(1_000);
        let (alarms, sent) = (world.counter("alarms"), world.orders_sent());
        Self {
            world,
            disaster,
            alarms,
            sent,
        }
    }

    /// Its cancel, and another stop that covers the position too: else it could not be canceled.
    pub fn cancel_of_replaced(&mut self) -> OrderIntent {
        let other = self.wish(LegId::Stop, 1);
        self.world.approve(&other);
        self.world.run(100);
        self.world.cancel_of(&self.disaster, 1)
    }

    /// The next calls of `method` to `path` are answered with `code`, so many of them (0: all).
    pub fn refuse(&mut self, method: &str, path: &str, code: i32, times: u32) {
        self.refuse_each(&[(method, path, code, times)]);
    }

    pub fn refuse_each(&mut self, rules: &[(&str, &str, i32, u32)]) {
        let fault = |(method, path, code, times): &(&str, &str, i32, u32)| RequestFault {
            method: Some((*method).into()),
            path: Some((*path).into()),
            contains: None,
            often: Often {
                times: *times,
                ..Often::default()
            },
            action: RequestAction::RefuseWith {
                code: *code,
                message: "refused".into(),
            },
        };
        self.world.follow(FaultPlan {
            requests: rules.iter().map(fault).collect(),
            ..FaultPlan::default()
        });
    }

    /// An order of each kind that may be placed.
    pub fn wish(&self, leg: LegId, generation: u32) -> OrderIntent {
        let order = match leg {
            LegId::Disaster => CloseOrder::DisasterStop {
                trigger: price("51000"),
            },
            LegId::Stop => CloseOrder::Stop {
                qty: qty("0.5"),
                trigger: price("58000"),
            },
            LegId::TakeProfit(_) => CloseOrder::Limit {
                qty: qty("0.2"),
                price: price("61000"),
            },
            LegId::Partial(_) | LegId::Exit => CloseOrder::Market { qty: qty("0.2") },
        };
        self.world.intent(Side::Long, leg, generation, order)
    }

    /// Places one, with the next call to `path` refused with `code`.
    pub fn refused(&mut self, leg: LegId, path: &str, code: i32) -> ClientOrderId {
        self.refuse("POST", path, code, 1);
        let wish = self.wish(leg, 1);
        self.world.approve(&wish)
    }

    pub fn last(&self, id: &ClientOrderId) -> OrderEvent {
        (*self.world.events(id).last().expect("an event")).clone()
    }

    /// Orders sent since the scene was set.
    pub fn sent(&self) -> usize {
        self.world.orders_sent() - self.sent
    }

    /// Alarms since the scene was set.
    pub fn alarms(&self) -> u64 {
        self.world.counter("alarms") - self.alarms
    }

    pub fn reads(&self, path: &str) -> usize {
        self.world.calls_to(Method::Get, path)
    }

    /// It was told as rejected with the code, after one call, and stays so.
    pub fn is_given_up(&mut self, id: &ClientOrderId, code: i32) {
        self.world.run(12_000);
        let last = self.last(id);
        assert_eq!(
            (last.status, last.code),
            (OrderStatus::Rejected, Some(code))
        );
        assert_eq!(self.sent(), 1, "sent again");
        assert_eq!(
            self.world.gateway.metrics().venue_errors[&code.to_string()],
            1
        );
        self.is_protected();
    }

    /// What protected before protects still: on the venue, and in what is told of it.
    pub fn is_protected(&self) {
        let id = self.disaster.client_order_id().as_str();
        let rests = self.world.venue.open_algos().any(|a| a.client_id == id);
        assert!(rests, "the stop is gone");
        let cancels = self.world.calls_to(Method::Delete, ALGO);
        assert_eq!(cancels, 0, "a stop was canceled");
        assert!(self.world.snapshot(Side::Long).position.is_open());
    }
}
