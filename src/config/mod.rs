//! What operators tune: read from one TOML file and from `PORTICO_…` variables, checked as a whole.
//!
//! One file per section. This module is the only one that reads the environment. Numbers of a programme (working
//! days, amounts, quotas) are no settings: they are rules in the database, with a date.

mod database;
mod documents;
pub mod environment;
mod graphql;
mod jobs;
mod keys;
mod layers;
mod log;
mod mail;
mod problem;
mod programme;
mod reader;
mod redis;
mod saml;
mod server;
mod session;

use secrecy::SecretString;

pub use self::database::Database;
pub use self::documents::Documents;
pub use self::graphql::{Graphql, Introspection};
pub use self::jobs::Jobs;
pub use self::keys::DEVELOPMENT_MARK;
pub use self::layers::Layers;
pub use self::log::{Log, LogFormat};
pub use self::mail::{Mail, MailTransport, Sms};
pub use self::problem::{Kind, Problem, Problems};
pub use self::programme::Programme;
use self::reader::Reader;
pub use self::redis::Redis;
pub use self::saml::Saml;
pub use self::server::{Network, Server, Tls};
pub use self::session::Session;

/// Everything that can be set. Secrets are wrapped, and nothing here can be printed.
pub struct Config {
    pub server: Server,
    pub database: Database,
    pub redis: Redis,
    pub saml: Saml,
    pub session: Session,
    pub graphql: Graphql,
    pub documents: Documents,
    pub jobs: Jobs,
    pub mail: Mail,
    pub sms: Sms,
    pub programme: Programme,
    pub log: Log,
}

/// What the settings are for, and so what is asked of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// People sign in over a network: nothing unsafe passes.
    Serve,
    /// Loopback, made-up people, keys that were made on the spot.
    Dev,
}

impl Config {
    /// Reads all settings; the error lists everything that is wrong with them, not only the first.
    pub fn load(layers: &Layers, purpose: Purpose) -> Result<Self, Problems> {
        let mut reader = Reader::new(layers, purpose)?;
        let config = Self::read(&mut reader);
        reader.finish()?;
        Ok(config)
    }

    fn read(reader: &mut Reader) -> Self {
        Self {
            server: Server::read(reader),
            database: Database::read(reader),
            redis: Redis::read(reader),
            saml: Saml::read(reader),
            session: Session::read(reader),
            graphql: Graphql::read(reader),
            documents: Documents::read(reader),
            jobs: Jobs::read(reader),
            mail: Mail::read(reader),
            sms: Sms::read(reader),
            programme: Programme::read(reader),
            log: Log::read(reader),
        }
    }
}

/// What a migration needs. The job that migrates is given neither keys nor the gateway's own roles.
pub struct OwnerAccess {
    pub owner_url: SecretString,
    pub log: Log,
}

impl OwnerAccess {
    pub fn load(layers: &Layers) -> Result<Self, Problems> {
        let mut reader = Reader::new(layers, Purpose::Dev)?;
        let owner_url = reader.required_secret(database::OWNER_URL);
        let log = Log::read(&mut reader);
        reader.finish_partly()?;
        Ok(Self { owner_url, log })
    }
}

#[cfg(test)]
mod tests;
