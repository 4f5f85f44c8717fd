//! Who sits on the bus: a service, and of the incumbents each one by itself.

use std::fmt;
use std::slice;

use bus::Identity;
use domain::Module;
use legacy::Role;

use super::cast::Service;

/// A reader and writer of the bus with a place of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seat {
    /// The process.
    pub service: Service,
    /// Which of the incumbents; of another service the first of its identities.
    pub identity: Identity,
}

impl Seat {
    /// The seat of an incumbent.
    #[must_use]
    pub fn incumbent(module: &Module) -> Self {
        let role = Role::of(module).expect("a story names incumbents that there are");
        Self {
            service: Service::Legacy,
            identity: role.identity,
        }
    }

    /// The seats of `service` in a world with these incumbents.
    #[must_use]
    pub fn of(service: Service, incumbents: &[Module]) -> Vec<Self> {
        match service {
            Service::Legacy => incumbents.iter().map(Self::incumbent).collect(),
            other => vec![other.into()],
        }
    }

    /// A number of its own.
    #[must_use]
    pub const fn number(&self) -> u64 {
        (self.service as u64) << 32 | self.identity as u64
    }

    /// Who it is on the bus.
    #[must_use]
    pub fn identities(&self) -> &[Identity] {
        match self.service {
            Service::Legacy => slice::from_ref(&self.identity),
            other => other.identities(),
        }
    }

    /// What it subscribes to.
    #[must_use]
    pub fn patterns(&self) -> Vec<String> {
        match self.service {
            Service::Legacy => {
                let module = Module::from_name(self.identity.name());
                Role::of(&module).map(Role::patterns).unwrap_or_default()
            }
            other => other.patterns(),
        }
    }
}

impl From<Service> for Seat {
    fn from(service: Service) -> Self {
        let identity = service.identities()[0];
        Self { service, identity }
    }
}

impl fmt::Display for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.service {
            Service::Legacy => self.identity.fmt(f),
            other => other.fmt(f),
        }
    }
}
