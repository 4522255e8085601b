//! `node` and `nodes`: any object by its global id. A domain joins with a variant of [`Node`] and a line in [`find`].

use async_graphql::{Context, ID, Interface, Object};
use futures_util::future::try_join_all;

use super::context::loaded;
use super::error::{Result, refused};
use crate::catalogue::OfferingObject;
use crate::customers::{CustomerInvitationObject, CustomerObject};
use crate::documents::DocumentObject;
use crate::error::{Code, Refusal};
use crate::identity::ServiceAccountObject;
use crate::ids::{
    CustomerContactId, CustomerId, CustomerInvitationId, DocumentId, IncentiveId, InvitationId,
    MainAccountOfferId, MemberId, NoticeId, OfferingId, OpportunityId, OrganisationId,
    PathMembershipId, PersonId, ProgrammeMembershipId, ResellerId, RoleId, RuleId,
    ServiceAccountId, Tagged as _,
};
use crate::incentives::IncentiveObject;
use crate::notices::NoticeObject;
use crate::opportunities::OpportunityObject;
use crate::organisation::contacts::CustomerContactObject;
use crate::organisation::invitations::InvitationObject;
use crate::organisation::main_account::MainAccountOfferObject;
use crate::organisation::personnel::DedicatedPersonObject;
use crate::organisation::programmes::{PathMembershipObject, ProgrammeMembershipObject};
use crate::organisation::roles::RoleObject;
use crate::organisation::{MemberObject, OrganisationObject};
use crate::resellers::ResellerObject;
use crate::rules::RuleObject;
use crate::timeline::ObjectRef;

/// Ids of one `nodes` at most.
const MOST_IDS: usize = 100;

/// Anything that has a global id.
#[expect(
    clippy::large_enum_variant,
    reason = "one value per node on its way out; a box would only add an allocation"
)]
#[derive(Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "Global and opaque; `node(id)` finds the object again."
))]
pub(crate) enum Node {
    Organisation(OrganisationObject),
    Member(MemberObject),
    Opportunity(OpportunityObject),
    Reseller(ResellerObject),
    Incentive(IncentiveObject),
    DedicatedPerson(DedicatedPersonObject),
    MemberInvitation(InvitationObject),
    MainAccountOffer(MainAccountOfferObject),
    Role(RoleObject),
    CustomerContact(CustomerContactObject),
    Offering(OfferingObject),
    ProgrammeMembership(ProgrammeMembershipObject),
    PathMembership(PathMembershipObject),
    Document(DocumentObject),
    Notice(NoticeObject),
    Rule(RuleObject),
    ServiceAccount(ServiceAccountObject),
    Customer(CustomerObject),
    CustomerInvitation(CustomerInvitationObject),
}

#[derive(Default)]
pub(crate) struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Any object by its id; null when it is unknown or not the viewer's to read, without a difference between the two.
    async fn node(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Node>> {
        find(ctx, &id).await
    }

    /// Up to 100 objects by their ids, in the order of the ids; null in the place of each that `node` would not find.
    async fn nodes(&self, ctx: &Context<'_>, ids: Vec<ID>) -> Result<Vec<Option<Node>>> {
        if ids.len() > MOST_IDS {
            let refusal = Refusal::new(Code::Limited, "TOO_MANY_IDS")
                .at("ids")
                .with("maximum", MOST_IDS);
            return Err(refused(ctx, &refusal));
        }
        // Together, so that all ids of one kind are one statement.
        try_join_all(ids.iter().map(|id| find(ctx, id))).await
    }
}

/// Asks the loader of the domain that the id's tag names.
#[expect(clippy::too_many_lines, reason = "three lines for each kind of object")]
async fn find(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>> {
    if let Some(id) = OrganisationId::parse(id) {
        let found = loaded(ctx, id).await?;
        return Ok(found.map(|found| OrganisationObject(found).into()));
    }
    if let Some(id) = MemberId::parse(id) {
        let found = loaded(ctx, id).await?;
        return Ok(found.map(|found| MemberObject(found).into()));
    }
    if let Some(id) = OpportunityId::parse(id) {
        let found = loaded(ctx, id).await?;
        return Ok(found.map(|found| OpportunityObject(found).into()));
    }
    if let Some(id) = ResellerId::parse(id) {
        let found = loaded(ctx, id).await?;
        return Ok(found.map(|found| ResellerObject(found).into()));
    }
    if let Some(id) = IncentiveId::parse(id) {
        let found = loaded(ctx, id).await?;
        return Ok(found.map(|found| IncentiveObject(found).into()));
    }
    if let Some(id) = PersonId::parse(id) {
        let found = loaded(ctx, id).await?;
        return Ok(found.map(|found| DedicatedPersonObject(found).into()));
    }
    if let Some(id) = OfferingId::parse(id) {
        let found = loaded(ctx, id).await?;
        return Ok(found.map(|found| OfferingObject(found).into()));
    }
    if let Some(id) = ProgrammeMembershipId::parse(id) {
        let found = loaded(ctx, id).await?;
        return Ok(found.map(|(one, day)| ProgrammeMembershipObject(one, day).into()));
    }
    if let Some(id) = PathMembershipId::parse(id) {
        let found = loaded(ctx, id).await?;
        return Ok(found.map(|found| PathMembershipObject(found).into()));
    }
    if let Some(id) = DocumentId::parse(id) {
        let found = loaded(ctx, id).await?;
        return Ok(found.map(|found| DocumentObject(found).into()));
    }
    if let Some(id) = InvitationId::parse(id) {
        let found = loaded(ctx, id).await?;
        return Ok(found.map(|(one, now)| InvitationObject(one, now).into()));
    }
    if let Some(id) = NoticeId::parse(id) {
        let found = loaded(ctx, id).await?;
        return Ok(found.map(|found| NoticeObject(found).into()));
    }
    if let Some(id) = RuleId::parse(id) {
        let found = loaded(ctx, id).await?;
        return Ok(found.map(|found| RuleObject(found).into()));
    }
    if let Some(id) = ServiceAccountId::parse(id) {
        let found = loaded(ctx, id).await?;
        return Ok(found.map(|found| ServiceAccountObject(found).into()));
    }
    if let Some(id) = CustomerId::parse(id) {
        let found = loaded(ctx, id).await?;
        return Ok(found.map(|found| CustomerObject(found).into()));
    }
    if let Some(id) = CustomerInvitationId::parse(id) {
        let found = loaded(ctx, id).await?;
        return Ok(found.map(|(one, now)| CustomerInvitationObject(one, now).into()));
    }
    find_of_members(ctx, id).await
}

/// The same for what belongs to the members of an organisation.
async fn find_of_members(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>> {
    if let Some(id) = RoleId::parse(id) {
        let found = loaded(ctx, id).await?;
        return Ok(found.map(|found| RoleObject(found).into()));
    }
    if let Some(id) = CustomerContactId::parse(id) {
        let found = loaded(ctx, id).await?;
        return Ok(found.map(|found| CustomerContactObject(found).into()));
    }
    if let Some(id) = MainAccountOfferId::parse(id) {
        let found = loaded(ctx, id).await?;
        return Ok(found.map(|found| MainAccountOfferObject(found).into()));
    }
    Ok(None)
}

/// The same for an object that the program itself names.
pub(crate) async fn found_node(ctx: &Context<'_>, object: ObjectRef) -> Result<Option<Node>> {
    find(ctx, &ID(object.global())).await
}
