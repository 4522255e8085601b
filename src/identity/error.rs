//! Everything that can go wrong with identities, links and sessions, each with its code.

use crate::error::{Code, Refusal};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityRefusal {
    /// The person already has a membership in this organisation.
    IdentityAlreadyLinked,
    /// Somebody else already signs in as this member.
    MemberAlreadyLinked,
    /// The session was ended, or ran out, while something was done in it.
    SessionEnded,
    /// No membership of the person, or one that is worth nothing now.
    NoSuchMembership,
    /// A service account has no session.
    NoSession,
    /// None of the person's own, or one that is over.
    NoSuchSession,
}

impl From<IdentityRefusal> for Refusal {
    fn from(refusal: IdentityRefusal) -> Self {
        use IdentityRefusal as R;
        match refusal {
            R::IdentityAlreadyLinked => Self::new(Code::Conflict, "IDENTITY_ALREADY_LINKED"),
            R::MemberAlreadyLinked => Self::new(Code::Conflict, "MEMBER_ALREADY_LINKED"),
            R::SessionEnded => Self::new(Code::Unauthenticated, "SESSION_ENDED"),
            R::NoSuchMembership => Self::new(Code::NotFound, "MEMBERSHIP_NOT_FOUND").at("memberId"),
            R::NoSuchSession => Self::new(Code::NotFound, "SESSION_NOT_FOUND").at("sessionId"),
            R::NoSession => Self::new(Code::Forbidden, "NO_SESSION"),
        }
    }
}
