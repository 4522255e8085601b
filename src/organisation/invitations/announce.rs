//! Who is told what of an invitation: whoever sent it, and the holder of the main account, who answers for everybody
//! who comes in. The link itself is a secret and stands in no notice.

use futures_util::future::BoxFuture;

use super::store;
use crate::db::{StoreError, Tx};
use crate::ids::{InvitationId, Tagged};
use crate::notices::{
    Announces, Audience, Happening, NearDeadline, NoticeDraft, NoticeKind, Params,
};

/// The announcer of invitations.
pub(crate) struct InvitationNews;

impl Announces for InvitationNews {
    fn object_kind(&self) -> &'static str {
        InvitationId::TAG
    }

    fn announce<'a>(
        &'a self,
        tx: &'a mut Tx,
        happened: &'a Happening,
    ) -> BoxFuture<'a, Result<Vec<NoticeDraft>, StoreError>> {
        Box::pin(async move {
            let kind = match happened.action.as_str() {
                "invitation.sent" => NoticeKind::InvitationSent,
                "invitation.accepted" => NoticeKind::InvitationAccepted,
                _ => return Ok(Vec::new()),
            };
            let id = InvitationId(happened.object);
            let Some((organisation, invited_by)) = store::sender(tx, id).await? else {
                return Ok(Vec::new());
            };
            // A name or an address is a person's; which organisation it is, its number tells.
            let params = Params::default().with("number", organisation);
            let audiences = [
                Audience::Member(invited_by),
                Audience::MainAccount(happened.organisation),
            ];
            let drafts = audiences.into_iter().map(|audience| NoticeDraft {
                audience,
                kind,
                params: params.clone(),
            });
            Ok(drafts.collect())
        })
    }

    fn remind<'a>(
        &'a self,
        _tx: &'a mut Tx,
        _deadline: &'a NearDeadline,
    ) -> BoxFuture<'a, Result<Vec<NoticeDraft>, StoreError>> {
        // An invitation that expires stands in the inbox.
        Box::pin(async { Ok(Vec::new()) })
    }
}
