-- The organisation a statement runs for, and the people of organisations: what every later table hangs on.

-- Unset and '' both mean "no organisation": a setting made with is_local falls back to '' in a pooled session.
CREATE FUNCTION portico_organisation() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT NULLIF(current_setting('portico.organisation_id', true), '')::uuid $$;

CREATE TABLE organisations (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN ('VENDOR', 'PARTNER', 'CUSTOMER')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    state text NOT NULL DEFAULT 'ACTIVE' CHECK (state IN ('ACTIVE', 'FROZEN', 'CLOSED')),
    site text NOT NULL DEFAULT 'CN' CHECK (site IN ('CN', 'INTL')),
    business_area text NOT NULL,
    main_account_id uuid,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1
);
-- Exactly one vendor per deployment.
CREATE UNIQUE INDEX organisations_one_vendor ON organisations (kind) WHERE kind = 'VENDOR';
CREATE INDEX organisations_by_name ON organisations (name, id);
CREATE INDEX organisations_by_creation ON organisations (created_at, id);

CREATE TABLE members (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    id uuid NOT NULL,
    account_name text NOT NULL CHECK (length(account_name) BETWEEN 1 AND 64),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    mobile text,
    state text NOT NULL DEFAULT 'ACTIVE' CHECK (state IN ('ACTIVE', 'DISABLED')),
    created_at timestamptz NOT NULL,
    disabled_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id),
    UNIQUE (organisation_id, account_name),
    CHECK ((state = 'DISABLED') = (disabled_at IS NOT NULL))
);
CREATE UNIQUE INDEX members_email ON members (organisation_id, lower(email)) WHERE state = 'ACTIVE';
CREATE INDEX members_by_name ON members (organisation_id, name, id);
CREATE INDEX members_by_creation ON members (organisation_id, created_at, id);

ALTER TABLE organisations ADD CONSTRAINT organisations_main_account
    FOREIGN KEY (id, main_account_id) REFERENCES members (organisation_id, id);

-- Preset roles; custom roles choose from the same closed list of permissions.
CREATE TABLE roles (
    code text PRIMARY KEY,
    side text NOT NULL CHECK (side IN ('PARTNER', 'VENDOR')),
    permissions text[] NOT NULL
);

CREATE TABLE member_roles (
    organisation_id uuid NOT NULL,
    member_id uuid NOT NULL,
    role text NOT NULL REFERENCES roles (code),
    PRIMARY KEY (organisation_id, member_id, role),
    FOREIGN KEY (organisation_id, member_id) REFERENCES members (organisation_id, id)
);

-- A relation between a reseller (organisation_id) and the distributor named in it (R-RES-4).
CREATE TABLE resellers (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    id uuid NOT NULL,
    number text NOT NULL UNIQUE,
    distributor_id uuid NOT NULL REFERENCES organisations (id),
    account_manager_id uuid,
    state text NOT NULL CHECK (state IN ('ACTIVE', 'SUSPENDED', 'ENDED')),
    business_area text NOT NULL,
    associated_at timestamptz NOT NULL,
    ended_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id),
    UNIQUE (distributor_id, id),
    -- An account manager is a member of the named distributor, never of anybody else (R-RES-11).
    FOREIGN KEY (distributor_id, account_manager_id) REFERENCES members (organisation_id, id),
    CHECK (organisation_id <> distributor_id),
    CHECK ((state = 'ENDED') = (ended_at IS NOT NULL))
);
CREATE UNIQUE INDEX resellers_one_distributor ON resellers (organisation_id) WHERE state <> 'ENDED';
CREATE INDEX resellers_by_distributor ON resellers (distributor_id, associated_at, id);
CREATE INDEX resellers_by_account_manager ON resellers (account_manager_id);

-- What happened, once and for ever: written in the transaction of the change, never updated.
CREATE TABLE timeline_entries (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    id uuid NOT NULL,
    object_kind text NOT NULL,
    object_id uuid NOT NULL,
    object_version bigint NOT NULL,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    from_state text,
    to_state text,
    reason text,
    correlation_id text NOT NULL,
    details jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (organisation_id, id),
    UNIQUE (object_id, object_version)
);

ALTER TABLE organisations ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE members ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE member_roles ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE resellers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE timeline_entries ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- The owner migrates and seeds; without a policy of its own its backfills would update nothing, silently.
CREATE POLICY owner_all ON organisations TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_all ON members TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_all ON member_roles TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_all ON resellers TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_all ON timeline_entries TO portico_owner USING (true) WITH CHECK (true);

CREATE POLICY staff_all ON organisations TO portico_staff USING (true) WITH CHECK (true);
CREATE POLICY staff_all ON members TO portico_staff USING (true) WITH CHECK (true);
CREATE POLICY staff_all ON member_roles TO portico_staff USING (true) WITH CHECK (true);
CREATE POLICY staff_all ON resellers TO portico_staff USING (true) WITH CHECK (true);
CREATE POLICY staff_all ON timeline_entries TO portico_staff USING (true) WITH CHECK (true);

-- A relation is seen by both parties that it names; only the distributor's side is ever changed by a party.
CREATE POLICY party_reads ON resellers FOR SELECT TO portico_app
    USING (organisation_id = (SELECT portico_organisation()) OR distributor_id = (SELECT portico_organisation()));
CREATE POLICY distributor_writes ON resellers FOR UPDATE TO portico_app
    USING (distributor_id = (SELECT portico_organisation()))
    WITH CHECK (distributor_id = (SELECT portico_organisation()));

-- An organisation sees itself and the other party of its own relations.
CREATE POLICY own_and_party_reads ON organisations FOR SELECT TO portico_app
    USING (
        id = (SELECT portico_organisation())
        OR EXISTS (
            SELECT FROM resellers
            WHERE (resellers.organisation_id = organisations.id AND resellers.distributor_id = (SELECT portico_organisation()))
               OR (resellers.distributor_id = organisations.id AND resellers.organisation_id = (SELECT portico_organisation()))
        )
    );
CREATE POLICY own_writes ON organisations FOR UPDATE TO portico_app
    USING (id = (SELECT portico_organisation())) WITH CHECK (id = (SELECT portico_organisation()));

-- An organisation sees its own members, and a reseller the one person who is named as its account manager.
CREATE POLICY own_and_account_manager_reads ON members FOR SELECT TO portico_app
    USING (
        organisation_id = (SELECT portico_organisation())
        OR EXISTS (
            SELECT FROM resellers
            WHERE resellers.account_manager_id = members.id AND resellers.organisation_id = (SELECT portico_organisation())
        )
    );
CREATE POLICY own_inserts ON members FOR INSERT TO portico_app
    WITH CHECK (organisation_id = (SELECT portico_organisation()));
CREATE POLICY own_updates ON members FOR UPDATE TO portico_app
    USING (organisation_id = (SELECT portico_organisation())) WITH CHECK (organisation_id = (SELECT portico_organisation()));

CREATE POLICY own_all ON member_roles TO portico_app
    USING (organisation_id = (SELECT portico_organisation())) WITH CHECK (organisation_id = (SELECT portico_organisation()));

CREATE POLICY own_reads ON timeline_entries FOR SELECT TO portico_app
    USING (organisation_id = (SELECT portico_organisation()));
-- A distributor's act on a relation is recorded under the reseller's organisation: the entry is the relation's history.
CREATE POLICY acting_inserts ON timeline_entries FOR INSERT TO portico_app
    WITH CHECK (
        organisation_id = (SELECT portico_organisation())
        OR EXISTS (
            SELECT FROM resellers
            WHERE resellers.id = timeline_entries.object_id AND resellers.distributor_id = (SELECT portico_organisation())
        )
    );

GRANT SELECT ON roles TO portico_app, portico_staff;
GRANT SELECT, UPDATE ON organisations TO portico_app;
GRANT SELECT, INSERT, UPDATE ON organisations TO portico_staff;
GRANT SELECT, INSERT, UPDATE ON members TO portico_app, portico_staff;
GRANT SELECT, INSERT, DELETE ON member_roles TO portico_app, portico_staff;
GRANT SELECT, UPDATE ON resellers TO portico_app;
GRANT SELECT, INSERT, UPDATE ON resellers TO portico_staff;
-- Append-only by privilege: nobody but the owner can change or remove an entry.
GRANT SELECT, INSERT ON timeline_entries TO portico_app, portico_staff;

INSERT INTO roles (code, side, permissions) VALUES
    ('SYSTEM_ADMIN', 'PARTNER', '{schema.read,member.read,member.manage,opportunity.read,opportunity.write,opportunity.submit,reseller.read,reseller.assign,incentive.read}'),
    ('FINANCE', 'PARTNER', '{schema.read,member.read,incentive.read}'),
    ('ACCOUNT_MANAGER', 'PARTNER', '{schema.read,member.read,opportunity.read,opportunity.write,opportunity.submit,reseller.read}'),
    ('ACCOUNT_MANAGER_DIRECTOR', 'PARTNER', '{schema.read,member.read,opportunity.read,reseller.read,reseller.assign}'),
    ('SA_SPECIALIST', 'PARTNER', '{schema.read,member.read,opportunity.read,incentive.read}'),
    ('OPERATOR', 'PARTNER', '{schema.read,member.read,opportunity.read,opportunity.write,reseller.read,incentive.read}'),
    ('VENDOR_ADMIN', 'VENDOR', '{schema.read,member.read,member.manage,organisation.read,opportunity.read,reseller.read,incentive.read}'),
    ('VENDOR_REVIEWER', 'VENDOR', '{schema.read,member.read,organisation.read,opportunity.read,opportunity.review,reseller.read}'),
    ('VENDOR_BD', 'VENDOR', '{schema.read,member.read,organisation.read,opportunity.read,opportunity.review}'),
    ('VENDOR_ECOSYSTEM_MANAGER', 'VENDOR', '{schema.read,member.read,organisation.read,opportunity.read,reseller.read}'),
    ('VENDOR_INCENTIVE_OPERATOR', 'VENDOR', '{schema.read,member.read,organisation.read,incentive.read}'),
    ('VENDOR_FINANCE', 'VENDOR', '{schema.read,member.read,organisation.read,incentive.read}'),
    ('VENDOR_AUDITOR', 'VENDOR', '{schema.read,member.read,organisation.read,opportunity.read,reseller.read,incentive.read}');
