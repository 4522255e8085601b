//! The record of a person is kept up to date, by the person or by the partner's administrator.

use serde_json::json;

use super::super::model::moves::Action;
use super::super::model::record::{Record, RecordEdit};
use super::super::{policy, store};
use super::{Party, Target, Written, open, party, save};
use crate::db::{Change, Db, Scope, Tx};
use crate::documents;
use crate::error::Failure;
use crate::ids::{DocumentId, Tagged as _};
use crate::rules;
use crate::viewer::Viewer;

/// Changes the record. An edit that changes nothing makes no version.
pub(in super::super) struct Update {
    target: Target,
    edit: RecordEdit,
    party: Party,
}

impl Update {
    pub(in super::super) async fn prepare(
        db: &Db,
        viewer: &Viewer,
        (target, edit): (Target, RecordEdit),
    ) -> Result<Self, Failure> {
        let party = party(db, viewer, target.id).await?;
        Ok(Self {
            target,
            edit,
            party,
        })
    }
}

impl Change for Update {
    type Outcome = Written;
    const NAME: &'static str = "personnel.update";
    const ACTION: &'static str = "dedicatedPersonUpdate";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        match self.party {
            Party::Himself(_, organisation) => Ok(Scope::Own(organisation)),
            Party::Organisation => policy::access(Action::Update, viewer),
        }
    }

    fn actor(&self, viewer: &Viewer) -> String {
        match self.party {
            Party::Himself(identity, _) => identity.global(),
            Party::Organisation => viewer.actor(),
        }
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let mut person = open(tx, scope, (Action::Update, self.target)).await?;
        let held = store::records::find(tx, scope, &[person.id]).await?;
        let today = rules::day_of(tx.now());
        self.edit.faults(today, &held).check()?;
        self.hold_documents(tx, (scope, &held)).await?;
        let mut profile = person.profile.clone().unwrap_or_default();
        let edited = self.edit.apply(&mut profile, &held);
        if edited.changed.is_empty() {
            return Ok(Written {
                id: person.id,
                version: person.version,
            });
        }
        person.profile = Some(profile);
        person.version += 1;
        store::records::save(tx, (person.organisation, person.id), &edited).await?;
        // What was written is the person's, so the history names the fields alone (R-DED-9).
        let detail = json!({ "changed": edited.changed });
        let event = |event: crate::timeline::Event| event.detail(detail);
        save(tx, &person, event, "dedicated_person.updated").await
    }
}

impl Update {
    /// A proof is a complete document of the partner's. The person cannot send files into the partner's documents, and so
    /// keeps those that are in the record already and names no others.
    async fn hold_documents(
        &self,
        tx: &mut Tx,
        (scope, held): (&Scope, &[Record]),
    ) -> Result<(), Failure> {
        let known = |id: &DocumentId| held.iter().any(|record| record.line.document == Some(*id));
        let lines = self.edit.lines.iter().flat_map(|(_, lines)| lines);
        let ids = lines.filter_map(|edit| edit.line.document);
        let ids: Vec<DocumentId> = ids.filter(|id| !known(id)).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let within = match self.party {
            Party::Himself(..) => &Scope::Nobody,
            Party::Organisation => scope,
        };
        documents::hold_complete(tx, within, &ids, "documentId").await?;
        Ok(())
    }
}
