//! The ticker of one replica: a task per job, so that a slow one keeps no other waiting.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::Jobs;

/// The running ticker; dropped, it ends at once, and what was half done is rolled back or its lease runs out.
pub struct Ticking {
    tasks: JoinSet<()>,
    stop: CancellationToken,
}

impl Jobs {
    /// Runs every job about once per `tick` until [`Ticking::stop`].
    pub fn start(&self, tick: Duration) -> Ticking {
        let mut tasks = JoinSet::new();
        for index in 0..self.0.jobs.len() {
            tasks.spawn(self.clone().keep_running(index, tick));
        }
        Ticking {
            tasks,
            stop: self.0.stop.clone(),
        }
    }

    async fn keep_running(self, index: usize, tick: Duration) {
        let Some(registered) = self.0.jobs.get(index) else {
            return;
        };
        // Replicas that start together do not tick together.
        let mut pause = tick.mul_f64(chance());
        loop {
            tokio::select! {
                () = sleep(pause) => {}
                () = self.0.stop.cancelled() => return,
            }
            registered.run(&self.0.db).await;
            pause = tick.mul_f64(0.8 + 0.4 * chance());
        }
    }
}

impl Ticking {
    /// No job begins from now on, and running ones take on nothing more.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits until the running ones have ended.
    pub async fn ended(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Between 0 and 1; without randomness replicas tick together, which does no harm.
fn chance() -> f64 {
    let mut byte = [0_u8; 1];
    let _ = openssl::rand::rand_bytes(&mut byte);
    f64::from(u8::from_be_bytes(byte)) / 255.0
}
