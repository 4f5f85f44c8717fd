//! Processes: which there are, which run, and which are paused.

use super::queue::Delivery;
use super::{BEAT, Service, World};

impl World {
    /// The services that there are.
    #[must_use]
    pub fn services(&self) -> Vec<Service> {
        self.options.executors.services().collect()
    }

    /// A process is stopped where it stands: what comes to it waits, and when it goes on it does
    /// not know that time has passed.
    pub fn pause(&mut self, service: Service) {
        if self.is_alive(service) && !self.is_paused(service) {
            self.transcript
                .note(self.now, format_args!("{service} is paused"));
            self.tally.happen(&format!("{service} is paused"));
            self.paused.insert(service, Vec::new());
            self.excuse_for(service);
        }
    }

    /// It goes on.
    pub fn resume(&mut self, service: Service) {
        let Some(waiting) = self.paused.remove(&service) else {
            return;
        };
        self.transcript
            .note(self.now, format_args!("{service} goes on"));
        for delivery in waiting {
            self.queue.push(self.now, delivery);
        }
        self.excuse_for(service);
    }

    /// Everybody goes on.
    pub fn resume_all(&mut self) {
        for service in self.services() {
            self.resume(service);
        }
    }

    /// The delivery, unless its reader is paused: then it waits.
    pub(super) fn unless_paused(&mut self, delivery: Delivery) -> Option<Delivery> {
        let reader = delivery.addressee();
        match reader.and_then(|it| self.paused.get_mut(&it)) {
            None => Some(delivery),
            Some(waiting) => {
                waiting.push(delivery);
                None
            }
        }
    }

    /// Whether a service stands still.
    #[must_use]
    pub fn is_paused(&self, service: Service) -> bool {
        self.paused.contains_key(&service)
    }

    /// Nakedness is excused where it may come from the state of `service`.
    pub(super) fn excuse_for(&mut self, service: Service) {
        if self.protects(service) {
            self.excuse();
        }
    }

    /// Whether nobody does what one of `service`'s kind does.
    pub(super) fn is_missing(&self, service: Service) -> bool {
        let works = |it: &Service| self.is_alive(*it) && !self.is_paused(*it);
        if service.is_executor() {
            let mut all = Service::ALL.into_iter();
            return !all.any(|it| it.is_executor() && works(&it));
        }
        !works(&service)
    }

    pub(super) fn boot(&mut self, service: Service) {
        let life = self.life(service) + 1;
        self.lives[service as usize] = life;
        self.alive[service as usize] = true;
        self.stands_still.remove(&service);
        let now = self.clock(service);
        self.cast.boot(service, &self.options, now);
        self.watch.on_boot(service);
        let phase = self.latency(0, BEAT.micros());
        let first = Delivery::Beat { to: service, life };
        self.queue.push(self.now + phase, first);
        match service {
            Service::Gateway => self.start_gateway(),
            Service::Market => self.start_market(),
            _ => {}
        }
    }

    pub(super) const fn life(&self, service: Service) -> u32 {
        self.lives[service as usize]
    }

    /// Whether a service runs.
    #[must_use]
    pub const fn is_alive(&self, service: Service) -> bool {
        self.alive[service as usize]
    }

    pub(super) fn is_life(&self, service: Service, life: u32) -> bool {
        self.is_alive(service) && self.life(service) == life
    }
}
