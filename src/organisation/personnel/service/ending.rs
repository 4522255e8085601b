//! An association ends: by the partner, or by the person, who may at any time (R-DED-15, R-DED-17).

use super::super::error::PersonnelRefusal;
use super::super::model::moves::Action;
use super::super::model::{DedicatedPerson, EndedBy};
use super::super::store::records::Proofs;
use super::super::store::write::{self, Consent};
use super::super::{CONSENT_TEXT, CONSENT_VERSION, SHARED, policy, store};
use super::{Party, Target, Written, open, party, save};
use crate::db::{Change, Db, Scope, Tx};
use crate::error::Failure;
use crate::ids::{PersonnelRecordId, Tagged as _};
use crate::viewer::Viewer;

/// The partner's administrator ends it; from its commit on nothing of the person is the partner's to read (R-DED-9).
pub(in super::super) struct Unbind {
    pub(in super::super) target: Target,
}

impl Change for Unbind {
    type Outcome = Written;
    const NAME: &'static str = "personnel.unbind";
    const ACTION: &'static str = "dedicatedPersonUnbind";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(Action::Unbind, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let person = open(tx, scope, (Action::Unbind, self.target)).await?;
        end(tx, person, EndedBy::Partner).await
    }
}

/// The person goes, or declines: whatever the state, and whether or not the partner may act. A dedicated status ends with
/// it, and what waits for the vendor is over; claims keep what they have (R-DED-17).
pub(in super::super) struct Leave {
    target: Target,
    party: Party,
}

impl Leave {
    pub(in super::super) async fn prepare(
        db: &Db,
        viewer: &Viewer,
        target: Target,
    ) -> Result<Self, Failure> {
        let party = party(db, viewer, target.id).await?;
        Ok(Self { target, party })
    }
}

impl Change for Leave {
    type Outcome = Written;
    const NAME: &'static str = "personnel.leave";
    const ACTION: &'static str = "dedicatedPersonLeave";
    const IS_PERSONAL: bool = true;

    fn scope(&self, _viewer: &Viewer) -> Result<Scope, Failure> {
        match self.party {
            Party::Himself(_, organisation) => Ok(Scope::Own(organisation)),
            Party::Organisation => Err(PersonnelRefusal::NotFound.into()),
        }
    }

    /// The person, whichever membership the session acts in.
    fn actor(&self, viewer: &Viewer) -> String {
        match self.party {
            Party::Himself(identity, _) => identity.global(),
            Party::Organisation => viewer.actor(),
        }
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let mut person = open(tx, scope, (Action::Leave, self.target)).await?;
        // Who declines finds it among his own afterwards too.
        if let Party::Himself(identity, _) = self.party {
            person.identity = Some(identity);
        }
        end(tx, person, EndedBy::Person).await
    }
}

async fn end(tx: &mut Tx, mut person: DedicatedPerson, by: EndedBy) -> Result<Written, Failure> {
    let (now, from) = (tx.now(), person.state);
    person.end(by, now);
    let attributes: Vec<String> = SHARED.iter().map(|&name| name.to_owned()).collect();
    let withdrawn = Consent {
        id: tx.fresh_id::<PersonnelRecordId>().0,
        organisation: person.organisation,
        person: person.id,
        identity: person.identity,
        kind: "WITHDRAWN",
        text: (CONSENT_TEXT, CONSENT_VERSION),
        locale: "",
        attributes: &attributes,
    };
    let key = (person.organisation, person.id);
    store::records::share_proofs(tx, key, Proofs::Withheld).await?;
    store::records::end_dedication(tx, key).await?;
    store::applications::end_pending(tx, key).await?;
    if from.is_associated() {
        write::insert_consent(tx, &withdrawn).await?;
    }
    let action = match by {
        EndedBy::Partner => "dedicated_person.unbound",
        EndedBy::Person => "dedicated_person.left",
    };
    let to = person.state;
    let event = |event: crate::timeline::Event| event.moved(from.as_str(), to.as_str());
    save(tx, &person, event, action).await
}
