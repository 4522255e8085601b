//! A Redis of one test's own, that can be killed, restarted and frozen.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::cache::Remote;
use crate::identity::sessions::SharedCopies;
use crate::identity::testing::eventually;

pub(super) struct RedisServer {
    process: Child,
    port: u16,
}

impl RedisServer {
    pub(super) async fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let server = Self {
            process: spawn(port),
            port,
        };
        server.is_up().await;
        server
    }

    /// A replica's own connection to it.
    pub(super) fn copies(&self) -> SharedCopies {
        let remote = Remote::lazy(&self.url().into(), Duration::from_millis(250)).unwrap();
        SharedCopies::new(Arc::new(remote), b"a cookie key of tests, long enough").unwrap()
    }

    pub(super) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(super) async fn connect(&self) -> redis::aio::MultiplexedConnection {
        let client = redis::Client::open(self.url()).unwrap();
        client.get_multiplexed_async_connection().await.unwrap()
    }

    pub(super) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub(super) async fn restart(&mut self) {
        self.process = spawn(self.port);
        self.is_up().await;
    }

    pub(super) fn freeze(&self) {
        self.signal(Signal::SIGSTOP);
    }

    pub(super) fn thaw(&self) {
        self.signal(Signal::SIGCONT);
    }

    pub(super) async fn flush(&self) {
        let () = redis::cmd("FLUSHALL")
            .query_async(&mut self.connect().await)
            .await
            .unwrap();
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.process.id().cast_signed()), signal).unwrap();
    }

    async fn is_up(&self) {
        let client = redis::Client::open(self.url()).unwrap();
        let up = async || client.get_multiplexed_async_connection().await.is_ok();
        eventually(Duration::from_secs(20), up).await;
    }
}

fn spawn(port: u16) -> Child {
    Command::new("redis-server")
        .args([
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            "/tmp",
            "--port",
        ])
        .arg(port.to_string())
        .stdout(Stdio::null())
        .spawn()
        .expect("redis-server is installed: ./test says how")
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
