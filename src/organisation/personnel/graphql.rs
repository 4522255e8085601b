//! How dedicated personnel look to a client. Translation only; a rule here is in the wrong file.

mod applications;
mod applying;
mod inputs;
mod loaders;
mod mutations;
mod permissions;
mod query;
mod records;

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};

pub(crate) use applying::PersonnelApplicationMutation;
pub(crate) use mutations::PersonnelMutation;
pub(crate) use query::{
    PersonnelConnection, PersonnelQuery, PersonnelWhere, of_organisation, own_of,
};

use self::applications::ApplicationObject;
use self::permissions::DedicatedPersonViewerPermissions;
use self::records::{CertificateObject, ProjectObject, TrainingObject};
use super::model::record::RecordKind;
use super::model::{self, DedicatedPath, PersonState, Profile};
use super::policy::Relation;
use super::service::Readable;
use crate::graphql::{ContextExt as _, Date, PageInput, Result, Transition, Version, loaded};
use crate::ids::Tagged as _;
use crate::masking;
use crate::organisation::{MemberObject, OrganisationObject};
use crate::timeline::{self, TimelineEntryConnection};

/// How far the association of a person with the partner is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "PersonState")]
pub(crate) enum DedicatedPersonState {
    /// The invitation was sent (已邀请).
    Invited,
    /// The invitation was not accepted in time (已失效).
    Expired,
    /// Associated with the partner, not dedicated (已绑定).
    Bound,
    /// The association is over (已解绑).
    Unbound,
    /// The partner applied for the person's dedicated status (申请专员审核中).
    ApplyUnderReview,
    /// The vendor refused the application (申请专员审核未通过).
    ApplyRejected,
    /// Approved by the vendor; incentives can be paid for the person (项目专员).
    Dedicated,
    /// The partner asked to end the dedicated status (取消专员审核中).
    CancelUnderReview,
    /// The dedicated status has ended; the association goes on (取消专员审核通过).
    CancelApproved,
    /// The vendor took the dedicated status away.
    Disqualified,
}

/// On what terms a person works for the partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::Employment")]
pub(crate) enum EmploymentKind {
    /// Employed by the partner under a labour contract.
    LabourContract,
    /// Works for the partner under a contract for services.
    ServiceContract,
    /// Employed by somebody else and dispatched to the partner.
    Dispatched,
}

/// What a person can be dedicated for: one of the paths that have dedicated personnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "DedicatedPath", remote = "DedicatedPath")]
pub(crate) enum DedicatedPathValue {
    /// The service path.
    Service,
    /// The path of system integrators.
    SystemIntegrator,
    /// The learning path.
    Learning,
}

/// Who ended an association.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::EndedBy")]
pub(crate) enum DedicatedPersonEndedBy {
    /// The partner's administrator.
    Partner,
    /// The person, by leaving or by declining.
    Person,
}

/// The newest invitation of a person.
#[derive(SimpleObject)]
pub(crate) struct DedicatedPersonInvitation {
    /// Who invited; null when the viewer may not see that member.
    invited_by: Option<MemberObject>,
    /// When it was sent the last time.
    sent_at: DateTime<Utc>,
    /// The first instant at which it is too late (R-DED-3).
    expires_at: DateTime<Utc>,
}

pub(crate) struct DedicatedPersonObject(pub(crate) Readable);

/// An individual who works for a partner, with the vendor's approval as a dedicated person (项目专员). Not a member: cannot
/// act for the organisation.
///
/// What the person shares is null before the invitation is accepted and after the association has ended; the person
/// himself reads it always.
#[Object(name = "DedicatedPerson")]
impl DedicatedPersonObject {
    /// Global and opaque; `node` finds it by this id.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.person.id.global())
    }

    /// What happened to it, the newest first, back to its beginning: at most 100 entries at a time. It tells which parts
    /// of the record changed, and never what stood in them.
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
        timeline::connection_of(ctx, self.0.person.id, page).await
    }

    /// How far the association is, at the time of this request: an invitation that nobody accepted in time has expired.
    async fn state(&self) -> DedicatedPersonState {
        self.0.person.state.into()
    }

    /// The partner; null when the viewer may not see it.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<OrganisationObject>> {
        let organisation = loaded(ctx, self.0.person.organisation).await?;
        Ok(organisation.map(OrganisationObject))
    }

    /// The partner's name, for the person himself; null for everybody else.
    async fn partner_name(&self) -> Option<&str> {
        let partner = self.0.person.partner.as_ref()?;
        Some(&partner.name)
    }

    /// The number, address or account name by which the administrator invited, masked; null once the association has
    /// ended.
    async fn invited_as(&self) -> Option<String> {
        self.0.person.invited_as.as_deref().map(masking::any)
    }

    /// The newest invitation; null for a record that is older than invitations.
    async fn invitation(&self, ctx: &Context<'_>) -> Result<Option<DedicatedPersonInvitation>> {
        let Some(sending) = self.0.person.invitation else {
            return Ok(None);
        };
        let invited_by = match sending.by {
            Some(member) => loaded(ctx, member).await?.map(MemberObject),
            None => None,
        };
        Ok(Some(DedicatedPersonInvitation {
            invited_by,
            sent_at: sending.at,
            expires_at: sending.expires_at,
        }))
    }

    /// The person's name, as the personal account had it when the person agreed.
    async fn name(&self) -> Option<&str> {
        self.profile()?.name.as_deref()
    }

    /// The name of the personal account.
    async fn account_name(&self) -> Option<&str> {
        self.profile()?.account_name.as_deref()
    }

    /// The e-mail address; masked, such as li***@example.com, but for the person himself.
    async fn email(&self) -> Option<String> {
        let email = self.profile()?.email.as_deref()?;
        Some(self.told(email, masking::email))
    }

    /// The mobile number; masked like the e-mail address.
    async fn mobile(&self) -> Option<String> {
        let mobile = self.profile()?.mobile.as_deref()?;
        Some(self.told(mobile, masking::phone))
    }

    /// What the person works as, such as Solution Architect.
    async fn position(&self) -> Option<&str> {
        self.profile()?.position.as_deref()
    }

    /// On what terms the person works for the partner.
    async fn employment(&self) -> Option<EmploymentKind> {
        self.profile()?.employment.map(Into::into)
    }

    /// The usual workplace; needed before the partner can apply for dedicated status (R-DED-10).
    async fn base_location(&self) -> Option<&str> {
        self.profile()?.base_location.as_deref()
    }

    /// Since when the person works with the vendor's cloud.
    async fn started_on(&self) -> Option<Date> {
        self.profile()?.started_on.map(Date)
    }

    /// What the dedicated status is for, or was asked for the last time; null if it never was.
    async fn path(&self) -> Option<DedicatedPathValue> {
        self.0.person.path.map(Into::into)
    }

    /// Why the vendor decided so, the last time that it gave a reason; null when it gave none since.
    async fn decision_reason(&self) -> Option<&str> {
        self.0.person.decision_reason.as_deref()
    }

    /// When the person agreed to be associated, the last time.
    async fn bound_at(&self) -> Option<DateTime<Utc>> {
        self.0.person.bound_at
    }

    /// When the association ended; null while it is not over.
    async fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.0.person.ended.map(|(at, _)| at)
    }

    /// Who ended it.
    async fn ended_by(&self) -> Option<DedicatedPersonEndedBy> {
        self.0.person.ended.map(|(_, by)| by.into())
    }

    /// When the state changed the last time.
    async fn changed_at(&self) -> DateTime<Utc> {
        self.0.person.changed_at
    }

    /// The certificates, the newest first; null when nothing is shared with the viewer.
    async fn certificates(&self, ctx: &Context<'_>) -> Result<Option<Vec<CertificateObject>>> {
        let records = records::of(ctx, &self.0, RecordKind::Certificate).await?;
        let today = crate::rules::day_of(self.0.now);
        let certificate = |record| CertificateObject(record, today);
        Ok(records.map(|records| records.into_iter().map(certificate).collect()))
    }

    /// The trainings, the newest first; null when nothing is shared with the viewer.
    async fn trainings(&self, ctx: &Context<'_>) -> Result<Option<Vec<TrainingObject>>> {
        let records = records::of(ctx, &self.0, RecordKind::Training).await?;
        Ok(records.map(|records| records.into_iter().map(TrainingObject).collect()))
    }

    /// The projects, the newest first; null when nothing is shared with the viewer.
    async fn projects(&self, ctx: &Context<'_>) -> Result<Option<Vec<ProjectObject>>> {
        let records = records::of(ctx, &self.0, RecordKind::Project).await?;
        Ok(records.map(|records| records.into_iter().map(ProjectObject).collect()))
    }

    /// What the partner asked the vendor for, the latest first; null when nothing is shared with the viewer. Empty for the
    /// person himself, since it is between partner and vendor.
    async fn applications(&self, ctx: &Context<'_>) -> Result<Option<Vec<ApplicationObject>>> {
        applications::of(ctx, &self.0).await
    }

    /// For how many working days the vendor has had the partner's question; null when none is open. Today is not counted.
    async fn working_days_under_review(&self, ctx: &Context<'_>) -> Result<Option<i64>> {
        applications::age(ctx, &self.0).await
    }

    /// Whether the person was dedicated for a path at an instant, so that an incentive can be claimed for it (R-DED-16);
    /// null when nothing is shared with the viewer.
    async fn was_dedicated(
        &self,
        ctx: &Context<'_>,
        path: DedicatedPathValue,
        at: DateTime<Utc>,
    ) -> Result<Option<bool>> {
        if self.profile().is_none() {
            return Ok(None);
        }
        applications::was_dedicated(ctx, &self.0, (at, path.into()))
            .await
            .map(Some)
    }

    /// What the viewer may do with this person now, and why not.
    async fn viewer_permissions(&self, ctx: &Context<'_>) -> DedicatedPersonViewerPermissions {
        permissions::of(ctx, &self.0)
    }

    /// The moves out of the state that it is in.
    async fn transitions(&self, ctx: &Context<'_>) -> Vec<Transition> {
        permissions::transitions(ctx.viewer(), &self.0)
    }

    /// The version to send as expectedVersion with a change.
    async fn version(&self) -> Version {
        Version(self.0.person.version)
    }
}

impl DedicatedPersonObject {
    fn profile(&self) -> Option<&Profile> {
        self.0.person.profile.as_ref()
    }

    fn told(&self, value: &str, mask: fn(&str) -> String) -> String {
        match self.0.relation {
            Relation::Himself => value.to_owned(),
            Relation::Other => mask(value),
        }
    }
}
