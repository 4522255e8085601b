//! Who is told what of a dedicated person (R-GEN-5, R-DED-17). The person himself is written to by `mailing`, and reads his
//! associations and invitations in the portal.

use futures_util::future::BoxFuture;

use super::store::announce::{self as store, Subject};
use crate::db::{StoreError, Tx};
use crate::ids::{MemberId, PersonId, Tagged as _};
use crate::masking;
use crate::notices::{
    Announces, Audience, Happening, NearDeadline, NoticeDraft, NoticeKind, Params,
};

/// The announcer of this domain.
pub(crate) struct PersonnelNews;

impl Announces for PersonnelNews {
    fn object_kind(&self) -> &'static str {
        PersonId::TAG
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
            let subject = store::subject(tx, PersonId(happened.object)).await?;
            Ok(subject.map_or_else(Vec::new, |subject| subject.told(kind)))
        })
    }

    /// Nothing of a person has a deadline of the working-day calendar.
    fn remind<'a>(
        &'a self,
        _tx: &'a mut Tx,
        _deadline: &'a NearDeadline,
    ) -> BoxFuture<'a, Result<Vec<NoticeDraft>, StoreError>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

fn kind_of(action: &str) -> Option<NoticeKind> {
    use NoticeKind as K;
    match action {
        "dedicated_person.bound" => Some(K::DedicatedPersonBound),
        "dedicated_person.left" => Some(K::DedicatedPersonLeft),
        "dedicated_person.approved" => Some(K::DedicatedPersonApproved),
        "dedicated_person.rejected" => Some(K::DedicatedPersonRejected),
        "dedicated_person.cancel_approved" => Some(K::DedicatedPersonCancelApproved),
        "dedicated_person.cancel_rejected" => Some(K::DedicatedPersonCancelRejected),
        "dedicated_person.disqualified" => Some(K::DedicatedPersonDisqualified),
        _ => None,
    }
}

impl Subject {
    /// Whoever invited, whoever handed the latest application in, and the holder of the main account. A person has no
    /// number: the account's name stands for it, masked, so that a letter tells nothing to who does not know already.
    fn told(&self, kind: NoticeKind) -> Vec<NoticeDraft> {
        let name = self.account_name.as_deref().unwrap_or_default();
        let params = Params::default().with("number", masking::account(name));
        let applicant = self.submitted_by.as_deref().and_then(MemberId::parse);
        let members = [self.invited_by, applicant].into_iter().flatten();
        let mut audiences: Vec<Audience> = members.map(Audience::Member).collect();
        audiences.push(Audience::MainAccount(self.organisation));
        let draft = |audience| NoticeDraft {
            audience,
            kind,
            params: params.clone(),
        };
        audiences.into_iter().map(draft).collect()
    }
}
