//! What the policy has to know beside the opportunity: the rules, the partner's standing, and the catalogue.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;

use super::{duplicates, policy};
use crate::catalogue::{self, Programme};
use crate::db::{Scope, Snapshot, StoreError, Tx};
use crate::error::{Failure, Refusal};
use crate::ids::{MemberId, OfferingId, OpportunityId, OrganisationId, Tagged as _};
use crate::opportunities::error::OpportunityRefusal;
use crate::opportunities::model::{
    Action, Catalogued, Content, Duplicate, Opportunity, Validation,
};
use crate::opportunities::store;
use crate::organisation;
use crate::rules::{
    self, AccessPolicy, OpportunityAccess, OpportunityChecks, OpportunitySubmission,
    PROGRAMME_ZONE, Ruled, Site,
};
use crate::viewer::Viewer;

/// Everything that the policy asks for one opportunity at one time.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) submission: OpportunitySubmission,
    pub(crate) checks: Ruled<OpportunityChecks>,
    pub(crate) partner: PartnerFacts,
    pub(crate) catalogued: Catalogued,
    /// The first deal for the same customer need that was there before, where the action is judged by that.
    pub(crate) duplicate: Option<Duplicate>,
}

/// What holds for everything that one partner does with opportunities.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PartnerFacts {
    access: AccessPolicy,
    main_account: Option<MemberId>,
    joined: bool,
}

/// What the facts of an opportunity depend on; two that want the same share them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Wanted {
    site: Site,
    organisation: OrganisationId,
    offerings: Vec<OfferingId>,
    services: Vec<String>,
    /// The decision that looks for duplicates, and on what.
    judged: Option<(Action, OpportunityId)>,
}

impl From<&Opportunity> for Wanted {
    fn from(opportunity: &Opportunity) -> Self {
        Self::new(
            (opportunity.site, opportunity.organisation),
            &opportunity.content,
        )
    }
}

impl Wanted {
    pub(super) fn new((site, organisation): (Site, OrganisationId), content: &Content) -> Self {
        Self {
            site,
            organisation,
            offerings: content.particulars.offerings.clone(),
            services: content.particulars.cloud_services.clone(),
            judged: None,
        }
    }

    /// What a viewer is told of it, who learns of duplicates where it is his to decide by them and nowhere else.
    pub(crate) fn by(viewer: &Viewer, opportunity: &Opportunity) -> Self {
        Self::judging(opportunity, |action| policy::scope(action, viewer).is_ok())
    }

    /// What one action is decided by.
    pub(super) fn to(action: Action, opportunity: &Opportunity) -> Self {
        Self::judging(opportunity, |judge| judge == action)
    }

    fn judging(opportunity: &Opportunity, asks: impl Fn(Action) -> bool) -> Self {
        let judge = opportunity.review.state().judged_by();
        let judge = judge.filter(|judge| asks(*judge));
        Self {
            judged: judge.map(|judge| (judge, opportunity.id)),
            ..Self::from(opportunity)
        }
    }

    /// A review is judged only where it is the last check, and the validation is left out (R-OPP-8).
    fn judged_under(&self, checks: &Ruled<OpportunityChecks>) -> Option<(OpportunityId, Site)> {
        let (action, id) = self.judged?;
        let is_last = action == Action::ValidationApprove || !checks.value.validation;
        is_last.then_some((id, self.site))
    }

    /// Whether the customer's turn has to be taken before it is looked up.
    pub(super) fn is_judged(&self) -> bool {
        self.judged.is_some()
    }
}

impl PartnerFacts {
    /// Under the policy of the main account nobody but its holder works with opportunities (R-OPP-2).
    pub(crate) fn check_access(&self, actor: &str) -> Result<(), OpportunityRefusal> {
        let is_holder = || {
            self.main_account
                .is_some_and(|holder| holder.global() == actor)
        };
        match self.access {
            AccessPolicy::Permission => Ok(()),
            AccessPolicy::MainAccountOnly if is_holder() => Ok(()),
            AccessPolicy::MainAccountOnly => Err(OpportunityRefusal::MainAccountOnly),
        }
    }

    /// Nothing new begins without membership of the co-sell programme (R-OPP-1).
    pub(crate) fn check_membership(&self) -> Result<(), OpportunityRefusal> {
        if self.joined {
            Ok(())
        } else {
            Err(OpportunityRefusal::NotJoined)
        }
    }
}

impl Facts {
    pub(super) async fn of(
        tx: &mut Tx,
        scope: &Scope,
        opportunity: &Opportunity,
    ) -> Result<Self, StoreError> {
        Self::wanted(tx, scope, Wanted::from(opportunity)).await
    }

    pub(super) async fn wanted(
        tx: &mut Tx,
        scope: &Scope,
        wanted: Wanted,
    ) -> Result<Self, StoreError> {
        let rule = StoreError::Rule("opportunity.submission");
        Self::many(tx, scope, &[wanted]).await?.pop().ok_or(rule)
    }

    /// The facts of each, in order: so many statements for a site, and no more for many opportunities than for one.
    pub(super) async fn many(
        tx: &mut Tx,
        scope: &Scope,
        wanted: &[Wanted],
    ) -> Result<Vec<Self>, StoreError> {
        let sites: HashSet<Site> = wanted.iter().map(|one| one.site).collect();
        let mut rules_of = HashMap::new();
        for site in sites {
            rules_of.insert(site, site_rules(tx, site).await?);
        }
        let organisations: Vec<OrganisationId> =
            wanted.iter().map(|one| one.organisation).collect();
        let day = today(tx);
        let joined = catalogue::joined(tx, &organisations, (Programme::CoSell, day)).await?;
        let holders = organisation::main_accounts(tx, scope, &organisations).await?;
        let (offerings, services) = named(tx, scope, wanted).await?;
        let judged: Vec<_> = wanted
            .iter()
            .filter_map(|one| one.judged_under(&rules_of.get(&one.site)?.1))
            .collect();
        let duplicates = duplicates::standing(tx, &judged).await?;
        let mut facts = Vec::with_capacity(wanted.len());
        for one in wanted {
            let rule = StoreError::Rule("opportunity.submission");
            let (submission, checks, access) = *rules_of.get(&one.site).ok_or(rule)?;
            let owned = one.offerings.iter().filter_map(|id| {
                let offering = offerings.get(id)?;
                (offering.organisation == one.organisation).then_some((*id, offering.state))
            });
            let known = one
                .services
                .iter()
                .filter_map(|code| Some((code.clone(), *services.get(code)?)));
            facts.push(Self {
                submission,
                checks,
                partner: PartnerFacts {
                    access,
                    main_account: holders.get(&one.organisation).copied(),
                    joined: joined.contains(&one.organisation),
                },
                catalogued: Catalogued {
                    offerings: owned.collect(),
                    services: known.collect(),
                },
                duplicate: one.judged.and_then(|(_, id)| duplicates.get(&id).copied()),
            });
        }
        Ok(facts)
    }

    /// Refuses what another deal for the same customer need stands in the way of (R-OPP-24, R-OPP-25).
    pub(crate) fn check_first(&self, opportunity: &Opportunity) -> Result<(), OpportunityRefusal> {
        match self.duplicate {
            None => Ok(()),
            Some(duplicate) => Err(duplicate.refuses(opportunity.origin)),
        }
    }

    pub(crate) fn validation(&self) -> Validation {
        if self.checks.value.validation {
            Validation::Follows
        } else {
            Validation::IsSkipped
        }
    }
}

type SiteRules = (
    OpportunitySubmission,
    Ruled<OpportunityChecks>,
    AccessPolicy,
);

async fn site_rules(tx: &mut Tx, site: Site) -> Result<SiteRules, StoreError> {
    let now = tx.now();
    let submission: Ruled<OpportunitySubmission> = rules::of_site(tx, site, now).await?;
    let checks = rules::of_site(tx, site, now).await?;
    let access: Ruled<OpportunityAccess> = rules::of_site(tx, site, now).await?;
    Ok((submission.value, checks, access.value.policy))
}

type NamedByAny = (
    HashMap<OfferingId, catalogue::Offering>,
    HashMap<String, catalogue::ListState>,
);

/// All offerings and services that any of them names.
async fn named(tx: &mut Tx, scope: &Scope, wanted: &[Wanted]) -> Result<NamedByAny, StoreError> {
    let ids: BTreeSet<OfferingId> = wanted
        .iter()
        .flat_map(|one| one.offerings.clone())
        .collect();
    let codes: BTreeSet<String> = wanted.iter().flat_map(|one| one.services.clone()).collect();
    let (ids, codes): (Vec<_>, Vec<_>) = (ids.into_iter().collect(), codes.into_iter().collect());
    let offerings = match ids.as_slice() {
        [] => Vec::new(),
        ids => catalogue::offerings_of_any(tx, scope, ids).await?,
    };
    let services = match codes.as_slice() {
        [] => Vec::new(),
        codes => catalogue::known_services(tx, codes).await?,
    };
    Ok((
        offerings.into_iter().map(|one| (one.id, one)).collect(),
        services
            .into_iter()
            .map(|one| (one.code, one.state))
            .collect(),
    ))
}

/// The day in the programme's zone.
pub(super) fn today(tx: &Tx) -> NaiveDate {
    tx.now().with_timezone(&PROGRAMME_ZONE).date_naive()
}

/// The facts of many opportunities as the viewer's snapshot has them, by what they want.
pub(crate) async fn read(
    snapshot: &Snapshot,
    wanted: &[Wanted],
) -> Result<HashMap<Wanted, Facts>, Failure> {
    let mut tx = snapshot.read().await?;
    let facts = Facts::many(&mut tx, snapshot.scope(), wanted).await?;
    Ok(wanted.iter().cloned().zip(facts).collect())
}

/// Why the viewer reads no opportunities at all, if so: the main-account policy is about every operation (R-OPP-2).
pub(super) async fn closed_to(tx: &mut Tx, viewer: &Viewer) -> Result<Option<Refusal>, StoreError> {
    let Some(organisation) = viewer.organisation().filter(|_| !viewer.is_vendor()) else {
        return Ok(None);
    };
    let Some(site) = store::site(tx, organisation).await? else {
        return Ok(None);
    };
    let now = tx.now();
    let access: Ruled<OpportunityAccess> = rules::of_site(tx, site, now).await?;
    if access.value.policy == AccessPolicy::Permission {
        return Ok(None);
    }
    let scope = Scope::Own(organisation);
    let holders = organisation::main_accounts(tx, &scope, &[organisation]).await?;
    let facts = PartnerFacts {
        access: access.value.policy,
        main_account: holders.get(&organisation).copied(),
        joined: true,
    };
    let refused = facts.check_access(&viewer.actor()).err();
    Ok(refused.map(Refusal::from))
}

/// Writes down the vendor's office for the customer's region, as the vendor's list is now (R-OPP-27).
///
/// Kept with the deal: another map of regions later does not move deals that an office already works on.
pub(super) async fn assign_office(
    tx: &mut Tx,
    opportunity: &mut Opportunity,
) -> Result<(), StoreError> {
    let office = catalogue::office_of(tx, &opportunity.content.customer_region).await?;
    opportunity.office = office.map(|office| office.code);
    store::record_office(tx, opportunity, opportunity.office.as_deref()).await
}
