//! From `main` to a running service and back to an exit code.

use std::error::Error;
use std::panic::resume_unwind;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use std::{env, io};

use bus::{Client, Identity, LeaseStore, Message};
use domain::mode::{self, Flags, Mode};
use futures_util::future::{self, BoxFuture, Either};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use tokio::runtime::Builder;
use tokio::time;

use crate::actor::{self, Actor, Effect, Ended, Outside};
use crate::clock;
use crate::config::{Config, ConfigError};
use crate::lease;
use crate::node::Node;
use crate::probe;
use crate::shutdown::Shutdown;
use crate::telemetry::{self, Telemetry};

/// Exit code for settings that can't be used (`EX_USAGE` of sysexits.h): a restart won't help.
pub const EXIT_CONFIG: u8 = 64;
/// Names the instance; unset takes the host's name, which is the pod's in Kubernetes.
pub(crate) const INSTANCE_VARIABLE: &str = "EXITBRAIN_INSTANCE";
const HOST_VARIABLE: &str = "HOSTNAME";
/// Longest instance name: it becomes one token of a subject.
const INSTANCE_LEN_MAX: usize = 40;

/// A flush is one write to a socket; a second of that is a server that is not there.
const FLUSH_MAX: Duration = Duration::from_secs(1);

/// Anything that ends a service.
pub type Failure = Box<dyn Error + Send + Sync>;

/// Makes `ring` the process's TLS implementation. Two candidates are in the tree of features, and
/// without a choice the first TLS handshake would panic. The second call changes nothing.
pub fn install_crypto() {
    if rustls::crypto::ring::default_provider()
        .install_default()
        .is_err()
    {
        tracing::debug!("TLS was set up before in this process");
    }
}

/// Runs one service: settings, flags, logs and signals first, then `start`. Everything runs on one
/// thread, because waking a second one costs more than anything that a service does.
pub fn main<F>(service: &'static str, start: impl FnOnce(Node) -> F + 'static) -> ExitCode
where
    F: Future<Output = Result<(), Failure>> + Send + 'static,
{
    let start: Start = Box::new(move |node| start(node).boxed());
    run(service, start)
}

/// Runs a service that has one identity and only speaks on the bus: connect, hear `patterns`,
/// build the actor, run it, and flush at the end.
pub fn serve<A, B>(
    service: &'static str,
    identity: Identity,
    patterns: Vec<String>,
    build: B,
) -> ExitCode
where
    A: Actor + Send + 'static,
    A::Effect: Into<Effect> + Send,
    B: FnOnce(&Node) -> Result<A, Failure> + 'static,
{
    serve_parts(service, move |node| {
        let actor = build(node)?;
        Ok(vec![Part {
            node: node.clone(),
            identity,
            patterns,
            actor,
        }])
    })
}

/// One actor of a process, with what it needs to speak on the bus.
#[derive(Debug)]
pub struct Part<A> {
    /// The process under the actor's own name, see [`Node::part`].
    pub node: Node,
    /// Who it is on the bus; it has a connection of its own.
    pub identity: Identity,
    /// What it hears.
    pub patterns: Vec<String>,
    /// The actor.
    pub actor: A,
}

/// Runs a service of several actors that only speak on the bus, each with its own loop and its own
/// connection, all on the one thread. The end of one, by a fault too, is the end of all: each
/// flushes what it decided before, and the first fault is the service's.
pub fn serve_parts<A, B>(service: &'static str, build: B) -> ExitCode
where
    A: Actor + Send + 'static,
    A::Effect: Into<Effect> + Send,
    B: FnOnce(&Node) -> Result<Vec<Part<A>>, Failure> + 'static,
{
    main(service, move |node: Node| {
        let parts = build(&node);
        async move { all_or_none(parts?.into_iter().map(serve_part), &node.shutdown).await }
    })
}

/// Runs all of them; the end of one asks the others to stop. The first fault counts: later ones
/// may only be its consequence.
async fn all_or_none(
    runs: impl IntoIterator<Item = impl Future<Output = Result<(), Failure>>>,
    shutdown: &Shutdown,
) -> Result<(), Failure> {
    let mut runs: FuturesUnordered<_> = runs.into_iter().collect();
    let mut outcome = Ok(());
    while let Some(ended) = runs.next().await {
        shutdown.request();
        outcome = outcome.and(ended);
    }
    outcome
}

async fn serve_part<A>(part: Part<A>) -> Result<(), Failure>
where
    A: Actor,
    A::Effect: Into<Effect>,
{
    let Part {
        node,
        identity,
        patterns,
        mut actor,
    } = part;
    let client = Arc::new(node.connect(identity).await?);
    let inbox = client.inbox(&patterns).await?;
    let (port, answers) = lease::open(LeaseStore::new(Client::clone(&client)));
    let (lane, asker) = (Arc::clone(&client), port.asker().clone());
    let send = move |effect: A::Effect| match effect.into() {
        Effect::Say(message) => Either::Left(say(&lane, message)),
        Effect::Lease(request) => {
            asker.ask(request);
            Either::Right(future::ready(()))
        }
    };
    let stop = node.shutdown();
    let refusals = Arc::clone(&client);
    let outside = Outside {
        inbox,
        answers,
        tracer: node.tracer.clone(),
        intents_refused: Box::new(move || refusals.faults().intents_refused),
    };
    let ended = actor::run_leased(&mut actor, outside, send, clock::now, stop).await;
    port.close().await;
    finish(&client, ended).await
}

type Start = Box<dyn FnOnce(Node) -> BoxFuture<'static, Result<(), Failure>>>;

fn run(service: &'static str, start: Start) -> ExitCode {
    install_crypto();
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        // There is no log yet, and nothing else could be said without one.
        Err(_) => return ExitCode::FAILURE,
    };
    runtime.block_on(async {
        let name = instance(|name| env::var(name).ok());
        let telemetry = telemetry::init(service, &name);
        let outcome = launch(service, name, start, &telemetry).await;
        let code = match &outcome {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) if failure.is::<ConfigError>() => ExitCode::from(EXIT_CONFIG),
            Err(_) => ExitCode::FAILURE,
        };
        match outcome {
            Ok(()) => tracing::info!(service, "stopped"),
            Err(failure) => tracing::error!(service, error = chain(&*failure), "ended by a fault"),
        }
        telemetry.finish().await;
        code
    })
}

async fn launch(
    service: &'static str,
    name: String,
    start: Start,
    telemetry: &Telemetry,
) -> Result<(), Failure> {
    let config = Config::from_env()?;
    let (flags, warnings) = Flags::parse(|name| env::var(name).ok());
    for warning in &warnings {
        tracing::warn!(tag = "EXIT_MODE", flag = warning.flag, "{}", warning.text);
    }
    let tracer = telemetry.tracer(&config.bus.url);
    let node = Node::new(service, name, config, flags).tracing(tracer);
    node.shutdown.on_signals().map_err(signals)?;
    announce(&node);
    if let Some(address) = node.config.probe.listen {
        let address = probe::serve(address, node.joined.clone())?;
        tracing::info!(%address, "probe port open");
    }
    apart(start(node)).await
}

/// Runs it as a task. The connection's task, which wakes it with each message, then only puts it
/// into a queue; the runtime's root future it would wake through the kernel, as another thread
/// does.
async fn apart(service: BoxFuture<'static, Result<(), Failure>>) -> Result<(), Failure> {
    match tokio::spawn(service).await {
        Ok(ended) => ended,
        Err(fault) => match fault.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(fault) => Err(fault.into()),
        },
    }
}

fn announce(node: &Node) {
    let Flags {
        exit_mode,
        executor_mode,
        rollout,
        ..
    } = node.flags;
    let effective = node.flags.resolve();
    tracing::info!(
        tag = mode::EXIT_MODE,
        service = node.service,
        instance = node.instance,
        build = crate::pulse::BUILD,
        exit_mode = %exit_mode,
        exit_executor_mode = %executor_mode,
        exit_brain_v3_live_rollout = %rollout,
        effective_mode = %effective,
        "starting"
    );
    if effective == Mode::Live {
        tracing::warn!(
            tag = mode::EXIT_MODE,
            service = node.service,
            "EXIT BRAIN V3 LIVE MODE ACTIVE"
        );
    }
}

/// The name of this instance, made fit for a subject.
fn instance(get: impl Fn(&str) -> Option<String>) -> String {
    let named = [INSTANCE_VARIABLE, HOST_VARIABLE]
        .into_iter()
        .filter_map(get)
        .find(|name| !name.is_empty());
    let fit = |c: char| {
        if c.is_ascii_alphanumeric() || c == '_' {
            c
        } else {
            '-'
        }
    };
    let name = named.unwrap_or_else(|| "local".into());
    name.chars().take(INSTANCE_LEN_MAX).map(fit).collect()
}

/// Hands `message` to the connection; a refusal is logged, the next picture heals it. It borrows
/// nothing, or the loop that waits for it could not be a task.
pub fn say(client: &Arc<Client>, message: Message) -> impl Future<Output = ()> + Send + use<> {
    let client = Arc::clone(client);
    async move { publish(&client, message).await }
}

async fn publish(client: &Client, message: Message) {
    let subject = message.subject.clone();
    if let Err(error) = client.publish(message).await {
        tracing::error!(subject, error = %error, "message not published");
    }
}

/// Flushes what was said last, and turns the end of the loop into the end of the service.
///
/// # Errors
/// Where the loop ended by a fault.
pub async fn finish(client: &Client, ended: Ended) -> Result<(), Failure> {
    let flushed = flush(client).await;
    match ended {
        Ended::Shutdown => flushed,
        Ended::Overdue => Err("effects did not leave within the grace period".into()),
        Ended::InboxClosed => Err("the connection to the bus is gone for good".into()),
        Ended::SteppedBack(stepped) => Err(stepped.into()),
    }
}

/// Waits until everything published is written, but not for a server that is away: while it is,
/// there is nothing to wait for.
///
/// # Errors
/// Where it was not written in time.
pub async fn flush(client: &Client) -> Result<(), Failure> {
    match time::timeout(FLUSH_MAX, client.flush()).await {
        Ok(flushed) => Ok(flushed?),
        Err(_) => Err(format!("not flushed within {FLUSH_MAX:?}: the bus is away").into()),
    }
}

fn signals(error: io::Error) -> Failure {
    format!("no handlers for SIGTERM and SIGINT: {error}").into()
}

/// The fault with all its causes, each said once.
fn chain(failure: &(dyn Error + 'static)) -> String {
    let mut told = failure.to_string();
    let mut cause = failure.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !told.contains(&text) {
            told.push_str(": ");
            told.push_str(&text);
        }
        cause = error.source();
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_name_is_always_one_token_of_a_subject() {
        let name = |value: &str| instance(|_| Some(value.to_owned()));
        assert_eq!(name("executor-7f.ns*>"), "executor-7f-ns--");
        assert_eq!(name(&"x".repeat(100)).len(), INSTANCE_LEN_MAX);
        assert_eq!(instance(|_| None), "local");
        assert_eq!(name(""), "local");
    }

    #[test]
    fn the_given_instance_name_wins_over_the_host() {
        let get = |name: &str| match name {
            INSTANCE_VARIABLE => Some("given".to_owned()),
            _ => Some("host".to_owned()),
        };
        assert_eq!(instance(get), "given");
    }

    #[tokio::test]
    async fn the_fault_of_one_part_stops_the_others_and_is_the_one_that_is_told() {
        let shutdown = Shutdown::new();
        let run = async |fault: Option<&str>, waits: bool| {
            if waits {
                shutdown.requested().await;
            }
            fault.map_or(Ok(()), |fault| Err(fault.into()))
        };
        let runs = [
            run(Some("stopped before it was ready"), true),
            run(None, true),
            run(Some("no key"), false),
        ];
        let ended = all_or_none(runs, &shutdown).await;
        assert_eq!(ended.unwrap_err().to_string(), "no key");
        assert!(shutdown.is_requested());
    }

    #[test]
    fn a_fault_is_told_with_its_causes_once() {
        let source = io::Error::other("disk on fire");
        let fault = ConfigError::File {
            path: "x".into(),
            source,
        };
        assert_eq!(chain(&fault).matches("disk on fire").count(), 1);
    }
}
