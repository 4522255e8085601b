//! The invited person agrees to be associated, and to what is shared.

use serde_json::json;

use super::super::error::PersonnelRefusal;
use super::super::model::account::{Elsewhere, PersonalAccount};
use super::super::model::moves::Action;
use super::super::model::{DedicatedPerson, PersonState, Profile};
use super::super::store::accounts;
use super::super::store::records::Proofs;
use super::super::store::write::{self, Consent};
use super::super::{CONSENT_TEXT, CONSENT_VERSION, SHARED, policy, store};
use super::{Written, nobody, save};
use crate::db::{Change, Db, Scope, Tx};
use crate::error::{Failure, Faults};
use crate::identity::RandomToken;
use crate::ids::{IdentityId, OrganisationId, PersonId, PersonnelRecordId, Tagged as _};
use crate::rules::{self, PersonnelInvitation};
use crate::viewer::Viewer;

/// By what the person found the invitation.
#[derive(Debug, Clone)]
pub(crate) enum Found {
    /// What stands behind the `#` of the link.
    Token(String),
    /// One of the invitations that the person's own page shows.
    Own(PersonId),
}

/// Accepts an invitation. The account must be the invited one, so the link alone is worth nothing to anybody else; nor is
/// the scope, which the invitation gives and no permission.
pub(in super::super) struct Accept {
    identity: IdentityId,
    /// Looked up before; it is read again under lock.
    invitation: Option<(OrganisationId, PersonId)>,
    token_hash: Option<[u8; 32]>,
    /// The version of the text that the person was shown.
    consent_version: i32,
    locale: &'static str,
}

impl Accept {
    /// Finds out whose invitation it is. One that nobody ever got is refused by the change itself.
    pub(in super::super) async fn prepare(
        db: &Db,
        viewer: &Viewer,
        found: &Found,
        (consent_version, locale): (i32, &'static str),
    ) -> Result<Self, Failure> {
        let identity = policy::identity(viewer).ok_or(PersonnelRefusal::PersonRequired)?;
        let mut tx = nobody(db, identity).await?;
        let token_hash = match found {
            Found::Token(token) => {
                Some(RandomToken::parse(token).map_or([0; 32], |token| token.sha256()))
            }
            Found::Own(_) => None,
        };
        let invitation = match (found, token_hash) {
            (Found::Own(id), _) => {
                let own = store::own(&mut tx, identity).await?.into_iter();
                let mut own = own.filter(|person| person.id == *id);
                own.next().map(|person| (person.organisation, person.id))
            }
            (Found::Token(_), Some(hash)) => accounts::of_token(&mut tx, &hash).await?,
            (Found::Token(_), None) => None,
        };
        Ok(Self {
            identity,
            invitation,
            token_hash,
            consent_version,
            locale,
        })
    }
}

impl Change for Accept {
    type Outcome = Written;
    const NAME: &'static str = "personnel.accept";
    const ACTION: &'static str = "dedicatedPersonInvitationAccept";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::identity(viewer).ok_or(PersonnelRefusal::PersonRequired)?;
        let own = |(organisation, _)| Scope::Own(organisation);
        Ok(self.invitation.map_or(Scope::Nobody, own))
    }

    /// The person, whichever membership the session acts in.
    fn actor(&self, _viewer: &Viewer) -> String {
        self.identity.global()
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let unknown = match self.token_hash {
            Some(_) => PersonnelRefusal::InvitationUnknown,
            None => PersonnelRefusal::NotFound,
        };
        let (organisation, id) = self.invitation.ok_or(unknown)?;
        accounts::take_turn(tx, self.identity).await?;
        let person = store::lock(tx, scope, id).await?.ok_or(unknown)?;
        let account = accounts::of_identity(tx, self.identity).await?;
        let account = account.filter(|account| Some(account.id) == person.account);
        let account = account.ok_or(PersonnelRefusal::ForAnotherPerson)?;
        if let Some(hash) = &self.token_hash
            && !accounts::is_newest(tx, (organisation, id), hash).await?
        {
            return Err(PersonnelRefusal::InvitationVoided.into());
        }
        policy::check(Action::Accept, &person)?;
        self.check(tx, (&person, &account)).await?;
        self.bind(tx, person, account).await
    }
}

impl Accept {
    /// Everything that keeps the person from accepting, at once (R-DED-5, R-DED-6, R-DED-7).
    async fn check(
        &self,
        tx: &mut Tx,
        (person, account): (&DedicatedPerson, &PersonalAccount),
    ) -> Result<(), Failure> {
        let now = tx.now();
        let rule: rules::Ruled<PersonnelInvitation> =
            rules::of_organisation(tx, person.organisation, now).await?;
        let own = store::own(tx, self.identity).await?;
        let elsewhere = own
            .iter()
            .any(|other| other.id != person.id && other.state.is_associated());
        let elsewhere = if elsewhere {
            Elsewhere::Associated
        } else {
            Elsewhere::Free
        };
        let mut faults = Faults::default();
        for fault in account.guards(rule.value, elsewhere) {
            faults.add(fault);
        }
        if self.consent_version != CONSENT_VERSION {
            let current = CONSENT_VERSION;
            faults.add(PersonnelRefusal::ConsentOutdated { current });
        }
        faults.check()
    }

    /// What is shared from now on is what was agreed to, and a copy of it: a fact that changes later is not shared.
    async fn bind(
        &self,
        tx: &mut Tx,
        mut person: DedicatedPerson,
        account: PersonalAccount,
    ) -> Result<Written, Failure> {
        let kept = person.profile.take().unwrap_or_default();
        person.profile = Some(Profile {
            name: Some(account.name),
            account_name: Some(account.account_name),
            email: account.email,
            mobile: account.mobile,
            ..kept
        });
        person.accept(self.identity, tx.now());
        let attributes: Vec<String> = SHARED.iter().map(|&name| name.to_owned()).collect();
        let consent = Consent {
            id: tx.fresh_id::<PersonnelRecordId>().0,
            organisation: person.organisation,
            person: person.id,
            identity: Some(self.identity),
            kind: "GIVEN",
            text: (CONSENT_TEXT, CONSENT_VERSION),
            locale: self.locale,
            attributes: &attributes,
        };
        let detail = json!({ "consent": { "text": CONSENT_TEXT, "version": CONSENT_VERSION, "attributes": SHARED } });
        let (from, to) = (PersonState::Invited, PersonState::Bound);
        let event =
            |event: crate::timeline::Event| event.moved(from.as_str(), to.as_str()).detail(detail);
        let written = save(tx, &person, event, "dedicated_person.bound").await?;
        write::insert_consent(tx, &consent).await?;
        let key = (person.organisation, person.id);
        store::records::share_proofs(tx, key, Proofs::Shared).await?;
        Ok(written)
    }
}
