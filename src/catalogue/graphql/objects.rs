//! The vendor's facts as objects.

use async_graphql::{Context, Enum, ID, Object};

use super::super::model::{
    self, CloudService, Offering, Office, PathMembership, ProgrammeMembership,
};
use crate::graphql::{ContextExt as _, Date, Result, loaded};
use crate::i18n::Locale;
use crate::ids::Tagged as _;
use crate::organisation::OrganisationObject;

/// A programme that partners join. New programmes may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::Programme")]
pub(crate) enum Programme {
    /// Selling together with the vendor; without it there are no opportunities.
    CoSell,
    /// Reselling the vendor's services to own customers.
    Csp,
    /// Supplying resellers.
    Distributor,
    /// Selling through a distributor.
    Reseller,
    /// Selling products in the vendor's marketplace.
    MarketplaceSeller,
    /// Running a cloud centre of excellence.
    Ccoe,
    /// Improving competency together with the vendor.
    CompetencyImprovement,
}

/// Where a membership of a programme stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::MembershipState")]
pub(crate) enum ProgrammeMembershipState {
    /// Applied for.
    Applied,
    /// The vendor looks at the application.
    UnderReview,
    /// The vendor refused the application.
    Rejected,
    /// Holds from its first to its last day.
    Active,
    /// Has ended by time.
    Expired,
    /// The partner has left.
    Left,
}

/// A development path of partners. New paths may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "PartnerPath", remote = "model::Path")]
pub(crate) enum PartnerPath {
    /// Makes software on the vendor's cloud.
    Software,
    /// Offers services around the vendor's cloud.
    Service,
    /// Integrates systems.
    SystemIntegrator,
    /// Teaches.
    Learning,
    /// Distributes.
    Distributor,
}

/// How far a partner is on a path; the stages follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "PartnerPathStage", remote = "model::PathStage")]
pub(crate) enum PartnerPathStage {
    /// Has chosen the path.
    Selected,
    /// The vendor has validated the role.
    RoleValidated,
    /// Stands out among the others.
    Differentiated,
}

/// Whether a partner is on a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::PathState")]
pub(crate) enum PathMembershipState {
    /// On it.
    Active,
    /// Has left it.
    Exited,
}

/// What an offering is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::OfferingKind")]
pub(crate) enum OfferingKind {
    /// A product in the vendor's marketplace.
    MarketplaceProduct,
    /// A solution that the vendor has examined (基线解决方案).
    BaselineSolution,
}

/// Whether something of a catalogue can still be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::ListState")]
pub(crate) enum OfferingListState {
    /// Can be chosen.
    Active,
    /// Cannot be chosen any more; stays readable where it was chosen.
    Retired,
}

pub(crate) struct ProgrammeMembershipObject(pub(crate) ProgrammeMembership);

/// A partner's membership of one of the vendor's programmes.
#[Object(name = "ProgrammeMembership")]
impl ProgrammeMembershipObject {
    /// Opaque and global; `node` finds it by this id.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.global())
    }

    /// Which programme.
    async fn programme(&self) -> Programme {
        self.0.programme.into()
    }

    /// Where it stands.
    async fn state(&self) -> ProgrammeMembershipState {
        self.0.state.into()
    }

    /// The first day of its rights.
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }

    /// The first day on which it does not hold any more; null while no end is set.
    async fn valid_until(&self) -> Option<Date> {
        self.0.valid_until.map(Date)
    }
}

pub(crate) struct PathMembershipObject(pub(crate) PathMembership);

/// A partner's place on a development path.
#[Object(name = "PathMembership")]
impl PathMembershipObject {
    /// Opaque and global; `node` finds it by this id.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.global())
    }

    /// Which path.
    async fn path(&self) -> PartnerPath {
        self.0.path.into()
    }

    /// How far.
    async fn stage(&self) -> PartnerPathStage {
        self.0.stage.into()
    }

    /// Whether the partner is on it.
    async fn state(&self) -> PathMembershipState {
        self.0.state.into()
    }
}

pub(crate) struct OfferingObject(pub(crate) Offering);

/// What a partner sells and delivers, as the vendor has it on its list.
#[Object(name = "Offering")]
impl OfferingObject {
    /// Opaque and global; `node` finds it by this id.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.global())
    }

    /// The vendor's code for it, unique within the partner.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// What it is called.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is.
    async fn kind(&self) -> OfferingKind {
        self.0.kind.into()
    }

    /// Whether the product is on the vendor's list of joint operation.
    async fn is_joint_operation(&self) -> bool {
        self.0.joint_operation
    }

    /// The needs that it answers. An opportunity that names it has these tags.
    async fn demand_tags(&self) -> &[String] {
        &self.0.demand_tags
    }

    /// Whether it can be chosen.
    async fn state(&self) -> OfferingListState {
        self.0.state.into()
    }

    /// The partner whose it is.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<OrganisationObject>> {
        let found = loaded(ctx, self.0.organisation).await?;
        Ok(found.map(OrganisationObject))
    }
}

fn in_language<'a>(ctx: &Context<'_>, chinese: &'a str, english: &'a str) -> &'a str {
    match ctx.locale() {
        Locale::ZhCn => chinese,
        Locale::En => english,
    }
}

pub(crate) struct OfficeObject(pub(crate) Office);

/// A representative office of the vendor (代表处).
#[Object(name = "Office")]
impl OfficeObject {
    /// The vendor's code for it; unique.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// What it is called, in the language of the request.
    async fn name(&self, ctx: &Context<'_>) -> &str {
        in_language(ctx, &self.0.name_zh, &self.0.name_en)
    }
}

pub(crate) struct CloudServiceObject(pub(crate) CloudService);

/// One of the vendor's cloud services.
#[Object(name = "CloudService")]
impl CloudServiceObject {
    /// The vendor's code for it; unique.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// What it is called, in the language of the request.
    async fn name(&self, ctx: &Context<'_>) -> &str {
        in_language(ctx, &self.0.name_zh, &self.0.name_en)
    }

    /// Whether it can be chosen.
    async fn state(&self) -> OfferingListState {
        self.0.state.into()
    }
}
