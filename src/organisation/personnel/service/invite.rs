//! An administrator invites a person by a number, an address or an account name, and sends the invitation again.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::error::PersonnelRefusal;
use super::super::model::account::{PersonalAccount, Target as Invitee};
use super::super::model::moves::Action;
use super::super::model::{DedicatedPerson, PersonState, Sending};
use super::super::store::accounts::{self, NewSending};
use super::super::{policy, store};
use super::{Target, Written, open, save};
use crate::db::{Change, Scope, Tx};
use crate::error::Failure;
use crate::identity::RandomToken;
use crate::ids::{MemberId, OrganisationId, PersonalAccountId, Tagged as _};
use crate::organisation::service::lock_own;
use crate::rules::{self, PersonnelInvitation};
use crate::viewer::Viewer;

/// Accounts among which an administrator is let choose; more have nothing to tell one from another.
const CANDIDATES: usize = 20;

/// Invites the holder of a personal account (R-DED-1). Whoever is invited already, did not answer or has gone is invited
/// again by it (R-DED-4), and an older link is void from then on (R-DED-3).
pub(in super::super) struct Invite {
    pub(in super::super) invitee: Invitee,
    /// The one that the administrator picked, where several have the number or the address.
    pub(in super::super) account: Option<PersonalAccountId>,
    /// Made before the transaction, which may run twice; only its digest is stored.
    pub(in super::super) token: RandomToken,
}

/// What came of inviting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Invited {
    Sent(Written),
    /// Several accounts have it; nothing was sent.
    Choose(Vec<PersonalAccountId>),
}

impl Change for Invite {
    type Outcome = Invited;
    const NAME: &'static str = "personnel.invite";
    const ACTION: &'static str = "dedicatedPersonInvite";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access_to_invite(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Invited, Failure> {
        let turn = Turn::take(tx, scope).await?;
        self.invitee.check()?;
        let (kind, value) = self.invitee.key();
        let found = accounts::by(tx, (kind, &value)).await?;
        let account = match (self.account, found.as_slice()) {
            (_, []) => return Err(PersonnelRefusal::InviteeNotFound.into()),
            (None, [only]) => only,
            (None, several) => {
                let several = several.iter().take(CANDIDATES);
                return Ok(Invited::Choose(several.map(|account| account.id).collect()));
            }
            // Nobody is invited by an id alone: it has to be one of those that the value gives.
            (Some(picked), several) => several
                .iter()
                .find(|account| account.id == picked)
                .ok_or(PersonnelRefusal::InviteeAmbiguous)?,
        };
        let held = store::lock_by_account(tx, turn.organisation, account.id).await?;
        let person = match held {
            Some(person) => {
                policy::check(Action::Resend, &person)?;
                person
            }
            None => newcomer(tx, turn.organisation, account),
        };
        let invited_as = self.invitee.text().to_owned();
        Ok(Invited::Sent(
            turn.send(tx, person, (invited_as, &self.token)).await?,
        ))
    }
}

/// Sends the invitation again; the older link is void from then on (R-DED-3).
pub(in super::super) struct Resend {
    pub(in super::super) target: Target,
    pub(in super::super) token: RandomToken,
}

impl Change for Resend {
    type Outcome = Written;
    const NAME: &'static str = "personnel.resend";
    const ACTION: &'static str = "dedicatedPersonInvitationResend";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(Action::Resend, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let turn = Turn::of(tx, scope).await?;
        let person = open(tx, scope, (Action::Resend, self.target)).await?;
        turn.check()?;
        let account = person.account.ok_or(PersonnelRefusal::InviteeNotFound)?;
        let known = accounts::by(tx, ("ID", &account.0.to_string())).await?;
        let known = known.first().ok_or(PersonnelRefusal::InviteeNotFound)?;
        let invited_as = person.invited_as.clone();
        let invited_as = invited_as.unwrap_or_else(|| known.account_name.clone());
        turn.send(tx, person, (invited_as, &self.token)).await
    }
}

fn newcomer(tx: &Tx, organisation: OrganisationId, account: &PersonalAccount) -> DedicatedPerson {
    DedicatedPerson {
        id: tx.fresh_id(),
        organisation,
        state: PersonState::Invited,
        account: Some(account.id),
        identity: None,
        invitation: None,
        invited_as: None,
        profile: None,
        path: None,
        decision_reason: None,
        bound_at: None,
        ended: None,
        changed_at: tx.now(),
        version: 0,
        partner: None,
    }
}

/// An administrator's place in his day. The organisation's row is held, so that what he sends at once is counted one after
/// the other (R-DED-2).
struct Turn {
    organisation: OrganisationId,
    by: MemberId,
    rule: PersonnelInvitation,
    used: i64,
}

impl Turn {
    async fn of(tx: &mut Tx, scope: &Scope) -> Result<Self, Failure> {
        let by = MemberId::parse(&tx.acting().actor).ok_or(PersonnelRefusal::PersonRequired)?;
        let organisation = lock_own(tx, scope).await?.id;
        let now = tx.now();
        let rule: rules::Ruled<PersonnelInvitation> =
            rules::of_organisation(tx, organisation, now).await?;
        let used = accounts::sent(tx, (organisation, by), rules::day_of(now)).await?;
        Ok(Self {
            organisation,
            by,
            rule: rule.value,
            used,
        })
    }

    /// The same, before anything is looked up: beyond the limit nothing is answered of anybody.
    async fn take(tx: &mut Tx, scope: &Scope) -> Result<Self, Failure> {
        let turn = Self::of(tx, scope).await?;
        turn.check()?;
        Ok(turn)
    }

    fn check(&self) -> Result<(), PersonnelRefusal> {
        let (limit, used) = (self.rule.daily_limit, self.used);
        if used < limit {
            Ok(())
        } else {
            Err(PersonnelRefusal::DailyLimit { limit, used })
        }
    }

    async fn send(
        &self,
        tx: &mut Tx,
        mut person: DedicatedPerson,
        (invited_as, token): (String, &RandomToken),
    ) -> Result<Written, Failure> {
        let (now, from) = (tx.now(), person.state);
        let expires_at = now + TimeDelta::days(self.rule.valid_days);
        let sending = Sending {
            by: Some(self.by),
            at: now,
            expires_at,
        };
        person.invite(invited_as, sending);
        let detail = json!({ "expiresAt": expires_at, "ofTheDay": self.used + 1 });
        let is_new = person.version == 1;
        let event = |event: crate::timeline::Event| {
            let event = event.detail(detail);
            if is_new {
                event
            } else {
                event.moved(from.as_str(), PersonState::Invited.as_str())
            }
        };
        let written = save(tx, &person, event, "dedicated_person.invited").await?;
        let sending = NewSending {
            organisation: self.organisation,
            person: person.id,
            by: self.by,
            day: rules::day_of(now),
            ordinal: self.used + 1,
            token_hash: token.sha256(),
        };
        accounts::insert_sending(tx, &sending).await?;
        Ok(written)
    }
}
