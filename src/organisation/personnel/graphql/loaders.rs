//! What a request may load of dedicated personnel.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use chrono::{DateTime, Utc};

use super::super::model::DedicatedPath;
use super::super::model::account::PersonalAccount;
use super::super::model::record::Record;
use super::super::service::{self, Readable};
use super::super::store::applications::Application;
use crate::calendar;
use crate::error::Failure;
use crate::graphql::Read;
use crate::ids::{PersonId, PersonalAccountId};

impl Loader<PersonId> for Read {
    type Value = Readable;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        ids: &[PersonId],
    ) -> std::result::Result<HashMap<PersonId, Readable>, Arc<Failure>> {
        service::by_id(&self.viewer, &self.snapshot, ids)
            .await
            .map_err(Arc::new)
    }
}

/// What stands in a person's record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct RecordOf(pub(super) PersonId);

impl Loader<RecordOf> for Read {
    type Value = Vec<Record>;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        keys: &[RecordOf],
    ) -> std::result::Result<HashMap<RecordOf, Vec<Record>>, Arc<Failure>> {
        let persons: Vec<PersonId> = keys.iter().map(|key| key.0).collect();
        let found = service::records(&self.viewer, &self.snapshot, &persons).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found.map(|(id, records)| (RecordOf(id), records)).collect())
    }
}

/// An account that was found for an administrator; asked for by nobody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Candidate(pub(super) PersonalAccountId);

impl Loader<Candidate> for Read {
    type Value = PersonalAccount;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        keys: &[Candidate],
    ) -> std::result::Result<HashMap<Candidate, PersonalAccount>, Arc<Failure>> {
        let ids: Vec<PersonalAccountId> = keys.iter().map(|key| key.0).collect();
        let found = service::accounts(&self.snapshot, &ids).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found
            .map(|account| (Candidate(account.id), account))
            .collect())
    }
}

/// What was asked for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ApplicationsOf(pub(super) PersonId);

impl Loader<ApplicationsOf> for Read {
    type Value = Vec<Application>;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        keys: &[ApplicationsOf],
    ) -> std::result::Result<HashMap<ApplicationsOf, Vec<Application>>, Arc<Failure>> {
        let persons: Vec<PersonId> = keys.iter().map(|key| key.0).collect();
        let found = service::applications(&self.viewer, &self.snapshot, &persons).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found
            .map(|(id, applications)| (ApplicationsOf(id), applications))
            .collect())
    }
}

/// For how many working days something has waited since an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct WaitedSince(pub(super) DateTime<Utc>);

impl Loader<WaitedSince> for Read {
    type Value = i64;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        keys: &[WaitedSince],
    ) -> std::result::Result<HashMap<WaitedSince, i64>, Arc<Failure>> {
        let read = async || {
            let mut tx = self.snapshot.read().await?;
            let calendar = calendar::current(&mut tx).await?;
            let now = tx.now();
            let waited = |key: &WaitedSince| (*key, calendar.working_days_between(key.0, now));
            Ok::<_, Failure>(keys.iter().map(waited).collect())
        };
        read().await.map_err(Arc::new)
    }
}

/// Whether a person was dedicated for a path at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct DedicatedAt(
    pub(super) PersonId,
    pub(super) DateTime<Utc>,
    pub(super) DedicatedPath,
);

impl Loader<DedicatedAt> for Read {
    type Value = bool;
    type Error = Arc<Failure>;

    /// One statement for each instant and path that is asked for; a list asks for one.
    async fn load(
        &self,
        keys: &[DedicatedAt],
    ) -> std::result::Result<HashMap<DedicatedAt, bool>, Arc<Failure>> {
        let mut asked: HashMap<(DateTime<Utc>, DedicatedPath), Vec<PersonId>> = HashMap::new();
        for DedicatedAt(person, at, path) in keys {
            asked.entry((*at, *path)).or_default().push(*person);
        }
        let mut found = HashMap::new();
        for ((at, path), persons) in asked {
            let held = service::read_dedicated_at(&self.snapshot, &persons, (at, path)).await;
            let held = held.map_err(Arc::new)?;
            let told = |person: &PersonId| (DedicatedAt(*person, at, path), held.contains(person));
            found.extend(persons.iter().map(told));
        }
        Ok(found)
    }
}
