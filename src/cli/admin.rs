//! `portico admin`: what has to be there before the first person can sign in, and accounts for machines.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use chrono::TimeDelta;
use clap::{Args, Subcommand};
use secrecy::ExposeSecret;

use super::identity_provider::{self, IdentityProvider};
use super::{Settings, output};
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, Purpose};
use crate::db::{Acting, Scope, Tx};
use crate::error::Failure;
use crate::identity::identities::{self, Seen};
use crate::identity::service_accounts::{self, NewServiceAccount, ServiceToken};
use crate::ids::Tagged as _;
use crate::organisation::founding::{self, Founding};
use crate::saml::Transport;
use crate::telemetry;
use crate::viewer::Permission;

const JOB: &str = "admin";
/// Machines are given new tokens by people who may forget to: none is valid for longer.
const LONGEST_LIFE_DAYS: u16 = 400;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make the vendor's organisation, its first administrator and the IAM that signs them in; once per deployment
    Bootstrap(Box<Bootstrap>),
    /// Register one more IAM, or the next metadata of a known one
    AddIdentityProvider(Box<AddIdentityProvider>),
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
    #[command(flatten)]
    idp: IdentityProvider,
    /// The administrator's stable subject, as the identity provider asserts it
    #[arg(long)]
    subject: String,
}

#[derive(Debug, Args)]
pub(super) struct AddIdentityProvider {
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    idp: IdentityProvider,
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
        Command::AddIdentityProvider(arguments) => add_identity_provider(&arguments).await,
        Command::ServiceAccount(ServiceAccountCommand::Create(arguments)) => {
            create_service_account(&arguments).await
        }
    }
}

async fn bootstrap(arguments: &Bootstrap) -> anyhow::Result<ExitCode> {
    let app = app(&arguments.settings)?;
    let mut tx = begin(&app).await?;
    let idp = identity_provider::register(&mut tx, &arguments.idp, Transport::HttpsOnly).await?;
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

/// People of one more IAM can sign in from now on; a known one gets its new metadata, such as the next certificate.
async fn add_identity_provider(arguments: &AddIdentityProvider) -> anyhow::Result<ExitCode> {
    let app = app(&arguments.settings)?;
    let mut tx = begin(&app).await?;
    identity_provider::register(&mut tx, &arguments.idp, Transport::HttpsOnly).await?;
    tx.commit().await?;
    output::line(&format!("People can sign in with {}.", arguments.idp.name));
    Ok(ExitCode::SUCCESS)
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
        created_by: None,
        expires_at: tx.unmoved_now() + TimeDelta::days(i64::from(arguments.days)),
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
