//! The harness with as few services as it takes; needs the binaries (`make build`).

use nix::sys::signal;
use nix::unistd::Pid;

use super::*;

const SOON: Duration = Duration::from_secs(20);

fn two_services() -> SystemOptions {
    SystemOptions {
        services: vec!["planner".into(), "diagnostics".into()],
        strategy: false,
        ..SystemOptions::shadow()
    }
}

fn pid_of(system: &mut System, name: &str) -> Pid {
    let pid = system.process(name).unwrap().pid();
    Pid::from_raw(i32::try_from(pid).unwrap())
}

fn runs(pid: Pid) -> bool {
    signal::kill(pid, None).is_ok()
}

#[tokio::test]
async fn a_system_comes_up_and_leaves_nothing_behind() {
    let mut system = System::start(two_services()).await.unwrap();
    let names = [NATS, PAPER, "planner", "diagnostics"];
    let pids = names.map(|name| pid_of(&mut system, name));
    let root = system.files().root().to_path_buf();
    let report = system.report().await.unwrap();
    assert_eq!(report["positions_opened"], 0);
    assert_eq!(system.dead(), []);
    assert_eq!(
        system.stop(),
        Vec::<String>::new(),
        "all stopped when asked"
    );
    assert_eq!(system.dead(), [], "an end that was ours is no death");
    drop(system);
    assert!(pids.into_iter().all(|pid| !runs(pid)));
    assert!(!root.exists());
}

#[tokio::test]
async fn a_killed_service_is_heard_again_after_its_restart() {
    let mut system = System::start(two_services()).await.unwrap();
    system.kill("planner", Signal::SIGKILL).unwrap();
    assert_eq!(system.dead(), []);
    system.restart("planner").await.unwrap();
    system.restart(NATS).await.unwrap();
    system.restart("diagnostics").await.unwrap();
    assert!(system.status().await.is_ok());
}

#[tokio::test]
async fn a_service_that_ends_by_itself_is_told_with_its_log() {
    let mut system = System::start(two_services()).await.unwrap();
    signal::kill(pid_of(&mut system, "planner"), Signal::SIGKILL).unwrap();
    let waited = system.await_status("a death", SOON, |_| false).await;
    let Err(SystemError::Died(dead)) = waited else {
        panic!("{waited:?}");
    };
    assert_eq!(dead.name, "planner");
    assert!(dead.tail.contains("starting"), "{}", dead.tail);
}

#[tokio::test]
async fn settings_that_cant_be_used_are_told_at_once() {
    let mut options = two_services();
    let bad = ("EXITBRAIN__BUS__URLL".to_owned(), "x".to_owned());
    options.overrides.push(bad);
    let told = System::start(options).await.unwrap_err().to_string();
    assert!(told.contains("EXITBRAIN__BUS__URLL"), "{told}");
}

#[tokio::test]
async fn an_unknown_process_is_named() {
    let mut options = two_services();
    options.services.clear();
    let mut system = System::start(options).await.unwrap();
    let told = system.kill("planer", Signal::SIGKILL).unwrap_err();
    assert!(told.to_string().contains("planer"), "{told}");
}
