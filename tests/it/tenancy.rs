//! No organisation sees or writes another's rows: what the catalogue says of every table, and what the roles can really
//! do (R-ORG-1, R-RES-9). The second is asked because policies can all exist and yet be passed over, by an owner without
//! FORCE or by a superuser.

use std::collections::BTreeSet;

use portico::ids::{MemberId, OrganisationId, TimelineEntryId};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::support::builders::{
    a_member, a_partner, a_person, a_reseller, an_identity, an_incentive, an_opportunity, fresh,
    long_ago,
};
use crate::support::database::TestDb;

/// The tables without row-level security: read before an organisation is known, or the same for all.
const GLOBAL: &[&str] = &[
    "_sqlx_migrations",
    "agreements",
    "calendar_days",
    "calendar_numbering",
    "calendar_versions",
    "calendar_years",
    "cloud_services",
    "consent_texts",
    "customer_invitations",
    "customer_turns",
    "federated_identities",
    "feed",
    "feed_pending",
    "feed_state",
    "idempotency_keys",
    "identity_links",
    "identity_providers",
    "invitations",
    "job_runs",
    "notice_parked",
    "notice_position",
    "office_regions",
    "offices",
    "personal_accounts",
    "roles",
    "rules",
    "saml_consumed",
    "sandbox_clock",
    "sandbox_travels",
    "service_accounts",
    "sessions",
    "site_hint_dismissals",
    "vendor_accounts",
];

/// The functions that run as the owner and so see every row; each answers for one key only.
const DEFINER: &[&str] = &[
    "portico_account_of_identity",
    "portico_account_circumstances",
    "portico_accounts_of",
    "portico_chain_entry",
    "portico_enterprise_memberships",
    "portico_has_duplicate",
    "portico_hold_account",
    "portico_inviter",
    "portico_memberships",
    "portico_organisation_facts",
    "portico_own_personnel",
    "portico_own_personnel_records",
    "portico_personal_accounts",
    "portico_personnel_of_token",
];

async fn texts(connection: &mut PgConnection, sql: &'static str) -> BTreeSet<String> {
    let rows: Vec<String> = sqlx::query_scalar(sql).fetch_all(connection).await.unwrap();
    rows.into_iter().collect()
}

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// Every table that is not global.
async fn tenant_tables(connection: &mut PgConnection) -> BTreeSet<String> {
    let all = "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')";
    &texts(connection, all).await - &set(GLOBAL)
}

#[tokio::test]
async fn every_table_but_the_listed_global_ones_is_under_forced_row_level_security() {
    let test = TestDb::new().await;
    let mut all = test.connect("postgres").await;
    let confined = "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
        AND relkind IN ('r', 'p') AND relrowsecurity AND relforcerowsecurity";
    let unconfined =
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
        AND relkind IN ('r', 'p') AND NOT relrowsecurity";

    assert_eq!(
        texts(&mut all, confined).await,
        tenant_tables(&mut all).await
    );
    assert_eq!(texts(&mut all, unconfined).await, set(GLOBAL));
}

#[tokio::test]
async fn every_tenant_table_has_a_policy_for_each_role_and_none_for_everybody() {
    let test = TestDb::new().await;
    let mut all = test.connect("postgres").await;
    let tables = tenant_tables(&mut all).await;
    let owners = "SELECT tablename::text FROM pg_policies
        WHERE roles = '{portico_owner}' AND cmd = 'ALL' AND qual = 'true' AND with_check = 'true'";
    let apps = "SELECT tablename::text FROM pg_policies WHERE roles = '{portico_app}' AND cmd IN ('ALL', 'SELECT')";
    let staffs = "SELECT tablename::text FROM pg_policies WHERE roles = '{portico_staff}' AND cmd IN ('ALL', 'SELECT')";
    let unscoped =
        "SELECT tablename || '.' || policyname FROM pg_policies WHERE roles = '{portico_app}'
        AND concat(qual, with_check) NOT LIKE '%portico_organisation()%'";
    let others = "SELECT tablename || '.' || policyname FROM pg_policies
        WHERE roles NOT IN ('{portico_owner}', '{portico_app}', '{portico_staff}') OR permissive <> 'PERMISSIVE'";

    assert_eq!(texts(&mut all, owners).await, tables);
    assert_eq!(texts(&mut all, apps).await, tables);
    assert_eq!(texts(&mut all, staffs).await, tables);
    assert_eq!(texts(&mut all, unscoped).await, set(&[]));
    assert_eq!(texts(&mut all, others).await, set(&[]));
}

#[tokio::test]
async fn every_tenant_tables_key_begins_with_its_organisation() {
    let test = TestDb::new().await;
    let mut all = test.connect("postgres").await;
    let keyed = "SELECT relname::text FROM pg_constraint
        JOIN pg_class ON pg_class.oid = conrelid
        JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
        WHERE contype = 'p' AND relnamespace = 'public'::regnamespace AND attname = 'organisation_id'";
    let nullable = "SELECT relname::text FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE relnamespace = 'public'::regnamespace AND relrowsecurity AND attname = 'organisation_id' AND NOT attnotnull";
    // A reference between two tenant tables that leaves the organisation out could point into another one.
    let loose = "SELECT conname::text FROM pg_constraint
        JOIN pg_class here ON here.oid = conrelid JOIN pg_class there ON there.oid = confrelid
        WHERE contype = 'f' AND here.relrowsecurity AND there.relrowsecurity
          AND there.relname <> 'organisations' AND cardinality(conkey) < 2";
    let mut expected = tenant_tables(&mut all).await;
    expected.remove("organisations");

    assert_eq!(texts(&mut all, keyed).await, expected);
    assert_eq!(texts(&mut all, nullable).await, set(&[]));
    assert_eq!(texts(&mut all, loose).await, set(&[]));
}

#[tokio::test]
async fn the_roles_of_the_application_own_nothing_and_pass_no_policy() {
    let test = TestDb::new().await;
    let mut all = test.connect("postgres").await;
    let mighty = "SELECT rolname::text FROM pg_roles WHERE rolname IN ('portico_owner', 'portico_app', 'portico_staff')
        AND (rolsuper OR rolbypassrls OR rolreplication OR rolcreaterole)";
    let owning =
        "SELECT rolname::text FROM pg_roles WHERE rolname IN ('portico_app', 'portico_staff') AND (
        EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid)
        OR EXISTS (SELECT FROM pg_proc WHERE proowner = pg_roles.oid)
        OR EXISTS (SELECT FROM pg_type WHERE typowner = pg_roles.oid)
        OR EXISTS (SELECT FROM pg_namespace WHERE nspowner = pg_roles.oid)
        OR EXISTS (SELECT FROM pg_database WHERE datdba = pg_roles.oid))";
    let members =
        "SELECT rolname::text FROM pg_roles WHERE rolname IN ('portico_app', 'portico_staff')
        AND EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid)";
    let definer = "SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef";
    // A view reads as its owner, who sees all, unless it reads as whoever asks.
    let views = "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')
        AND NOT coalesce(reloptions @> '{security_invoker=true}', false)";
    let truncating = "SELECT table_name::text FROM information_schema.role_table_grants
        WHERE grantee IN ('portico_app', 'portico_staff', 'PUBLIC') AND table_schema = 'public'
          AND privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')";
    let history = "SELECT privilege_type::text FROM information_schema.role_table_grants
        WHERE grantee IN ('portico_app', 'portico_staff', 'PUBLIC') AND table_name = 'timeline_entries'";

    for nothing in [mighty, owning, members, views, truncating] {
        assert_eq!(texts(&mut all, nothing).await, set(&[]), "{nothing}");
    }
    assert_eq!(texts(&mut all, definer).await, set(DEFINER));
    assert_eq!(
        texts(&mut all, history).await,
        set(&["INSERT", "SELECT"]),
        "R-GEN-2"
    );
}

/// One statement per tenant table that nothing else here fills; $1 is the organisation, $2 a fresh id, $3 a time.
const ROWS: &[&str] = &[
    "INSERT INTO timeline_entries (organisation_id, id, object_kind, object_id, object_version, at, actor, action,
         correlation_id)
     VALUES ($1, $2, 'mem', $2, 1, $3, 'test', 'member.created', 'test')",
    "INSERT INTO opportunity_rounds (organisation_id, opportunity_id, round, submitted_at, submitted_by, content)
     SELECT $1, id, 1, $3, $2::text, '{}' FROM opportunities WHERE organisation_id = $1 LIMIT 1",
    "INSERT INTO opportunity_progress (organisation_id, id, opportunity_id, stage, win_probability, note, author, at)
     SELECT $1, $2, id, 'QUALIFYING', 50, 'Met', 'test', $3 FROM opportunities WHERE organisation_id = $1 LIMIT 1",
    "INSERT INTO opportunity_vendor_views (organisation_id, opportunity_id, next_step, updated_at)
     SELECT $1, id, left($2::text, 10), $3 FROM opportunities WHERE organisation_id = $1 LIMIT 1",
    "INSERT INTO timeline_personal_values (organisation_id, entry_id, field, salt, value)
     SELECT $1, id, $2::uuid::text, decode(repeat('00', 16), 'hex'), $3::timestamptz::text
     FROM timeline_entries WHERE organisation_id = $1 LIMIT 1",
    "INSERT INTO deadlines (organisation_id, id, object_kind, object_id, kind, outcome, starts_at, unit, length,
         due_until, last_day_on, calendar_version, provisional)
     VALUES ($1, $2, 'opp', $2, 'VALIDATE_OPPORTUNITY', 'AUTO_REJECT', $3, 'WORKING_DAY', 10, $3, '2020-01-01', 1, false)",
    "INSERT INTO documents (organisation_id, id, file_name, media_type, size, sha256, state, prepared_by, prepared_at,
         upload_until)
     VALUES ($1, $2, 'a.pdf', 'application/pdf', 1, sha256(''), 'PREPARED', 'test', $3, $3)",
    "INSERT INTO programme_memberships (organisation_id, id, programme, state, valid_from)
     VALUES ($1, $2, 'TEST', 'ACTIVE', $3::timestamptz::date)",
    "INSERT INTO path_memberships (organisation_id, id, path, stage, state)
     SELECT $1, $2, 'LEARNING', 'SELECTED', 'ACTIVE' WHERE $3::timestamptz IS NOT NULL",
    "INSERT INTO account_facts (organisation_id, id, real_name)
     SELECT $1, $2, 'NONE' WHERE $3::timestamptz IS NOT NULL",
    "INSERT INTO agreement_signatures (organisation_id, id, object_kind, object_id, agreement, agreement_version,
         member_id, signed_at)
     SELECT $1, $2, 'prg', $2, 'CSP', 1, id, $3 FROM members WHERE organisation_id = $1",
    "INSERT INTO programme_invitations (organisation_id, id, target_kind, target, state, sent_at, expires_at, sent_by)
     VALUES ($1, $2, 'PATH', 'LEARNING', 'SENT', $3, $3::timestamptz + interval '1 day', 'test')",
    "INSERT INTO offerings (organisation_id, id, code, name, kind, state)
     SELECT $1, $2, 'test', 'An Offering', 'BASELINE_SOLUTION', 'ACTIVE' WHERE $3::timestamptz IS NOT NULL",
    "INSERT INTO notices (organisation_id, id, member_id, kind, cause, object_kind, object_id, at, made_at)
     SELECT $1, $2, id, 'OPPORTUNITY_VALIDATED', 'test', 'opp', $2, $3, $3 FROM members WHERE organisation_id = $1",
    "INSERT INTO notice_deliveries (organisation_id, id, notice_id, channel, made_at, next_attempt_at)
     SELECT $1, $2, id, 'EMAIL', $3, $3 FROM notices WHERE organisation_id = $1",
    "INSERT INTO notice_preferences (organisation_id, member_id, topic, channel, enabled)
     SELECT $1, id, 'REVIEWS', 'EMAIL', $2::uuid IS NOT NULL FROM members
     WHERE organisation_id = $1 AND $3::timestamptz IS NOT NULL",
    "INSERT INTO personnel_sendings (organisation_id, sent_by, sent_on, ordinal, person_id, token_hash, sent_at)
     SELECT $1, members.id, '2026-11-24', 1, person.id, sha256($2::uuid::text::bytea), $3
     FROM members, dedicated_personnel person WHERE members.organisation_id = $1 AND person.organisation_id = $1 LIMIT 1",
    "INSERT INTO personnel_consents (organisation_id, id, person_id, kind, text_id, text_version, locale, attributes, at)
     SELECT $1, $2, id, 'GIVEN', 'test', 1, 'en', '{}', $3 FROM dedicated_personnel WHERE organisation_id = $1",
    "INSERT INTO personnel_records (organisation_id, id, person_id, kind, name, from_on, added_at)
     SELECT $1, $2, id, 'PROJECT', 'A project', '2026-01-01', $3 FROM dedicated_personnel WHERE organisation_id = $1",
    "INSERT INTO personnel_applications (organisation_id, id, person_id, kind, path, document_ids, state, submitted_at,
         submitted_by)
     SELECT $1, $2, id, 'APPLY', 'SERVICE', ARRAY[$2], 'UNDER_REVIEW', $3, 'test' FROM dedicated_personnel
     WHERE organisation_id = $1",
    "INSERT INTO personnel_dedications (organisation_id, id, person_id, path, from_at)
     SELECT $1, $2, id, 'SERVICE', $3 FROM dedicated_personnel WHERE organisation_id = $1",
    "INSERT INTO customer_invitations (id, organisation_id, association_type, label, token_hash, state, sent_at, expires_at,
         invited_by, customer_id)
     SELECT $2, distributor_id, 'REFERRAL', 'test', sha256($1::text::bytea), 'ACCEPTED', $3, $3,
         (SELECT id FROM members WHERE organisation_id = distributor_id LIMIT 1), $2
     FROM resellers WHERE resellers.organisation_id = $1",
    "INSERT INTO customers (organisation_id, id, number, partner_id, account_id, account_name, account_kind,
         association_type, state, invitation_id, notice_version, associated_at)
     SELECT $1, $2, $2::text, resellers.distributor_id, $1::text, 'test', 'CLOUD', 'REFERRAL', 'ASSOCIATED',
         customer_invitations.id, 1, $3
     FROM resellers JOIN customer_invitations ON customer_invitations.organisation_id = resellers.distributor_id
     WHERE resellers.organisation_id = $1",
    "INSERT INTO customer_consents (organisation_id, id, customer_id, identity_id, user_agreement_version,
         privacy_statement_version, release_version, attributes, locale, given_at)
     SELECT $1, $2, id, (SELECT id FROM federated_identities LIMIT 1), 1, 1, 1, '{EMAIL}', 'en', $3
     FROM customers WHERE organisation_id = $1",
    "INSERT INTO main_account_offers (organisation_id, id, to_member_id, offered_by, offered_at, expires_at, state)
     SELECT $1, $2, id, 'HOLDER', $3, $3, 'OPEN' FROM members WHERE organisation_id = $1 LIMIT 1",
    "INSERT INTO iam_users (organisation_id, id, user_name, email, state)
     SELECT $1, $2, 'test', 'test@x.example', 'PRESENT' WHERE $3::timestamptz IS NOT NULL",
    "INSERT INTO custom_roles (organisation_id, id, name, permissions, created_at)
     VALUES ($1, $2, 'Test', '{member.read}', $3)",
    "INSERT INTO member_custom_roles (organisation_id, member_id, role_id)
     SELECT $1, members.id, custom_roles.id FROM members, custom_roles
     WHERE members.organisation_id = $1 AND custom_roles.organisation_id = $1 AND $2::uuid IS NOT NULL
       AND $3::timestamptz IS NOT NULL",
    "INSERT INTO customer_contacts (organisation_id, id, name, phone, created_at) VALUES ($1, $2, 'Test', '123', $3)",
    "INSERT INTO qualification_reviews (organisation_id, id, account_name, role, state)
     SELECT $1, $2, 'test', 'SA_SPECIALIST', 'DECIDED' WHERE $3::timestamptz IS NOT NULL",
    "INSERT INTO sandbox_scripts (organisation_id, id, rules, set_at, set_by) VALUES ($1, $2, '[]', $3, 'test')",
];

/// An organisation with a row in every tenant table; the relation is with a distributor of its own.
async fn furnish(owner: &mut PgConnection, name: &str) -> OrganisationId {
    let organisation = a_partner(name).insert(owner).await;
    let distributor = a_partner(&format!("{name}'s distributor"))
        .insert(owner)
        .await;
    a_reseller(owner, organisation, distributor).await;
    a_member(distributor, name).insert(owner).await;
    an_identity(owner, name).await;
    let member: MemberId = a_member(organisation, name).insert(owner).await;
    an_opportunity(organisation, member).insert(owner).await;
    let person = a_person(owner, organisation, name).await;
    an_incentive(owner, organisation, long_ago(), &[person]).await;
    sqlx::query(
        "INSERT INTO calendar_versions (version, imported_at, imported_by, source) VALUES (1, $1, 'test', 'test')
         ON CONFLICT DO NOTHING",
    )
    .bind(long_ago())
    .execute(&mut *owner)
    .await
    .unwrap();
    for row in ROWS {
        sqlx::query(*row)
            .bind(organisation.0)
            .bind(fresh::<TimelineEntryId>().0)
            .bind(long_ago())
            .execute(&mut *owner)
            .await
            .unwrap();
    }
    organisation
}

/// Whose rows a connection is asked for, and as whom.
struct Probe {
    tables: BTreeSet<String>,
    acting: Option<OrganisationId>,
    other: OrganisationId,
}

fn owner_column(table: &str) -> &'static str {
    if table == "organisations" {
        "id"
    } else {
        "organisation_id"
    }
}

impl Probe {
    /// The tables in which the connection sees or writes rows of the other organisation.
    async fn breaches(&self, connection: &mut PgConnection) -> BTreeSet<String> {
        let mut breached = BTreeSet::new();
        for table in &self.tables {
            if self.reads(connection, table).await || self.writes(connection, table).await {
                breached.insert(table.clone());
            }
        }
        breached
    }

    async fn begin<'a>(
        &self,
        connection: &'a mut PgConnection,
    ) -> sqlx::Transaction<'a, sqlx::Postgres> {
        let mut transaction = connection.begin().await.unwrap();
        if let Some(acting) = self.acting {
            sqlx::query("SELECT set_config('portico.organisation_id', $1, true)")
                .bind(acting.0.to_string())
                .execute(&mut *transaction)
                .await
                .unwrap();
        }
        transaction
    }

    async fn reads(&self, connection: &mut PgConnection, table: &str) -> bool {
        let mut transaction = self.begin(connection).await;
        let column = owner_column(table);
        let sql = AssertSqlSafe(format!(
            "SELECT EXISTS (SELECT FROM {table} WHERE {column} = $1)"
        ));
        sqlx::query_scalar(sql)
            .bind(self.other.0)
            .fetch_one(&mut *transaction)
            .await
            .unwrap()
    }

    /// Tries to add a row, and to change and remove those that are there; nothing is kept.
    async fn writes(&self, connection: &mut PgConnection, table: &str) -> bool {
        let column = owner_column(table);
        // Under a policy this never comes as far as the missing columns.
        let insert = format!(
            "INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, jsonb_build_object('{column}', $1))).*"
        );
        let update = format!("UPDATE {table} SET {column} = {column} WHERE {column} = $1");
        let delete = format!("DELETE FROM {table} WHERE {column} = $1");
        for statement in [insert, update, delete] {
            let mut transaction = self.begin(connection).await;
            let done = sqlx::query(AssertSqlSafe(statement))
                .bind(self.other.0)
                .execute(&mut *transaction)
                .await;
            let refused = match done {
                Ok(done) => done.rows_affected() == 0,
                Err(error) => {
                    error
                        .as_database_error()
                        .and_then(sqlx::error::DatabaseError::code)
                        .as_deref()
                        == Some("42501")
                }
            };
            if !refused {
                return true;
            }
        }
        false
    }
}

#[tokio::test]
async fn no_organisation_reads_or_writes_anothers_rows() {
    let test = TestDb::new().await;
    let mut owner = test.connect("portico_owner").await;
    let (one, other) = (
        furnish(&mut owner, "one").await,
        furnish(&mut owner, "other").await,
    );
    let tables = tenant_tables(&mut owner).await;
    let mut app = test.connect("portico_app").await;
    let probe = |acting, other| Probe {
        tables: tables.clone(),
        acting,
        other,
    };

    assert_eq!(probe(Some(one), other).breaches(&mut app).await, set(&[]));
    assert_eq!(probe(Some(other), one).breaches(&mut app).await, set(&[]));
    // A setting that a transaction made is gone with it, and what a pool hands on shows nothing.
    assert_eq!(probe(None, one).breaches(&mut app).await, set(&[]));
    assert_eq!(
        probe(None, one)
            .breaches(&mut test.connect("portico_app").await)
            .await,
        set(&[])
    );
    for table in &tables {
        assert!(
            probe(Some(one), one).reads(&mut app, table).await,
            "its own {table}"
        );
    }
}

/// The probe would be worth nothing if it could not fail.
#[tokio::test]
async fn a_superuser_breaches_every_table_and_the_probe_tells() {
    let test = TestDb::new().await;
    let mut owner = test.connect("portico_owner").await;
    let (one, other) = (
        furnish(&mut owner, "one").await,
        furnish(&mut owner, "other").await,
    );
    let tables = tenant_tables(&mut owner).await;
    let probe = Probe {
        tables: tables.clone(),
        acting: Some(one),
        other,
    };

    assert_eq!(
        probe.breaches(&mut test.connect("postgres").await).await,
        tables
    );
    assert_eq!(probe.breaches(&mut owner).await, tables);
}

#[tokio::test]
async fn the_vendors_people_read_everything_but_drafts() {
    let test = TestDb::new().await;
    let mut owner = test.connect("portico_owner").await;
    let one = furnish(&mut owner, "one").await;
    let probe = Probe {
        tables: tenant_tables(&mut owner).await,
        acting: None,
        other: one,
    };
    let mut staff = test.connect("portico_staff").await;

    for table in &probe.tables {
        assert_eq!(
            probe.reads(&mut staff, table).await,
            table != "opportunities",
            "{table}: R-OPP-10"
        );
    }
}
