//! Rows with valid defaults, put straight into the database: a test states only what it is about.

use chrono::{DateTime, TimeDelta, Utc};
use portico::ids::{
    IdSource, IdentityId, IncentiveId, MemberId, OfferingId, OpportunityId, OrganisationId,
    PersonId, ResellerId, Tagged,
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::deadlines::a_deadline;

pub(crate) fn fresh<I: Tagged>() -> I {
    IdSource.fresh()
}

/// When everything that a builder makes was made, unless the test says otherwise.
pub(crate) fn long_ago() -> DateTime<Utc> {
    "2026-01-05T01:00:00Z".parse().unwrap()
}

pub(crate) struct OrganisationBuilder {
    pub(crate) id: OrganisationId,
    kind: &'static str,
    name: String,
    state: &'static str,
    area: &'static str,
}

pub(crate) fn a_partner(name: &str) -> OrganisationBuilder {
    OrganisationBuilder {
        id: fresh(),
        kind: "PARTNER",
        name: name.to_owned(),
        state: "ACTIVE",
        area: "华北",
    }
}

pub(crate) fn the_vendor() -> OrganisationBuilder {
    OrganisationBuilder {
        kind: "VENDOR",
        ..a_partner("云厂商")
    }
}

impl OrganisationBuilder {
    pub(crate) fn frozen(self) -> Self {
        Self {
            state: "FROZEN",
            ..self
        }
    }

    pub(crate) async fn insert(self, owner: &mut PgConnection) -> OrganisationId {
        sqlx::query(
            "INSERT INTO organisations (id, number, kind, name, state, business_area, created_at, frozen_reason, frozen_release)
             SELECT $1, $2, $3, $4, $5, $6, $7, frozen.reason, frozen.release
             FROM (SELECT 1) one LEFT JOIN (VALUES ('Bills are overdue.', 'The bills are paid.')) frozen (reason, release)
                 ON $5 = 'FROZEN'",
        )
        .bind(self.id.0)
        .bind(IdSource.number("ORG", 2026))
        .bind(self.kind)
        .bind(self.name)
        .bind(self.state)
        .bind(self.area)
        .bind(long_ago())
        .execute(&mut *owner)
        .await
        .unwrap();
        if self.kind == "PARTNER" {
            a_standing(owner, self.id).await;
        }
        self.id
    }
}

/// What a partner needs to work with opportunities: membership of the network and of the programme, and an offering.
async fn a_standing(owner: &mut PgConnection, partner: OrganisationId) {
    sqlx::query(
        "INSERT INTO programme_memberships (organisation_id, id, programme, state, valid_from)
         VALUES ($1, $2, 'CO_SELL', 'ACTIVE', '2026-01-01'), ($1, $3, 'NETWORK', 'ACTIVE', '2026-01-01')",
    )
    .bind(partner.0)
    .bind(fresh::<OfferingId>().0)
    .bind(fresh::<OfferingId>().0)
    .execute(&mut *owner)
    .await
    .unwrap();
    sqlx::query(
        "INSERT INTO offerings (organisation_id, id, code, name, kind, demand_tags, state)
         VALUES ($1, $2, 'OFF-0', '灾备方案', 'BASELINE_SOLUTION', '{backup}', 'ACTIVE')",
    )
    .bind(partner.0)
    .bind(offering_of(partner).0)
    .execute(owner)
    .await
    .unwrap();
}

/// The offering that every partner has.
pub(crate) fn offering_of(partner: OrganisationId) -> OfferingId {
    OfferingId(Uuid::from_u128(partner.0.as_u128() ^ 0x0ff))
}

pub(crate) struct MemberBuilder {
    id: MemberId,
    organisation: OrganisationId,
    account_name: String,
    roles: Vec<&'static str>,
    state: &'static str,
}

pub(crate) fn a_member(organisation: OrganisationId, account_name: &str) -> MemberBuilder {
    MemberBuilder {
        id: fresh(),
        organisation,
        account_name: account_name.to_owned(),
        roles: vec!["SYSTEM_ADMIN"],
        state: "ACTIVE",
    }
}

impl MemberBuilder {
    pub(crate) fn roles(self, roles: &[&'static str]) -> Self {
        Self {
            roles: roles.to_vec(),
            ..self
        }
    }

    pub(crate) fn disabled(self) -> Self {
        Self {
            state: "DISABLED",
            ..self
        }
    }

    pub(crate) async fn insert(self, owner: &mut PgConnection) -> MemberId {
        sqlx::query(
            "INSERT INTO members (organisation_id, id, account_name, name, email, mobile, state, created_at, disabled_at)
             VALUES ($1, $2, $3, $3, $3 || '@partner.example', '+8613800000000', $4, $5,
                     CASE WHEN $4 = 'DISABLED' THEN $5 END)",
        )
        .bind(self.organisation.0)
        .bind(self.id.0)
        .bind(&self.account_name)
        .bind(self.state)
        .bind(long_ago())
        .execute(&mut *owner)
        .await
        .unwrap();
        for role in self.roles {
            sqlx::query(
                "INSERT INTO member_roles (organisation_id, member_id, role) VALUES ($1, $2, $3)",
            )
            .bind(self.organisation.0)
            .bind(self.id.0)
            .bind(role)
            .execute(&mut *owner)
            .await
            .unwrap();
        }
        self.id
    }
}

/// An identity of the test's identity provider, without a link.
pub(crate) async fn an_identity(owner: &mut PgConnection, subject: &str) -> IdentityId {
    let idp: Uuid = match sqlx::query_scalar(
        "SELECT id FROM identity_providers WHERE entity_id = 'https://iam.example'",
    )
    .fetch_optional(&mut *owner)
    .await
    .unwrap()
    {
        Some(id) => id,
        None => sqlx::query_scalar(
            "INSERT INTO identity_providers (id, entity_id, display_name, metadata, created_at)
             VALUES ($1, 'https://iam.example', 'IAM', '<none/>', $2) RETURNING id",
        )
        .bind(Uuid::from_u128(1))
        .bind(long_ago())
        .fetch_one(&mut *owner)
        .await
        .unwrap(),
    };
    let id: IdentityId = fresh();
    sqlx::query(
        "INSERT INTO federated_identities (id, idp_id, subject, display_name, email, first_seen_at, last_seen_at)
         VALUES ($1, $2, $3, $3, $3 || '@partner.example', $4, $4)",
    )
    .bind(id.0)
    .bind(idp)
    .bind(subject)
    .bind(long_ago())
    .execute(owner)
    .await
    .unwrap();
    id
}

pub(crate) async fn a_link(
    owner: &mut PgConnection,
    identity: IdentityId,
    organisation: OrganisationId,
    member: MemberId,
) {
    sqlx::query(
        "INSERT INTO identity_links (id, identity_id, organisation_id, member_id, made_by, actor, linked_at)
         VALUES ($1, $2, $3, $4, 'BOOTSTRAP', 'test', $5)",
    )
    .bind(fresh::<MemberId>().0)
    .bind(identity.0)
    .bind(organisation.0)
    .bind(member.0)
    .bind(long_ago())
    .execute(owner)
    .await
    .unwrap();
}

pub(crate) async fn a_reseller(
    owner: &mut PgConnection,
    reseller: OrganisationId,
    distributor: OrganisationId,
) -> ResellerId {
    let id: ResellerId = fresh();
    sqlx::query(
        "INSERT INTO resellers (organisation_id, id, number, distributor_id, state, business_area, associated_at)
         VALUES ($1, $2, $3, $4, 'ACTIVE', '华北', $5)",
    )
    .bind(reseller.0)
    .bind(id.0)
    .bind(IdSource.number("RSL", 2026))
    .bind(distributor.0)
    .bind(long_ago())
    .execute(owner)
    .await
    .unwrap();
    id
}

pub(crate) struct OpportunityBuilder {
    id: OpportunityId,
    organisation: OrganisationId,
    owner: MemberId,
    name: String,
    state: &'static str,
    reseller: Option<ResellerId>,
    at: DateTime<Utc>,
}

/// A draft that has everything a submission asks for.
pub(crate) fn an_opportunity(organisation: OrganisationId, owner: MemberId) -> OpportunityBuilder {
    OpportunityBuilder {
        id: fresh(),
        organisation,
        owner,
        name: "核心系统上云".to_owned(),
        state: "DRAFT",
        reseller: None,
        at: long_ago(),
    }
}

impl OpportunityBuilder {
    pub(crate) fn state(self, state: &'static str) -> Self {
        Self { state, ..self }
    }

    pub(crate) fn named(self, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..self
        }
    }

    pub(crate) fn through(self, reseller: ResellerId) -> Self {
        Self {
            reseller: Some(reseller),
            ..self
        }
    }

    pub(crate) fn at(self, at: DateTime<Utc>) -> Self {
        Self { at, ..self }
    }

    pub(crate) async fn insert(self, owner: &mut PgConnection) -> OpportunityId {
        sqlx::query(
            r#"INSERT INTO opportunities (organisation_id, id, number, origin, name, description, customer_name,
                 customer_region, customer_industry, expected_revenue, budget, decision_maker, need, purchase_on, contacts,
                 customer_consent_confirmed, owner_member_id, reseller_id, review_state, review_round, review_reason,
                 created_at, submitted_at, reviewed_at, updated_at, settled_at)
             VALUES ($1, $2, $3, 'PARTNER', $4, '迁移三个业务系统', '客户公司', '北京', '制造', 500000, 300000, '信息总监',
                 '弹性与灾备', '2027-03-01', '[{"name": "王工", "phone": "+8613900000000", "email": null}]', true, $5, $6, $7,
                 CASE WHEN $7 = 'DRAFT' THEN 0 ELSE 1 END, CASE WHEN $7 LIKE '%REJECTED' THEN '请补充预算' END,
                 $8, CASE WHEN $7 <> 'DRAFT' THEN $8 END, CASE WHEN $7 NOT IN ('DRAFT', 'UNDER_REVIEW') THEN $8 END, $8,
                 CASE WHEN $7 IN ('VALIDATED', 'VALIDATION_REJECTED') THEN $8 END)"#,
        )
        .bind(self.organisation.0)
        .bind(self.id.0)
        .bind(IdSource.number("OPP", 2026))
        .bind(self.name)
        .bind(self.owner.0)
        .bind(self.reseller.map(|id| id.0))
        .bind(self.state)
        .bind(self.at)
        .execute(&mut *owner)
        .await
        .unwrap();
        sqlx::query(
            "UPDATE opportunities SET offering_ids = ARRAY[$2::uuid], pre_sales_activities = '{CUSTOMER_VISIT}' WHERE id = $1",
        )
        .bind(self.id.0)
        .bind(offering_of(self.organisation).0)
        .execute(owner)
        .await
        .unwrap();
        self.id
    }
}

pub(crate) async fn a_person(
    owner: &mut PgConnection,
    organisation: OrganisationId,
    name: &str,
) -> PersonId {
    let id: PersonId = fresh();
    sqlx::query(
        "INSERT INTO dedicated_personnel (organisation_id, id, name, position, base_location, state, started_on)
         VALUES ($1, $2, $3, 'Solution Architect', '北京', 'DEDICATED', '2025-01-01')",
    )
    .bind(organisation.0)
    .bind(id.0)
    .bind(name)
    .execute(owner)
    .await
    .unwrap();
    id
}

/// A pending incentive of CNY 30,000 for these persons, due at `due_until`.
pub(crate) async fn an_incentive(
    owner: &mut PgConnection,
    organisation: OrganisationId,
    due_until: DateTime<Utc>,
    persons: &[PersonId],
) -> IncentiveId {
    let id: IncentiveId = fresh();
    sqlx::query(
        "INSERT INTO incentives (organisation_id, id, number, variant, service_month, amount, currency, state, generated_at,
             due_until)
         VALUES ($1, $2, $3, 'SERVICE_EXPERT', '2026-10-01', 30000, 'CNY', 'PENDING_CONFIRM', $4, $5)",
    )
    .bind(organisation.0)
    .bind(id.0)
    .bind(IdSource.number("INC", 2026))
    .bind(due_until - TimeDelta::days(20))
    .bind(due_until)
    .execute(&mut *owner)
    .await
    .unwrap();
    let kind = ("CONFIRM_INCENTIVE", "LAPSE");
    a_deadline(owner, (organisation, id.into()), kind, due_until).await;
    for person in persons {
        sqlx::query("INSERT INTO incentive_specialists (organisation_id, incentive_id, person_id) VALUES ($1, $2, $3)")
            .bind(organisation.0)
            .bind(id.0)
            .bind(person.0)
            .execute(&mut *owner)
            .await
            .unwrap();
    }
    id
}
