//! Memberships and invitations as objects.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::super::model::{self, PathMembership, ProgrammeInvitation, ProgrammeMembership, Target};
use super::super::policy::{self, Action};
use super::super::store::Signature;
use super::loaders::SignatureOf;
use crate::graphql::{ActionPermission, ContextExt as _, Date, PageInput, Result, Version, loaded};
use crate::ids::Tagged as _;
use crate::organisation::{MemberObject, OrganisationObject};
use crate::timeline::{self, TimelineEntryConnection};

/// A programme that partners join. New programmes may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::Programme")]
pub(crate) enum Programme {
    /// The partner network itself (合作伙伴网络): the first step, which everything else asks for (R-PRG-15).
    Network,
    /// Selling together with the vendor (共拓计划); without it there are no opportunities.
    CoSell,
    /// Reselling the vendor's services to own customers (解决方案提供商计划).
    Csp,
    /// Supplying resellers (总经销商).
    Distributor,
    /// Selling through a distributor (云经销商).
    Reseller,
    /// Selling products in the vendor's marketplace.
    MarketplaceSeller,
    /// Running a cloud centre of excellence; by invitation.
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
    /// The partner took the application back.
    Withdrawn,
    /// Holds from its first to its last day.
    Active,
    /// Its rights rest until the vendor resumes it.
    Suspended,
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

/// How high a member of the solution provider programme stands (domain.md 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "ProgrammeTier", remote = "model::Tier")]
pub(crate) enum ProgrammeTier {
    /// 优选级; where every member begins.
    Preferred,
    /// 领先级.
    Leading,
    /// 核心级.
    Core,
}

/// What an invitation to a programme or path is worth at the time of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "ProgrammeInvitationState", remote = "model::InvitationState")]
pub(crate) enum ProgrammeInvitationState {
    /// Can be taken up until it expires.
    Sent,
    /// Nobody took it up in time.
    Expired,
    /// Was taken up; it counts once.
    Accepted,
    /// Taken back, or replaced by a newer one.
    Revoked,
}

/// That somebody signed an agreement by joining (R-PRG-15).
pub(crate) struct SignatureObject(Signature);

/// That somebody signed an agreement by joining (R-PRG-15).
#[Object(name = "AgreementSignature")]
impl SignatureObject {
    /// The code of the agreement.
    async fn agreement(&self) -> &str {
        &self.0.agreement
    }

    /// Its version, as it was signed.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// Who signed; null when the viewer may not see that person.
    async fn signed_by(&self, ctx: &Context<'_>) -> Result<Option<MemberObject>> {
        Ok(loaded(ctx, self.0.signer).await?.map(MemberObject))
    }

    /// When.
    async fn signed_at(&self) -> DateTime<Utc> {
        self.0.at
    }
}

async fn signature(ctx: &Context<'_>, object: Uuid) -> Result<Option<SignatureObject>> {
    let found = loaded(ctx, SignatureOf(object)).await?;
    Ok(found.map(SignatureObject))
}

/// What the viewer may do with a membership now. Each answer is the one that the mutation would give.
#[derive(SimpleObject)]
#[expect(clippy::struct_field_names, reason = "each is read as a question")]
struct ProgrammeMembershipViewerPermissions {
    /// Taking the application back.
    can_withdraw: ActionPermission,
    /// Approving the application.
    can_approve: ActionPermission,
    /// Refusing the application.
    can_reject: ActionPermission,
}

pub(crate) struct ProgrammeMembershipObject(pub(crate) ProgrammeMembership, pub(crate) NaiveDate);

/// A partner's membership of one of the vendor's programmes, or its application.
#[Object(name = "ProgrammeMembership")]
impl ProgrammeMembershipObject {
    /// Opaque and global; `node` finds it by this id.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.global())
    }

    /// What happened to it, the newest first, back to its beginning: at most 100 entries at a time.
    #[expect(clippy::too_many_arguments, reason = "four of them are for paging")]
    async fn timeline(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<TimelineEntryConnection> {
        let page = PageInput::of(first, after, last, before);
        timeline::connection_of(ctx, self.0.id, page).await
    }

    /// Which programme.
    async fn programme(&self) -> Programme {
        self.0.programme.into()
    }

    /// The organisation whose it is; null when the viewer may not see it.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<OrganisationObject>> {
        let found = loaded(ctx, self.0.organisation).await?;
        Ok(found.map(OrganisationObject))
    }

    /// Where it stands today: a membership whose last day is over has expired (R-PRG-14).
    async fn state(&self) -> ProgrammeMembershipState {
        self.0.state_on(self.1).into()
    }

    /// The first day of its rights; of an application, the day of the application.
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }

    /// The first day on which it does not hold any more; null while no end is set.
    async fn valid_until(&self) -> Option<Date> {
        self.0.valid_until.map(Date)
    }

    /// How high the member stands; null in programmes without tiers.
    async fn tier(&self) -> Option<ProgrammeTier> {
        self.0.tier.map(ProgrammeTier::from)
    }

    /// When it was applied for or joined in the portal; null for one that the vendor imported.
    async fn applied_at(&self) -> Option<DateTime<Utc>> {
        self.0.applied_at
    }

    /// When the application was decided or taken back; null before that.
    async fn decided_at(&self) -> Option<DateTime<Utc>> {
        self.0.decided_at
    }

    /// Why the vendor refused, suspended or ended it; null when it did not (R-GEN-4).
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// Who signed which version of the agreement; null for a membership that the vendor imported.
    async fn signature(&self, ctx: &Context<'_>) -> Result<Option<SignatureObject>> {
        signature(ctx, self.0.id.0).await
    }

    /// What the viewer may do with this membership now, and why not.
    async fn viewer_permissions(&self, ctx: &Context<'_>) -> ProgrammeMembershipViewerPermissions {
        let permission = |action| {
            let verdict = policy::verdict(action, ctx.viewer(), &self.0);
            ActionPermission::new(ctx, verdict)
        };
        ProgrammeMembershipViewerPermissions {
            can_withdraw: permission(Action::Withdraw),
            can_approve: permission(Action::Approve),
            can_reject: permission(Action::Reject),
        }
    }

    /// The version to send as expectedVersion with a change.
    async fn version(&self) -> Version {
        Version(self.0.version)
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

    /// What happened to it, the newest first, back to its beginning: at most 100 entries at a time.
    #[expect(clippy::too_many_arguments, reason = "four of them are for paging")]
    async fn timeline(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<TimelineEntryConnection> {
        let page = PageInput::of(first, after, last, before);
        timeline::connection_of(ctx, self.0.id, page).await
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

    /// Who signed which version of the agreement; null for a path that the vendor imported.
    async fn signature(&self, ctx: &Context<'_>) -> Result<Option<SignatureObject>> {
        signature(ctx, self.0.id.0).await
    }

    /// The version to send as expectedVersion with a change.
    async fn version(&self) -> Version {
        Version(self.0.version)
    }
}

/// What the viewer may do with an invitation now.
#[derive(SimpleObject)]
struct ProgrammeInvitationViewerPermissions {
    /// Taking it back.
    can_revoke: ActionPermission,
}

pub(crate) struct ProgrammeInvitationObject(
    pub(crate) ProgrammeInvitation,
    pub(crate) DateTime<Utc>,
);

/// The vendor's invitation of an organisation to what is joined by invitation alone; it counts once (R-PRG-5).
#[Object(name = "ProgrammeInvitation")]
impl ProgrammeInvitationObject {
    /// Opaque and global.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.global())
    }

    /// The programme that it is to; null when it is to a path.
    async fn programme(&self) -> Option<Programme> {
        match self.0.target {
            Target::Programme(programme) => Some(programme.into()),
            Target::Path(_) => None,
        }
    }

    /// The path that it is to; null when it is to a programme.
    async fn path(&self) -> Option<PartnerPath> {
        match self.0.target {
            Target::Path(path) => Some(path.into()),
            Target::Programme(_) => None,
        }
    }

    /// What it can be used for now.
    async fn state(&self) -> ProgrammeInvitationState {
        self.0.state_at(self.1).into()
    }

    /// When it was sent.
    async fn sent_at(&self) -> DateTime<Utc> {
        self.0.sent_at
    }

    /// The first instant at which it is too late.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.expires_at
    }

    /// What the viewer may do with this invitation now, and why not.
    async fn viewer_permissions(&self, ctx: &Context<'_>) -> ProgrammeInvitationViewerPermissions {
        let verdict = policy::revoke(ctx.viewer(), self.0.state_at(self.1));
        ProgrammeInvitationViewerPermissions {
            can_revoke: ActionPermission::new(ctx, verdict),
        }
    }

    /// The version to send as expectedVersion with a change.
    async fn version(&self) -> Version {
        Version(self.0.version)
    }
}
