//! An incumbent that has turned against us, with its own real key, on a real server: it tries every
//! subject and every API there is, and gets nothing but what the table gives it.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "../common/mod.rs"]
mod common;
mod evidence;
mod ground;
mod real;
mod targets;
mod tricks;

use std::collections::BTreeSet;

use bus::map::ROWS;
use bus::policy::{Layout, Policy};
use bus::{Client, Identity};

use evidence::Tally;
use ground::{Ground, TAG};
use targets::{Group, subject};

/// Publish, and ask with a reply to its own inbox.
const SAYS: u64 = 2;
/// Subscribe, alone and in a queue group.
const LISTENS: u64 = 2;

fn incumbents() -> impl Iterator<Item = Identity> {
    Identity::ALL.into_iter().filter(|it| it.is_legacy())
}

/// Whether the server is to let `me` say something on `subject`.
fn may_say(ground: &Ground, me: Identity, subject: &str) -> bool {
    let mut own = ROWS.iter().filter(|row| row.writer == me);
    own.any(|row| {
        let allowed = passes(subject, row.pattern);
        if !ground.maps(row) {
            return allowed;
        }
        // Allowed where it arrives, and so there too; `>` is no token that the mapping takes.
        let arrives = row.pattern.replace("order.intent", "order.blocked");
        allowed && !subject.ends_with('>') || passes(subject, &arrives)
    })
}

fn may_hear(me: Identity) -> Vec<String> {
    let read = ROWS.iter().filter(|row| row.readers.contains(&me));
    let mut allowed: Vec<String> = read.map(|row| row.pattern.into()).collect();
    // A family of which it may read every row is allowed as a whole.
    let families: BTreeSet<&str> = ROWS.iter().map(|row| row.family).collect();
    let whole = |family: &&str| {
        let mut rows = ROWS.iter().filter(|row| row.family == *family);
        rows.all(|row| row.readers.contains(&me))
    };
    allowed.extend(families.into_iter().filter(whole).map(String::from));
    allowed.push(format!("{}.>", me.inbox_prefix()));
    allowed
}

/// Whether the server lets `asked` pass as one of `allowed`. It takes a wildcard that is asked for
/// as a token like any other.
fn passes(asked: &str, allowed: &str) -> bool {
    let mut asked = asked.split('.');
    for token in allowed.split('.') {
        match (token, asked.next()) {
            (">", Some(_)) => return true,
            ("*", Some(_)) => {}
            (fixed, Some(part)) if fixed == part => {}
            _ => return false,
        }
    }
    asked.next().is_none()
}

/// Where what `me` may say arrives among our services. A subject with a wildcard in it is one like
/// any other, and no reader of ours takes it for a position.
fn arrivals(ground: &Ground, me: Identity, groups: &[Group]) -> BTreeSet<String> {
    let subjects = groups.iter().flat_map(|group| &group.subjects);
    let said = subjects.filter(|it| may_say(ground, me, it));
    let diverts = ground.policy == Policy::Live;
    said.map(|subject| match diverts {
        true => subject.replace("order.intent", "order.blocked"),
        false => subject.clone(),
    })
    .collect()
}

/// Waits until the server has refused `client` so often, and sees that it was not more often.
async fn refusals(client: &Client, expected: u64, subject: &str) {
    let refused = || client.faults().permission_violations;
    let what = format!("{expected} refusals of {} by {subject}", client.identity());
    common::until(&what, || refused() >= expected).await;
    assert_eq!(refused(), expected, "{what}");
}

/// Says everything everywhere, as `me`. What arrives is what the table says, and nothing answers.
async fn say(ground: &mut Ground, me: Identity, groups: &[Group], tally: &mut Tally) {
    let client = ground.server.client(me).await;
    let mut answers = client
        .subscribe(&format!("{}.>", me.inbox_prefix()))
        .await
        .unwrap();
    let reply = format!("{}.answer", me.inbox_prefix());
    for group in groups {
        for subject in &group.subjects {
            let before = client.faults().permission_violations;
            let raw = client.raw();
            raw.publish(subject.clone(), TAG.into()).await.unwrap();
            let asked = raw.publish_with_reply(subject.clone(), reply.clone(), TAG.into());
            asked.await.unwrap();
            client.settle().await.unwrap();
            let refused = if may_say(ground, me, subject) {
                0
            } else {
                SAYS
            };
            refusals(&client, before + refused, subject).await;
            tally.said(group.name, SAYS, refused);
        }
    }
    let heard = ground.heard().await;
    let expected = arrivals(ground, me, groups);
    assert_eq!(heard.ours, expected, "{me} in {}", ground.policy);
    assert_eq!(heard.approvals, BTreeSet::new(), "{me} reached the gateway");
    assert_eq!(
        heard.system,
        BTreeSet::new(),
        "{me} reached the server's own account"
    );
    tally.arrived(me, &heard.ours);
    client.settle().await.unwrap();
    let answers = common::ready(&mut answers);
    let told = answers.iter().filter(|it| !it.payload.is_empty());
    assert_eq!(
        told.collect::<Vec<_>>(),
        Vec::<&bus::Message>::new(),
        "{me} was answered"
    );
}

/// Listens everywhere, as `me`, while everybody speaks. It hears what the table says.
async fn listen(ground: &mut Ground, me: Identity, groups: &[Group], tally: &mut Tally) {
    let list = may_hear(me);
    let client = ground.server.client(me).await;
    let mut ears = Vec::new();
    for group in groups {
        for subject in &group.subjects {
            let before = client.faults().permission_violations;
            ears.push(client.raw().subscribe(subject.clone()).await.unwrap());
            let queue = client
                .raw()
                .queue_subscribe(subject.clone(), "thieves".into());
            ears.push(queue.await.unwrap());
            client.settle().await.unwrap();
            let may = list.iter().any(|allowed| passes(subject, allowed));
            let refused = if may { 0 } else { LISTENS };
            refusals(&client, before + refused, subject).await;
            tally.listened(group.name, LISTENS, refused);
        }
    }
    ground.everybody_speaks().await;
    client.settle().await.unwrap();
    let heard = ground::subjects(&mut ears);
    let readable = ROWS.iter().filter(|row| row.readers.contains(&me));
    assert_eq!(
        heard,
        readable.map(subject).collect(),
        "{me} in {}",
        ground.policy
    );
}

async fn all_attempts(layout: Layout, policy: Policy) {
    let mut ground = Ground::new(layout, policy).await;
    let mut tally = Tally::new(layout, policy);
    for me in incumbents() {
        let groups = targets::groups(me, ground.server_id());
        say(&mut ground, me, &groups, &mut tally).await;
        listen(&mut ground, me, &groups, &mut tally).await;
    }
    tally.file();
}

#[tokio::test]
async fn in_live_it_gets_nothing() {
    all_attempts(Layout::Accounts, Policy::Live).await;
}

#[tokio::test]
async fn in_shadow_it_gets_what_the_table_gives_it() {
    all_attempts(Layout::Accounts, Policy::Shadow).await;
}

#[tokio::test]
async fn in_live_it_gets_nothing_by_permissions_alone() {
    all_attempts(Layout::Plain, Policy::Live).await;
}

#[tokio::test]
async fn in_shadow_it_gets_what_the_table_gives_it_by_permissions_alone() {
    all_attempts(Layout::Plain, Policy::Shadow).await;
}
