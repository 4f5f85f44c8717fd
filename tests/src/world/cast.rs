//! The services, each alive or not, behind one way to drive them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use bus::{BadMessage, Heard, Identity, Message, subjects};
use diagnostics::DiagnosticsActor;
use domain::lease::{Answer, Holder, LeaseKey};
use domain::mode::Flags;
use domain::{Span, Symbol, Timestamp};
use executor::{Executor, ExecutorConfig};
use gateway::{GatewayActor, GatewayConfig, GatewayEffect};
use gateway_guard::wiring::LEASE_TIME as GUARD_LEASE;
use gateway_guard::{Guard, GuardConfig};
use legacy::{Incumbent, Role};
use market::Market;
use nkeys::KeyPair;
use planner::Planner;
use runtime::{Actor, Effect, Ownership};

use super::options::WorldOptions;
use super::seat::Seat;
use super::truth::account;

/// The receive window of a deployment without leases, and of one with: a lease is twice as long.
const LONG_WINDOW: Span = Span::from_secs(5);
const SHORT_WINDOW: Span = Span::from_secs(2);
/// Where the guard's key comes from: fixed, so that signatures are the same in every run.
const KEY_SEED: [u8; 32] = [7; 32];

/// A service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names of the services")]
pub enum Service {
    Market,
    Planner,
    Executor,
    /// Another executor beside the first, where a world has one.
    SecondExecutor,
    Guard,
    Gateway,
    Legacy,
    Diagnostics,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Market,
        Self::Planner,
        Self::Executor,
        Self::SecondExecutor,
        Self::Guard,
        Self::Gateway,
        Self::Legacy,
        Self::Diagnostics,
    ];

    /// Its name in heartbeats.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Market => "market",
            Self::Planner => "planner",
            Self::Executor | Self::SecondExecutor => "executor",
            Self::Guard => "gateway-guard",
            Self::Gateway => "gateway",
            Self::Legacy => "legacy",
            Self::Diagnostics => "diagnostics",
        }
    }

    /// Which of its kind it is; the incumbents bear their module's name.
    #[must_use]
    pub const fn instance(self) -> &'static str {
        match self {
            Self::SecondExecutor => "two",
            _ => "one",
        }
    }

    /// Whether it is one of the executors.
    #[must_use]
    pub const fn is_executor(self) -> bool {
        matches!(self, Self::Executor | Self::SecondExecutor)
    }

    /// Whether it owns something: where there are leases, by one.
    #[must_use]
    pub const fn owns(self) -> bool {
        self.is_executor() || matches!(self, Self::Guard | Self::Gateway)
    }

    /// Who it is on the bus, in TRADE and, where it has one, in ORDERS; who all the incumbents are.
    #[must_use]
    pub const fn identities(self) -> &'static [Identity] {
        match self {
            Self::Market => &[Identity::Market],
            Self::Planner => &[Identity::Planner],
            Self::Executor | Self::SecondExecutor => &[Identity::Executor],
            Self::Guard => &[Identity::GuardTrade, Identity::GuardOut],
            Self::Gateway => &[Identity::GatewayTrade, Identity::GatewayIn],
            Self::Legacy => &[
                Identity::PositionMonitor,
                Identity::TrailingStopManager,
                Identity::DynamicTpsl,
                Identity::HybridTpsl,
                Identity::DynamicTrailingRearm,
                Identity::EventDrivenExecutor,
            ],
            Self::Diagnostics => &[Identity::Diagnostics],
        }
    }

    /// What it subscribes to; the incumbents each for themselves, see [`Seat::patterns`].
    #[must_use]
    pub fn patterns(self) -> Vec<String> {
        match self {
            Self::Market => market::wiring::patterns(),
            Self::Planner => planner::wiring::patterns(),
            Self::Executor | Self::SecondExecutor => executor::wiring::patterns(),
            Self::Guard => gateway_guard::wiring::patterns(),
            Self::Gateway => vec![
                subjects::all_approved().as_str().into(),
                subjects::mode().as_str().into(),
                subjects::kill().as_str().into(),
            ],
            Self::Legacy => Vec::new(),
            Self::Diagnostics => diagnostics::hears(),
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SecondExecutor => f.write_str("second executor"),
            other => f.write_str(other.name()),
        }
    }
}

/// Everybody who is alive.
#[derive(Debug, Default)]
#[allow(missing_docs, reason = "the names of the services")]
pub struct Cast {
    pub market: Option<Market>,
    pub planner: Option<Planner>,
    pub executors: BTreeMap<Service, Executor>,
    pub guard: Option<Guard>,
    pub gateway: Option<GatewayActor>,
    pub legacy: BTreeMap<Seat, Incumbent>,
    pub diagnostics: Option<DiagnosticsActor>,
}

impl Cast {
    /// Starts a service that knows nothing.
    pub fn boot(&mut self, service: Service, options: &WorldOptions, now: Timestamp) {
        let boot = u64::try_from(now.micros()).expect("worlds begin after 1970");
        let (flags, policy) = (options.flags, options.policy.clone());
        let by_lease = options.executors.by_lease();
        let holder = by_lease.then(|| Holder {
            instance: service.instance().to_owned(),
            boot,
        });
        match service {
            Service::Market => {
                let symbols: Vec<Symbol> = options.symbols.iter().map(|it| symbol(it.0)).collect();
                self.market = Some(Market::new(service.instance(), flags, boot, &symbols));
            }
            Service::Planner => {
                self.planner = Some(Planner::new(service.instance(), flags, boot, policy))
            }
            Service::Executor | Service::SecondExecutor => {
                let instance = service.instance().to_owned();
                let executor = Executor::new(ExecutorConfig {
                    instance,
                    flags,
                    boot,
                    holder,
                    policy,
                });
                self.executors.insert(service, executor);
            }
            Service::Guard => {
                let (instance, key) = (service.instance().into(), signer());
                self.guard = Some(Guard::new(GuardConfig {
                    instance,
                    flags,
                    boot,
                    ownership: ownership(holder, boot, LeaseKey::Guard, GUARD_LEASE),
                    key,
                }));
            }
            Service::Gateway => {
                self.gateway = Some(gateway(flags, boot, holder));
            }
            Service::Legacy => {
                let each = options.incumbents.iter().map(|module| {
                    let role = Role::of(module).expect("a story names incumbents that there are");
                    let actor = Incumbent::new(role, flags, boot, policy.clone());
                    (Seat::incumbent(module), actor)
                });
                self.legacy = each.collect();
            }
            Service::Diagnostics => {
                self.diagnostics = Some(DiagnosticsActor::new(service.instance(), flags, boot));
            }
        }
    }

    /// Ends a service, as a killed process ends.
    pub fn end(&mut self, service: Service) {
        match service {
            Service::Market => self.market = None,
            Service::Planner => self.planner = None,
            Service::Executor | Service::SecondExecutor => {
                self.executors.remove(&service);
            }
            Service::Guard => self.guard = None,
            Service::Gateway => self.gateway = None,
            Service::Legacy => self.legacy.clear(),
            Service::Diagnostics => self.diagnostics = None,
        }
    }

    /// Hands a message over, decoded, as the runtime does.
    pub fn hear(
        &mut self,
        to: Seat,
        now: Timestamp,
        said: Result<Heard, BadMessage>,
    ) -> Vec<GatewayEffect> {
        self.input(to, now, Input::Said(Box::new(said)))
    }

    /// What nobody waits for, once what the last input called for has left.
    pub fn afterwards(&mut self, from: Seat, now: Timestamp) -> Vec<GatewayEffect> {
        self.input(from, now, Input::Afterwards)
    }

    /// Hands over what the store of leases said.
    pub fn lease(&mut self, to: Service, now: Timestamp, answer: &Answer) -> Vec<GatewayEffect> {
        self.input(to.into(), now, Input::Lease(answer))
    }

    /// A tenth of a second has passed.
    pub fn beat(&mut self, to: Seat, now: Timestamp) -> Vec<GatewayEffect> {
        self.input(to, now, Input::Beat)
    }

    fn input(&mut self, to: Seat, now: Timestamp, input: Input<'_>) -> Vec<GatewayEffect> {
        if to.service == Service::Gateway {
            let mut out = Vec::new();
            if let Some(gateway) = &mut self.gateway {
                tell(gateway, now, input, &mut out);
            }
            return out;
        }
        if let Some(actor) = self.owning(to.service) {
            let mut out = Vec::new();
            tell(actor, now, input, &mut out);
            return owned(out);
        }
        let mut out = Vec::new();
        if let Some(actor) = self.plain(to) {
            tell(actor, now, input, &mut out);
        }
        published(out)
    }

    /// An actor that owns by lease.
    pub(super) fn owning(&mut self, service: Service) -> Option<&mut dyn Actor<Effect = Effect>> {
        match service {
            Service::Executor | Service::SecondExecutor => {
                self.executors.get_mut(&service).map(|it| it as _)
            }
            Service::Guard => self.guard.as_mut().map(|it| it as _),
            _ => None,
        }
    }

    /// An actor that only speaks on the bus.
    fn plain(&mut self, seat: Seat) -> Option<&mut dyn Actor<Effect = Message>> {
        match seat.service {
            Service::Market => self.market.as_mut().map(|it| it as _),
            Service::Planner => self.planner.as_mut().map(|it| it as _),
            Service::Executor | Service::SecondExecutor | Service::Guard | Service::Gateway => None,
            Service::Legacy => self.legacy.get_mut(&seat).map(|it| it as _),
            Service::Diagnostics => self.diagnostics.as_mut().map(|it| it as _),
        }
    }
}

fn gateway(flags: Flags, boot: u64, holder: Option<Holder>) -> GatewayActor {
    let account = account();
    let recv_window = recv_window(holder.is_some());
    let key = LeaseKey::Gateway(account.clone());
    let lease_time = gateway::wiring::lease_time(recv_window);
    GatewayActor::new(GatewayConfig {
        ownership: ownership(holder, boot, key, lease_time),
        account,
        flags,
        boot,
        instance: Service::Gateway.instance().into(),
        guard_key: verifier(),
        symbols: None,
        recv_window,
    })
}

/// How old a request may be when the venue gets it.
#[must_use]
pub const fn recv_window(by_lease: bool) -> Span {
    match by_lease {
        true => SHORT_WINDOW,
        false => LONG_WINDOW,
    }
}

fn ownership(holder: Option<Holder>, boot: u64, key: LeaseKey, lease_time: Span) -> Ownership {
    match holder {
        Some(holder) => Ownership::by_lease(key, holder, lease_time),
        None => Ownership::from_boot(boot),
    }
}

/// What the runtime hands to an actor.
enum Input<'a> {
    Said(Box<Result<Heard, BadMessage>>),
    Lease(&'a Answer),
    Beat,
    Afterwards,
}

fn tell<E: runtime::Says>(
    actor: &mut dyn Actor<Effect = E>,
    now: Timestamp,
    input: Input<'_>,
    out: &mut Vec<E>,
) {
    match input {
        Input::Said(said) => match *said {
            Ok(heard) => actor.hear(now, heard, out),
            Err(bad) => actor.refused(now, &bad),
        },
        Input::Lease(answer) => actor.lease(now, answer, out),
        Input::Beat => actor.beat(now, out),
        Input::Afterwards => actor.afterwards(now, out),
    }
}

/// Plain messages as effects.
#[must_use]
pub fn published(messages: Vec<Message>) -> Vec<GatewayEffect> {
    messages.into_iter().map(GatewayEffect::Publish).collect()
}

/// The effects of an actor that owns by lease.
pub(super) fn owned(effects: Vec<Effect>) -> Vec<GatewayEffect> {
    let effects = effects.into_iter().map(|effect| match effect {
        Effect::Say(message) => GatewayEffect::Publish(message),
        Effect::Lease(request) => GatewayEffect::Lease(request),
    });
    effects.collect()
}

/// A symbol that a story names.
#[must_use]
pub fn symbol(name: &str) -> Symbol {
    Symbol::new(name).expect("a story names valid symbols")
}

/// The guard's key, the same in every run, so it is worked out once.
///
/// # Panics
/// Never: 32 bytes make a key.
#[must_use]
pub fn signer() -> KeyPair {
    static SIGNER: LazyLock<KeyPair> = LazyLock::new(|| {
        KeyPair::new_from_raw(nkeys::KeyPairType::User, KEY_SEED).expect("32 bytes make a key")
    });
    SIGNER.clone()
}

/// Its public half.
fn verifier() -> KeyPair {
    static VERIFIER: LazyLock<KeyPair> = LazyLock::new(|| {
        KeyPair::from_public_key(&signer().public_key()).expect("a key's own public half")
    });
    VERIFIER.clone()
}
