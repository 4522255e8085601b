//! What the partner writes: drafts, edits, and handing them in.

use chrono::Datelike as _;
use serde_json::json;

use super::facts::{self, Facts, Wanted};
use super::policy;
use super::{Opened, Target, Written, event, moved, open, record};
use crate::db::{Change, Scope, Tx};
use crate::error::{Code, Failure, Faults, Refusal};
use crate::ids::{MemberId, Tagged as _};
use crate::opportunities::error::{Fault, OpportunityRefusal};
use crate::opportunities::model::{
    Action, Beginning, Catalogued, Content, ContentEdit, Edit, Opportunity,
};
use crate::opportunities::store::{self, Inserted};
use crate::organisation::members::{self, MemberState};
use crate::resellers;
use crate::rules::PROGRAMME_ZONE;
use crate::viewer::{Permission, Viewer};

/// How often a number is drawn before chance is no longer to blame.
const NUMBER_TRIES: u32 = 5;

/// Opens a draft, which only its own organisation sees (R-OPP-10).
///
/// Whoever opens it owns it, unless the content names another member; a machine has to name one.
#[derive(Debug, Clone)]
pub(crate) struct Create {
    pub(crate) content: ContentEdit,
}

impl Change for Create {
    type Outcome = Written;
    const NAME: &'static str = "opportunities.create";
    const ACTION: &'static str = "opportunityCreate";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        viewer.partner(Permission::WriteOpportunities)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let opener = match self.content.owner {
            Edit::Set(owner) => Some(owner),
            Edit::Leave | Edit::Clear => MemberId::parse(&tx.acting().actor),
        };
        let owner = opener.ok_or_else(|| Fault::OwnerRequired.at("ownerId"))?;
        let organisation = scope.organisation().ok_or(OpportunityRefusal::NotFound)?;
        let (content, _) = Content::blank(owner).edited(&self.content)?;
        let site = store::site(tx, organisation)
            .await?
            .ok_or(OpportunityRefusal::NotFound)?;
        let wanted = Wanted::new((site, organisation), &content);
        let facts = Facts::wanted(tx, scope, wanted).await?;
        let actor = tx.acting().actor.clone();
        facts.partner.check_access(&actor)?;
        facts.partner.check_membership()?;
        check_parties(tx, scope, (None, &content), &facts.catalogued).await?;
        let draft = Opportunity::draft(Beginning {
            id: tx.fresh_id(),
            organisation,
            site,
            number: String::new(),
            content,
            at: tx.now(),
        });
        let draft = numbered(tx, draft).await?;
        tx.record(event(&draft, "opportunity.created")).await?;
        Ok(Written::from(&draft))
    }
}

/// Inserts it under a number that nobody has.
pub(super) async fn numbered(
    tx: &mut Tx,
    mut opportunity: Opportunity,
) -> Result<Opportunity, Failure> {
    for _ in 0..NUMBER_TRIES {
        let year = tx.now().with_timezone(&PROGRAMME_ZONE).year();
        opportunity.number = tx.ids().number("OPP", year);
        if store::insert(tx, &opportunity).await? == Inserted::Yes {
            return Ok(opportunity);
        }
    }
    Err(Refusal::new(Code::Conflict, "TRY_AGAIN").into())
}

/// Edits a draft or a refused opportunity (R-OPP-10, R-OPP-11, R-OPP-26).
#[derive(Debug, Clone)]
pub(crate) struct Update {
    pub(crate) target: Target,
    pub(crate) content: ContentEdit,
}

impl Change for Update {
    type Outcome = Written;
    const NAME: &'static str = "opportunities.update";
    const ACTION: &'static str = "opportunityUpdate";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::scope(Action::Update, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let opened = open(tx, scope, (Action::Update, self.target)).await?;
        let mut opportunity = opened.opportunity;
        let before = opportunity.content.clone();
        let changed = opportunity.edit(&self.content, tx.now())?;
        if !changed.is_empty() {
            // The offerings that were named just now are not among those that were looked up.
            let facts = Facts::of(tx, scope, &opportunity).await?;
            let contents = (Some(&before), &opportunity.content);
            check_parties(tx, scope, contents, &facts.catalogued).await?;
            store::record_content(tx, &opportunity).await?;
            let edited = event(&opportunity, "opportunity.edited");
            tx.record(edited.detail(json!({ "changed": changed })))
                .await?;
        }
        Ok(Written::from(&opportunity))
    }
}

/// Hands an opportunity in for the vendor's review (R-OPP-15 to R-OPP-19, R-OPP-23, R-OPP-35).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Submit {
    pub(crate) target: Target,
}

impl Change for Submit {
    type Outcome = Written;
    const NAME: &'static str = "opportunities.submit";
    const ACTION: &'static str = "opportunitySubmit";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::scope(Action::Submit, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let Opened {
            mut opportunity,
            from,
            facts,
        } = open(tx, scope, (Action::Submit, self.target)).await?;
        let rounds = store::rounds(tx, scope, &[opportunity.id]).await?;
        let round = opportunity.next_round(rounds.last());
        let rules = (&facts.submission, &facts.catalogued);
        let submission = opportunity.submit(rules, tx.now())?;
        facts::assign_office(tx, &mut opportunity).await?;
        store::insert_round(tx, opportunity.organisation, &round).await?;
        let submitted = moved(&opportunity, from, "opportunity.submitted")
            .detail(json!({ "round": submission.round, "changed": round.changed }));
        record(tx, &opportunity, submitted).await
    }
}

/// Removes a draft that was never handed in (R-OPP-10). Its row stays, for its history and for nobody's eyes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Delete {
    pub(crate) target: Target,
}

impl Change for Delete {
    type Outcome = Written;
    const NAME: &'static str = "opportunities.delete";
    const ACTION: &'static str = "opportunityDelete";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::scope(Action::Delete, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let opened = open(tx, scope, (Action::Delete, self.target)).await?;
        let mut opportunity = opened.opportunity;
        opportunity.delete(tx.now())?;
        store::record_content(tx, &opportunity).await?;
        let deleted =
            event(&opportunity, "opportunity.deleted").moved(opened.from.as_str(), "DELETED");
        record(tx, &opportunity, deleted).await
    }
}

/// Refuses an owner who cannot answer for the deal, a reseller that is not the partner's own, and offerings and services
/// that cannot be chosen, where they are new.
async fn check_parties(
    tx: &mut Tx,
    scope: &Scope,
    (before, content): (Option<&Content>, &Content),
    catalogued: &Catalogued,
) -> Result<(), Failure> {
    let mut faults = Faults::default();
    let is_new = before.is_none_or(|before| before.owner != content.owner);
    if is_new {
        let owner = members::hold(tx, scope, content.owner).await?;
        if owner.is_none_or(|owner| owner.state != MemberState::Active) {
            faults.add(OpportunityRefusal::OwnerUnknown);
        }
    }
    if let Some(reseller) = content.reseller {
        let is_new = before.is_none_or(|before| before.reseller != Some(reseller));
        if is_new && !resellers::is_supplied(tx, scope, reseller).await? {
            faults.add(OpportunityRefusal::ResellerUnknown);
        }
    }
    let particulars = before.map(|before| &before.particulars);
    content
        .particulars
        .check_catalogue(particulars, catalogued, &mut faults);
    faults.check()
}
