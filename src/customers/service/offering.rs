//! What whoever has the link is shown: who invites, the texts, and the own accounts.

use super::super::error::CustomerRefusal;
use super::super::model::{self, Choice, Offer, Texts};
use super::super::store;
use crate::catalogue::accounts;
use crate::db::{Db, Tx};
use crate::error::Failure;
use crate::identity::RandomToken;
use crate::ids::IdentityId;
use crate::rules;
use crate::viewer::Viewer;

/// The invitation of this token while it can be accepted; the refusal says what is wrong with the link.
pub(crate) async fn offer(db: &Db, token: &str) -> Result<Offer, Failure> {
    let snapshot = db.snapshot_of_nobody();
    let mut tx = snapshot.read().await?;
    offer_in(&mut tx, &hash_of(token)).await
}

/// The same inside a transaction.
pub(super) async fn offer_in(tx: &mut Tx, token_hash: &[u8; 32]) -> Result<Offer, Failure> {
    let invitation = store::invitations::find_by_token(tx, token_hash)
        .await?
        .ok_or(CustomerRefusal::LinkUnknown)?;
    let inviter = store::invitations::inviter(tx, invitation.organisation)
        .await?
        .ok_or(CustomerRefusal::LinkUnknown)?;
    let offer = Offer {
        invitation,
        inviter,
    };
    offer.expect_open(tx.now())?;
    Ok(offer)
}

/// The accounts of the signed-in person, as the page offers them (R-CUS-11).
pub(crate) async fn choices(
    db: &Db,
    viewer: &Viewer,
    offer: &Offer,
) -> Result<Vec<Choice>, Failure> {
    let person = person(viewer)?;
    let snapshot = db.snapshot_of_nobody();
    let mut tx = snapshot.read().await?;
    let holdings = accounts::of_person(&mut tx, person).await?;
    Ok(model::choices(holdings, offer))
}

/// The texts that hold today.
pub(crate) async fn texts(db: &Db) -> Result<Texts, Failure> {
    let snapshot = db.snapshot_of_nobody();
    let mut tx = snapshot.read().await?;
    texts_in(&mut tx).await
}

pub(super) async fn texts_in(tx: &mut Tx) -> Result<Texts, Failure> {
    let day = rules::day_of(tx.now());
    Ok(store::consents::texts(tx, day).await?)
}

/// A text that is no token has the digest of none.
pub(super) fn hash_of(token: &str) -> [u8; 32] {
    RandomToken::parse(token).map_or([0; 32], |token| token.sha256())
}

/// Only a person holds accounts.
pub(super) fn person(viewer: &Viewer) -> Result<IdentityId, Failure> {
    match viewer {
        Viewer::Federated(person) => Ok(person.identity),
        Viewer::Member(member) => Ok(member.identity),
        Viewer::Service(_) => Err(CustomerRefusal::PersonRequired.into()),
    }
}
