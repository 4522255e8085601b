//! Lets the demo's people sign in: their identities at the development IAM, linked to their members.

use chrono::{DateTime, Utc};
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::cast::{DEMO_ACCOUNTS, DEMO_USERS, DemoUser, Employer};
use super::{SeedError, network, random, store};
use crate::ids::IdpId;

pub(super) struct IdentityRow<'a> {
    pub(super) id: Uuid,
    pub(super) idp: Uuid,
    pub(super) user: &'a DemoUser,
    pub(super) at: DateTime<Utc>,
}

/// A user of the employer's IAM tenant, which the development IAM stands for.
pub(super) struct IamUserRow {
    pub(super) id: Uuid,
    pub(super) organisation: Uuid,
    pub(super) user_name: &'static str,
    pub(super) email: &'static str,
}

pub(super) struct LinkRow {
    pub(super) id: Uuid,
    pub(super) identity: Uuid,
    pub(super) organisation: Uuid,
    pub(super) member: Uuid,
    pub(super) at: DateTime<Utc>,
}

/// Makes the demo users known as coming from this identity provider, links those who have a member, and states the
/// accounts that the vendor has for those who are to be customers. Repeating it
/// changes nothing, also after an administrator has unlinked somebody and linked another person.
pub async fn link_demo_users(
    owner: &mut PgConnection,
    idp: IdpId,
    at: DateTime<Utc>,
) -> Result<&'static [DemoUser], SeedError> {
    let mut tx = owner.begin().await?;
    for (index, user) in DEMO_USERS.iter().enumerate() {
        let row = IdentityRow {
            id: random::id(0, &format!("identity of {}", idp.0), index),
            idp: idp.0,
            user,
            at,
        };
        let identity = store::upsert_identity(&mut tx, &row).await?;
        let Some(membership) = user.membership else {
            // Who works for nobody has a personal account and can be asked to be a partner's dedicated person.
            let account = (row.idp, random::id(0, "account", index));
            store::upsert_account(&mut tx, account, user).await?;
            if user.user == "specialist@home" {
                let number = network::number_of(Employer::Distributor);
                store::associate(&mut tx, (identity, number), user).await?;
            }
            continue;
        };
        let number = network::number_of(membership.employer);
        let found = store::member_by_email(&mut tx, number, user.email).await?;
        if let Some((organisation, member)) = found {
            let link = LinkRow {
                id: random::id(0, &format!("link of {}", idp.0), index),
                identity,
                organisation,
                member,
                at,
            };
            store::link(&mut tx, &link).await?;
            let user = IamUserRow {
                id: random::id(0, "IAM user", index),
                organisation,
                user_name: membership.account,
                email: user.email,
            };
            store::know_iam_user(&mut tx, &user).await?;
        }
    }
    for account in DEMO_ACCOUNTS {
        store::state_account(&mut tx, idp.0, account).await?;
    }
    tx.commit().await?;
    Ok(DEMO_USERS)
}
