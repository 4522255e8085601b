//! Whether a viewer may offer the main account, accept or revoke an offer now, and if not, why: one answer for the
//! mutation and for the flag. Pure.

use chrono::{DateTime, Utc};

use super::error::MainAccountRefusal;
use super::model::{MainAccountOffer, OfferState, OfferedBy};
use super::service::{Accept, Offer, Revoke};
use crate::db::{Change as _, Scope};
use crate::error::Failure;
use crate::explain::{Move, Remover, Verdict};
use crate::ids::{MemberId, Tagged as _};
use crate::organisation::model::Organisation;
use crate::viewer::{Permission, Viewer};

/// What can be done with an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Accept,
    Revoke,
}

/// Whose organisations' main accounts a viewer has anything to do with: the vendor's operators with every one's, and a
/// member with its own.
pub(super) fn access(viewer: &Viewer) -> Result<Scope, Failure> {
    if is_operator(viewer) {
        return viewer.vendor(Permission::ManageOrganisations);
    }
    own(viewer)
}

/// The own organisation of a person; a machine holds no main account.
pub(super) fn own(viewer: &Viewer) -> Result<Scope, Failure> {
    match viewer {
        Viewer::Member(member) => Ok(Scope::Own(member.acting_for.organisation)),
        Viewer::Federated(_) | Viewer::Service(_) => Err(MainAccountRefusal::HolderOnly.into()),
    }
}

fn is_operator(viewer: &Viewer) -> bool {
    viewer.is_vendor() && viewer.may(Permission::ManageOrganisations)
}

/// By whom an offer of this organisation's main account would be made.
pub(super) fn offered_by(
    (actor, is_operator): (&str, bool),
    holder: Option<MemberId>,
) -> Result<OfferedBy, MainAccountRefusal> {
    if holder.is_some_and(|holder| holder.global() == actor) {
        Ok(OfferedBy::Holder)
    } else if is_operator {
        Ok(OfferedBy::Vendor)
    } else {
        Err(MainAccountRefusal::HolderOnly)
    }
}

/// Whether the viewer may offer this organisation's main account to anybody.
pub(super) fn offer(viewer: &Viewer, organisation: &Organisation) -> Verdict {
    let actor = viewer.actor();
    let asked = (actor.as_str(), is_operator(viewer));
    let refusal = offered_by(asked, organisation.main_account).err();
    Verdict::new(Offer::ACTION).unless(refusal, Remover::MainAccount)
}

/// Everything that stands in the viewer's way, in the order in which the mutation refuses it.
pub(super) fn verdict(
    action: Action,
    viewer: &Viewer,
    (offer, holder): (&MainAccountOffer, Option<MemberId>),
    now: DateTime<Utc>,
) -> Verdict {
    let actor = viewer.actor();
    let asked = (actor.as_str(), is_operator(viewer));
    match action {
        Action::Accept => accept(&actor, offer, now),
        Action::Revoke => revoke(asked, (offer, holder)),
    }
}

/// Whether whoever acts may accept.
pub(super) fn accept(actor: &str, offer: &MainAccountOffer, now: DateTime<Utc>) -> Verdict {
    let another = (offer.to.global() != actor).then_some(MainAccountRefusal::ForAnotherMember);
    Verdict::new(Accept::ACTION)
        .unless(another, Remover::Nobody)
        .unless(offer.expect_acceptable(now).err(), Remover::MainAccount)
}

/// Whether whoever acts may revoke: the vendor any offer, the holder his own.
pub(super) fn revoke(
    asked: (&str, bool),
    (offer, holder): (&MainAccountOffer, Option<MemberId>),
) -> Verdict {
    let verdict = Verdict::new(Revoke::ACTION);
    match offered_by(asked, holder) {
        Err(refusal) => verdict.unless(Some(refusal), Remover::MainAccount),
        Ok(OfferedBy::Holder) if offer.by == OfferedBy::Vendor && !asked.1 => verdict.unless(
            Some(MainAccountRefusal::VendorsOfferStands),
            Remover::Vendor,
        ),
        Ok(OfferedBy::Holder | OfferedBy::Vendor) => {
            verdict.unless(offer.expect_unanswered().err(), Remover::Nobody)
        }
    }
}

/// The moves out of the state that the offer is in.
pub(super) fn moves(
    viewer: &Viewer,
    (offer, holder): (&MainAccountOffer, Option<MemberId>),
    now: DateTime<Utc>,
) -> Vec<Move> {
    let one = |action, to: OfferState, due_until| Move {
        verdict: verdict(action, viewer, (offer, holder), now),
        to: to.as_str(),
        required_fields: &[],
        due_until,
    };
    match offer.state(now) {
        OfferState::Open => vec![
            one(Action::Accept, OfferState::Accepted, Some(offer.expires_at)),
            one(Action::Revoke, OfferState::Revoked, None),
        ],
        OfferState::Expired => vec![one(Action::Revoke, OfferState::Revoked, None)],
        OfferState::Accepted | OfferState::Revoked => Vec::new(),
    }
}
