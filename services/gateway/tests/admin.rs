//! The gateway's own port, over its real wire.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::net::SocketAddr;

use bus::kill;
use domain::mode::{Kill, Mode};
use domain::{Account, Timestamp};
use gateway::actor::Lowered;
use gateway::admin::{AdminPort, Desk, Order};
use nkeys::KeyPair;
use proto::DirectKill;
use proto::wire::SignedKill;
use proto::wire::gateway_admin_client::GatewayAdminClient;
use runtime::{Shutdown, clock};
use tokio::sync::mpsc;
use tonic::Code;

const LOWERED: Lowered = Lowered {
    before: Mode::Live,
    after: Mode::Shadow,
    acts: true,
    withdrawn: 1,
    in_flight: 2,
};

struct Scene {
    operator: KeyPair,
    address: SocketAddr,
    kills: mpsc::Receiver<Order>,
    shutdown: Shutdown,
}

fn scene() -> Scene {
    let operator = KeyPair::new_user();
    let public = KeyPair::from_public_key(&operator.public_key()).unwrap();
    let account = Account::new("main").unwrap();
    let desk = Desk::new(public, account, Timestamp::default());
    let port = AdminPort::bind(([127, 0, 0, 1], 0).into()).unwrap();
    let address = port.address().unwrap();
    let shutdown = Shutdown::new();
    let kills = port.spawn(desk, "one", shutdown.clone()).unwrap();
    Scene {
        operator,
        address,
        kills,
        shutdown,
    }
}

impl Scene {
    fn sealed(&self) -> SignedKill {
        let order = DirectKill {
            kill: Kill {
                to: Mode::Shadow,
                by: "ada".into(),
                at: clock::now(),
            },
            account: Account::new("main").unwrap(),
        };
        kill::seal(&order, &self.operator).unwrap()
    }

    async fn client(&self) -> GatewayAdminClient<tonic::transport::Channel> {
        let url = format!("http://{}", self.address);
        GatewayAdminClient::connect(url).await.unwrap()
    }
}

#[tokio::test]
async fn a_kill_reaches_the_gateway_once_and_what_it_did_comes_back() {
    let mut scene = scene();
    let mut client = scene.client().await;
    let sealed = scene.sealed();
    let obey = async {
        let order = scene.kills.recv().await.unwrap();
        assert_eq!(
            (order.kill.to, order.kill.by.as_str()),
            (Mode::Shadow, "ada")
        );
        order.answer.send(LOWERED).unwrap();
    };
    let (report, ()) = tokio::join!(client.kill(sealed.clone()), obey);
    let report = report.unwrap().into_inner();
    assert_eq!(
        (report.before.as_str(), report.after.as_str()),
        ("LIVE", "SHADOW")
    );
    assert_eq!((report.withdrawn, report.in_flight), (1, 2));

    // Whoever has recorded it, sends it again.
    let replayed = client.kill(sealed).await.unwrap_err();
    assert_eq!(replayed.code(), Code::FailedPrecondition);
    let mut forged = scene.sealed();
    forged.signature[0] ^= 1;
    let forged = client.kill(forged).await.unwrap_err();
    assert_eq!(forged.code(), Code::PermissionDenied);
    assert!(scene.kills.try_recv().is_err(), "none of them arrived");
    scene.shutdown.request();
}

#[tokio::test]
async fn a_kill_is_not_lost_where_the_gateway_is_not_ready_yet() {
    let mut scene = scene();
    let mut client = scene.client().await;
    let mut request = tonic::Request::new(scene.sealed());
    request.set_timeout(std::time::Duration::from_millis(50));
    client.kill(request).await.unwrap_err();
    // Whoever asked has given up; the order is there all the same.
    let order = scene.kills.recv().await.unwrap();
    assert_eq!(order.kill.to, Mode::Shadow);
    scene.shutdown.request();
}
