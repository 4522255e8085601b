//! The first day of a deployment: the vendor's organisation and its first administrator.
//!
//! Whatever comes later is made by people in the portal, who are invited by somebody; the first one cannot be.

mod customer;
mod store;

use chrono::Datelike as _;

pub(crate) use customer::{NewCustomer, found_customer, member_of};

use super::members::{self, Member, MemberRole, MemberState};
use crate::db::Tx;
use crate::error::Failure;
use crate::identity::links::{self, MadeBy};
use crate::ids::{IdentityId, OrganisationId};
use crate::timeline::Event;
use crate::viewer::OrganisationKind;

/// Who founds the deployment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Founding<'a> {
    pub(crate) organisation: &'a str,
    pub(crate) account_name: &'a str,
    pub(crate) administrator: &'a str,
    pub(crate) email: &'a str,
    /// The administrator as IAM knows them: from now on their sign-in is the member's.
    pub(crate) identity: IdentityId,
}

/// Makes the vendor's organisation with one member, who administers it and holds its main account (R-ORG-20).
///
/// `None` if there is a vendor: a deployment has exactly one.
pub(crate) async fn found(
    tx: &mut Tx,
    founding: Founding<'_>,
) -> Result<Option<OrganisationId>, Failure> {
    if store::find_vendor(tx).await?.is_some() {
        return Ok(None);
    }
    let organisation: OrganisationId = tx.fresh_id();
    let number = tx.ids().number("ORG", tx.now().year());
    store::insert_vendor(tx, organisation, &number, founding.organisation).await?;
    let administrator = administrator(tx, organisation, founding);
    members::create(tx, &administrator).await?;
    store::record_main_account(tx, organisation, administrator.id).await?;
    tx.record(Event::new(
        organisation,
        organisation,
        1,
        "organisation.founded",
    ))
    .await?;
    links::make(
        tx,
        founding.identity,
        organisation,
        administrator.id,
        MadeBy::Bootstrap,
    )
    .await?;
    Ok(Some(organisation))
}

/// The vendor's organisation, once it is founded.
pub(crate) async fn find_vendor(tx: &mut Tx) -> Result<Option<OrganisationId>, Failure> {
    Ok(store::find_vendor(tx).await?)
}

fn administrator(tx: &Tx, organisation: OrganisationId, founding: Founding<'_>) -> Member {
    Member {
        organisation,
        id: tx.fresh_id(),
        account_name: founding.account_name.to_owned(),
        name: founding.administrator.to_owned(),
        email: founding.email.to_owned(),
        mobile: None,
        state: MemberState::Active,
        roles: [MemberRole::administrator_of(OrganisationKind::Vendor)].into(),
        custom_roles: std::collections::BTreeSet::new(),
        director: None,
        created_at: tx.now(),
        version: 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::db::testing::TestDb;
    use crate::db::{Acting, Db, Pool, PoolSettings, Scope};
    use crate::identity::identities::{self, Seen};
    use crate::identity::providers::{self, Registration, Subject};

    async fn identity(tx: &mut Tx, subject: &str) -> IdentityId {
        let registration = Registration {
            entity_id: "https://iam.example/metadata",
            display_name: "IAM",
            metadata: "<EntityDescriptor/>",
            subject: Subject::PersistentNameId,
        };
        let idp = providers::register(tx, registration).await.unwrap();
        let seen = Seen {
            idp,
            subject,
            display_name: None,
            email: None,
        };
        identities::seen(tx, seen).await.unwrap()
    }

    #[tokio::test]
    async fn a_deployment_is_founded_once() {
        let database = TestDb::new().await;
        let pool = |role| Pool::lazy(&database.url(role), PoolSettings::default()).unwrap();
        let db = Db::new(pool("portico_app"), pool("portico_staff"), Clock::default());
        let acting = Acting {
            actor: "job:test".to_owned(),
            correlation_id: "test".to_owned(),
        };
        let mut tx = db.begin(&Scope::Job("test"), &acting).await.unwrap();
        let identity = identity(&mut tx, "s-1").await;
        let founding = Founding {
            organisation: "Example Cloud",
            account_name: "admin",
            administrator: "Li Na",
            email: "li.na@cloud.example",
            identity,
        };

        let first = found(&mut tx, founding).await.unwrap();
        let second = found(&mut tx, founding).await.unwrap();

        assert!(first.is_some());
        assert_eq!(second, None);
        assert_eq!(find_vendor(&mut tx).await.unwrap(), first);
        let links = links::of_identity(&mut tx, identity).await.unwrap();
        let [link] = links.as_slice() else {
            panic!("one link, not {links:?}")
        };
        assert_eq!(Some(link.organisation), first);
        let administrator: (String, Option<uuid::Uuid>) = sqlx::query_as(
            "SELECT role, main_account_id FROM member_roles
             JOIN organisations ON organisations.id = organisation_id WHERE member_id = $1",
        )
        .bind(link.member.0)
        .fetch_one(tx.connection())
        .await
        .unwrap();
        assert_eq!(
            administrator,
            ("VENDOR_ADMIN".to_owned(), Some(link.member.0))
        );
        tx.commit().await.unwrap();
    }
}
