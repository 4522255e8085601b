//! How a viewer sees itself: who it is, why it may be no member, and how long that lasts. Translation only.

mod loaders;
pub(super) mod machines;
pub(super) mod sessions;

use std::collections::BTreeMap;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject, Union};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::IdentityRefusal;
use super::model::{Membership, NoMember, PendingInvitation};
use super::service::{self, ActAs, Person};
use crate::db::Applied;
use crate::error::Failure;
use crate::graphql::{
    ContextExt as _, Result, SessionChange, UserError, answer, global_id, loaded, payload,
};
use crate::i18n;
use crate::ids::{IdentityId, MemberId, Tagged as _};
use crate::organisation::MemberObject;
use crate::organisation::personnel::{self, DedicatedPersonObject};
use crate::viewer::Viewer;
pub(crate) use machines::ServiceAccountObject;
use sessions::SessionObject;

/// Who asks: a member of an organisation; a person whom IAM knows and who acts as no member; or a machine.
#[derive(Union)]
#[graphql(name = "Viewer")]
enum ViewerObject {
    Member(MemberObject),
    FederatedIdentity(FederatedIdentityObject),
    ServiceAccount(ServiceAccountObject),
}

/// A person as their IAM describes them. Owns nothing: only a member can act for an organisation, and members are made
/// in the portal only (R-ORG-1, R-ORG-2).
struct FederatedIdentityObject(Person);

/// A person as their IAM describes them. Owns nothing: members are made in the portal only (R-ORG-1, R-ORG-2).
#[Object(name = "FederatedIdentity")]
impl FederatedIdentityObject {
    /// What an administrator needs to link this person to a member.
    async fn id(&self) -> ID {
        ID(self.0.identity.id.global())
    }

    /// As the IAM said at the latest sign-in.
    async fn display_name(&self) -> Option<&str> {
        self.0.identity.display_name.as_deref()
    }

    /// As the IAM said at the latest sign-in.
    async fn email(&self) -> Option<&str> {
        self.0.identity.email.as_deref()
    }

    /// Why this person acts as no member in this session; null for somebody who does.
    async fn member_link(&self, ctx: &Context<'_>) -> Option<MemberLink> {
        let acts = matches!(ctx.viewer(), Viewer::Member(_));
        (!acts).then(|| MemberLink::of(&self.0.no_member(), ctx))
    }

    /// The members as whom this person can act; sessionActAs switches between them.
    async fn memberships(&self) -> Vec<MembershipObject> {
        let usable = self
            .0
            .memberships
            .iter()
            .filter(|membership| membership.is_usable());
        usable.cloned().map(MembershipObject).collect()
    }

    /// Invitations that wait for this person's e-mail address, the latest first, at most 20. To accept one takes the
    /// link that the administrator sends.
    async fn invitations(&self) -> Vec<InvitationNotice> {
        self.0
            .invitations
            .iter()
            .cloned()
            .map(InvitationNotice::from)
            .collect()
    }

    /// The person's own associations with partners as dedicated personnel (项目专员), and the invitations to one that wait
    /// for this personal account; the latest first, at most 100.
    async fn dedicated_personnel(&self, ctx: &Context<'_>) -> Result<Vec<DedicatedPersonObject>> {
        personnel::own_of(ctx).await
    }
}

/// Why a person who is signed in acts as no member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
enum MemberLinkState {
    /// No organisation ever made this person a member.
    NeverLinked,
    /// An invitation waits to be accepted.
    Invited,
    /// An administrator ended the link.
    LinkEnded,
    /// The member was disabled.
    MemberDisabled,
    /// The organisation was closed.
    OrganisationClosed,
    /// There are memberships, and none was chosen in this session.
    NotChosen,
}

/// Why a person who is signed in acts as no member, and what to do about it.
#[derive(SimpleObject)]
struct MemberLink {
    /// Which of the reasons it is.
    state: MemberLinkState,
    /// The same for programs; stable, and more of them may come.
    reason: &'static str,
    /// A sentence for the person that says what to do, in the language of the request (zh-CN or en).
    message: String,
    /// The organisation that it is about, if it is about one.
    organisation_name: Option<String>,
}

impl MemberLink {
    fn of(why: &NoMember, ctx: &Context<'_>) -> Self {
        use MemberLinkState as S;
        let (state, reason, organisation) = match why {
            NoMember::NeverLinked => (S::NeverLinked, "NO_MEMBER_NEVER_LINKED", None),
            NoMember::Invited { by } => (S::Invited, "NO_MEMBER_INVITED", Some(by)),
            NoMember::LinkEnded { with } => (S::LinkEnded, "NO_MEMBER_LINK_ENDED", Some(with)),
            NoMember::MemberDisabled { of } => (S::MemberDisabled, "NO_MEMBER_DISABLED", Some(of)),
            NoMember::OrganisationClosed { organisation } => (
                S::OrganisationClosed,
                "NO_MEMBER_ORGANISATION_CLOSED",
                Some(organisation),
            ),
            NoMember::NotChosen => (S::NotChosen, "NO_MEMBER_NOT_CHOSEN", None),
        };
        let params = organisation
            .iter()
            .map(|name| ("organisation", (*name).clone()));
        let params: BTreeMap<_, _> = params.collect();
        Self {
            state,
            reason,
            message: i18n::sentence(reason, &params, ctx.locale())
                .unwrap_or_else(|| reason.to_owned()),
            organisation_name: organisation.cloned(),
        }
    }
}

struct MembershipObject(Membership);

/// A member as whom a person can act.
#[Object(name = "Membership")]
impl MembershipObject {
    /// For sessionActAs.
    async fn member_id(&self) -> ID {
        ID(self.0.member.global())
    }

    /// The organisation that the membership is of.
    async fn organisation_id(&self) -> ID {
        ID(self.0.organisation().global())
    }

    /// The organisation's name.
    async fn organisation_name(&self) -> &str {
        &self.0.organisation_name
    }

    /// Since when this person can act as the member.
    async fn linked_at(&self) -> DateTime<Utc> {
        self.0.linked_at
    }

    /// Whether it is the one of this session.
    async fn is_current(&self, ctx: &Context<'_>) -> bool {
        matches!(ctx.viewer(), Viewer::Member(member) if member.member == self.0.member)
    }
}

/// An invitation that waits to be accepted.
#[derive(SimpleObject)]
struct InvitationNotice {
    /// The organisation that invites.
    organisation_name: String,
    /// When it was made.
    sent_at: DateTime<Utc>,
    /// From then on it cannot be accepted.
    expires_at: DateTime<Utc>,
}

impl From<PendingInvitation> for InvitationNotice {
    fn from(invitation: PendingInvitation) -> Self {
        Self {
            organisation_name: invitation.organisation_name,
            sent_at: invitation.sent_at,
            expires_at: invitation.expires_at,
        }
    }
}

#[derive(Default)]
pub(crate) struct IdentityQuery;

#[Object]
impl IdentityQuery {
    /// Who asks.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<ViewerObject> {
        Ok(match ctx.viewer() {
            Viewer::Member(acting) => {
                let member = or_ended(ctx, loaded(ctx, acting.member).await?)?;
                ViewerObject::Member(MemberObject(member))
            }
            Viewer::Federated(person) => {
                ViewerObject::FederatedIdentity(federated_identity(ctx, person.identity).await?)
            }
            Viewer::Service(service) => {
                let account = or_ended(ctx, loaded(ctx, service.account).await?)?;
                ViewerObject::ServiceAccount(ServiceAccountObject(account))
            }
        })
    }

    /// The session of this request; null for a service account, which has none.
    async fn session(&self, ctx: &Context<'_>) -> Result<Option<SessionObject>> {
        let Some(person) = service::signed_in(ctx.viewer()) else {
            return Ok(None);
        };
        let session = or_ended(ctx, loaded(ctx, person.session).await?)?;
        Ok(Some(SessionObject(session)))
    }

    /// Where the viewer is signed in, the latest use first, at most 100; empty for a service account. sessionEnd ends one
    /// of them, sessionEndAll all.
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Vec<SessionObject>> {
        sessions::own(ctx).await
    }
}

async fn federated_identity(ctx: &Context<'_>, id: IdentityId) -> Result<FederatedIdentityObject> {
    or_ended(ctx, loaded(ctx, id).await?).map(FederatedIdentityObject)
}

/// Who was checked when the request came is there when it is answered, unless it was just taken away.
fn or_ended<T>(ctx: &Context<'_>, found: Option<T>) -> Result<T> {
    answer(
        ctx,
        found.ok_or_else(|| IdentityRefusal::SessionEnded.into()),
    )
}

/// Switches to another membership of the viewer.
#[derive(InputObject)]
struct SessionActAsInput {
    /// One of the viewer's own, from memberships.
    member_id: ID,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// As whom the session goes on.
#[derive(SimpleObject)]
struct SessionActAsPayload {
    /// The membership of the session from the next request on; null when nothing was done.
    membership: Option<MembershipObject>,
    /// Why nothing was done; empty when it was.
    errors: Vec<UserError>,
    /// Whether the idempotency key was used before: then no new session was handed out.
    replayed: bool,
}

#[derive(Default)]
pub(crate) struct IdentityMutation;

#[Object]
impl IdentityMutation {
    /// Goes on as another member of one's own. The session gets a new cookie with this answer, and the old one is dead;
    /// it ends when it would have. Later requests, not later fields of this one, act as that member.
    async fn session_act_as(
        &self,
        ctx: &Context<'_>,
        input: SessionActAsInput,
    ) -> Result<SessionActAsPayload> {
        let result = act_as(ctx, &input).await;
        let (member, errors, replayed) = payload(ctx, result)?;
        let membership = match (member, service::signed_in(ctx.viewer())) {
            (Some(member), Some(person)) => membership(ctx, person.identity, member).await?,
            _ => None,
        };
        Ok(SessionActAsPayload {
            membership,
            errors,
            replayed,
        })
    }
}

async fn act_as(
    ctx: &Context<'_>,
    input: &SessionActAsInput,
) -> std::result::Result<Applied<MemberId>, Failure> {
    let change = ActAs::new(ctx.viewer(), global_id(&input.member_id))?;
    let applied = ctx.apply(input.idempotency_key, &change).await?;
    if !applied.replayed {
        let token = change.token.text();
        ctx.change_session(SessionChange { token });
    }
    Ok(applied)
}

async fn membership(
    ctx: &Context<'_>,
    identity: IdentityId,
    member: MemberId,
) -> Result<Option<MembershipObject>> {
    let person = loaded(ctx, identity).await?;
    let memberships = person.map(|person| person.memberships).unwrap_or_default();
    let wanted = memberships
        .into_iter()
        .find(|membership| membership.member == member);
    Ok(wanted.map(MembershipObject))
}
