-- An organisation makes roles of its own, out of the permissions that roles of its kind can hold (R-ORG-12 to R-ORG-14);
-- customers see its contacts (R-ORG-15); a role is kept while its qualification is under review (R-ORG-10).

CREATE TABLE custom_roles (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    id uuid NOT NULL,
    name text NOT NULL CHECK (length(btrim(name)) BETWEEN 1 AND 50),
    description text NOT NULL DEFAULT '' CHECK (length(description) <= 500),
    permissions text[] NOT NULL CHECK (cardinality(permissions) > 0),
    -- RETIRED: gives nothing any more and is given to nobody; the history names it.
    state text NOT NULL DEFAULT 'ACTIVE' CHECK (state IN ('ACTIVE', 'RETIRED')),
    created_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id)
);
CREATE UNIQUE INDEX custom_roles_name ON custom_roles (organisation_id, lower(name)) WHERE state = 'ACTIVE';

CREATE TABLE member_custom_roles (
    organisation_id uuid NOT NULL,
    member_id uuid NOT NULL,
    role_id uuid NOT NULL,
    PRIMARY KEY (organisation_id, member_id, role_id),
    FOREIGN KEY (organisation_id, member_id) REFERENCES members (organisation_id, id),
    FOREIGN KEY (organisation_id, role_id) REFERENCES custom_roles (organisation_id, id)
);
CREATE INDEX member_custom_roles_by_role ON member_custom_roles (organisation_id, role_id);

CREATE TABLE customer_contacts (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    id uuid NOT NULL,
    name text NOT NULL CHECK (length(btrim(name)) BETWEEN 1 AND 100),
    phone text CHECK (length(phone) BETWEEN 3 AND 32),
    email text CHECK (length(email) BETWEEN 3 AND 254),
    state text NOT NULL DEFAULT 'ACTIVE' CHECK (state IN ('ACTIVE', 'REMOVED')),
    created_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id),
    CHECK (phone IS NOT NULL OR email IS NOT NULL)
);

-- Whose qualification the vendor reviews, by account name, as its table of facts says.
CREATE TABLE qualification_reviews (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    id uuid NOT NULL,
    account_name text NOT NULL CHECK (length(account_name) BETWEEN 1 AND 64),
    role text NOT NULL CHECK (role IN ('ACCOUNT_MANAGER', 'SA_SPECIALIST')),
    state text NOT NULL CHECK (state IN ('UNDER_REVIEW', 'DECIDED')),
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id),
    UNIQUE (organisation_id, account_name, role)
);

ALTER TABLE custom_roles ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE member_custom_roles ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE customer_contacts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE qualification_reviews ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON custom_roles TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_all ON member_custom_roles TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_all ON customer_contacts TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_all ON qualification_reviews TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY own_all ON custom_roles TO portico_app
    USING (organisation_id = (SELECT portico_organisation())) WITH CHECK (organisation_id = (SELECT portico_organisation()));
CREATE POLICY own_all ON member_custom_roles TO portico_app
    USING (organisation_id = (SELECT portico_organisation())) WITH CHECK (organisation_id = (SELECT portico_organisation()));
CREATE POLICY own_all ON customer_contacts TO portico_app
    USING (organisation_id = (SELECT portico_organisation())) WITH CHECK (organisation_id = (SELECT portico_organisation()));
CREATE POLICY own_reads ON qualification_reviews FOR SELECT TO portico_app
    USING (organisation_id = (SELECT portico_organisation()));
CREATE POLICY staff_all ON custom_roles TO portico_staff USING (true) WITH CHECK (true);
CREATE POLICY staff_all ON member_custom_roles TO portico_staff USING (true) WITH CHECK (true);
CREATE POLICY staff_all ON customer_contacts TO portico_staff USING (true) WITH CHECK (true);
CREATE POLICY staff_all ON qualification_reviews TO portico_staff USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON custom_roles, customer_contacts TO portico_app, portico_staff;
GRANT SELECT, INSERT, DELETE ON member_custom_roles TO portico_app, portico_staff;
GRANT SELECT ON qualification_reviews TO portico_app;
GRANT SELECT, INSERT, UPDATE ON qualification_reviews TO portico_staff;

-- What each member may do, by whatever role; under the policies of whoever asks.
CREATE VIEW member_permissions WITH (security_invoker = true) AS
    SELECT member_roles.organisation_id, member_roles.member_id, unnest(roles.permissions) AS permission
    FROM member_roles JOIN roles ON roles.code = member_roles.role
    UNION ALL
    SELECT given.organisation_id, given.member_id, unnest(custom_roles.permissions)
    FROM member_custom_roles AS given
    JOIN custom_roles ON custom_roles.organisation_id = given.organisation_id AND custom_roles.id = given.role_id
    WHERE custom_roles.state = 'ACTIVE';
GRANT SELECT ON member_permissions TO portico_app, portico_staff;

CREATE OR REPLACE FUNCTION portico_memberships(identity uuid)
    RETURNS TABLE (
        organisation_id uuid,
        organisation_name text,
        organisation_kind text,
        organisation_state text,
        member_id uuid,
        member_state text,
        roles text[],
        permissions text[],
        linked_at timestamptz,
        ended_at timestamptz
    )
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT organisations.id, organisations.name, organisations.kind, organisations.state,
            members.id, members.state,
            ARRAY(
                SELECT member_roles.role FROM member_roles
                WHERE member_roles.organisation_id = members.organisation_id AND member_roles.member_id = members.id
                UNION ALL
                SELECT 'rol_' || given.role_id FROM member_custom_roles AS given
                JOIN custom_roles ON custom_roles.organisation_id = given.organisation_id AND custom_roles.id = given.role_id
                WHERE given.organisation_id = members.organisation_id AND given.member_id = members.id
                  AND custom_roles.state = 'ACTIVE'
            ),
            ARRAY(
                SELECT DISTINCT held.permission FROM member_permissions AS held
                WHERE held.organisation_id = members.organisation_id AND held.member_id = members.id
            ),
            identity_links.linked_at, identity_links.ended_at
        FROM identity_links
        JOIN members ON members.organisation_id = identity_links.organisation_id AND members.id = identity_links.member_id
        JOIN organisations ON organisations.id = identity_links.organisation_id
        WHERE identity_links.identity_id = identity
    $$;

-- R-ORG-14: consumption, vouchers and bills are the vendor's own pages; the portal hands out who may open them.
UPDATE roles SET permissions = permissions || '{consumption.read}' WHERE code IN ('SYSTEM_ADMIN', 'ACCOUNT_MANAGER', 'FINANCE');
UPDATE roles SET permissions = permissions || '{voucher.manage,bill.read}' WHERE code IN ('SYSTEM_ADMIN', 'FINANCE');
ALTER TABLE roles ADD CONSTRAINT roles_account_manager CHECK (code <> 'ACCOUNT_MANAGER'
    OR ('consumption.read' = ANY (permissions) AND NOT permissions && '{voucher.manage,bill.read}'));

-- R-ORG-11: the account name is written once. What a table's privilege allowed is now allowed column by column.
REVOKE UPDATE ON members FROM portico_app, portico_staff;
GRANT UPDATE (name, email, mobile, state, disabled_at, version, language, director_id) ON members
    TO portico_app, portico_staff;

INSERT INTO rules (id, name, site, programme, effective_from, value, source) VALUES
    ('018c0000-0000-7000-8000-000000013003', 'member.custom_roles', 'CN', 'PORTAL', '2020-01-01', '{"maximum": 10}', 'R-ORG-12'),
    ('018c0000-0000-7000-8000-000000013004', 'member.custom_roles', 'INTL', 'PORTAL', '2020-01-01', '{"maximum": 10}', 'R-ORG-12'),
    ('018c0000-0000-7000-8000-000000013005', 'organisation.customer_contacts', 'CN', 'PORTAL', '2020-01-01', '{"maximum": 5}', 'R-ORG-15'),
    ('018c0000-0000-7000-8000-000000013006', 'organisation.customer_contacts', 'INTL', 'PORTAL', '2020-01-01', '{"maximum": 5}', 'R-ORG-15');
