//! The flag of a rule foretells its mutation: for entries of every kind and everybody who may ask.

use std::collections::BTreeSet;

use super::super::*;
use crate::clock::Clock;
use crate::db::testing::TestDb;
use crate::db::{Db, IdempotencyKey, Pool, PoolSettings};
use crate::ids::{IdSource, Tagged};
use crate::standing;
use crate::viewer::{
    ActingFor, ActingMember, ActingService, OrganisationKind, OrganisationState, SignedInIdentity,
};

/// 23 November 2026, a second before midnight in Shanghai.
const LATE: &str = "2026-11-23T15:59:59Z";
/// The days from which the entries hold, and whether they are withdrawn: past, today, tomorrow, and far away.
const ENTRIES: [(&str, bool); 6] = [
    ("2026-01-01", false),
    ("2026-11-23", false),
    ("2026-11-24", false),
    ("2026-11-24", true),
    ("2030-01-01", false),
    ("2026-01-02", true),
];
const VIEWERS: usize = 6;

struct World {
    test: TestDb,
    db: Db,
    vendor: OrganisationId,
    partner: OrganisationId,
}

fn id<I: Tagged>() -> I {
    IdSource.fresh()
}

impl World {
    async fn new() -> Self {
        let test = TestDb::new().await;
        let pool = |role| Pool::lazy(&test.url(role), PoolSettings::default()).unwrap();
        let clock = Clock::fixed(LATE.parse().unwrap());
        let world = Self {
            db: Db::new(pool("portico_app"), pool("portico_staff"), clock),
            vendor: id(),
            partner: id(),
            test,
        };
        for (organisation, kind) in [(world.vendor, "VENDOR"), (world.partner, "PARTNER")] {
            sqlx::query(
                "INSERT INTO organisations (id, number, kind, name, business_area, created_at)
                 VALUES ($1, $2, $2, $2, 'NORTH', $3)",
            )
            .bind(organisation.0)
            .bind(kind)
            .bind(world.db.clock().process())
            .execute(&mut world.test.connect("portico_owner").await)
            .await
            .unwrap();
        }
        world
    }

    async fn entry(&self, (from, is_withdrawn): (&str, bool)) -> RuleId {
        let rule: RuleId = id();
        sqlx::query(
            "INSERT INTO rules (id, name, site, programme, effective_from, value, source, scheduled_at, withdrawn_at)
             VALUES ($1, $1::text, 'CN', 'PORTAL', $2::date, '{}', 'test', $3, CASE WHEN $4 THEN $3 END)",
        )
        .bind(rule.0)
        .bind(from.parse::<NaiveDate>().unwrap())
        .bind(self.db.clock().process())
        .bind(is_withdrawn)
        .execute(&mut self.test.connect("portico_owner").await)
        .await
        .unwrap();
        rule
    }

    fn viewer(&self, number: usize) -> Viewer {
        let (organisation, kind) = match number {
            2 => (self.partner, OrganisationKind::Partner),
            _ => (self.vendor, OrganisationKind::Vendor),
        };
        let acting_for = ActingFor {
            organisation,
            kind,
            state: OrganisationState::Active,
        };
        let member = ActingMember {
            member: id(),
            identity: id(),
            session: id(),
            acting_for,
            visibility: crate::viewer::Visibility::All,
            permissions: Permission::ALL.iter().copied().collect(),
        };
        match number {
            1 => Viewer::Member(ActingMember {
                permissions: BTreeSet::from([Permission::ReadOrganisations]),
                ..member
            }),
            3 | 4 => Viewer::Service(ActingService {
                account: id(),
                acting_for,
                permissions: if number == 3 {
                    member.permissions
                } else {
                    BTreeSet::new()
                },
                expires_at: self.db.clock().process(),
            }),
            5 => Viewer::Federated(SignedInIdentity {
                identity: member.identity,
                session: member.session,
            }),
            _ => Viewer::Member(member),
        }
    }

    async fn read(&self, rule: RuleId) -> Entry {
        let snapshot = self.db.snapshot(self.viewer(0).read_scope());
        let found = find(&self.viewer(0), &snapshot, &[rule]).await.unwrap();
        found.into_iter().next().unwrap()
    }

    async fn foretold(&self, viewer: &Viewer, entry: &Entry) -> Option<&'static str> {
        let snapshot = self.db.snapshot(viewer.read_scope());
        let mut verdict = withdraw_verdict(viewer, &snapshot, entry).await.unwrap();
        if let Some(own) = viewer.organisation() {
            let mut tx = snapshot.read().await.unwrap();
            let standing = standing::of(&mut tx, own).await.unwrap().unwrap();
            verdict = verdict.under(&standing);
        }
        let first = verdict.blockers.first();
        first.map(|blocker| blocker.refusal.reason.0)
    }

    async fn withdraw(&self, viewer: &Viewer, rule: RuleId) -> Option<&'static str> {
        let change = Withdraw {
            organisation: viewer.organisation(),
            id: rule,
            expected_version: 1,
            reason: "a slip".to_owned(),
        };
        let key = IdempotencyKey {
            key: id::<RuleId>().0,
            input_hash: [7; 32],
        };
        match self.db.apply(viewer, "test", key, &change).await {
            Ok(_) => None,
            Err(Failure::Refused(refusals)) => Some(refusals.first.reason.0),
            Err(failure @ Failure::Internal(_)) => panic!("{failure:?}"),
        }
    }
}

#[tokio::test]
async fn the_flag_of_a_rule_and_its_mutation_agree_for_every_entry_and_viewer() {
    let world = World::new().await;
    let mut seen = BTreeSet::new();
    for case in ENTRIES {
        for number in 0..VIEWERS {
            let viewer = world.viewer(number);
            let entry = world.read(world.entry(case).await).await;
            let foretold = world.foretold(&viewer, &entry).await;

            let answered = world.withdraw(&viewer, entry.id).await;

            assert_eq!(foretold, answered, "{case:?} viewer {number}");
            let left = world.read(entry.id).await;
            assert_eq!(
                answered.is_some(),
                left == entry,
                "{case:?} viewer {number}"
            );
            seen.insert(answered.unwrap_or("ALLOWED"));
        }
    }

    let expected = [
        "ALLOWED",
        "NOT_A_MEMBER",
        "PERMISSION_MISSING",
        "PERSON_REQUIRED",
        "RULE_ALREADY_WITHDRAWN",
        "RULE_IN_FORCE",
    ];
    assert_eq!(seen, BTreeSet::from(expected));
}
