//! What people who are signed in can ask about themselves, and how they switch between their memberships.

use super::identities::{self, FederatedIdentity};
use super::model::{Acts, Membership, NoMember, PendingInvitation};
use super::sessions::{self, RevokedBecause, SessionToken, SignedInSession};
use super::{IdentityRefusal, store};
use crate::db::{Change, Scope, Snapshot, Tx};
use crate::error::Failure;
use crate::ids::{IdentityId, MemberId, SessionId, Tagged as _};
use crate::viewer::{SignedInIdentity, Viewer};

/// A person as they may see themselves.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(super) identity: FederatedIdentity,
    pub(super) memberships: Vec<Membership>,
    pub(super) invitations: Vec<PendingInvitation>,
}

impl Person {
    pub(super) fn no_member(&self) -> NoMember {
        NoMember::of(&self.memberships, &self.invitations)
    }
}

/// The person behind a session; a service account is none.
pub(super) fn signed_in(viewer: &Viewer) -> Option<SignedInIdentity> {
    match viewer {
        Viewer::Federated(person) => Some(person.clone()),
        Viewer::Member(member) => Some(SignedInIdentity {
            identity: member.identity,
            session: member.session,
        }),
        Viewer::Service(_) => None,
    }
}

/// Everything about one person, for that person alone (R-ORG-22).
pub(super) async fn person(
    viewer: &Viewer,
    snapshot: &Snapshot,
    id: IdentityId,
) -> Result<Option<Person>, Failure> {
    if signed_in(viewer).is_none_or(|own| own.identity != id) {
        return Ok(None);
    }
    let mut reading = snapshot.read().await?;
    let Some(identity) = identities::find_all(&mut reading, &[id]).await?.remove(&id) else {
        return Ok(None);
    };
    let memberships = store::memberships(&mut reading, id).await?;
    let invitations = match &identity.email {
        Some(email) => store::invitations_to(&mut reading, email).await?,
        None => Vec::new(),
    };
    Ok(Some(Person {
        identity,
        memberships,
        invitations,
    }))
}

/// Goes on as another member of one's own: a privilege change, so it takes a new session.
pub(super) struct ActAs {
    pub(super) person: SignedInIdentity,
    pub(super) member: MemberId,
    pub(super) token: SessionToken,
}

impl ActAs {
    pub(super) fn new(viewer: &Viewer, member: MemberId) -> Result<Self, Failure> {
        Ok(Self {
            person: signed_in(viewer).ok_or(IdentityRefusal::NoSession)?,
            member,
            token: SessionToken::fresh()?,
        })
    }
}

impl Change for ActAs {
    type Outcome = MemberId;
    const NAME: &'static str = "sessions.act_as";
    const ACTION: &'static str = "sessionActAs";

    /// No organisation's rows are touched, and a membership of another one is the point.
    fn scope(&self, _viewer: &Viewer) -> Result<Scope, Failure> {
        Ok(Scope::Nobody)
    }

    /// The viewer before and after are two; the person is one.
    fn actor(&self, _viewer: &Viewer) -> String {
        self.person.identity.global()
    }

    async fn apply(&self, tx: &mut Tx, _scope: &Scope) -> Result<MemberId, Failure> {
        let memberships = store::memberships(tx, self.person.identity).await?;
        let wanted = memberships
            .iter()
            .find(|membership| membership.member == self.member && membership.is_usable())
            .ok_or(IdentityRefusal::NoSuchMembership)?;
        let acting = (wanted.organisation(), wanted.member);
        sessions::rotate(tx, self.person.session, Some(acting), &self.token).await?;
        Ok(wanted.member)
    }
}

/// The viewer's own sessions that are not over, the latest use first: all of them, or those of `ids`.
pub(super) async fn sessions(
    viewer: &Viewer,
    snapshot: &Snapshot,
    ids: Option<&[SessionId]>,
) -> Result<Vec<SignedInSession>, Failure> {
    let Some(person) = signed_in(viewer) else {
        return Ok(Vec::new());
    };
    let mut reading = snapshot.read().await?;
    let mut found = sessions::of_identity(&mut reading, person.identity, ids).await?;
    if found.iter().any(|session| session.acting.is_some()) {
        let memberships = store::memberships(&mut reading, person.identity).await?;
        for session in &mut found {
            session.organisation_name = memberships
                .iter()
                .find(|membership| Some(membership.member) == session.acting)
                .map(|membership| membership.organisation_name.clone());
        }
    }
    Ok(found)
}

/// Ends one session of one's own.
pub(super) struct End {
    person: SignedInIdentity,
    session: SessionId,
}

impl End {
    pub(super) fn new(viewer: &Viewer, session: SessionId) -> Result<Self, Failure> {
        let person = signed_in(viewer).ok_or(IdentityRefusal::NoSession)?;
        Ok(Self { person, session })
    }
}

impl Change for End {
    type Outcome = SessionId;
    const NAME: &'static str = "sessions.end";
    const ACTION: &'static str = "sessionEnd";

    /// A session is a person's, whatever member it acts as.
    fn scope(&self, _viewer: &Viewer) -> Result<Scope, Failure> {
        Ok(Scope::Nobody)
    }

    fn actor(&self, _viewer: &Viewer) -> String {
        self.person.identity.global()
    }

    async fn apply(&self, tx: &mut Tx, _scope: &Scope) -> Result<SessionId, Failure> {
        let own = sessions::of_identity(tx, self.person.identity, Some(&[self.session])).await?;
        if own.is_empty() {
            return Err(IdentityRefusal::NoSuchSession.into());
        }
        sessions::revoke(tx, self.session, RevokedBecause::SignedOut).await?;
        Ok(self.session)
    }
}

/// Signs a person out everywhere: what one does who has lost a browser.
pub(super) struct EndAll {
    person: SignedInIdentity,
    keep_current: bool,
}

impl EndAll {
    pub(super) fn new(viewer: &Viewer, keep_current: bool) -> Result<Self, Failure> {
        let person = signed_in(viewer).ok_or(IdentityRefusal::NoSession)?;
        Ok(Self {
            person,
            keep_current,
        })
    }
}

impl Change for EndAll {
    /// How many ended.
    type Outcome = u64;
    const NAME: &'static str = "sessions.end_all";
    const ACTION: &'static str = "sessionEndAll";

    fn scope(&self, _viewer: &Viewer) -> Result<Scope, Failure> {
        Ok(Scope::Nobody)
    }

    fn actor(&self, _viewer: &Viewer) -> String {
        self.person.identity.global()
    }

    async fn apply(&self, tx: &mut Tx, _scope: &Scope) -> Result<u64, Failure> {
        let kept = self.keep_current.then_some(self.person.session);
        Ok(sessions::revoke_of_identity(tx, self.person.identity, kept).await?)
    }
}

/// Whether the viewer acts as a member, and if not, why, when it asks about itself by id or address.
pub(crate) async fn of_oneself(
    viewer: &Viewer,
    tx: &mut Tx,
    (id, email): (Option<IdentityId>, Option<&str>),
) -> Result<Option<Acts>, Failure> {
    let Some(own) = signed_in(viewer) else {
        return Ok(None);
    };
    let known = identities::find_all(tx, &[own.identity]).await?;
    let address = known.get(&own.identity).and_then(|it| it.email.as_deref());
    let is_own_address = address
        .zip(email)
        .is_some_and(|(own, asked)| own.eq_ignore_ascii_case(asked));
    if id != Some(own.identity) && !is_own_address {
        return Ok(None);
    }
    if matches!(viewer, Viewer::Member(_)) {
        return Ok(Some(Acts::AsMember));
    }
    let memberships = store::memberships(tx, own.identity).await?;
    let invitations = waiting_for(tx, address).await?;
    let why = NoMember::of(&memberships, &invitations);
    Ok(Some(Acts::Not(why)))
}

/// The same of anybody, for the vendor's operators; `None` where nobody has this id or address and no invitation waits
/// for it.
pub(crate) async fn of_anybody(
    tx: &mut Tx,
    asked: (Option<IdentityId>, Option<&str>),
) -> Result<Option<Acts>, Failure> {
    let identity = identities::find_any(tx, asked).await?;
    let address = asked
        .1
        .or(identity.as_ref().and_then(|it| it.email.as_deref()));
    let invitations = waiting_for(tx, address).await?;
    let memberships = match &identity {
        Some(identity) => store::memberships(tx, identity.id).await?,
        None if invitations.is_empty() => return Ok(None),
        None => Vec::new(),
    };
    if memberships.iter().any(Membership::is_usable) {
        return Ok(Some(Acts::AsMember));
    }
    let why = NoMember::of(&memberships, &invitations);
    Ok(Some(Acts::Not(why)))
}

async fn waiting_for(tx: &mut Tx, email: Option<&str>) -> Result<Vec<PendingInvitation>, Failure> {
    match email {
        Some(email) => Ok(store::invitations_to(tx, email).await?),
        None => Ok(Vec::new()),
    }
}
