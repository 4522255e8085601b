//! The composition root: the only place that constructs pools, clients and services.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use chrono::TimeDelta;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use secrecy::ExposeSecret as _;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use url::Url;

use crate::cache::Remote;
use crate::calendar::WarnOfUnpublishedYear;
use crate::clock::Clock;
use crate::config::{self, Config, Database, Graphql, Programme, Saml};
use crate::customers::{CustomerNews, ManagedCustomers};
use crate::db::{Db, Pool, PoolSettings, watchdog};
use crate::deadlines::{DeadlineKind, ExpireDeadlines, Expiries, RecountDeadlines};
use crate::documents::{CollectDocuments, Collector, Files};
use crate::feed;
use crate::graphql::gate::{self, Gate};
use crate::graphql::{self, Portal, PorticoSchema, Seams};
use crate::identity::sessions::{SessionSettings, Sessions, SharedCopies};
use crate::incentives::{ExpiringIncentives, IncentiveNews};
use crate::jobs::{Job, Jobs, Pruning, Retention, Ticking};
use crate::limits::{LimitSettings, Limits};
use crate::notices::{
    Announcers, Announces, Channels, Delivering, Link, Mail, MailTransport, Making, Outstanding,
    PruningNotices, Reminding, SmsFolder,
};
use crate::opportunities::{ExpiringOpportunities, OpportunityNews, OwnedOpportunities};
use crate::organisation::invitations::InvitationNews;
use crate::organisation::personnel::{MailingInvitations, PersonnelNews};
use crate::organisation::programmes::ProgrammeNews;
use crate::organisation::{DirectedAccountManagers, Duties, Sites};
use crate::paging::CursorKey;
use crate::resellers::ManagedResellers;
use crate::rules::Site;
use crate::saml::{
    PendingKey, Providers, ServiceProvider, SignIn, SigningKey, TimePolicy, Transport,
};
use crate::sandbox::{self, ScriptedVendor, Stops};

/// Everything that serves a request. Built once and shared.
pub struct App {
    pub config: Config,
    pub db: Db,
    pub schema: PorticoSchema,
    pub gate: Gate,
    pub cursors: Arc<CursorKey>,
    pub files: Files,
    pub sign_in: SignIn,
    pub sessions: Sessions,
    pub limits: Limits,
    pub jobs: Jobs,
    pub(crate) expiries: Expiries,
    /// What waits to be delivered, and what was given up.
    pub outstanding: Outstanding,
    stops: Stops,
    _watchdog: AbortOnDropHandle<()>,
}

/// How long a pool may stand still with every permit taken before it is replaced (reliability F8).
const POOL_PATIENCE: Duration = Duration::from_secs(10);

impl App {
    /// Builds the application without connecting: a database that is down does not stop the start. Must run inside the
    /// runtime, where it leaves what listens for revocations and what watches the pools.
    pub fn build(config: Config, clock: Clock) -> anyhow::Result<Arc<Self>> {
        let db = database(&config.database, clock)?;
        let gate = Gate::new(&graphql::sdl(), gate_limits(&config.graphql))
            .context("the graph's own schema")?;
        let cursors =
            CursorKey::new(&derived_key(&config, "cursors")?).context("the cursor key")?;
        let remote = remote(&config)?;
        let shared = match &remote {
            Some(remote) => Some(SharedCopies::new(
                Arc::clone(remote),
                config.session.cookie_key.expose_secret().as_bytes(),
            )?),
            None => None,
        };
        let files = files(&config)?;
        let sites = sites(&config.programme).context("programme.site")?;
        let portal = Portal(config.server.public_url.to_string());
        let duties = duties();
        // Each domain with deadlines says what happens when one passes.
        let expiries = Expiries::new(vec![
            Box::new(ExpiringOpportunities(DeadlineKind::AcceptSharedOpportunity)),
            Box::new(ExpiringOpportunities(DeadlineKind::ValidateOpportunity)),
            Box::new(ExpiringIncentives),
        ]);
        let settings = SessionSettings {
            idle: TimeDelta::from_std(config.session.idle)?,
            absolute: TimeDelta::from_std(config.session.absolute)?,
        };
        let outstanding = Outstanding::default();
        let sign_in = sign_in(&config, &db, settings).context("saml")?;
        let jobs = jobs(&config, &db, (&expiries, &files, &outstanding))?;
        let stops = Stops(config.jobs.enabled.then(|| jobs.clone()));
        Ok(Arc::new(Self {
            sessions: Sessions::start(db.clone(), settings, shared),
            limits: Limits::new(LimitSettings::default(), remote),
            jobs,
            outstanding,
            stops: stops.clone(),
            _watchdog: watchdog::watch(db.clone(), POOL_PATIENCE),
            db,
            schema: graphql::schema(Seams {
                duties,
                expiries: expiries.clone(),
                sites,
                stops,
                portal,
            }),
            expiries,
            gate,
            cursors: Arc::new(cursors),
            files,
            sign_in,
            config,
        }))
    }

    /// Runs every job once and answers the names of those that failed: for tests and the sandbox, whose clock jumps.
    pub async fn tick(&self) -> Vec<&'static str> {
        self.jobs.tick().await
    }

    /// In a sandbox: takes a travel of the clock to its end that a killed process left half-way.
    pub async fn resume_travel(&self) -> anyhow::Result<()> {
        let resumed = sandbox::resume(&self.db, &self.stops).await;
        resumed.map_err(|failure| anyhow::anyhow!("the sandbox's clock is on its way: {failure:?}"))
    }

    /// Starts the ticker of this replica, if it is to have one.
    pub fn start_jobs(&self) -> Option<Ticking> {
        let settings = &self.config.jobs;
        settings.enabled.then(|| self.jobs.start(settings.tick))
    }
}

/// Redis, where it is configured.
fn remote(config: &Config) -> anyhow::Result<Option<Arc<Remote>>> {
    let Some(url) = &config.redis.url else {
        return Ok(None);
    };
    let remote = Remote::lazy(url, config.redis.timeout).context("redis.url")?;
    Ok(Some(Arc::new(remote)))
}

/// What each domain says of a member who is to go.
fn duties() -> Duties {
    Duties::new(vec![
        Box::new(ManagedResellers),
        Box::new(ManagedCustomers),
        Box::new(OwnedOpportunities),
        Box::new(DirectedAccountManagers),
    ])
}

/// What the clock starts. A tick runs them in this order: what one of them writes, a later one already sees.
fn jobs(
    config: &Config,
    db: &Db,
    (expiries, files, outstanding): (&Expiries, &Files, &Outstanding),
) -> anyhow::Result<Jobs> {
    let stop = CancellationToken::new();
    let channels = channels(config)?;
    let mut news: Vec<Box<dyn Announces>> = vec![
        Box::new(OpportunityNews),
        Box::new(IncentiveNews),
        Box::new(InvitationNews),
        Box::new(PersonnelNews),
        Box::new(CustomerNews),
    ];
    news.extend(ProgrammeNews::all().map(|one| Box::new(one) as Box<dyn Announces>));
    let announcers = Announcers::new(news);
    let mut jobs: Vec<Box<dyn Job>> = vec![
        Box::new(WarnOfUnpublishedYear),
        // What a correction of the calendar moves has not passed.
        Box::new(RecountDeadlines(expiries.clone())),
        Box::new(ExpireDeadlines(expiries.clone())),
        Box::new(CollectDocuments(collector(config, files)?)),
        Box::new(feed::Relay),
        Box::new(Making {
            announcers: announcers.clone(),
            channels: channels.open(),
            stop: stop.clone(),
        }),
        Box::new(Reminding {
            announcers,
            channels: channels.open(),
        }),
        Box::new(MailingInvitations {
            mail: channels.mail.clone(),
            portal: config.server.public_url.to_string(),
        }),
        Box::new(Delivering {
            channels,
            link: link(config),
            outstanding: outstanding.clone(),
            stop: stop.clone(),
        }),
        Box::new(Pruning {
            retention: retention(&config.jobs)?,
            stop: stop.clone(),
        }),
        Box::new(PruningNotices { stop: stop.clone() }),
    ];
    if db.clock().is_sandbox() {
        jobs.insert(0, Box::new(ScriptedVendor));
    }
    Ok(Jobs::new(db.clone(), jobs, stop))
}

fn files(config: &Config) -> anyhow::Result<Files> {
    let secret = derived_key(config, "document links")?;
    let portal = config.server.public_url.clone();
    Ok(Files::new(
        config.documents.folder.clone(),
        &secret,
        portal,
    )?)
}

/// What removes the remains of uploads; the command does it at once, the job in its time.
pub(crate) fn collector(config: &Config, files: &Files) -> anyhow::Result<Collector> {
    Ok(Collector {
        files: files.clone(),
        retention: TimeDelta::from_std(config.documents.unfinished_retention)?,
    })
}

/// The ways out of the portal that the settings open.
fn channels(config: &Config) -> anyhow::Result<Channels> {
    let transport = match &config.mail.transport {
        config::MailTransport::Off => {
            tracing::warn!(
                "mail.transport is off: nobody is told of reviews and deadlines by e-mail"
            );
            None
        }
        config::MailTransport::Smtp(url) => {
            Some(MailTransport::smtp(url.expose_secret()).context("mail.url")?)
        }
        config::MailTransport::Folder(folder) => Some(MailTransport::folder(folder)),
    };
    let host = config.server.public_url.host_str().unwrap_or("localhost");
    let mail = transport.zip(config.mail.from.clone());
    let sms = config.sms.folder.clone();
    Ok(Channels {
        mail: mail.map(|(transport, from)| Mail {
            transport,
            from,
            host: host.to_owned(),
        }),
        sms: sms.map(|folder| Arc::new(SmsFolder(folder)) as _),
    })
}

/// What letters link to, unless the settings say otherwise: the front page, with the object's id.
fn link(config: &Config) -> Link {
    let front_page = || format!("{}?id={{id}}", config.server.public_url);
    Link(config.mail.link.clone().unwrap_or_else(front_page))
}

fn retention(settings: &config::Jobs) -> anyhow::Result<Retention> {
    Ok(Retention {
        idempotency_keys: TimeDelta::from_std(settings.idempotency_retention)?,
        sessions: TimeDelta::from_std(settings.session_retention)?,
    })
}

fn database(settings: &Database, clock: Clock) -> anyhow::Result<Db> {
    let pool = |max_connections| PoolSettings {
        max_connections,
        acquire_timeout: settings.acquire_timeout,
        statement_timeout: settings.statement_timeout,
        lock_timeout: settings.lock_timeout,
    };
    let app = Pool::lazy(settings.url.expose_secret(), pool(settings.max_connections))
        .context("database.url")?;
    let staff = Pool::lazy(
        settings.staff_url.expose_secret(),
        pool(settings.staff_max_connections),
    )
    .context("database.staff_url")?;
    Ok(Db::new(app, staff, clock))
}

/// Which site is served here, and where the others are.
fn sites(settings: &Programme) -> Option<Sites> {
    let addresses = settings.sites.iter();
    let address = |(site, url): &(&str, Url)| Some((Site::parse(site)?, url.to_string()));
    Some(Sites {
        visited: Site::parse(settings.site)?,
        addresses: addresses.filter_map(address).collect(),
    })
}

fn gate_limits(settings: &Graphql) -> gate::Limits {
    gate::Limits {
        text_bytes: settings.text_bytes,
        tokens: settings.tokens,
        depth: settings.depth,
        aliases: settings.aliases,
        root_fields: settings.root_fields,
        root_mutations: settings.root_mutations,
        directives: settings.directives,
        selections: settings.selections,
        cost: settings.cost,
        ..gate::Limits::default()
    }
}

fn sign_in(config: &Config, db: &Db, sessions: SessionSettings) -> anyhow::Result<SignIn> {
    // `serve` takes no public address without TLS.
    let transport = match config.server.public_url.scheme() {
        "https" => Transport::HttpsOnly,
        _ => Transport::LoopbackHttp,
    };
    Ok(SignIn {
        service: service_provider(&config.saml, config)?,
        providers: Providers::new(db.clone(), transport),
        db: db.clone(),
        pending: PendingKey::new(&derived_key(config, "pending sign-ins")?)?,
        sessions,
    })
}

fn service_provider(settings: &Saml, config: &Config) -> anyhow::Result<ServiceProvider> {
    let address = |path: &str| config.server.public_url.join(path).map(String::from);
    let entity_id = match &settings.entity_id {
        Some(entity_id) => entity_id.clone(),
        None => address("/saml/metadata")?,
    };
    let key = SigningKey::from_pem(
        settings.key.expose_secret().as_bytes(),
        settings.certificate.as_bytes(),
    )?;
    let policy = TimePolicy {
        clock_skew: TimeDelta::from_std(settings.clock_skew)?,
        ..TimePolicy::default()
    };
    Ok(ServiceProvider::new(
        entity_id,
        address("/saml/acs")?,
        key,
        policy,
    )?)
}

/// HMAC-SHA256 of the purpose: keys for different purposes tell nothing of each other.
fn derived_key(config: &Config, purpose: &str) -> anyhow::Result<Vec<u8>> {
    let secret = PKey::hmac(config.session.cookie_key.expose_secret().as_bytes())?;
    Ok(Signer::new(MessageDigest::sha256(), &secret)?.sign_oneshot_to_vec(purpose.as_bytes())?)
}
