//! `portico admin`: what has to be there before the first person can sign in, and accounts for machines.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use chrono::TimeDelta;
use clap::{Args, Subcommand};
use secrecy::ExposeSecret;

use super::{Settings, output};
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, Purpose};
use crate::db::{Acting, Scope, Tx};
use crate::error::Failure;
use crate::identity::identities::{self, Seen};
use crate::identity::providers::{self, Subject};
use crate::identity::service_accounts::{self, NewServiceAccount, ServiceToken};
use crate::ids::{IdpId, Tagged as _};
use crate::organisation::founding::{self, Founding};
use crate::saml::{self, SubjectSource, Transport};
use crate::telemetry;
use crate::viewer::Permission;

const JOB: &str = "admin";
/// Machines are given new tokens by people who may forget to: none is valid for longer.
const LONGEST_LIFE_DAYS: u16 = 400;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make the vendor's organisation, its first administrator and the IAM that signs them in; once per deployment
    Bootstrap(Box<Bootstrap>),
    /// Accounts for machines
    #[command(subcommand)]
    ServiceAccount(ServiceAccountCommand),
}

#[derive(Debug, Args)]
pub(super) struct Bootstrap {
    #[command(flatten)]
    settings: Settings,
    /// The vendor's name
    #[arg(long, value_name = "NAME")]
    organisation: String,
    /// The first administrator's name
    #[arg(long, value_name = "NAME")]
    administrator: String,
    #[arg(long, value_name = "ADDRESS")]
    email: String,
    /// The administrator's account name in the portal; it never changes
    #[arg(long, value_name = "ACCOUNT", default_value = "admin")]
    account_name: String,
    /// The identity provider's SAML metadata
    #[arg(long, value_name = "FILE")]
    idp_metadata: PathBuf,
    /// What the identity provider is called on the sign-in page
    #[arg(long, value_name = "NAME")]
    idp_name: String,
    /// The attribute that holds a person's stable subject; without it, the persistent `NameID` does
    #[arg(long, value_name = "ATTRIBUTE")]
    subject_attribute: Option<String>,
    /// The administrator's stable subject, as the identity provider asserts it
    #[arg(long)]
    subject: String,
}

#[derive(Debug, Subcommand)]
pub(super) enum ServiceAccountCommand {
    /// Make one for the vendor's organisation and print its token, which is shown only now
    Create(CreateServiceAccount),
}

#[derive(Debug, Args)]
pub(super) struct CreateServiceAccount {
    #[command(flatten)]
    settings: Settings,
    /// What the account is for
    #[arg(long)]
    name: String,
    /// What it may do, such as schema.read; can be given several times
    #[arg(long = "permission", value_name = "PERMISSION", required = true, value_parser = permission)]
    permissions: Vec<Permission>,
    /// Days until its token ends
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=i64::from(LONGEST_LIFE_DAYS)))]
    days: u16,
}

fn permission(text: &str) -> Result<Permission, String> {
    Permission::parse(text).ok_or_else(|| {
        let all: Vec<&str> = Permission::ALL
            .iter()
            .map(|permission| permission.as_str())
            .collect();
        format!("the permissions are {}", all.join(", "))
    })
}

pub(super) async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Bootstrap(arguments) => bootstrap(&arguments).await,
        Command::ServiceAccount(ServiceAccountCommand::Create(arguments)) => {
            create_service_account(&arguments).await
        }
    }
}

async fn bootstrap(arguments: &Bootstrap) -> anyhow::Result<ExitCode> {
    let app = app(&arguments.settings)?;
    let metadata = read(&arguments.idp_metadata)?;
    let mut tx = begin(&app).await?;
    let idp = register(&mut tx, arguments, &metadata).await?;
    let identity = identities::seen(
        &mut tx,
        Seen {
            idp,
            subject: &arguments.subject,
            display_name: Some(&arguments.administrator),
            email: Some(&arguments.email),
        },
    )
    .await?;
    let founded = founding::found(
        &mut tx,
        Founding {
            organisation: &arguments.organisation,
            account_name: &arguments.account_name,
            administrator: &arguments.administrator,
            email: &arguments.email,
            identity,
        },
    )
    .await
    .map_err(said)?;
    let Some(organisation) = founded else {
        bail!("this deployment has its vendor already; nothing was changed");
    };
    tx.commit().await?;
    output::line(&format!(
        "{} is organisation {}. {} can sign in at {}.",
        arguments.organisation,
        organisation.global(),
        arguments.administrator,
        app.config.server.public_url,
    ));
    Ok(ExitCode::SUCCESS)
}

/// Registers the identity provider, if its answers could be trusted.
async fn register(tx: &mut Tx, arguments: &Bootstrap, metadata: &str) -> anyhow::Result<IdpId> {
    let attribute = arguments.subject_attribute.as_deref();
    let read = saml::read_identity_provider(
        metadata,
        saml::Registration {
            id: tx.fresh_id(),
            display_name: arguments.idp_name.clone(),
            subject: attribute.map_or(SubjectSource::PersistentNameId, |name| {
                SubjectSource::Attribute(name.to_owned())
            }),
            transport: Transport::HttpsOnly,
        },
        tx.now(),
    )
    .with_context(|| format!("{} cannot be registered", arguments.idp_metadata.display()))?;
    Ok(providers::register(
        tx,
        providers::Registration {
            entity_id: &read.entity_id,
            display_name: &arguments.idp_name,
            metadata,
            subject: attribute.map_or(Subject::PersistentNameId, Subject::Attribute),
        },
    )
    .await?)
}

async fn create_service_account(arguments: &CreateServiceAccount) -> anyhow::Result<ExitCode> {
    let app = app(&arguments.settings)?;
    let token = ServiceToken::fresh()?;
    let mut tx = begin(&app).await?;
    let vendor = founding::find_vendor(&mut tx).await.map_err(said)?;
    let Some(organisation) = vendor else {
        bail!("there is no vendor yet: `portico admin bootstrap` makes it");
    };
    let permissions: BTreeSet<Permission> = arguments.permissions.iter().copied().collect();
    let account = NewServiceAccount {
        organisation,
        name: &arguments.name,
        permissions,
        expires_at: tx.now() + TimeDelta::days(i64::from(arguments.days)),
    };
    service_accounts::create(&mut tx, account, &token).await?;
    tx.commit().await?;
    // Alone on standard output, so that it can be sent to a file.
    output::line(token.text().expose_secret());
    Ok(ExitCode::SUCCESS)
}

fn app(settings: &Settings) -> anyhow::Result<Arc<App>> {
    let config = Config::load(&settings.layers(), Purpose::Serve)?;
    telemetry::start(&config.log);
    App::build(config, Clock::default())
}

/// As a job: there is nobody yet on whose behalf this could run.
async fn begin(app: &App) -> anyhow::Result<Tx> {
    let acting = Acting {
        actor: format!("job:{JOB}"),
        correlation_id: "command line".to_owned(),
    };
    app.db
        .begin(&Scope::Job(JOB), &acting)
        .await
        .context("the database cannot be reached as portico_staff")
}

fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

/// A failure in an operator's words: its reasons, or what the database said.
fn said(failure: Failure) -> anyhow::Error {
    match failure {
        Failure::Refused(refusals) => {
            let reasons: Vec<String> = refusals
                .iter()
                .map(|refusal| refusal.reason.0.to_owned())
                .collect();
            anyhow!("refused: {}", reasons.join(", "))
        }
        Failure::Internal(error) => error.into(),
    }
}
