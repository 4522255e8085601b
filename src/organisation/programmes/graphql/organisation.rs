//! What an organisation shows of its programmes.

use async_graphql::{Context, Enum, SimpleObject};

use super::super::model::{self, Contact};
use super::super::service;
use super::loaders::{ContactOf, MembershipsOf, PathsOf, ProgrammesOf};
use super::objects::{PathMembershipObject, ProgrammeMembershipObject};
use crate::graphql::{ContextExt as _, Result, loaded};
use crate::ids::OrganisationId;

/// What an organisation is to the vendor's shop (R-PRG-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::Identity")]
pub(crate) enum OrganisationIdentity {
    /// May buy for itself.
    Customer,
    /// Resells: a solution provider, or supplied by a distributor.
    Reseller,
    /// Supplies resellers.
    Distributor,
}

/// Why an organisation cannot buy cloud services for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::PurchaseBlocker")]
pub(crate) enum PurchaseBlocker {
    /// It has applied for the solution provider programme.
    CspApplication,
    /// It is a solution provider.
    CspMember,
}

/// Whether an organisation can buy cloud services for itself (R-PRG-17).
#[derive(SimpleObject)]
pub(crate) struct PurchaseEligibility {
    /// Whether it can, now.
    allowed: bool,
    /// Why it cannot; empty when it can.
    reasons: Vec<PurchaseBlocker>,
}

/// Whom of the vendor to ask (R-PRG-16).
#[derive(SimpleObject)]
#[graphql(name = "VendorContact")]
pub(crate) struct VendorContactObject {
    /// The ecosystem manager's name, or the name of the vendor's partner desk.
    name: String,
    /// An e-mail address or a telephone number.
    contact: String,
}

impl From<&Contact> for VendorContactObject {
    fn from(contact: &Contact) -> Self {
        Self {
            name: contact.name.clone(),
            contact: contact.contact.clone(),
        }
    }
}

/// The programme memberships of an organisation; null when the viewer may not read them.
pub(crate) async fn programmes_of(
    ctx: &Context<'_>,
    organisation: OrganisationId,
) -> Result<Option<Vec<ProgrammeMembershipObject>>> {
    if !service::may_read(ctx.viewer(), organisation) {
        return Ok(None);
    }
    let found = loaded(ctx, ProgrammesOf(organisation)).await?;
    let found = found.unwrap_or_default().into_iter();
    Ok(Some(
        found
            .map(|(one, day)| ProgrammeMembershipObject(one, day))
            .collect(),
    ))
}

/// The paths of an organisation; null when the viewer may not read them.
pub(crate) async fn paths_of(
    ctx: &Context<'_>,
    organisation: OrganisationId,
) -> Result<Option<Vec<PathMembershipObject>>> {
    if !service::may_read(ctx.viewer(), organisation) {
        return Ok(None);
    }
    let found = loaded(ctx, PathsOf(organisation)).await?;
    let found = found.unwrap_or_default().into_iter();
    Ok(Some(found.map(PathMembershipObject).collect()))
}

pub(crate) async fn identity_of(
    ctx: &Context<'_>,
    organisation: OrganisationId,
) -> Result<Option<OrganisationIdentity>> {
    let found = loaded(ctx, MembershipsOf(organisation)).await?;
    Ok(found.map(|memberships| memberships.identity().into()))
}

pub(crate) async fn purchase_eligibility_of(
    ctx: &Context<'_>,
    organisation: OrganisationId,
) -> Result<Option<PurchaseEligibility>> {
    let found = loaded(ctx, MembershipsOf(organisation)).await?;
    Ok(found.map(|memberships| {
        let reasons = memberships.purchase_blockers();
        PurchaseEligibility {
            allowed: reasons.is_empty(),
            reasons: reasons.into_iter().map(Into::into).collect(),
        }
    }))
}

pub(crate) async fn contact_of(
    ctx: &Context<'_>,
    organisation: OrganisationId,
) -> Result<Option<VendorContactObject>> {
    let found = loaded(ctx, ContactOf(organisation)).await?;
    Ok(found.map(|contact| VendorContactObject::from(&contact)))
}
