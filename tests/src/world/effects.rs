//! What a service wants done, in its order; it may die in between.

use gateway::GatewayEffect;

use super::{Seat, World, blows};

impl World {
    /// What was called for, and then what nobody waits for.
    pub(super) fn carry_out(&mut self, from: Seat, effects: Vec<GatewayEffect>) {
        let life = self.life(from.service);
        self.carry_out_while(life, from, effects);
        if self.is_life(from.service, life) {
            let more = self.cast.afterwards(from, self.clock(from.service));
            self.carry_out_while(life, from, more);
        }
    }

    /// As long as it lives: it may die of each effect.
    fn carry_out_while(&mut self, life: u32, from: Seat, effects: Vec<GatewayEffect>) {
        let service = from.service;
        for effect in effects {
            if !self.is_life(service, life) {
                return;
            }
            let armed = self.armed.contains_key(&service);
            let name = armed.then(|| blows::effect_name(&effect));
            match effect {
                GatewayEffect::Publish(message) => self.publish(from, message),
                GatewayEffect::Lease(request) => self.ask_lease(service, request),
                other => self.carry_out_venue(other),
            }
            if let Some(name) = name {
                self.may_die(service, &name);
            }
        }
    }
}
