//! Offering the main account, accepting and revoking (R-ORG-20).

use chrono::{DateTime, TimeDelta, Utc};

use super::error::MainAccountRefusal;
use super::model::{Answer, MainAccountOffer, OfferState, OfferedBy};
use super::{policy, store};
use crate::db::{Change, Scope, Snapshot, Tx};
use crate::error::Failure;
use crate::ids::{MainAccountOfferId, MemberId, OrganisationId, Tagged as _};
use crate::organisation::members::{self, Member, MemberRefusal};
use crate::organisation::model::Organisation;
use crate::organisation::service::{lock_of, lock_own};
use crate::rules::{self, MainAccountOfferRule, Ruled};
use crate::timeline::Event;
use crate::viewer::{Permission, Viewer};
use crate::waiting::{Bounds, Kind, Source};

/// The longest reason, in characters.
const REASON_LENGTH: usize = 500;

/// Offers the main account to an active member of its organisation; whatever was offered before is void.
#[derive(Debug, Clone)]
pub(super) struct Offer {
    pub(super) to: MemberId,
    pub(super) reason: Option<String>,
    /// Of the organisation.
    pub(super) expected_version: i64,
}

impl Change for Offer {
    type Outcome = MainAccountOfferId;
    const NAME: &'static str = "main_account.offer";
    const ACTION: &'static str = "mainAccountOffer";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<MainAccountOfferId, Failure> {
        let (organisation, to) = self.lock(tx, scope).await?;
        let actor = tx.acting().actor.clone();
        let by = policy::offered_by((&actor, *scope == Scope::Vendor), organisation.main_account)?;
        self.check(by, &organisation, &to)?;
        self.void_open(tx, scope, (&organisation, by)).await?;
        let now = tx.now();
        let rule: Ruled<MainAccountOfferRule> =
            rules::of_organisation(tx, organisation.id, now).await?;
        let offer = MainAccountOffer {
            id: tx.fresh_id(),
            organisation: organisation.id,
            from: organisation.main_account,
            to: to.id,
            by,
            reason: self.reason.clone(),
            offered_at: now,
            expires_at: now + TimeDelta::days(rule.value.valid_days),
            answer: Answer::None,
            version: 1,
        };
        store::insert(tx, &offer).await?;
        let mut offered = event(&offer, "main_account.offered");
        offered.to = Some(OfferState::Open.as_str());
        offered.reason.clone_from(&offer.reason);
        let details = serde_json::json!({
            "from": offer.from.map(MemberId::global),
            "to": offer.to.global(),
            "by": by.as_str(),
            "expiresAt": offer.expires_at,
        });
        tx.record(offered.detail(details)).await?;
        Ok(offer.id)
    }
}

impl Offer {
    /// The organisation whose member this is, and the member, who stays as he is until the transaction ends.
    async fn lock(&self, tx: &mut Tx, scope: &Scope) -> Result<(Organisation, Member), Failure> {
        let unknown = || Failure::from(MemberRefusal::NotFound);
        let organisation = match scope {
            Scope::Vendor => {
                let of = members::organisation_of(tx, scope, self.to).await?;
                let of = of.ok_or_else(unknown)?;
                lock_of(tx, scope, of).await?.ok_or_else(unknown)?
            }
            Scope::Own(_) | Scope::Distributor(_) | Scope::Job(_) | Scope::Nobody => {
                lock_own(tx, scope).await?
            }
        };
        let own = Scope::Own(organisation.id);
        let to = members::hold(tx, &own, self.to).await?;
        let to = to.ok_or_else(unknown)?;
        if organisation.version != self.expected_version {
            let current = organisation.version;
            return Err(MainAccountRefusal::VersionConflict { current }.into());
        }
        Ok((organisation, to))
    }

    fn check(
        &self,
        by: OfferedBy,
        organisation: &Organisation,
        to: &Member,
    ) -> Result<(), Failure> {
        if organisation.main_account == Some(to.id) {
            return Err(MainAccountRefusal::HolderAlready.into());
        }
        if !to.is_active() {
            return Err(MemberRefusal::NotActive.into());
        }
        let reason = self.reason.as_deref().map(str::trim);
        let is_told = reason.is_some_and(|reason| !reason.is_empty());
        let is_short = reason.is_none_or(|reason| reason.chars().count() <= REASON_LENGTH);
        match by {
            OfferedBy::Vendor if !is_told => Err(MainAccountRefusal::ReasonRequired.into()),
            OfferedBy::Vendor | OfferedBy::Holder if !is_short || reason == Some("") => {
                Err(MainAccountRefusal::ReasonRequired.into())
            }
            OfferedBy::Vendor | OfferedBy::Holder => Ok(()),
        }
    }

    /// One offer at a time: a newer one replaces the older, but the holder's never the vendor's.
    async fn void_open(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        (organisation, by): (&Organisation, OfferedBy),
    ) -> Result<(), Failure> {
        let Some(open) = store::lock_open(tx, scope, organisation.id).await? else {
            return Ok(());
        };
        let stands = open.state(tx.now()) == OfferState::Open;
        if stands && open.by == OfferedBy::Vendor && by == OfferedBy::Holder {
            return Err(MainAccountRefusal::VendorsOfferStands.into());
        }
        record_revoked(tx, &open, Some("REPLACED")).await
    }
}

/// Takes the main account over: from its commit on the member who accepts is the holder.
#[derive(Debug, Clone, Copy)]
pub(super) struct Accept {
    pub(super) offer: MainAccountOfferId,
    pub(super) expected_version: i64,
}

impl Change for Accept {
    type Outcome = MainAccountOfferId;
    const NAME: &'static str = "main_account.accept";
    const ACTION: &'static str = "mainAccountAccept";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::own(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<MainAccountOfferId, Failure> {
        let organisation = lock_own(tx, scope).await?;
        let offer = store::lock(tx, scope, self.offer)
            .await?
            .ok_or(MainAccountRefusal::NotFound)?;
        offer.expect_version(self.expected_version)?;
        let actor = tx.acting().actor.clone();
        policy::accept(&actor, &offer, tx.now()).check_first()?;
        let version = store::record_answer(tx, &offer, "ACCEPTED").await?;
        let accepted = Event::new(
            offer.organisation,
            offer.id,
            version,
            "main_account.accepted",
        );
        tx.record(accepted.moved("OPEN", "ACCEPTED")).await?;
        let version =
            crate::organisation::store::record_main_account(tx, organisation.id, offer.to).await?;
        let action = "organisation.main_account_passed";
        let details = serde_json::json!({
            "from": organisation.main_account.map(MemberId::global),
            "to": offer.to.global(),
            "offer": offer.id.global(),
        });
        let passed = Event::new(organisation.id, organisation.id, version, action);
        tx.record(passed.detail(details)).await?;
        Ok(offer.id)
    }
}

/// Takes an unanswered offer back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Revoke {
    pub(super) offer: MainAccountOfferId,
    pub(super) expected_version: i64,
}

impl Change for Revoke {
    type Outcome = MainAccountOfferId;
    const NAME: &'static str = "main_account.revoke";
    const ACTION: &'static str = "mainAccountOfferRevoke";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<MainAccountOfferId, Failure> {
        let unknown = || Failure::from(MainAccountRefusal::NotFound);
        let of = store::organisation_of(tx, scope, self.offer).await?;
        let of = of.ok_or_else(unknown)?;
        let organisation = lock_of(tx, scope, of).await?.ok_or_else(unknown)?;
        let offer = store::lock(tx, scope, self.offer).await?;
        let offer = offer.ok_or_else(unknown)?;
        offer.expect_version(self.expected_version)?;
        let actor = tx.acting().actor.clone();
        let asked = (&*actor, *scope == Scope::Vendor);
        policy::revoke(asked, (&offer, organisation.main_account)).check_first()?;
        record_revoked(tx, &offer, None).await?;
        Ok(offer.id)
    }
}

async fn record_revoked(
    tx: &mut Tx,
    offer: &MainAccountOffer,
    because: Option<&str>,
) -> Result<(), Failure> {
    let version = store::record_answer(tx, offer, "REVOKED").await?;
    let action = "main_account.offer_revoked";
    let mut revoked = Event::new(offer.organisation, offer.id, version, action);
    revoked.reason = because.map(str::to_owned);
    Ok(tx.record(revoked.moved("OPEN", "REVOKED")).await?)
}

fn event(offer: &MainAccountOffer, action: &'static str) -> Event {
    Event::new(offer.organisation, offer.id, offer.version, action)
}

/// An offer as it was read: with the holder of today, and the instant of the read.
pub(super) type Read = (MainAccountOffer, Option<MemberId>, DateTime<Utc>);

/// Those of `ids` that are of organisations which the viewer sees from within.
pub(super) async fn read(
    viewer: &Viewer,
    snapshot: &Snapshot,
    ids: &[MainAccountOfferId],
) -> Result<Vec<Read>, Failure> {
    if viewer.acting_for().is_none() {
        return Ok(Vec::new());
    }
    let mut reading = snapshot.read().await?;
    let now = reading.now();
    let found = store::find(&mut reading, &viewer.read_scope(), ids).await?;
    Ok(found
        .into_iter()
        .map(|(offer, holder)| (offer, holder, now))
        .collect())
}

/// The offers of these organisations that can still be accepted, of those that the viewer sees from within.
pub(super) async fn open(
    viewer: &Viewer,
    snapshot: &Snapshot,
    organisations: &[OrganisationId],
) -> Result<Vec<(OrganisationId, MainAccountOfferId)>, Failure> {
    let seen = organisations.iter().copied();
    let seen: Vec<OrganisationId> = seen
        .filter(|&organisation| members::is_insider(viewer, organisation))
        .collect();
    let mut reading = snapshot.read().await?;
    Ok(store::open(&mut reading, &viewer.read_scope(), &seen).await?)
}

/// The main account that waits for the member to whom it is offered.
pub(crate) fn waiting(viewer: &Viewer, tx: &Tx) -> Vec<Source> {
    let source = |own: OrganisationId| Source {
        kind: Kind::AcceptMainAccount,
        object_kind: MainAccountOfferId::TAG,
        read: Permission::ReadMembers,
        act: Permission::ManageMembers,
        rows: store::push_open,
        bounds: Bounds {
            organisation: Some(own.0),
            now: tx.now(),
            limit: tx.now(),
            number: 0,
        },
    };
    viewer.organisation().map(source).into_iter().collect()
}
