//! What joining asks of an account, and what a viewer can read of programmes and paths.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use uuid::Uuid;

use crate::db::{Scope, Snapshot, StoreError, Tx};
use crate::error::Failure;
use crate::ids::{OrganisationId, PathMembershipId, ProgrammeInvitationId, ProgrammeMembershipId};
use crate::organisation::programmes::model::{
    Account, Agreement, Contact, Elsewhere, MembershipState, Memberships, PathMembership,
    PathStage, Programme, ProgrammeCatalogue, ProgrammeInvitation, ProgrammeMembership, Target,
    VendorContact,
};
use crate::organisation::programmes::store::{self, Signature};
use crate::rules::{self, Ruled, Site};
use crate::viewer::{Permission, Viewer};

/// Whether the organisation's membership of the programme holds on this day (R-OPP-1).
pub(crate) async fn has_joined(
    tx: &mut Tx,
    organisation: OrganisationId,
    programme: Programme,
    day: NaiveDate,
) -> Result<bool, StoreError> {
    let joined = joined(tx, &[organisation], (programme, day)).await?;
    Ok(joined.contains(&organisation))
}

/// Those of the organisations whose membership of the programme holds on this day.
pub(crate) async fn joined(
    tx: &mut Tx,
    organisations: &[OrganisationId],
    (programme, day): (Programme, NaiveDate),
) -> Result<HashSet<OrganisationId>, StoreError> {
    let ids: Vec<Uuid> = organisations.iter().map(|id| id.0).collect();
    let memberships = store::members_of(tx, programme, &ids).await?;
    let holding = memberships.into_iter().filter(|one| one.holds_on(day));
    Ok(holding.map(|one| one.organisation).collect())
}

/// The furthest stage that the organisation has on any path that it is on (R-OPP-28).
pub(crate) async fn highest_stage(
    tx: &mut Tx,
    organisation: OrganisationId,
) -> Result<Option<PathStage>, StoreError> {
    Ok(store::stages(tx, organisation).await?.into_iter().max())
}

/// Everything that joining asks, of one account at one time.
#[derive(Debug, Clone)]
pub(in crate::organisation::programmes) struct Standing {
    pub(in crate::organisation::programmes) organisation: OrganisationId,
    pub(in crate::organisation::programmes) account: Account,
    pub(in crate::organisation::programmes) contact: Contact,
    pub(in crate::organisation::programmes) catalogue: ProgrammeCatalogue,
}

/// Reads it within the scope, whose organisation it is or who sees all.
pub(in crate::organisation::programmes) async fn standing(
    tx: &mut Tx,
    scope: &Scope,
    organisation: OrganisationId,
) -> Result<Standing, StoreError> {
    let account = account(tx, scope, organisation).await?;
    let now = tx.now();
    let catalogue: Ruled<ProgrammeCatalogue> =
        rules::of_organisation(tx, organisation, now).await?;
    let contact = if let Some(manager) = account.facts.manager.clone() {
        manager
    } else {
        let desk: Ruled<VendorContact> = rules::of_organisation(tx, organisation, now).await?;
        desk.value.into()
    };
    Ok(Standing {
        organisation,
        account,
        contact,
        catalogue: catalogue.value,
    })
}

async fn account(
    tx: &mut Tx,
    scope: &Scope,
    organisation: OrganisationId,
) -> Result<Account, StoreError> {
    let (day, now) = (super::today(tx), tx.now());
    let ids = [organisation.0];
    let facts = store::facts(tx, scope, organisation).await?;
    let elsewhere = store::elsewhere(tx, organisation).await?;
    let invitations = store::sent_invitations(tx, scope, organisation).await?;
    let partners = store::partners(tx, &ids).await?;
    Ok(Account {
        facts: facts.unwrap_or_default(),
        memberships: Memberships {
            day,
            programmes: store::programmes_of(tx, scope, &ids).await?,
            is_supplied: partners.first().is_some_and(|(_, supplied)| *supplied),
        },
        paths: store::paths_of(tx, scope, &ids).await?,
        elsewhere: elsewhere
            .into_iter()
            .filter_map(|one| counted(&one, day))
            .collect(),
        invitations: invitations
            .into_iter()
            .filter(|one| now < one.expires_at)
            .collect(),
    })
}

/// What of the enterprise's other accounts stands in the way: memberships that hold and applications.
fn counted(row: &store::ElsewhereRow, day: NaiveDate) -> Option<Elsewhere> {
    let target = Target::parse(&row.kind, &row.code)?;
    let counts = match target {
        Target::Path(_) => row.state == "ACTIVE",
        Target::Programme(_) => match MembershipState::parse(&row.state)? {
            MembershipState::Applied | MembershipState::UnderReview => true,
            MembershipState::Active | MembershipState::Suspended => {
                row.valid_until.is_none_or(|until| day < until)
            }
            MembershipState::Rejected
            | MembershipState::Withdrawn
            | MembershipState::Expired
            | MembershipState::Left => false,
        },
    };
    counts.then_some(Elsewhere {
        target,
        in_same_area: row.same_area,
    })
}

/// The standing of a partner that the viewer may read.
pub(in crate::organisation::programmes) async fn standing_of(
    viewer: &Viewer,
    snapshot: &Snapshot,
    organisation: OrganisationId,
) -> Result<Option<Standing>, Failure> {
    let mut tx = snapshot.read().await?;
    let readable = readable(viewer, &[organisation]);
    if store::partners(&mut tx, &readable).await?.is_empty() {
        return Ok(None);
    }
    Ok(Some(
        standing(&mut tx, snapshot.scope(), organisation).await?,
    ))
}

/// What each partner that the viewer may read is a member of.
pub(in crate::organisation::programmes) async fn memberships(
    viewer: &Viewer,
    snapshot: &Snapshot,
    organisations: &[OrganisationId],
) -> Result<HashMap<OrganisationId, Memberships>, Failure> {
    let readable = readable(viewer, organisations);
    let mut tx = snapshot.read().await?;
    let day = super::today(&tx);
    let partners = store::partners(&mut tx, &readable).await?;
    let mut found: HashMap<_, _> = partners
        .into_iter()
        .map(|(partner, is_supplied)| {
            let programmes = Vec::new();
            let memberships = Memberships {
                day,
                programmes,
                is_supplied,
            };
            (partner, memberships)
        })
        .collect();
    for one in store::programmes_of(&mut tx, snapshot.scope(), &readable).await? {
        if let Some(memberships) = found.get_mut(&one.organisation) {
            memberships.programmes.push(one);
        }
    }
    Ok(found)
}

/// Whom of the vendor each partner asks that the viewer may read.
pub(in crate::organisation::programmes) async fn contacts(
    viewer: &Viewer,
    snapshot: &Snapshot,
    organisations: &[OrganisationId],
) -> Result<HashMap<OrganisationId, Contact>, Failure> {
    let readable = readable(viewer, organisations);
    let mut tx = snapshot.read().await?;
    let now = tx.now();
    let mut desks: HashMap<Site, Contact> = HashMap::new();
    let mut found = HashMap::new();
    for (partner, site, manager) in store::managers(&mut tx, &readable).await? {
        let contact = match (manager, desks.get(&site)) {
            (Some(manager), _) => manager,
            (None, Some(desk)) => desk.clone(),
            (None, None) => {
                let desk: Ruled<VendorContact> = rules::of_site(&mut tx, site, now).await?;
                desks.entry(site).or_insert(desk.value.into()).clone()
            }
        };
        found.insert(partner, contact);
    }
    Ok(found)
}

/// Whether the viewer may read what is between this organisation and the vendor: it is its own, or the viewer works for
/// the vendor and may read organisations.
pub(in crate::organisation::programmes) fn may_read(
    viewer: &Viewer,
    organisation: OrganisationId,
) -> bool {
    if viewer.is_vendor() {
        viewer.may(Permission::ReadOrganisations)
    } else {
        viewer.organisation() == Some(organisation)
    }
}

/// A membership and the day on which it was read.
type OnDay<T> = (T, NaiveDate);

pub(in crate::organisation::programmes) async fn programmes(
    viewer: &Viewer,
    snapshot: &Snapshot,
    ids: &[ProgrammeMembershipId],
) -> Result<Vec<OnDay<ProgrammeMembership>>, Failure> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let mut tx = snapshot.read().await?;
    let day = super::today(&tx);
    let found = store::programmes(&mut tx, snapshot.scope(), &ids).await?;
    let may = |one: &ProgrammeMembership| may_read(viewer, one.organisation);
    Ok(found
        .into_iter()
        .filter(may)
        .map(|one| (one, day))
        .collect())
}

pub(in crate::organisation::programmes) async fn programmes_of(
    viewer: &Viewer,
    snapshot: &Snapshot,
    organisations: &[OrganisationId],
) -> Result<Vec<OnDay<ProgrammeMembership>>, Failure> {
    let readable = readable(viewer, organisations);
    let mut tx = snapshot.read().await?;
    let day = super::today(&tx);
    let found = store::programmes_of(&mut tx, snapshot.scope(), &readable).await?;
    Ok(found.into_iter().map(|one| (one, day)).collect())
}

pub(in crate::organisation::programmes) async fn paths(
    viewer: &Viewer,
    snapshot: &Snapshot,
    ids: &[PathMembershipId],
) -> Result<Vec<PathMembership>, Failure> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let mut tx = snapshot.read().await?;
    let found = store::paths(&mut tx, snapshot.scope(), &ids).await?;
    let may = |one: &PathMembership| may_read(viewer, one.organisation);
    Ok(found.into_iter().filter(may).collect())
}

pub(in crate::organisation::programmes) async fn paths_of(
    viewer: &Viewer,
    snapshot: &Snapshot,
    organisations: &[OrganisationId],
) -> Result<Vec<PathMembership>, Failure> {
    let readable = readable(viewer, organisations);
    let mut tx = snapshot.read().await?;
    Ok(store::paths_of(&mut tx, snapshot.scope(), &readable).await?)
}

fn readable(viewer: &Viewer, organisations: &[OrganisationId]) -> Vec<Uuid> {
    let readable = organisations.iter().filter(|id| may_read(viewer, **id));
    readable.map(|id| id.0).collect()
}

/// The version of an agreement that holds on the day of the read.
pub(in crate::organisation::programmes) async fn agreement(
    snapshot: &Snapshot,
    codes: &[String],
) -> Result<Vec<Agreement>, Failure> {
    let mut tx = snapshot.read().await?;
    let day = super::today(&tx);
    Ok(store::agreements(&mut tx, codes, day).await?)
}

/// The latest signature under each of these memberships.
pub(in crate::organisation::programmes) async fn signatures(
    snapshot: &Snapshot,
    objects: &[Uuid],
) -> Result<Vec<Signature>, Failure> {
    let mut tx = snapshot.read().await?;
    Ok(store::signatures(&mut tx, snapshot.scope(), objects).await?)
}

pub(in crate::organisation::programmes) async fn invitations(
    viewer: &Viewer,
    snapshot: &Snapshot,
    ids: &[ProgrammeInvitationId],
) -> Result<Vec<(ProgrammeInvitation, chrono::DateTime<chrono::Utc>)>, Failure> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let mut tx = snapshot.read().await?;
    let now = tx.now();
    let found = store::invitations(&mut tx, snapshot.scope(), &ids).await?;
    let may = |one: &ProgrammeInvitation| may_read(viewer, one.organisation);
    Ok(found
        .into_iter()
        .filter(may)
        .map(|one| (one, now))
        .collect())
}
