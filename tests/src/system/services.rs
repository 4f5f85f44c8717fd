//! Starting the services: one of each, a second beside it, all anew with other flags.

use std::process::Command;
use std::time::Instant;

use nix::sys::signal::Signal;

use super::await_it::until;
use super::launch::{binary, clear_environment};
use super::process::{Process, prefixed};
use super::{
    GATEWAY, INSTANCE, Ports, SERVICES, STOP_MAX, System, SystemError, files, http, ready,
};

impl System {
    /// Sets a flag for every service that is started from now on.
    pub fn set_flag(&mut self, name: &str, value: &str) {
        self.options.set_flag(name, value);
    }

    /// Sets flags and starts every service anew with them, as an overlay does: all are asked to
    /// stop at once. Bus and venue go on; the bus's policy stays, and so does what was
    /// [added](Self::add).
    ///
    /// # Errors
    /// As for [`System::start`].
    pub async fn change_flags(&mut self, flags: &[(String, String)]) -> Result<(), SystemError> {
        for (name, value) in flags {
            self.set_flag(name, value);
        }
        let names = SERVICES.map(String::from);
        let runs = |process: &&mut Process| names.iter().any(|name| name == process.name());
        for process in self.services.iter_mut().filter(runs) {
            // One that has ended needs no asking.
            drop(process.signal(Signal::SIGTERM));
        }
        for name in &names {
            // A part of the system has not all of them.
            if let Ok(process) = self.process(name) {
                // Awaited, so that whoever watches the venue goes on; what does not end is killed.
                drop(until(name, STOP_MAX, || process.exited()).await);
                process.end();
                let fresh = self.spawn_service(name)?;
                *self.process(name)? = fresh;
            }
        }
        ready::all(self).await
    }

    /// Starts a second process of a service beside the first, as `instance`; its name and its log
    /// are `<service>-<instance>`.
    ///
    /// # Errors
    /// Where it can't be started.
    pub fn add(&mut self, service: &str, instance: &str) -> Result<String, SystemError> {
        let name = format!("{service}-{instance}");
        let process = self.spawn_as(service, &name, instance)?;
        self.services.push(process);
        Ok(name)
    }

    pub(super) fn spawn_service(&mut self, name: &str) -> Result<Process, SystemError> {
        self.spawn_as(name, name, INSTANCE)
    }

    fn spawn_as(
        &mut self,
        service: &str,
        name: &str,
        instance: &str,
    ) -> Result<Process, SystemError> {
        http::forget(&self.files.ports(name));
        let mut command = Command::new(binary(service)?);
        clear_environment(&mut command);
        command
            .env("EXITBRAIN_CONFIG", self.files.config())
            .env("EXITBRAIN_INSTANCE", instance)
            .envs(self.options.flags.iter().map(|(key, value)| (key, value)))
            .envs(
                self.options
                    .overrides
                    .iter()
                    .map(|(key, value)| (key, value)),
            )
            .current_dir(self.files.root());
        if service == GATEWAY {
            // Two gateways on one machine can't have one port.
            let admin = if name == service {
                self.admin_listen.clone()
            } else {
                files::listen(Ports::Free, 0)
            };
            command
                .env("EXITBRAIN__GATEWAY__ADMIN_LISTEN", admin)
                .env("EXITBRAIN__GATEWAY__PORTS_FILE", self.files.ports(name));
        }
        self.started.insert(name.into(), Instant::now());
        let command = prefixed(command, self.options.places.starter(name));
        Ok(Process::spawn(name, command, &self.files.log(name))?)
    }
}
