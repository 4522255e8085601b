//! Who can sign in to a development gateway: the demo's people with passwords of this clone, and one machine.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context;
use chrono::TimeDelta;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;

use super::folder::{Folder, random_hex};
use crate::app::App;
use crate::cli::identity_provider::{self, IdentityProvider};
use crate::clock::Clock;
use crate::db::{Acting, Scope, Tx};
use crate::http::dev_iam::{self, DevIam};
use crate::identity::providers::{self, Registration, Subject};
use crate::identity::service_accounts::{self, Check, NewServiceAccount, ServiceToken};
use crate::ids::IdpId;
use crate::saml::{IdentityProviderRole, RegisteredService, Transport};
use crate::seed::{self, DEMO_USERS};
use crate::viewer::Permission;

/// The same on every port, so that a person stays the same person.
pub(in crate::cli) const ENTITY_ID: &str = "urn:portico:development-iam";
const JOB: &str = "dev";
/// What the ready-made request may ask for: everything that only reads.
const READS: [Permission; 6] = [
    Permission::ReadSchema,
    Permission::ReadOrganisations,
    Permission::ReadMembers,
    Permission::ReadOpportunities,
    Permission::ReadResellers,
    Permission::ReadIncentives,
];

/// The development IAM and the passwords it takes.
pub(super) struct Iam {
    pub(super) routes: Arc<DevIam>,
    pub(super) passwords: HashMap<String, String>,
}

/// One entry of `demo-users.json`.
#[derive(Serialize, Deserialize)]
struct Entry {
    user: String,
    password: String,
    name: String,
    email: String,
    subject: String,
}

/// Registers the development IAM, and lets the demo's people sign in with it.
pub(super) async fn prepare(
    app: &App,
    (folder, passwords): (&Folder, &str),
    owner: &PgConnectOptions,
) -> anyhow::Result<Iam> {
    let entries = entries(folder, passwords)?;
    let users = entries.iter().map(|entry| dev_iam::DemoUser {
        user: entry.user.clone(),
        password: entry.password.clone(),
        name: entry.name.clone(),
        email: entry.email.clone(),
        subject: entry.subject.clone(),
    });
    let iam = DevIam::new(role(app, folder)?, users.collect(), Clock::default());
    let mut tx = begin(app).await?;
    let idp = register(&mut tx, &iam).await?;
    tx.commit().await?;
    let mut connection = owner.connect().await?;
    seed::link_demo_users(&mut connection, idp, Clock::default().process()).await?;
    let passwords = entries
        .into_iter()
        .map(|entry| (entry.user, entry.password))
        .collect();
    Ok(Iam {
        routes: Arc::new(iam),
        passwords,
    })
}

/// Trusts another IAM of this machine beside the built-in one.
pub(super) async fn register_another(app: &App, idp: &IdentityProvider) -> anyhow::Result<()> {
    let mut tx = begin(app).await?;
    identity_provider::register(&mut tx, idp, Transport::LoopbackHttp).await?;
    tx.commit().await?;
    Ok(())
}

/// The demo's people; passwords are made once and kept in `file`.
fn entries(folder: &Folder, file: &str) -> anyhow::Result<Vec<Entry>> {
    let text = folder.keep(file, || Ok(b"[]".to_vec()))?;
    let kept: Vec<Entry> = serde_json::from_slice(&text)
        .context("demo-users.json is not what was written there: remove it to get new passwords")?;
    let mut passwords: HashMap<String, String> = kept
        .into_iter()
        .map(|entry| (entry.user, entry.password))
        .collect();
    let entries = DEMO_USERS
        .iter()
        .map(|user| {
            let password = match passwords.remove(user.user) {
                Some(password) => password,
                None => random_hex::<6>()?,
            };
            Ok(Entry {
                user: user.user.to_owned(),
                password,
                name: user.display_name.to_owned(),
                email: user.email.to_owned(),
                subject: user.subject.to_owned(),
            })
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let written = serde_json::to_vec_pretty(&entries)?;
    if written != text {
        folder.write(file, &written)?;
    }
    Ok(entries)
}

fn role(app: &App, folder: &Folder) -> anyhow::Result<IdentityProviderRole> {
    let public_url = &app.config.server.public_url;
    let service = RegisteredService {
        entity_id: app.sign_in.service.entity_id().to_owned(),
        acs_url: public_url.join("/saml/acs")?.into(),
        certificates: vec![folder.signing_key("saml")?.certificate().clone()],
    };
    Ok(IdentityProviderRole::new(
        ENTITY_ID.to_owned(),
        public_url.join("/dev/iam/sso")?.into(),
        folder.signing_key("iam")?,
        vec![service],
    ))
}

async fn register(tx: &mut Tx, iam: &DevIam) -> anyhow::Result<IdpId> {
    let metadata = iam.metadata();
    Ok(providers::register(
        tx,
        Registration {
            entity_id: ENTITY_ID,
            display_name: "Development IAM",
            metadata: &metadata,
            subject: Subject::PersistentNameId,
        },
    )
    .await?)
}

/// A token for the ready-made request; a new one when the kept one is of another database or over.
pub(super) async fn service_token(app: &App, folder: &Folder) -> anyhow::Result<String> {
    let kept = String::from_utf8(folder.keep("token", || Ok(Vec::new()))?)?;
    if let Some(token) = ServiceToken::parse(&kept)
        && let Check::Valid(_) = service_accounts::check(&app.db, &token).await
    {
        return Ok(kept);
    }
    let mut tx = begin(app).await?;
    let Some(vendor) = crate::organisation::founding::find_vendor(&mut tx)
        .await
        .ok()
        .flatten()
    else {
        return Ok(String::new());
    };
    let token = ServiceToken::fresh()?;
    let account = NewServiceAccount {
        organisation: vendor,
        name: "development",
        permissions: READS.into(),
        created_by: None,
        expires_at: tx.unmoved_now() + TimeDelta::days(365),
    };
    service_accounts::create(&mut tx, account, &token).await?;
    tx.commit().await?;
    let text = token.text().expose_secret().to_owned();
    folder.write("token", text.as_bytes())?;
    Ok(text)
}

async fn begin(app: &App) -> anyhow::Result<Tx> {
    let acting = Acting {
        actor: format!("job:{JOB}"),
        correlation_id: "start".to_owned(),
    };
    Ok(app.db.begin(&Scope::Job(JOB), &acting).await?)
}
