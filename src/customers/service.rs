//! What a viewer can do with customers: who may, on what, in which order. Each change is a file of its own.

mod accept;
mod dissociate;
mod invite;
mod managing;
mod offering;
mod reveal;

use std::collections::HashMap;

pub(crate) use accept::{Acceptance, Accepting, accept};
pub(super) use dissociate::Dissociate;
pub(super) use invite::{Invite, Resend, Revoke};
pub(crate) use managing::ManagedCustomers;
pub(super) use managing::{AssignAccountManager, Changed, WithdrawAccountManager};
pub(crate) use offering::{choices, offer, texts};
pub(super) use reveal::{RevealCustomer, discloses};

use chrono::{DateTime, Utc};

use super::model::{
    AssociationType, Consent, Customer, CustomerState, EndFacts, Invitation, InvitationState,
};
use super::policy::{self, Action};
use super::store;
use crate::catalogue::accounts::{self, AccountKind};
use crate::db::{Scope, Snapshot, Tx};
use crate::error::Failure;
use crate::ids::{CustomerId, CustomerInvitationId, MemberId, OrganisationId, Tagged as _};
use crate::organisation::members;
use crate::paging::{Page, Sort, Window};
use crate::rules::{self, CustomerDissociation, Ruled};
use crate::viewer::{Permission, Viewer, Visibility};
use crate::waiting::{Bounds, Kind, Source};

/// Which customers a list shows; what is `None` does not narrow it.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    pub(super) states: Option<Vec<CustomerState>>,
    pub(super) associations: Option<Vec<AssociationType>>,
    pub(super) kinds: Option<Vec<AccountKind>>,
    pub(super) partner: Option<OrganisationId>,
    pub(super) account_manager: Option<MemberId>,
    /// Whether somebody looks after it.
    pub(super) managed: Option<bool>,
    pub(super) account: Option<String>,
    /// Part of the account's name, in any case.
    pub(super) name_part: Option<String>,
}

/// Which customers a viewer sees of those that the scope shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    All,
    /// Those that this member looks after, and no others (R-ORG-7).
    ManagedBy(MemberId),
}

impl Reach {
    /// As the viewer sees everything else (R-ORG-7, R-ORG-8).
    pub(super) fn of(viewer: &Viewer) -> Self {
        match viewer.visibility() {
            Visibility::All => Self::All,
            Visibility::AssignedTo(member) => Self::ManagedBy(member),
        }
    }

    /// For `($n::uuid IS NULL OR account_manager_id = $n)`.
    pub(super) fn member(self) -> Option<MemberId> {
        match self {
            Self::All => None,
            Self::ManagedBy(member) => Some(member),
        }
    }
}

/// The relations that the viewer is a party of and sees; without the permission there are none.
pub(super) async fn by_id(
    viewer: &Viewer,
    snapshot: &Snapshot,
    ids: &[CustomerId],
) -> Result<HashMap<CustomerId, Customer>, Failure> {
    if !viewer.may(Permission::ReadCustomers) {
        return Ok(HashMap::new());
    }
    let mut tx = snapshot.read().await?;
    let reach = Reach::of(viewer);
    let found = store::find(&mut tx, snapshot.scope(), (ids, reach)).await?;
    Ok(found
        .into_iter()
        .map(|customer| (customer.id, customer))
        .collect())
}

/// A partner sees its customers, a customer its own relation, the vendor all.
pub(super) async fn list(
    viewer: &Viewer,
    snapshot: &Snapshot,
    filter: &Filter,
    (sort, window): (Sort, &Window),
) -> Result<Page<Customer>, Failure> {
    viewer.require(Permission::ReadCustomers)?;
    let mut tx = snapshot.read().await?;
    let reach = Reach::of(viewer);
    let narrowed = (snapshot.scope(), reach, filter);
    Ok(store::list::page(&mut tx, narrowed, (sort, window)).await?)
}

/// How many [`list`] would show in all.
pub(super) async fn count(
    viewer: &Viewer,
    snapshot: &Snapshot,
    filter: &Filter,
) -> Result<i64, Failure> {
    viewer.require(Permission::ReadCustomers)?;
    let mut tx = snapshot.read().await?;
    let reach = Reach::of(viewer);
    Ok(store::list::count(&mut tx, (snapshot.scope(), reach, filter)).await?)
}

/// What these customers agreed to, for whoever sees them.
pub(super) async fn consents(
    snapshot: &Snapshot,
    ids: &[CustomerId],
) -> Result<HashMap<CustomerId, Consent>, Failure> {
    let mut tx = snapshot.read().await?;
    Ok(store::consents::find(&mut tx, snapshot.scope(), ids).await?)
}

/// What decides over the end of these relations, for who may end them; nothing for others.
pub(super) async fn end_facts(
    viewer: &Viewer,
    snapshot: &Snapshot,
    accounts: &[String],
) -> Result<HashMap<String, EndFacts>, Failure> {
    let Some(own) = viewer
        .organisation()
        .filter(|_| policy::access(Action::Dissociate, viewer).is_ok())
    else {
        return Ok(HashMap::new());
    };
    let member = match viewer {
        Viewer::Member(member) => Some(member.member),
        Viewer::Service(_) | Viewer::Federated(_) => None,
    };
    let mut tx = snapshot.read().await?;
    end_facts_of(&mut tx, (own, member), accounts).await
}

/// The same inside a change of the partner.
async fn end_facts_of(
    tx: &mut Tx,
    (partner, member): (OrganisationId, Option<MemberId>),
    accounts: &[String],
) -> Result<HashMap<String, EndFacts>, Failure> {
    let now = tx.now();
    let by_administrator = match member {
        Some(member) => members::administers(tx, partner, member).await?,
        None => false,
    };
    let rule: Ruled<CustomerDissociation> = rules::of_organisation(tx, partner, now).await?;
    let found = accounts::facts_of(tx, accounts).await?.into_iter();
    Ok(found
        .map(|(account, holding)| {
            let rule = rule.value;
            let facts = EndFacts {
                holding,
                rule,
                by_administrator,
                now,
            };
            (account, facts)
        })
        .collect())
}

/// The invitations of the viewer's own organisation among `ids`, and the instant of the read.
pub(super) async fn invitations_by_id(
    viewer: &Viewer,
    snapshot: &Snapshot,
    ids: &[CustomerInvitationId],
) -> Result<Vec<(Invitation, DateTime<Utc>)>, Failure> {
    let Ok(Scope::Own(own)) = viewer.partner(Permission::InviteCustomers) else {
        return Ok(Vec::new());
    };
    let mut tx = snapshot.read().await?;
    let now = tx.now();
    let found = store::invitations::find(&mut tx, own, ids).await?;
    Ok(found.into_iter().map(|one| (one, now)).collect())
}

/// The invitations of the viewer's own organisation, for who invites.
pub(super) async fn invitations(
    viewer: &Viewer,
    snapshot: &Snapshot,
    states: Option<&[InvitationState]>,
    page: (Sort, &Window),
) -> Result<Page<(Invitation, DateTime<Utc>)>, Failure> {
    let own = inviting(viewer)?;
    let mut tx = snapshot.read().await?;
    let now = tx.now();
    let found = store::invitations::list(&mut tx, (own, states), page).await?;
    Ok(found.map(|invitation| (invitation, now)))
}

pub(super) async fn count_invitations(
    viewer: &Viewer,
    snapshot: &Snapshot,
    states: Option<&[InvitationState]>,
) -> Result<i64, Failure> {
    let own = inviting(viewer)?;
    let mut tx = snapshot.read().await?;
    Ok(store::invitations::count(&mut tx, (own, states)).await?)
}

fn inviting(viewer: &Viewer) -> Result<OrganisationId, Failure> {
    viewer.partner(Permission::InviteCustomers)?;
    Ok(viewer.require(Permission::InviteCustomers)?.organisation)
}

/// Customers that nobody looks after, for the partner's people who name account managers.
pub(crate) fn waiting(viewer: &Viewer, tx: &Tx) -> Vec<Source> {
    let source = |own: OrganisationId| Source {
        kind: Kind::AssignCustomerAccountManager,
        object_kind: CustomerId::TAG,
        read: Permission::ReadCustomers,
        act: Permission::AssignCustomers,
        rows: store::push_unmanaged,
        bounds: Bounds {
            organisation: Some(own.0),
            now: tx.now(),
            limit: tx.now(),
            number: 0,
        },
    };
    viewer.organisation().map(source).into_iter().collect()
}
