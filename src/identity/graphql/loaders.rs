//! What a request may load of identities: the viewer's own, and nothing else (R-ORG-22).

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;

use crate::error::Failure;
use crate::graphql::Read;
use crate::identity::service::{self, Person};
use crate::identity::service_accounts::{self, ServiceAccount};
use crate::identity::sessions::{self, SessionFacts};
use crate::ids::{IdentityId, ServiceAccountId, SessionId};
use crate::viewer::{ActingService, Viewer};

impl Loader<IdentityId> for Read {
    type Value = Person;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        ids: &[IdentityId],
    ) -> std::result::Result<HashMap<IdentityId, Person>, Arc<Failure>> {
        let mut found = HashMap::new();
        // At most one of them is the viewer's own, and the others cost nothing.
        for &id in ids {
            let person = service::person(&self.viewer, &self.snapshot, id)
                .await
                .map_err(Arc::new)?;
            found.extend(person.map(|person| (id, person)));
        }
        Ok(found)
    }
}

impl Loader<SessionId> for Read {
    type Value = SessionFacts;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        ids: &[SessionId],
    ) -> std::result::Result<HashMap<SessionId, SessionFacts>, Arc<Failure>> {
        let own = service::signed_in(&self.viewer).map(|person| person.session);
        let Some(own) = own.filter(|own| ids.contains(own)) else {
            return Ok(HashMap::new());
        };
        let read = async || sessions::facts(&mut *self.snapshot.read().await?, own).await;
        let facts = read()
            .await
            .map_err(|error| Arc::new(Failure::from(error)))?;
        Ok(facts.map(|facts| (own, facts)).into_iter().collect())
    }
}

impl Loader<ServiceAccountId> for Read {
    type Value = ServiceAccount;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        ids: &[ServiceAccountId],
    ) -> std::result::Result<HashMap<ServiceAccountId, ServiceAccount>, Arc<Failure>> {
        let Viewer::Service(ActingService { account: own, .. }) = &self.viewer else {
            return Ok(HashMap::new());
        };
        if !ids.contains(own) {
            return Ok(HashMap::new());
        }
        let read = async || service_accounts::find(&mut *self.snapshot.read().await?, *own).await;
        let account = read()
            .await
            .map_err(|error| Arc::new(Failure::from(error)))?;
        Ok(account.map(|account| (*own, account)).into_iter().collect())
    }
}
