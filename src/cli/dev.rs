//! `portico dev` and `portico sandbox`: the whole of Portico on one machine, for people who try it, work on it or build
//! against it.
//!
//! A private PostgreSQL, demo data, a development IAM and the gateway on loopback, with keys and passwords that are
//! made at the first start. With `database.url` set (and the other two), that server is used and none is started.

mod banner;
mod folder;
mod kind;
mod people;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;
use std::sync::Arc;

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use clap::Args;
use secrecy::ExposeSecret;
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;
use tokio::net::TcpListener;

use self::folder::{Folder, Urls};
use self::kind::Kind;
use super::gateway::{self, Ended};
use super::identity_provider::IdentityProvider;
use super::output;
use super::signals::Signals;
use crate::app::App;
use crate::config::{Config, Layers, OwnerAccess, Purpose, environment};
use crate::db::bootstrap::{self, Passwords};
use crate::db::embedded::{Embedded, Programs, SUPERUSER};
use crate::db::migrate;
use crate::seed::{self, Plan, SeedError};
use crate::{http, telemetry};

pub(super) use self::people::ENTITY_ID as IAM_ENTITY_ID;

/// Where the search for a free port begins, and how many are tried.
const FIRST_PORT: u16 = 8080;
const PORTS: u16 = 100;
/// Enough to page, filter and review, and loaded in a few seconds.
const ORGANISATIONS: usize = 12;
const OPPORTUNITIES: usize = 60;
const SEED: u64 = 1;

#[derive(Debug, Args)]
pub(super) struct Dev {
    /// Listen on this port of 127.0.0.1; without it, on the first free one from 8080 on
    #[arg(long, env = "PORTICO_PORT")]
    port: Option<u16>,
    /// SAML metadata of another identity provider beside the development IAM; it may be on this machine without TLS
    #[arg(long, value_name = "FILE", requires = "idp_name")]
    idp_metadata: Option<PathBuf>,
    /// What it is called on the sign-in page
    #[arg(long, value_name = "NAME", requires = "idp_metadata")]
    idp_name: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Sandbox {
    #[command(flatten)]
    dev: Dev,
    /// When its clock begins, such as 2026-09-30T02:00:00Z; only the first start looks at it. Without it: now
    #[arg(long, value_name = "TIME")]
    start: Option<DateTime<Utc>>,
}

/// What the environment and the command line ask for.
struct Wishes {
    kind: Kind,
    layers: Layers,
    idp: Option<IdentityProvider>,
}

pub(super) async fn run(arguments: Dev) -> anyhow::Result<ExitCode> {
    bring_up(arguments, Kind::Dev).await
}

pub(super) async fn run_sandbox(arguments: Sandbox) -> anyhow::Result<ExitCode> {
    let start = arguments.start;
    bring_up(arguments.dev, Kind::Sandbox { start }).await
}

async fn bring_up(arguments: Dev, kind: Kind) -> anyhow::Result<ExitCode> {
    let mut signals = Signals::catch()?;
    let root = std::env::current_dir().context("the current folder is gone")?;
    let mut folder = Folder::take(&root, kind.folder())?;
    let listener = listen(arguments.port).await?;
    let wishes = Wishes {
        kind,
        layers: Layers::of(None),
        idp: arguments
            .idp_metadata
            .zip(arguments.idp_name)
            .map(|(metadata, name)| IdentityProvider {
                metadata,
                name,
                subject_attribute: None,
            }),
    };
    let cluster = tokio::select! {
        cluster = cluster(&root, &wishes) => cluster?,
        () = signals.next() => return Ok(ExitCode::SUCCESS),
    };
    let result = serve(
        &mut folder,
        &wishes,
        cluster.as_ref(),
        listener,
        &mut signals,
    )
    .await;
    // Another Ctrl-C ends the process, and the kernel then tells the server to stop.
    if let Some(cluster) = cluster
        && !matches!(result, Ok(Ended::AtOnce))
    {
        tokio::select! {
            () = cluster.stop() => {}
            () = signals.next() => {}
        }
    }
    result.map(|_| ExitCode::SUCCESS)
}

/// The asked-for port or none; without one, the first that is free.
async fn listen(asked: Option<u16>) -> anyhow::Result<TcpListener> {
    let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    if let Some(port) = asked {
        return gateway::listen("PORTICO_PORT", loopback(port)).await;
    }
    for port in FIRST_PORT..FIRST_PORT + PORTS {
        if let Ok(listener) = TcpListener::bind(loopback(port)).await {
            return Ok(listener);
        }
    }
    bail!(
        "no port from {FIRST_PORT} to {} is free; name one: PORTICO_PORT=9000",
        FIRST_PORT + PORTS - 1
    )
}

/// The private PostgreSQL with its roles, unless the environment names a server.
async fn cluster(root: &Path, wishes: &Wishes) -> anyhow::Result<Option<Embedded>> {
    if wishes.layers.sets("database.url") {
        return Ok(None);
    }
    output::error("Starting the private PostgreSQL.");
    let programs = Programs::search(
        environment::postgres_programs(),
        environment::search_path(),
        root,
    );
    let cluster = Embedded::start(root, wishes.kind.cluster(), programs).await?;
    let admin = PgConnectOptions::from_str(&cluster.url(SUPERUSER, "postgres"))?;
    bootstrap::run(&admin, &Passwords::default())
        .await
        .context("its roles could not be made")?;
    Ok(Some(cluster))
}

async fn serve(
    folder: &mut Folder,
    wishes: &Wishes,
    cluster: Option<&Embedded>,
    listener: TcpListener,
    signals: &mut Signals,
) -> anyhow::Result<Ended> {
    let prepared = tokio::select! {
        prepared = prepare(folder, wishes, cluster, listener.local_addr()?) => prepared?,
        () = signals.next() => return Ok(Ended::Drained),
    };
    let app = &prepared.app;
    let others = http::sign_in_with_dev_iam(Arc::clone(app), &prepared.iam.routes);
    folder
        .announce(app.config.server.public_url.as_str())
        .context("cannot write the lock")?;
    banner::show(&prepared, wishes.kind);
    gateway::run(app, others, listener, signals).await
}

/// What a development gateway has beside what every gateway has.
struct Prepared {
    app: Arc<App>,
    iam: people::Iam,
    token: String,
}

async fn prepare(
    folder: &Folder,
    wishes: &Wishes,
    cluster: Option<&Embedded>,
    address: SocketAddr,
) -> anyhow::Result<Prepared> {
    folder.signing_key("saml")?;
    folder.random("cookie.key")?;
    let urls = cluster.map(|cluster| Urls {
        app: cluster.url("portico_app", bootstrap::DATABASE),
        staff: cluster.url("portico_staff", bootstrap::DATABASE),
        owner: cluster.url("portico_owner", bootstrap::DATABASE),
    });
    let layers = Layers {
        defaults: Some(folder.settings(address, urls.as_ref())? + wishes.kind.settings()),
        ..wishes.layers.clone()
    };
    let owner = OwnerAccess::load(&layers)?;
    telemetry::start(&owner.log);
    let owner =
        PgConnectOptions::from_str(owner.owner_url.expose_secret())?.disable_statement_logging();
    migrate::run(&owner).await?;
    let begun = wishes.kind.prepare(&owner).await?;
    seed(&owner, begun).await?;
    let app = App::build(Config::load(&layers, Purpose::Dev)?, wishes.kind.clock())?;
    if app.db.clock().is_sandbox() {
        app.resume_travel().await?;
    }
    let passwords = wishes.kind.passwords();
    let iam = people::prepare(&app, (folder, passwords), &owner).await?;
    if let Some(idp) = &wishes.idp {
        people::register_another(&app, idp).await?;
    }
    let token = people::service_token(&app, folder).await?;
    Ok(Prepared { app, iam, token })
}

/// Demo data into an empty database; whatever is there already stays as it is.
async fn seed(owner: &PgConnectOptions, now: DateTime<Utc>) -> anyhow::Result<()> {
    let plan = Plan {
        organisations: ORGANISATIONS,
        opportunities: OPPORTUNITIES,
        seed: SEED,
        now,
    };
    let mut connection = owner.connect().await?;
    match seed::demo(&mut connection, &plan, |_, _| {}).await {
        Ok(()) => output::error("Loaded the demo data."),
        Err(SeedError::AlreadySeeded | SeedError::NotEmpty) => {}
        Err(error @ (SeedError::TooFewOrganisations | SeedError::Database(_))) => {
            return Err(error.into());
        }
    }
    Ok(())
}
