//! The one task that owns the world: requests come in by a queue, texts go out by broadcast.

use std::sync::Arc;
use std::time::Duration;

use rust_decimal::Decimal;
use serde_json::Value;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::time::MissedTickBehavior;

use super::stopped;
use crate::clock::now_ms;
use crate::faults::FaultPlan;
use crate::live::LiveInput;
use crate::venue::{FilterChange, Order, PositionSide, VenueError};
use crate::wire::{WireRequest, WireResponse, WsAnswer, WsSession};
use crate::world::{OpenWish, Outgoing, SocketKind, World};

/// Time passes in steps of this length: fine against the 20 ms at which prices are worth a look.
const TICK: Duration = Duration::from_millis(5);

/// What the handlers ask of the world.
#[derive(Debug)]
pub enum Command {
    /// A REST request.
    Request(WireRequest, oneshot::Sender<WireResponse>),
    /// A connection of the WebSocket API comes in.
    WsOpen {
        /// Query of its address.
        query: String,
        /// Its session, or the refusal of one more handshake.
        reply: oneshot::Sender<Result<WsSession, WireResponse>>,
    },
    /// A frame of the WebSocket API.
    WsFrame {
        /// What the connection has agreed on so far.
        session: WsSession,
        /// The frame.
        text: String,
        /// The session after it and the answer.
        reply: oneshot::Sender<(WsSession, WsAnswer)>,
    },
    /// The report.
    Report(oneshot::Sender<Value>),
    /// Open a position.
    Open {
        /// What is wanted.
        wish: OpenWish,
        /// The order, or the venue's refusal.
        reply: oneshot::Sender<Result<Order, VenueError>>,
    },
    /// Set a price.
    Price {
        /// Symbol.
        symbol: String,
        /// Price.
        price: Decimal,
        /// The venue's refusal, if any.
        reply: oneshot::Sender<Result<(), VenueError>>,
    },
    /// Set a funding rate.
    Funding {
        /// Symbol.
        symbol: String,
        /// A fraction, per payment; `None` leaves it.
        rate: Option<Decimal>,
        /// Hours between two payments; `None` leaves them.
        hours: Option<i64>,
        /// The venue's refusal, if any.
        reply: oneshot::Sender<Result<(), VenueError>>,
    },
    /// Close a position by hand.
    Close {
        /// Symbol.
        symbol: String,
        /// The leg, where more than one may be open.
        leg: Option<PositionSide>,
        /// The order, or the venue's refusal.
        reply: oneshot::Sender<Result<Order, VenueError>>,
    },
    /// Change a symbol's filters.
    Filters {
        /// Symbol.
        symbol: String,
        /// What changes.
        change: Box<FilterChange>,
        /// The venue's refusal, if any.
        reply: oneshot::Sender<Result<(), VenueError>>,
    },
    /// Close a position as auto-deleveraging does.
    Deleverage {
        /// Symbol.
        symbol: String,
        /// The leg, where more than one may be open.
        leg: Option<PositionSide>,
        /// The venue's refusal, if any.
        reply: oneshot::Sender<Result<(), VenueError>>,
    },
    /// Replace the fault plan.
    Faults(Box<FaultPlan>, oneshot::Sender<()>),
}

/// Where the world's texts and hang-ups go.
#[derive(Debug, Clone)]
pub struct Channels {
    /// Texts for stream sockets.
    pub streams: broadcast::Sender<Arc<Outgoing>>,
    /// Sockets to hang up on.
    pub kicks: broadcast::Sender<SocketKind>,
}

/// Runs the world until `stop` becomes true.
pub async fn run(
    mut world: World,
    mut inbox: mpsc::Receiver<Command>,
    mut live: mpsc::Receiver<LiveInput>,
    channels: Channels,
    stop: watch::Receiver<bool>,
) {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let stop = stopped(stop);
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => return,
            command = inbox.recv() => match command {
                Some(command) => execute(&mut world, command, &channels),
                None => return,
            },
            Some(input) = live.recv() => {
                world.notice_listeners();
                world.on_live(input, now_ms());
            }
            _ = ticks.tick() => {
                world.notice_listeners();
                if let Err(error) = world.tick(now_ms()) {
                    tracing::error!(%error, "the price data cannot be replayed any more");
                }
                publish(&mut world, &channels);
            }
        }
    }
}

/// Executes and publishes before the answer is given: an event may overtake its answer, as on the
/// real venue, but it is never late.
fn execute(world: &mut World, command: Command, channels: &Channels) {
    let now = now_ms();
    world.notice_listeners();
    match command {
        Command::Request(request, reply) => {
            let response = world.request(&request, now);
            publish(world, channels);
            answer(reply, response);
        }
        Command::WsOpen { query, reply } => answer(reply, world.ws_open(&query, now)),
        Command::WsFrame {
            mut session,
            text,
            reply,
        } => {
            let response = world.ws_frame(&mut session, &text, now);
            publish(world, channels);
            answer(reply, (session, response));
        }
        Command::Report(reply) => answer(reply, world.report(now)),
        Command::Open { wish, reply } => {
            let order = world.open(&wish, now);
            publish(world, channels);
            answer(reply, order);
        }
        Command::Price {
            symbol,
            price,
            reply,
        } => {
            let done = world.set_price(&symbol, price, now);
            publish(world, channels);
            answer(reply, done);
        }
        Command::Funding {
            symbol,
            rate,
            hours,
            reply,
        } => {
            let set = world.set_funding(&symbol, rate, hours, now);
            publish(world, channels);
            answer(reply, set);
        }
        Command::Filters {
            symbol,
            change,
            reply,
        } => answer(reply, world.change_filters(&symbol, &change)),
        Command::Deleverage { symbol, leg, reply } => {
            let done = world.deleverage(&symbol, leg, now);
            publish(world, channels);
            answer(reply, done);
        }
        Command::Close { symbol, leg, reply } => {
            let order = world.close(&symbol, leg, now);
            publish(world, channels);
            answer(reply, order);
        }
        Command::Faults(plan, reply) => {
            world.set_faults(*plan);
            answer(reply, ());
        }
    }
}

/// The caller may have hung up; what was executed stays executed.
fn answer<T>(reply: oneshot::Sender<T>, value: T) {
    if reply.send(value).is_err() {
        tracing::debug!("a caller left before its answer");
    }
}

fn publish(world: &mut World, channels: &Channels) {
    for outgoing in world.drain(now_ms()) {
        // An error only says that no socket is open.
        let heard = match outgoing {
            Outgoing::HangUp(kind) => channels.kicks.send(kind).is_ok(),
            text => channels.streams.send(Arc::new(text)).is_ok(),
        };
        if !heard {
            tracing::trace!("no socket is open");
        }
    }
}
