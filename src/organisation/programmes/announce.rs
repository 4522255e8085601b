//! Who is told what of programmes and paths (R-GEN-5): the holder of the main account, who answers for the organisation.

use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::model::Target;
use super::store;
use crate::db::{Scope, StoreError, Tx};
use crate::ids::{PathMembershipId, ProgrammeInvitationId, ProgrammeMembershipId, Tagged};
use crate::notices::{
    Announces, Audience, Happening, NearDeadline, NoticeDraft, NoticeKind, Params,
};

/// Speaks for one kind of object of this domain, by the tag of its ids.
pub(crate) struct ProgrammeNews(&'static str);

impl ProgrammeNews {
    /// One announcer for each kind of object.
    pub(crate) fn all() -> [Self; 3] {
        [
            Self(ProgrammeMembershipId::TAG),
            Self(PathMembershipId::TAG),
            Self(ProgrammeInvitationId::TAG),
        ]
    }

    /// What the object is called: the programme or path.
    async fn name(&self, tx: &mut Tx, id: Uuid) -> Result<Option<&'static str>, StoreError> {
        let (scope, ids) = (Scope::Job("notices"), [id]);
        Ok(match self.0 {
            PathMembershipId::TAG => {
                let found = store::paths(tx, &scope, &ids).await?;
                found.first().map(|one| one.path.as_str())
            }
            ProgrammeInvitationId::TAG => {
                let found = store::invitations(tx, &scope, &ids).await?;
                found.first().map(|one| Target::code(one.target))
            }
            _ => {
                let found = store::programmes(tx, &scope, &ids).await?;
                found.first().map(|one| one.programme.as_str())
            }
        })
    }
}

impl Announces for ProgrammeNews {
    fn object_kind(&self) -> &'static str {
        self.0
    }

    fn announce<'a>(
        &'a self,
        tx: &'a mut Tx,
        happened: &'a Happening,
    ) -> BoxFuture<'a, Result<Vec<NoticeDraft>, StoreError>> {
        Box::pin(async move {
            let Some(kind) = kind_of(&happened.action) else {
                return Ok(Vec::new());
            };
            let Some(name) = self.name(tx, happened.object).await? else {
                return Ok(Vec::new());
            };
            Ok(vec![NoticeDraft {
                audience: Audience::MainAccount(happened.organisation),
                kind,
                params: Params::default().with("number", name),
            }])
        })
    }

    /// Nothing of this domain has a deadline in working days.
    fn remind<'a>(
        &'a self,
        _tx: &'a mut Tx,
        _deadline: &'a NearDeadline,
    ) -> BoxFuture<'a, Result<Vec<NoticeDraft>, StoreError>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

fn kind_of(action: &str) -> Option<NoticeKind> {
    match action {
        "programme.approved" => Some(NoticeKind::ProgrammeApproved),
        "programme.rejected" => Some(NoticeKind::ProgrammeRejected),
        "programme_invitation.sent" => Some(NoticeKind::ProgrammeInvited),
        _ => None,
    }
}
