//! How a diagnosis looks to a client. Translation only.

use std::collections::BTreeMap;

use async_graphql::{Context, Enum, ID, Object, OneofObject, SimpleObject};
use chrono::{DateTime, Utc};

use super::model::{self, Diagnosis, Person};
use super::service::{self, Subject};
use crate::graphql::{ContextExt as _, Read, Result, answer, global_id, loaded};
use crate::i18n;
use crate::ids::Tagged as _;
use crate::organisation::MemberObject;
use crate::organisation::invitations::InvitationObject;

/// Whom `identityDoctor` is asked about: exactly one of these.
#[derive(OneofObject)]
enum IdentityDoctorSubject {
    /// The e-mail address at IAM, of an invitation or of a member.
    Email(String),
    /// The account name of a member, of an invitation or of a user of the IAM tenant.
    AccountName(String),
    /// As its owner reads it under `viewer`.
    IdentityId(ID),
}

/// What is the matter with an identity. New causes may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::Cause")]
enum IdentityCause {
    /// Nothing that the viewer may know: nobody has it, or it is another organisation's business.
    Unknown,
    /// IAM has the user, who has never signed in here.
    NeverSignedIn,
    /// Has signed in, and no organisation made the person a member.
    NeverLinked,
    /// An invitation waits to be accepted.
    InvitationPending,
    /// An invitation was not accepted in time.
    InvitationExpired,
    /// An invitation was taken back.
    InvitationRevoked,
    /// An administrator ended the link; the member is still there.
    LinkEnded,
    /// There is an active member as whom nobody signs in.
    MemberNotLinked,
    /// Somebody else signs in as the member.
    MemberLinkedToAnother,
    /// The member was disabled.
    MemberDisabled,
    /// Signs in and reads; the organisation is frozen and changes nothing.
    OrganisationFrozen,
    /// The organisation was closed.
    OrganisationClosed,
    /// The identity provider was disabled.
    ProviderDisabled,
    /// There are memberships, and none was chosen in this session.
    NotChosen,
    /// Nothing: the person signs in as a member.
    Linked,
}

/// Who carries a remedy out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::RemedyBy")]
enum IdentityRemedyBy {
    /// The person itself.
    Person,
    /// An administrator of the organisation, with member.manage.
    Administrator,
    /// The vendor.
    Vendor,
    /// Nobody: nothing is to be done.
    Nobody,
}

/// What helps.
#[derive(SimpleObject)]
struct IdentityRemedy {
    /// The mutation, such as memberInvite; null where none helps.
    mutation: Option<&'static str>,
    /// Who carries it out.
    by: IdentityRemedyBy,
}

/// The identity that was found, as far as it may be told.
#[derive(SimpleObject)]
struct IdentityFound {
    /// Only of an identity that is or was linked to the organisation; of any other its owner alone tells it.
    identity_id: Option<ID>,
    /// The name of the identity provider that it comes from.
    provider_name: String,
    /// When it signed in last.
    last_seen_at: DateTime<Utc>,
}

struct DiagnosisObject(Diagnosis);

/// Why somebody is no member, and what helps (R-ORG-22).
#[Object(name = "IdentityDiagnosis")]
impl DiagnosisObject {
    /// Which of the causes it is.
    async fn cause(&self) -> IdentityCause {
        self.0.cause.into()
    }

    /// A sentence that says what to do, in the language of the request (zh-CN or en).
    async fn message(&self, ctx: &Context<'_>) -> String {
        let reason = self.0.cause.reason();
        i18n::sentence(reason, &BTreeMap::new(), ctx.locale()).unwrap_or_else(|| reason.to_owned())
    }

    /// What helps, and who carries it out.
    async fn remedy(&self) -> IdentityRemedy {
        let (mutation, by) = self.0.cause.remedy();
        IdentityRemedy {
            mutation,
            by: by.into(),
        }
    }

    /// The identity, when one was found that the organisation has to do with.
    async fn identity(&self) -> Option<IdentityFound> {
        let person = self.0.identity.as_ref().map(Person::from);
        person.map(|person| IdentityFound {
            identity_id: person.id.map(|id| ID(id.global())),
            provider_name: person.provider,
            last_seen_at: person.last_seen_at,
        })
    }

    /// The member that it is about, when there is one.
    async fn member(&self) -> Option<MemberObject> {
        self.0.member.clone().map(MemberObject)
    }

    /// The latest invitation that it is about, when there is one and the viewer may read it.
    async fn invitation(&self, ctx: &Context<'_>) -> Result<Option<InvitationObject>> {
        let Some(id) = self.0.invitation else {
            return Ok(None);
        };
        let found = loaded(ctx, id).await?;
        Ok(found.map(|(invitation, now)| InvitationObject(invitation, now)))
    }
}

#[derive(Default)]
pub(crate) struct DoctorQuery;

#[Object]
impl DoctorQuery {
    /// Why somebody whom IAM knows is no member, and what helps. Answers the person itself, the vendor's operators
    /// (organisation.manage), and administrators (member.manage) for what their organisation's IAM tenant, invitations
    /// and links have to do with; to all others as for somebody whom nobody knows (R-ORG-22). An operator names the
    /// organisation for its point of view.
    async fn identity_doctor(
        &self,
        ctx: &Context<'_>,
        subject: IdentityDoctorSubject,
        organisation_id: Option<ID>,
    ) -> Result<DiagnosisObject> {
        let subject = match subject {
            IdentityDoctorSubject::Email(email) => Subject::Email(email),
            IdentityDoctorSubject::AccountName(name) => Subject::AccountName(name),
            IdentityDoctorSubject::IdentityId(id) => Subject::Identity(global_id(&id)),
        };
        let organisation = organisation_id.as_ref().map(global_id);
        let loaders = ctx.loaders();
        let Read { snapshot, viewer } = loaders.loader();
        let asked = (&subject, organisation);
        let diagnosis = answer(ctx, service::diagnose(viewer, snapshot, asked).await)?;
        Ok(DiagnosisObject(diagnosis))
    }
}
