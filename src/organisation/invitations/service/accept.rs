//! A signed-in person takes up a membership.

use serde::{Deserialize, Serialize};

use super::super::error::InvitationRefusal;
use super::super::model::Invitation;
use super::super::store;
use crate::db::{Acting, Change, Db, Scope, Tx};
use crate::error::{Failure, Faults};
use crate::identity::links::{self, MadeBy};
use crate::identity::sessions::{self, SessionToken};
use crate::identity::{RandomToken, identities};
use crate::ids::{IdentityId, InvitationId, MemberId, OrganisationId, SessionId, Tagged as _};
use crate::organisation::members::{self, Member, MemberState, check_roles, names_taken};
use crate::organisation::model::Organisation;
use crate::organisation::service::lock_own;
use crate::rules::{self, MemberRoles};
use crate::timeline::Event;
use crate::viewer::Viewer;

/// Makes the invited person a member, linked to the identity that accepts, and the session theirs: the next request is
/// the member's. Holding the token is what gives the scope: no permission can, before there is a member.
pub(in super::super) struct Accept {
    /// Whose invitation it is, looked up before; it is read again under lock.
    organisation: Option<OrganisationId>,
    token_hash: [u8; 32],
    identity: IdentityId,
    session: SessionId,
    /// What the new session is known by. Made before the transaction, which may run twice.
    pub(in super::super) session_token: SessionToken,
}

/// What accepting made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Accepted {
    pub(crate) organisation: OrganisationId,
    pub(crate) invitation: InvitationId,
    pub(crate) member: MemberId,
}

impl Accept {
    /// Finds out whose invitation a token is. A token that nobody ever got is refused by the change itself.
    pub(in super::super) async fn prepare(
        db: &Db,
        viewer: &Viewer,
        token: &str,
    ) -> Result<Self, Failure> {
        let (identity, session) = person(viewer)?;
        let token_hash = RandomToken::parse(token).map_or([0; 32], |token| token.sha256());
        let acting = Acting {
            actor: identity.global(),
            correlation_id: String::new(),
        };
        let mut tx = db.begin(&Scope::Nobody, &acting).await?;
        let organisation = store::organisation_of(&mut tx, &token_hash).await?;
        Ok(Self {
            organisation,
            token_hash,
            identity,
            session,
            session_token: SessionToken::fresh()?,
        })
    }
}

fn person(viewer: &Viewer) -> Result<(IdentityId, SessionId), Failure> {
    match viewer {
        Viewer::Federated(person) => Ok((person.identity, person.session)),
        Viewer::Member(member) => Ok((member.identity, member.session)),
        Viewer::Service(_) => Err(InvitationRefusal::PersonRequired.into()),
    }
}

impl Change for Accept {
    type Outcome = Accepted;
    const NAME: &'static str = "invitations.accept";
    const ACTION: &'static str = "memberInvitationAccept";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        person(viewer)?;
        Ok(self.organisation.map_or(Scope::Nobody, Scope::Own))
    }

    /// The person, whichever membership the session acts in: a repeated request comes from the new one.
    fn actor(&self, _viewer: &Viewer) -> String {
        self.identity.global()
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Accepted, Failure> {
        if *scope == Scope::Nobody {
            return Err(InvitationRefusal::Unknown.into());
        }
        let organisation = lock_own(tx, scope).await?;
        let invitation = store::lock_by_token(tx, organisation.id, &self.token_hash)
            .await?
            .ok_or(InvitationRefusal::Unknown)?;
        let known = identities::find_all(tx, &[self.identity]).await?;
        let email = known
            .get(&self.identity)
            .and_then(|known| known.email.as_deref());
        invitation.expect_acceptable(tx.now(), email)?;
        check_still_free(tx, scope, (&organisation, &invitation)).await?;
        let member = new_member(tx, &invitation);
        members::create(tx, &member).await?;
        let (own, by) = (organisation.id, MadeBy::Invitation);
        links::make(tx, self.identity, own, member.id, by).await?;
        let version = store::record_accepted(tx, &invitation, (self.identity, member.id)).await?;
        let accepted = Event::new(own, invitation.id, version, "invitation.accepted")
            .moved("SENT", "ACCEPTED")
            .detail(serde_json::json!({ "member": member.id, "identity": self.identity }));
        tx.record(accepted).await?;
        let acting = Some((own, member.id));
        sessions::rotate(tx, self.session, acting, &self.session_token).await?;
        Ok(Accepted {
            organisation: own,
            invitation: invitation.id,
            member: member.id,
        })
    }
}

/// Seven days are long: the names may be given away, and the rule set may be another.
async fn check_still_free(
    tx: &mut Tx,
    scope: &Scope,
    (organisation, invitation): (&Organisation, &Invitation),
) -> Result<(), Failure> {
    let invitee = &invitation.invitee;
    let mut faults = Faults::default();
    let now = tx.now();
    let limits = rules::of_organisation::<MemberRoles>(tx, organisation.id, now)
        .await?
        .value;
    if let Err(refusal) = check_roles((&invitee.roles, 0), organisation.kind, limits) {
        faults.add(refusal);
    }
    let names = (invitee.account_name.as_str(), invitee.email.as_str());
    for taken in names_taken(tx, scope, organisation.id, names).await? {
        faults.add(InvitationRefusal::from(taken));
    }
    faults.check()
}

fn new_member(tx: &Tx, invitation: &Invitation) -> Member {
    let invitee = invitation.invitee.clone();
    Member {
        organisation: invitation.organisation,
        id: tx.fresh_id(),
        account_name: invitee.account_name,
        name: invitee.name,
        email: invitee.email,
        mobile: None,
        state: MemberState::Active,
        roles: invitee.roles,
        custom_roles: std::collections::BTreeSet::new(),
        director: None,
        created_at: tx.now(),
        version: 1,
    }
}
