-- What the vendor knows of partners and of its own catalogue: it arrives through the import of facts, and rules ask it.

-- Membership of a programme, such as CO_SELL; the newest row of a programme counts.
CREATE TABLE programme_memberships (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    id uuid NOT NULL,
    programme text NOT NULL CHECK (programme ~ '^[A-Z_]{2,40}$'),
    state text NOT NULL CHECK (state IN ('APPLIED', 'UNDER_REVIEW', 'REJECTED', 'ACTIVE', 'EXPIRED', 'LEFT')),
    valid_from date NOT NULL,
    -- The first day on which it does not hold any more; null: open.
    valid_until date,
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id),
    UNIQUE (organisation_id, programme),
    CHECK (valid_until IS NULL OR valid_until > valid_from)
);

-- How far a partner is on a development path.
CREATE TABLE path_memberships (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    id uuid NOT NULL,
    path text NOT NULL CHECK (path IN ('SOFTWARE', 'SERVICE', 'SYSTEM_INTEGRATOR', 'LEARNING', 'DISTRIBUTOR')),
    stage text NOT NULL CHECK (stage IN ('SELECTED', 'ROLE_VALIDATED', 'DIFFERENTIATED')),
    state text NOT NULL CHECK (state IN ('ACTIVE', 'EXITED')),
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id),
    UNIQUE (organisation_id, path)
);

-- What a partner sells and delivers, as the vendor has it on its list (R-OPP-20, R-OPP-29).
CREATE TABLE offerings (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    id uuid NOT NULL,
    code text NOT NULL CHECK (length(code) BETWEEN 1 AND 64),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    kind text NOT NULL CHECK (kind IN ('MARKETPLACE_PRODUCT', 'BASELINE_SOLUTION')),
    -- A marketplace product that is on the vendor's list of joint operation.
    joint_operation boolean NOT NULL DEFAULT false,
    demand_tags text[] NOT NULL DEFAULT '{}',
    state text NOT NULL CHECK (state IN ('ACTIVE', 'RETIRED')),
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id),
    UNIQUE (organisation_id, code)
);

-- The vendor's offices; each region of an end customer belongs to one (R-OPP-27).
CREATE TABLE offices (
    code text PRIMARY KEY CHECK (length(code) BETWEEN 1 AND 64),
    name_zh text NOT NULL,
    name_en text NOT NULL
);
CREATE TABLE office_regions (
    region text PRIMARY KEY CHECK (length(region) BETWEEN 1 AND 100),
    office_code text NOT NULL REFERENCES offices (code)
);

-- The vendor's own cloud services.
CREATE TABLE cloud_services (
    code text PRIMARY KEY CHECK (length(code) BETWEEN 1 AND 64),
    name_zh text NOT NULL,
    name_en text NOT NULL,
    state text NOT NULL CHECK (state IN ('ACTIVE', 'RETIRED'))
);

ALTER TABLE programme_memberships ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE path_memberships ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE offerings ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY owner_all ON programme_memberships TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_all ON path_memberships TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_all ON offerings TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY own_reads ON programme_memberships FOR SELECT TO portico_app USING (organisation_id = (SELECT portico_organisation()));
CREATE POLICY own_reads ON path_memberships FOR SELECT TO portico_app USING (organisation_id = (SELECT portico_organisation()));
CREATE POLICY own_reads ON offerings FOR SELECT TO portico_app USING (organisation_id = (SELECT portico_organisation()));
CREATE POLICY staff_all ON programme_memberships TO portico_staff USING (true) WITH CHECK (true);
CREATE POLICY staff_all ON path_memberships TO portico_staff USING (true) WITH CHECK (true);
CREATE POLICY staff_all ON offerings TO portico_staff USING (true) WITH CHECK (true);

-- The vendor's facts are the vendor's to write.
GRANT SELECT ON programme_memberships, path_memberships, offerings, offices, office_regions, cloud_services TO portico_app;
GRANT SELECT, INSERT, UPDATE ON programme_memberships, path_memberships, offerings, offices, office_regions, cloud_services
    TO portico_staff;
