//! A customer accepts an invitation with one of the own accounts.

use chrono::Datelike as _;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::error::CustomerRefusal;
use super::super::model::{
    Account, Cause, Consent, ConsentGiven, Customer, Offer, Released, Shown, Standing, Texts,
    causes_of, check_consent,
};
use super::super::store;
use super::offering::{hash_of, offer_in, person, texts_in};
use crate::catalogue::accounts::{self, AccountKind, Holding};
use crate::db::{Applied, Change, Db, IdempotencyKey, Scope, Tx};
use crate::error::{Failure, Refusal, Refusals};
use crate::identity::sessions::{self, SessionToken};
use crate::ids::{
    ConsentId, CustomerId, CustomerInvitationId, IdentityId, MemberId, OrganisationId, SessionId,
    Tagged as _,
};
use crate::organisation::founding::{self, NewCustomer};
use crate::timeline::Event;
use crate::viewer::Viewer;

/// What the customer sends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Accepting<'a> {
    pub(crate) token: &'a str,
    pub(crate) account: &'a str,
    pub(crate) shown: Shown,
}

/// What came of it, and by what the session is known from then on.
pub(crate) struct Acceptance {
    pub(crate) applied: Applied<Accepted>,
    pub(crate) session_token: SessionToken,
}

/// What accepting made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Accepted {
    pub(crate) organisation: OrganisationId,
    pub(crate) customer: CustomerId,
    /// As whom the session acts now; `None` where the person is no member of the customer's organisation any more.
    pub(crate) member: Option<MemberId>,
}

/// Associates the account with the partner in one step, if no cause stops it (R-CUS-1). What stops it is recorded with
/// the invitation, for the partner to see, and refused (R-CUS-7).
pub(crate) async fn accept(
    db: &Db,
    (viewer, correlation_id): (&Viewer, &str),
    key: IdempotencyKey,
    accepting: Accepting<'_>,
) -> Result<Acceptance, Failure> {
    let (change, stopped) = Accept::prepare(db, viewer, accepting).await?;
    if let Some(stopped) = stopped {
        let applied = db.apply(viewer, correlation_id, key, &stopped).await;
        return Err(match applied {
            Ok(Applied { outcome, .. }) => refused(&outcome),
            Err(failure) => failure,
        });
    }
    Ok(Acceptance {
        applied: db.apply(viewer, correlation_id, key, &change).await?,
        session_token: change.session_token,
    })
}

/// Makes the relation, the customer's organisation on the first time, and the session its member's. Holding the token is
/// what gives the scope: no permission can, before there is an organisation.
struct Accept {
    /// The organisation that the account is or becomes; `None` when the link is no good.
    organisation: OrganisationId,
    token_hash: [u8; 32],
    identity: IdentityId,
    session: SessionId,
    account: String,
    shown: Shown,
    /// Made before the transaction, which may run twice.
    session_token: SessionToken,
}

impl Accept {
    /// Finds out whose scope it is, and what stops the account as things are now.
    async fn prepare(
        db: &Db,
        viewer: &Viewer,
        accepting: Accepting<'_>,
    ) -> Result<(Self, Option<RecordRefusal>), Failure> {
        let (identity, session) = (person(viewer)?, session(viewer)?);
        let token_hash = hash_of(accepting.token);
        let snapshot = db.snapshot_of_nobody();
        let mut tx = snapshot.read().await?;
        let offer = match offer_in(&mut tx, &token_hash).await {
            Ok(offer) => Some(offer),
            // A repeated request is answered from its key, though the link is used by now.
            Err(Failure::Refused(_)) => None,
            Err(failure) => return Err(failure),
        };
        let holding = find(&mut tx, identity, accepting.account).await?;
        let causes = match (&holding, &offer) {
            (Some(holding), Some(offer)) => causes_of(holding, offer),
            (None, _) | (_, None) => Vec::new(),
        };
        let stopped = offer
            .filter(|_| !causes.is_empty())
            .map(|offer| RecordRefusal {
                partner: offer.invitation.organisation,
                invitation: offer.invitation.id,
                identity,
                causes,
            });
        let change = Self {
            organisation: holding
                .and_then(|holding| holding.organisation)
                .unwrap_or_else(|| tx.fresh_id()),
            token_hash,
            identity,
            session,
            account: accepting.account.to_owned(),
            shown: accepting.shown,
            session_token: SessionToken::fresh()?,
        };
        Ok((change, stopped))
    }

    /// Everything that is asked again under lock. Two associations of one account take turns here (R-CUS-4).
    async fn decide(
        &self,
        tx: &mut Tx,
    ) -> Result<(Offer, Holding, Texts, Option<ConsentGiven>), Failure> {
        store::invitations::hold_token(tx, &self.token_hash).await?;
        let offer = offer_in(tx, &self.token_hash).await?;
        accounts::hold(tx, &self.account).await?;
        let holding = find(tx, self.identity, &self.account)
            .await?
            .ok_or(CustomerRefusal::AccountUnknown)?;
        let causes = causes_of(&holding, &offer);
        if !causes.is_empty() {
            return Err(refused(&causes));
        }
        if holding
            .organisation
            .is_some_and(|organisation| organisation != self.organisation)
        {
            return Err(CustomerRefusal::Overtaken.into());
        }
        let texts = texts_in(tx).await?;
        let consent = check_consent(holding.account.kind, self.shown, &texts)?;
        Ok((offer, holding, texts, consent))
    }
}

impl Change for Accept {
    type Outcome = Accepted;
    const NAME: &'static str = "customers.accept_invitation";
    const ACTION: &'static str = "customerInvitationAccept";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        person(viewer)?;
        Ok(Scope::Own(self.organisation))
    }

    /// The person, whichever membership the session acts in: a repeated request comes from the new one.
    fn actor(&self, _viewer: &Viewer) -> String {
        self.identity.global()
    }

    async fn apply(&self, tx: &mut Tx, _scope: &Scope) -> Result<Accepted, Failure> {
        let (offer, holding, texts, consent) = self.decide(tx).await?;
        let founded = NewCustomer {
            organisation: self.organisation,
            name: &holding.account.name,
            site: holding.account.site,
            business_area: &offer.inviter.business_area,
            identity: self.identity,
            email: consent.and(holding.account.email.as_deref()),
        };
        let member = if holding.organisation.is_none() {
            Some(founding::found_customer(tx, founded).await?)
        } else {
            founding::member_of(tx, self.organisation, self.identity).await?
        };
        let customer = self.customer(tx, (&offer, holding), &texts);
        store::insert(tx, &customer).await?;
        record_association(tx, &customer, &offer).await?;
        if let Some(given) = consent {
            let consent = Consent {
                given,
                attributes: texts.attributes.clone(),
                locale: self.shown.locale,
                person: self.identity,
                given_at: tx.now(),
            };
            let id: ConsentId = tx.fresh_id();
            store::consents::insert(tx, (id, &customer), &consent).await?;
        }
        let version = store::invitations::record_accepted(tx, &offer.invitation, customer.id);
        let version = version.await?;
        let (partner, invitation) = (customer.partner, customer.invitation);
        let accepted = Event::new(partner, invitation, version, "customer_invitation.accepted")
            .moved("SENT", "ACCEPTED")
            .detail(json!({ "customer": customer.id.global() }));
        tx.record(accepted).await?;
        if let Some(member) = member {
            let acting = Some((self.organisation, member));
            sessions::rotate(tx, self.session, acting, &self.session_token).await?;
        }
        Ok(Accepted {
            organisation: self.organisation,
            customer: customer.id,
            member,
        })
    }
}

impl Accept {
    fn customer(&self, tx: &Tx, (offer, holding): (&Offer, Holding), texts: &Texts) -> Customer {
        let account = holding.account;
        let released = (account.kind == AccountKind::Personal).then_some(Released {
            status: account.status,
            country: account.country,
            email: account.email,
            mobile: account.mobile,
        });
        Customer {
            id: tx.fresh_id(),
            number: tx.ids().number("CUS", tx.now().year()),
            organisation: self.organisation,
            partner: offer.invitation.organisation,
            account: Account {
                id: account.id,
                name: account.name,
                kind: account.kind,
                released,
            },
            association: offer.invitation.association,
            account_manager: None,
            standing: Standing::Associated,
            invitation: offer.invitation.id,
            notice_version: texts.notice.version,
            associated_at: tx.now(),
            version: 1,
        }
    }
}

async fn record_association(
    tx: &mut Tx,
    customer: &Customer,
    offer: &Offer,
) -> Result<(), Failure> {
    let event =
        Event::new(customer.organisation, customer.id, 1, "customer.associated").detail(json!({
            "partner": customer.partner.global(),
            "invitation": offer.invitation.id.global(),
            "accountKind": customer.account.kind.as_str(),
            "associationType": customer.association.as_str(),
            "noticeVersion": customer.notice_version,
            "invitedBy": offer.invitation.invited_by.global(),
        }));
    tx.record(event).await?;
    Ok(())
}

/// Keeps with the invitation that an account could not be associated, and why (R-CUS-7). The same causes once more are
/// no news: whoever has the link cannot fill the history.
struct RecordRefusal {
    partner: OrganisationId,
    invitation: CustomerInvitationId,
    identity: IdentityId,
    causes: Vec<Cause>,
}

impl Change for RecordRefusal {
    type Outcome = Vec<String>;
    const NAME: &'static str = "customers.record_refusal";
    const ACTION: &'static str = "customerInvitationAccept";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        person(viewer)?;
        Ok(Scope::Own(self.partner))
    }

    fn actor(&self, _viewer: &Viewer) -> String {
        self.identity.global()
    }

    async fn apply(&self, tx: &mut Tx, _scope: &Scope) -> Result<Vec<String>, Failure> {
        let told = self.causes.iter().map(|cause| cause.as_str().to_owned());
        let told: Vec<String> = told.collect();
        let invitation = store::invitations::lock(tx, self.partner, self.invitation)
            .await?
            .ok_or(CustomerRefusal::LinkUnknown)?;
        invitation.expect_open(tx.now())?;
        let known = invitation.refused.as_ref();
        if known.is_some_and(|refused| refused.causes == self.causes) {
            return Ok(told);
        }
        let version = store::invitations::record_refused(tx, &invitation, &told).await?;
        let event = Event::new(
            self.partner,
            invitation.id,
            version,
            "customer_invitation.attempt_refused",
        );
        tx.record(event.detail(json!({ "causes": told }))).await?;
        Ok(told)
    }
}

/// All causes as one refusal.
fn refused<C: AsCause>(causes: &[C]) -> Failure {
    let mut refusals = causes.iter().filter_map(AsCause::cause).map(Refusal::from);
    match refusals.next() {
        Some(first) => Failure::Refused(Refusals {
            first,
            rest: refusals.collect(),
        }),
        None => CustomerRefusal::Overtaken.into(),
    }
}

/// A cause, or its stored word.
trait AsCause {
    fn cause(&self) -> Option<Cause>;
}

impl AsCause for Cause {
    fn cause(&self) -> Option<Cause> {
        Some(*self)
    }
}

impl AsCause for String {
    fn cause(&self) -> Option<Cause> {
        Cause::parse(self)
    }
}

async fn find(
    tx: &mut Tx,
    identity: IdentityId,
    account: &str,
) -> Result<Option<Holding>, Failure> {
    let held = accounts::of_person(tx, identity).await?;
    Ok(held
        .into_iter()
        .find(|holding| holding.account.id == account))
}

fn session(viewer: &Viewer) -> Result<SessionId, Failure> {
    match viewer {
        Viewer::Federated(person) => Ok(person.session),
        Viewer::Member(member) => Ok(member.session),
        Viewer::Service(_) => Err(CustomerRefusal::PersonRequired.into()),
    }
}
