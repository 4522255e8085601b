//! The partner applies for dedicated status, asks for its end, and takes that back (R-DED-10 to R-DED-13).

use serde_json::json;

use super::super::error::PersonnelRefusal;
use super::super::model::moves::Action;
use super::super::model::{DedicatedPath, DedicatedPerson, PersonState};
use super::super::store::applications::{self, Application, ApplicationKind, ApplicationState};
use super::super::{policy, store};
use super::batch::{self, ItemResult};
use super::{Target, Written, open, save};
use crate::db::{Change, Scope, Tx};
use crate::documents;
use crate::error::Failure;
use crate::ids::DocumentId;
use crate::rules::{self, PersonnelDedication};
use crate::timeline::Event;
use crate::viewer::Viewer;

/// Characters of a reason at most.
const REASON: usize = 500;

/// Applies for dedicated status, for several persons at once.
pub(in super::super) struct Apply {
    /// `None` for the programmes that have no dedicated personnel (R-DED-11).
    pub(in super::super) path: Option<DedicatedPath>,
    pub(in super::super) items: Vec<ApplyItem>,
}

pub(in super::super) struct ApplyItem {
    pub(in super::super) target: Target,
    pub(in super::super) documents: Vec<DocumentId>,
}

impl Change for Apply {
    type Outcome = Vec<ItemResult>;
    const NAME: &'static str = "personnel.apply";
    const ACTION: &'static str = "dedicatedPersonApply";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(Action::Apply, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Vec<ItemResult>, Failure> {
        let path = self.expect_path(tx, scope).await?;
        let targets: Vec<Target> = self.items.iter().map(|item| item.target).collect();
        let mut results = Vec::new();
        for place in batch::order(&targets)? {
            let Some(item) = self.items.get(place) else {
                continue;
            };
            // Nothing of a refused item is written before it is refused.
            let result = item.apply(tx, scope, path).await;
            results.push((place, ItemResult::of(item.target.id, result)?));
        }
        Ok(batch::sorted(results))
    }
}

impl Apply {
    /// The partner is on the path, and the path has dedicated personnel.
    async fn expect_path(&self, tx: &mut Tx, scope: &Scope) -> Result<DedicatedPath, Failure> {
        let organisation = scope.organisation().ok_or(PersonnelRefusal::NotFound)?;
        let path = self.path.ok_or(PersonnelRefusal::ProgrammeHasNoDedicated)?;
        let now = tx.now();
        let rule: rules::Ruled<PersonnelDedication> =
            rules::of_organisation(tx, organisation, now).await?;
        if !rule.value.paths.iter().any(|open| open == path.as_str()) {
            return Err(PersonnelRefusal::ProgrammeHasNoDedicated.into());
        }
        if applications::is_on_path(tx, organisation, path).await? {
            Ok(path)
        } else {
            Err(PersonnelRefusal::PathNotHeld.into())
        }
    }
}

impl ApplyItem {
    async fn apply(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        path: DedicatedPath,
    ) -> Result<Written, Failure> {
        let mut person = open(tx, scope, (Action::Apply, self.target)).await?;
        hold_materials(tx, scope, &self.documents).await?;
        let from = person.state;
        person.path = Some(path);
        person.decision_reason = None;
        person.go(PersonState::ApplyUnderReview, tx.now());
        let application = Application::new(tx, &person, ApplicationKind::Apply, &self.documents);
        applications::insert(tx, &application).await?;
        let detail = json!({ "application": application.id, "path": path.as_str() });
        let event = |event: Event| {
            event
                .moved(from.as_str(), person.state.as_str())
                .detail(detail)
        };
        save(tx, &person, event, "dedicated_person.applied").await
    }
}

/// Asks the vendor to end a dedicated status, with a reason and a file (R-DED-12).
pub(in super::super) struct Cancel {
    pub(in super::super) target: Target,
    pub(in super::super) reason: String,
    pub(in super::super) documents: Vec<DocumentId>,
}

impl Change for Cancel {
    type Outcome = Written;
    const NAME: &'static str = "personnel.cancel";
    const ACTION: &'static str = "dedicatedPersonCancel";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(Action::Cancel, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let mut person = open(tx, scope, (Action::Cancel, self.target)).await?;
        let reason = reason(&self.reason).ok_or(PersonnelRefusal::CancelReasonRequired)?;
        hold_materials(tx, scope, &self.documents).await?;
        person.decision_reason = None;
        person.go(PersonState::CancelUnderReview, tx.now());
        let mut application =
            Application::new(tx, &person, ApplicationKind::Cancel, &self.documents);
        application.reason = Some(reason.clone());
        applications::insert(tx, &application).await?;
        let detail = json!({ "application": application.id });
        let (from, to) = (PersonState::Dedicated, person.state);
        let event = |event: Event| {
            let event = event.moved(from.as_str(), to.as_str());
            event.because(reason).detail(detail)
        };
        save(tx, &person, event, "dedicated_person.cancel_requested").await
    }
}

/// Takes the request to end the dedicated status back, as long as the vendor has not decided (R-DED-13).
pub(in super::super) struct CancelWithdraw {
    pub(in super::super) target: Target,
}

impl Change for CancelWithdraw {
    type Outcome = Written;
    const NAME: &'static str = "personnel.cancel_withdraw";
    const ACTION: &'static str = "dedicatedPersonCancelWithdraw";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(Action::CancelWithdraw, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let mut person = open(tx, scope, (Action::CancelWithdraw, self.target)).await?;
        let from = person.state;
        person.go(PersonState::Dedicated, tx.now());
        settle(tx, &person, (ApplicationState::Withdrawn, None)).await?;
        let to = person.state;
        let event = |event: Event| event.moved(from.as_str(), to.as_str());
        save(tx, &person, event, "dedicated_person.cancel_withdrawn").await
    }
}

/// Materials are at least one complete document of the partner's.
async fn hold_materials(
    tx: &mut Tx,
    scope: &Scope,
    documents: &[DocumentId],
) -> Result<(), Failure> {
    if documents.is_empty() {
        return Err(PersonnelRefusal::MaterialsRequired.into());
    }
    documents::hold_complete(tx, scope, documents, "documentIds").await?;
    Ok(())
}

/// Writes down what became of the pending application.
pub(super) async fn settle(
    tx: &mut Tx,
    person: &DedicatedPerson,
    (state, reason): (ApplicationState, Option<&str>),
) -> Result<(), Failure> {
    let key = (person.organisation, person.id);
    Ok(store::applications::settle(tx, key, (state, reason)).await?)
}

/// A reason that says something.
pub(super) fn reason(text: &str) -> Option<String> {
    let text = text.trim();
    let length = text.chars().count();
    (1..=REASON).contains(&length).then(|| text.to_owned())
}
