//! Use cases of opportunities against PostgreSQL, under the roles and policies of production.

mod cases;
mod catalogue;
mod deciding;
mod duplicates;
mod ending;
mod interleaved;
mod lists;
mod preflight;
mod property;
mod reporting;
mod reviewing;
mod sharing;
mod steps;
mod updating;
mod validating;
mod writing;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::super::model::{
    Condition, Contact, Content, ContentEdit, Edit, ParticularsEdit, PreSalesActivity, Review,
    RoundOutcome, Submission, VendorViewEdit,
};
use super::*;
use crate::clock::Clock;
use crate::db::testing::TestDb;
use crate::db::{Applied, Change, Db, IdempotencyKey, Pool, PoolSettings};
use crate::deadlines::{DeadlineKind, Expiries, expire_due};
use crate::error::{Code, RefusalData, Refusals};
use crate::ids::{IdSource, MemberId, OfferingId, OrganisationId, ResellerId};
use crate::money::{Currency, Money};
use crate::opportunities::store::Inserted;
use crate::viewer::{ActingFor, ActingMember, OrganisationKind, OrganisationState};

/// A partner with two members, a rival, and the vendor.
struct World {
    db: Db,
    clock: Clock,
    partner: OrganisationId,
    seller: MemberId,
    colleague: MemberId,
    rival: OrganisationId,
    rivals_seller: MemberId,
    vendor: OrganisationId,
    reviewer: MemberId,
    test: TestDb,
}

/// The partner's and the rival's, for the same need.
const OFFERING: OfferingId = OfferingId(Uuid::from_u128(0x0ff));
const RIVALS_OFFERING: OfferingId = OfferingId(Uuid::from_u128(0x1ff));

fn now() -> DateTime<Utc> {
    "2026-11-23T02:00:00Z".parse().unwrap()
}

impl World {
    async fn new() -> Self {
        let test = TestDb::new().await;
        let pool = |role| Pool::lazy(&test.url(role), PoolSettings::default()).unwrap();
        let clock = Clock::fixed(now());
        let world = Self {
            db: Db::new(pool("portico_app"), pool("portico_staff"), clock.clone()),
            clock,
            partner: IdSource.fresh(),
            seller: IdSource.fresh(),
            colleague: IdSource.fresh(),
            rival: IdSource.fresh(),
            rivals_seller: IdSource.fresh(),
            vendor: IdSource.fresh(),
            reviewer: IdSource.fresh(),
            test,
        };
        for (id, kind) in [
            (world.partner, "PARTNER"),
            (world.rival, "PARTNER"),
            (world.vendor, "VENDOR"),
        ] {
            world.organisation(id, kind).await;
        }
        world.offering(world.partner, OFFERING).await;
        world.offering(world.rival, RIVALS_OFFERING).await;
        for (organisation, member) in [
            (world.partner, world.seller),
            (world.partner, world.colleague),
            (world.rival, world.rivals_seller),
            (world.vendor, world.reviewer),
        ] {
            world.member(organisation, member).await;
        }
        world
    }

    async fn organisation(&self, id: OrganisationId, kind: &str) {
        let mut owner = self.test.connect("portico_owner").await;
        sqlx::query(
            "INSERT INTO organisations (id, number, kind, name, business_area, created_at)
             VALUES ($1, $1::text, $2, $1::text, '华北', $3)",
        )
        .bind(id.0)
        .bind(kind)
        .bind(now())
        .execute(&mut owner)
        .await
        .unwrap();
    }

    /// An active baseline solution for one kind of need; the partner has joined the programme and stands out on its path.
    async fn offering(&self, organisation: OrganisationId, id: OfferingId) {
        let mut owner = self.test.connect("portico_owner").await;
        for statement in [
            "INSERT INTO programme_memberships (organisation_id, id, programme, state, valid_from)
             VALUES ($1, $2, 'CO_SELL', 'ACTIVE', '2026-01-01')",
            "INSERT INTO path_memberships (organisation_id, id, path, stage, state)
             VALUES ($1, $2, 'SERVICE', 'DIFFERENTIATED', 'ACTIVE')",
            "INSERT INTO offerings (organisation_id, id, code, name, kind, demand_tags, state)
             VALUES ($1, $2, 'OFF-1', 'An Offering', 'BASELINE_SOLUTION', '{backup}', 'ACTIVE')",
        ] {
            sqlx::query(statement)
                .bind(organisation.0)
                .bind(id.0)
                .execute(&mut owner)
                .await
                .unwrap();
        }
    }

    async fn member(&self, organisation: OrganisationId, id: MemberId) {
        let mut owner = self.test.connect("portico_owner").await;
        sqlx::query(
            "INSERT INTO members (organisation_id, id, account_name, name, email, created_at)
             VALUES ($1, $2, $2::text, 'A Member', $2::text || '@example.test', $3)",
        )
        .bind(organisation.0)
        .bind(id.0)
        .bind(now())
        .execute(&mut owner)
        .await
        .unwrap();
    }

    /// A relation in which `distributor` supplies the rival's company.
    async fn relation(&self, company: OrganisationId, distributor: OrganisationId) -> ResellerId {
        let id: ResellerId = IdSource.fresh();
        let mut owner = self.test.connect("portico_owner").await;
        sqlx::query(
            "INSERT INTO resellers (organisation_id, id, number, distributor_id, state, business_area, associated_at)
             VALUES ($1, $2, $2::text, $3, 'ACTIVE', '华北', $4)",
        )
        .bind(company.0)
        .bind(id.0)
        .bind(distributor.0)
        .bind(now())
        .execute(&mut owner)
        .await
        .unwrap();
        id
    }

    async fn run(&self, statement: &'static str, id: Uuid) {
        let mut owner = self.test.connect("portico_owner").await;
        sqlx::query(statement)
            .bind(id)
            .execute(&mut owner)
            .await
            .unwrap();
    }

    fn seller(&self) -> Viewer {
        viewer(self.seller, self.partner, OrganisationKind::Partner)
    }

    fn rival(&self) -> Viewer {
        viewer(self.rivals_seller, self.rival, OrganisationKind::Partner)
    }

    fn reviewer(&self) -> Viewer {
        viewer(self.reviewer, self.vendor, OrganisationKind::Vendor)
    }

    async fn apply<C: Change>(
        &self,
        viewer: &Viewer,
        change: &C,
    ) -> Result<Applied<C::Outcome>, Failure> {
        self.db.apply(viewer, "c-1", fresh_key(), change).await
    }

    async fn draft(&self, content: ContentEdit) -> Written {
        self.apply(&self.seller(), &Create { content })
            .await
            .unwrap()
            .outcome
    }

    async fn submitted(&self) -> Written {
        let draft = self.draft(complete()).await;
        let submit = Submit {
            target: Target {
                id: draft.id,
                expected_version: draft.version,
            },
        };
        self.apply(&self.seller(), &submit).await.unwrap().outcome
    }

    /// As it is in the database, whoever may see it.
    async fn stored(&self, id: OpportunityId) -> Opportunity {
        let scope = Scope::Own(self.partner);
        let snapshot = self.db.snapshot(scope.clone());
        let mut tx = snapshot.read().await.unwrap();
        store::find(&mut tx, &scope, &[id]).await.unwrap().remove(0)
    }

    async fn found(&self, viewer: &Viewer, id: OpportunityId) -> bool {
        let snapshot = self.db.snapshot(viewer.read_scope());
        !find(viewer, &snapshot, &[id]).await.unwrap().is_empty()
    }

    /// The history of one opportunity: action and version, oldest first.
    async fn history(&self, id: OpportunityId) -> Vec<(String, i64)> {
        let mut owner = self.test.connect("portico_owner").await;
        sqlx::query_as(
            "SELECT action, object_version FROM timeline_entries WHERE object_id = $1 ORDER BY 2",
        )
        .bind(id.0)
        .fetch_all(&mut owner)
        .await
        .unwrap()
    }

    async fn drafts(&self) -> i64 {
        let mut owner = self.test.connect("portico_owner").await;
        sqlx::query_scalar("SELECT count(*) FROM opportunities")
            .fetch_one(&mut owner)
            .await
            .unwrap()
    }
}

impl Written {
    fn target(self) -> Target {
        Target {
            id: self.id,
            expected_version: self.version,
        }
    }
}

fn viewer(member: MemberId, organisation: OrganisationId, kind: OrganisationKind) -> Viewer {
    let permissions = match kind {
        OrganisationKind::Vendor => BTreeSet::from([
            Permission::ReadOpportunities,
            Permission::ReviewOpportunities,
            Permission::ValidateOpportunities,
            Permission::ShareOpportunities,
            Permission::CancelOpportunities,
        ]),
        OrganisationKind::Partner | OrganisationKind::Customer => BTreeSet::from([
            Permission::ReadOpportunities,
            Permission::WriteOpportunities,
            Permission::SubmitOpportunities,
        ]),
    };
    let state = OrganisationState::Active;
    Viewer::Member(ActingMember {
        member,
        identity: IdSource.fresh(),
        session: IdSource.fresh(),
        acting_for: ActingFor {
            organisation,
            kind,
            state,
        },
        permissions,
        visibility: crate::viewer::Visibility::All,
    })
}

fn with_all_permissions(viewer: Viewer) -> Viewer {
    let Viewer::Member(member) = viewer else {
        unreachable!("the viewers of these tests are members")
    };
    let permissions = Permission::ALL.iter().copied().collect();
    Viewer::Member(ActingMember {
        permissions,
        ..member
    })
}

fn fresh_key() -> IdempotencyKey {
    let id: OpportunityId = IdSource.fresh();
    IdempotencyKey {
        key: id.0,
        input_hash: [7; 32],
    }
}

fn text(text: &str) -> Edit<String> {
    Edit::Set(text.to_owned())
}

fn named(name: &str) -> ContentEdit {
    ContentEdit {
        name: text(name),
        ..ContentEdit::default()
    }
}

fn yuan(amount: &str) -> Money {
    Money {
        amount: amount.parse().unwrap(),
        currency: Currency::CNY,
    }
}

/// Everything that a submission needs.
fn complete() -> ContentEdit {
    ContentEdit {
        name: text("仓储系统上云"),
        description: text("Moves the warehouse system into the cloud."),
        customer_name: text("长河物流"),
        customer_region: text("华东"),
        customer_industry: text("物流"),
        expected_revenue: Edit::Set(yuan("999999999999.9999")),
        budget: Edit::Set(yuan("5000.5")),
        decision_maker: text("Head of IT"),
        need: text("A warehouse that is never down"),
        purchase_on: Edit::Set("2027-03-31".parse().unwrap()),
        contacts: Edit::Set(vec![Contact {
            name: "王".to_owned(),
            phone: None,
            email: Some("w@example.test".to_owned()),
        }]),
        customer_consent_confirmed: Edit::Set(true),
        particulars: ParticularsEdit {
            offerings: Edit::Set(vec![OFFERING]),
            pre_sales: Edit::Set(vec![PreSalesActivity::CustomerVisit]),
            ..ParticularsEdit::default()
        },
        ..ContentEdit::default()
    }
}

/// The reason and the path of each refusal.
fn refusals<T: std::fmt::Debug>(result: Result<T, Failure>) -> Vec<(&'static str, String)> {
    match result {
        Err(Failure::Refused(refusals)) => refusals
            .iter()
            .map(|refusal| (refusal.reason.0, refusal.path.join(".")))
            .collect(),
        other => panic!("not refused: {other:?}"),
    }
}

fn one(reason: &'static str, path: &str) -> Vec<(&'static str, String)> {
    vec![(reason, path.to_owned())]
}
