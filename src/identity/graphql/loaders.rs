//! What a request may load of identities: the viewer's own, and nothing else (R-ORG-22).

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;

use crate::error::Failure;
use crate::graphql::Read;
use crate::identity::service::{self, Person};
use crate::identity::service_accounts::{ServiceAccount, service as machines};
use crate::identity::sessions::SignedInSession;
use crate::ids::{IdentityId, ServiceAccountId, SessionId};

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
    type Value = SignedInSession;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        ids: &[SessionId],
    ) -> std::result::Result<HashMap<SessionId, SignedInSession>, Arc<Failure>> {
        let found = service::sessions(&self.viewer, &self.snapshot, Some(ids)).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found.map(|session| (session.id, session)).collect())
    }
}

impl Loader<ServiceAccountId> for Read {
    type Value = ServiceAccount;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        ids: &[ServiceAccountId],
    ) -> std::result::Result<HashMap<ServiceAccountId, ServiceAccount>, Arc<Failure>> {
        let found = machines::read(&self.viewer, &self.snapshot, ids).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found.map(|account| (account.id, account)).collect())
    }
}
