//! Who is told what of a customer (domain.md 8.4): the partner of an association, the customer of its end, and whoever
//! was named to look after the customer.

use futures_util::future::BoxFuture;

use super::store;
use crate::db::{StoreError, Tx};
use crate::ids::{CustomerId, MemberId, Tagged};
use crate::notices::{
    Announces, Audience, Happening, NearDeadline, NoticeDraft, NoticeKind, Params,
};

/// The announcer of this domain.
pub(crate) struct CustomerNews;

impl Announces for CustomerNews {
    fn object_kind(&self) -> &'static str {
        CustomerId::TAG
    }

    fn announce<'a>(
        &'a self,
        tx: &'a mut Tx,
        happened: &'a Happening,
    ) -> BoxFuture<'a, Result<Vec<NoticeDraft>, StoreError>> {
        Box::pin(async move {
            let id = CustomerId(happened.object);
            Ok(match store::subject(tx, id).await? {
                Some(subject) => drafts(happened, &subject),
                None => Vec::new(),
            })
        })
    }

    fn remind<'a>(
        &'a self,
        _tx: &'a mut Tx,
        _deadline: &'a NearDeadline,
    ) -> BoxFuture<'a, Result<Vec<NoticeDraft>, StoreError>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

fn drafts(happened: &Happening, subject: &store::Subject) -> Vec<NoticeDraft> {
    let named = |field: &str| {
        let member = happened.details.get(field)?.as_str()?;
        MemberId::parse(member).map(Audience::Member)
    };
    let (kind, audiences) = match happened.action.as_str() {
        "customer.associated" => {
            let inviter = named("invitedBy");
            let mut told = vec![Audience::MainAccount(subject.partner)];
            told.extend(inviter);
            (NoticeKind::CustomerAssociated, told)
        }
        "customer.dissociated" => {
            let mut told = vec![Audience::MainAccount(happened.organisation)];
            told.extend(named("accountManager"));
            (NoticeKind::CustomerDissociated, told)
        }
        "customer.account_manager_assigned" => (
            NoticeKind::CustomerAccountManagerAssigned,
            named("to").into_iter().collect(),
        ),
        _ => return Vec::new(),
    };
    let params = Params::default().with("number", &subject.number);
    let draft = |audience| NoticeDraft {
        audience,
        kind,
        params: params.clone(),
    };
    audiences.into_iter().map(draft).collect()
}
