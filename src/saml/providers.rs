//! The identity providers that people can sign in with, as the database has them now.

use std::sync::Arc;

use super::metadata::{Registration, Transport, read_identity_provider};
use super::{IdentityProvider, SubjectSource};
use crate::db::{Acting, Db, Scope, StoreError};
use crate::identity::providers;
use crate::ids::IdpId;

/// Reads providers afresh for every sign-in: one that is disabled signs nobody in from then on.
#[derive(Debug)]
pub struct Providers {
    db: Db,
    transport: Transport,
}

impl Providers {
    pub fn new(db: Db, transport: Transport) -> Self {
        Self { db, transport }
    }

    /// Those that can be used, by name. One whose metadata has become unusable is left out and logged.
    pub async fn active(&self) -> Result<Vec<Arc<IdentityProvider>>, StoreError> {
        let acting = Acting {
            actor: String::new(),
            correlation_id: String::new(),
        };
        let mut tx = self.db.begin(&Scope::Nobody, &acting).await?;
        let now = tx.unmoved_now();
        let mut usable = Vec::new();
        for provider in providers::list_active(&mut tx).await? {
            let registration = Registration {
                id: provider.id,
                display_name: provider.display_name,
                subject: provider
                    .subject_attribute
                    .map_or(SubjectSource::PersistentNameId, SubjectSource::Attribute),
                transport: self.transport,
            };
            match read_identity_provider(&provider.metadata, registration, now) {
                Ok(idp) => usable.push(Arc::new(idp)),
                Err(error) => {
                    tracing::error!(idp = provider.entity_id, %error, "identity provider is unusable");
                }
            }
        }
        Ok(usable)
    }

    pub async fn find(&self, id: IdpId) -> Result<Option<Arc<IdentityProvider>>, StoreError> {
        Ok(self.active().await?.into_iter().find(|idp| idp.id == id))
    }
}
