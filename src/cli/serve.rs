//! `portico serve`: the gateway where people depend on it.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::time::{sleep, timeout};

use super::gateway::{self, Ended};
use super::signals::Signals;
use super::{Settings, dev, output};
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, Database, Problems, Purpose};
use crate::db::deployment::{self, Fault, Unwanted};
use crate::{http, seed, telemetry};

/// How long the start waits for a database before it goes on without.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long between two looks at a database that does not answer.
const RETRY: Duration = Duration::from_secs(1);

const UNWANTED: Unwanted = Unwanted {
    demo_vendor: seed::VENDOR_NUMBER,
    development_iam: dev::IAM_ENTITY_ID,
};

pub(super) async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let config = Config::load(&settings.layers(), Purpose::Serve)?;
    telemetry::start(&config.log);
    let mut signals = Signals::catch()?;
    let listener = gateway::listen("server.listen", config.server.listen).await?;
    // Usually the database answers, and what it must not hold is known before the first request.
    if let Ok(faults) = timeout(
        PATIENCE,
        wait_for_faults(&config.database, Wait::UntilKnown),
    )
    .await
        && !faults.is_empty()
    {
        return Ok(refuse(&faults));
    }
    let app = App::build(config, Clock::default())?;
    let others = http::sign_in(Arc::clone(&app));
    tokio::select! {
        ended = gateway::run(&app, others, listener, &mut signals) => match ended? {
            Ended::Drained => Ok(ExitCode::SUCCESS),
            Ended::AtOnce => Ok(ExitCode::FAILURE),
        },
        // One that comes up later is looked at then: until it is there nothing can be served anyway.
        faults = wait_for_faults(&app.config.database, Wait::ForEver) => Ok(refuse(&faults)),
    }
}

/// What to do about a database that is in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wait {
    UntilKnown,
    ForEver,
}

async fn wait_for_faults(database: &Database, wait: Wait) -> Vec<Fault> {
    let urls = (
        database.url.expose_secret(),
        database.staff_url.expose_secret(),
    );
    let mut said = false;
    loop {
        match deployment::faults(urls, UNWANTED).await {
            Ok(faults) if faults.is_empty() && wait == Wait::ForEver => {
                std::future::pending::<()>().await;
            }
            Ok(faults) => return faults,
            Err(error) if !said => {
                said = true;
                tracing::warn!(%error, "the database does not answer; trying again each second");
            }
            Err(_again) => {}
        }
        sleep(RETRY).await;
    }
}

fn refuse(faults: &[Fault]) -> ExitCode {
    for fault in faults {
        output::error(&format!("portico: {fault}"));
    }
    ExitCode::from(Problems::EXIT_CODE)
}
