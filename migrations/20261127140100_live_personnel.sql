-- Dedicated personnel live their whole life here: invitation, consent, record, dedicated status, and the way out.

-- What the vendor knows of personal accounts; it arrives through the import of facts. Global, since an account belongs to
-- no organisation; the application asks for one account at a time, through the functions below, and never for a list.
CREATE TABLE personal_accounts (
    id uuid PRIMARY KEY,
    account_name text NOT NULL CHECK (length(account_name) BETWEEN 1 AND 64),
    -- The IAM that signs this person in, by its entity id, and the stable subject that it asserts.
    identity_provider text NOT NULL CHECK (length(identity_provider) BETWEEN 1 AND 1024),
    subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 1024),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- In lower case.
    email text CHECK (email = lower(email)),
    -- Digits alone, with the country's.
    mobile text CHECK (mobile ~ '^[0-9]{5,20}$'),
    real_name text NOT NULL CHECK (real_name IN ('NONE', 'PERSONAL', 'ENTERPRISE')),
    UNIQUE (identity_provider, subject)
);
CREATE UNIQUE INDEX personal_accounts_by_name ON personal_accounts (lower(account_name));
CREATE INDEX personal_accounts_by_email ON personal_accounts (email);
CREATE INDEX personal_accounts_by_mobile ON personal_accounts (mobile);
-- The vendor imports; partners' transactions never read the table.
GRANT SELECT, INSERT, UPDATE ON personal_accounts TO portico_staff;

ALTER TABLE dedicated_personnel
    ALTER COLUMN name DROP NOT NULL,
    ALTER COLUMN position DROP NOT NULL,
    -- Null for records that are older than invitations here.
    ADD COLUMN account_id uuid REFERENCES personal_accounts (id),
    -- Who accepted; stays when the association has ended, so that the person still finds it.
    ADD COLUMN identity_id uuid REFERENCES federated_identities (id),
    -- What the administrator typed.
    ADD COLUMN invited_as text,
    ADD COLUMN invited_by uuid,
    ADD COLUMN sent_at timestamptz,
    -- Exclusive; an invitation that nobody accepted has expired from then on, written down or not.
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN account_name text,
    ADD COLUMN email text,
    ADD COLUMN mobile text,
    ADD COLUMN employment text CHECK (employment IN ('LABOUR_CONTRACT', 'SERVICE_CONTRACT', 'DISPATCHED')),
    -- The path that the dedicated status is for, or was asked for.
    ADD COLUMN path text CHECK (path IN ('SERVICE', 'SYSTEM_INTEGRATOR', 'LEARNING')),
    -- Why the vendor decided so, the last time that it gave a reason.
    ADD COLUMN decision_reason text,
    ADD COLUMN bound_at timestamptz,
    ADD COLUMN ended_at timestamptz,
    ADD COLUMN ended_by text CHECK (ended_by IN ('PARTNER', 'PERSON')),
    -- When the state changed the last time.
    ADD COLUMN changed_at timestamptz NOT NULL DEFAULT '2020-01-01 00:00:00+08',
    ADD FOREIGN KEY (organisation_id, invited_by) REFERENCES members (organisation_id, id);

-- Time alone makes an invitation expire: nothing is written down.
UPDATE dedicated_personnel SET state = 'INVITED', sent_at = '2020-01-01 00:00:00+08', expires_at = '2020-01-08 00:00:00+08'
    WHERE state = 'EXPIRED';
ALTER TABLE dedicated_personnel DROP CONSTRAINT dedicated_personnel_state_check;
ALTER TABLE dedicated_personnel ADD CONSTRAINT dedicated_personnel_state_check CHECK (state IN ('INVITED', 'BOUND', 'UNBOUND',
    'APPLY_UNDER_REVIEW', 'APPLY_REJECTED', 'DEDICATED', 'CANCEL_UNDER_REVIEW', 'CANCEL_APPROVED', 'DISQUALIFIED'));
CREATE UNIQUE INDEX dedicated_personnel_by_account ON dedicated_personnel (organisation_id, account_id);
-- One partner at a time, whatever two of them do at once (R-DED-6).
CREATE UNIQUE INDEX dedicated_personnel_one_partner ON dedicated_personnel (identity_id)
    WHERE identity_id IS NOT NULL AND state NOT IN ('INVITED', 'UNBOUND');
CREATE INDEX dedicated_personnel_of_identity ON dedicated_personnel (identity_id);
CREATE INDEX dedicated_personnel_of_account ON dedicated_personnel (account_id);
CREATE INDEX dedicated_personnel_by_change ON dedicated_personnel (organisation_id, changed_at, id);
CREATE INDEX dedicated_personnel_reviews ON dedicated_personnel (changed_at, id)
    WHERE state IN ('APPLY_UNDER_REVIEW', 'CANCEL_UNDER_REVIEW');
GRANT INSERT, UPDATE ON dedicated_personnel TO portico_app, portico_staff;

-- Each sending of an invitation; the newest one's link works. The key counts an administrator's day without gaps, so that
-- no two can be the last one of a day (R-DED-2).
CREATE TABLE personnel_sendings (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    sent_by uuid NOT NULL,
    sent_on date NOT NULL,
    ordinal bigint NOT NULL CHECK (ordinal >= 1),
    person_id uuid NOT NULL,
    token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    sent_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, sent_by, sent_on, ordinal),
    FOREIGN KEY (organisation_id, sent_by) REFERENCES members (organisation_id, id),
    FOREIGN KEY (organisation_id, person_id) REFERENCES dedicated_personnel (organisation_id, id)
);
CREATE INDEX personnel_sendings_of_person ON personnel_sendings (organisation_id, person_id, sent_at);

-- What a person agreed to, word for word by its version, and that he took it back; append-only (R-DED-8).
CREATE TABLE personnel_consents (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    identity_id uuid REFERENCES federated_identities (id),
    kind text NOT NULL CHECK (kind IN ('GIVEN', 'WITHDRAWN')),
    text_id text NOT NULL,
    text_version integer NOT NULL CHECK (text_version >= 1),
    locale text NOT NULL,
    attributes text[] NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id),
    FOREIGN KEY (organisation_id, person_id) REFERENCES dedicated_personnel (organisation_id, id)
);
CREATE INDEX personnel_consents_of_person ON personnel_consents (organisation_id, person_id, at);

-- Certificates, trainings and projects of a person. What is taken out of the record stays, and says since when.
CREATE TABLE personnel_records (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('CERTIFICATE', 'TRAINING', 'PROJECT')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    -- A certificate's number, or the person's part in a project.
    detail text CHECK (length(detail) BETWEEN 1 AND 200),
    from_on date NOT NULL,
    -- The last day on which a certificate is valid or a project ran; null: open.
    until_on date,
    document_id uuid,
    added_at timestamptz NOT NULL,
    removed_at timestamptz,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id),
    FOREIGN KEY (organisation_id, person_id) REFERENCES dedicated_personnel (organisation_id, id),
    FOREIGN KEY (organisation_id, document_id) REFERENCES documents (organisation_id, id),
    CHECK (until_on IS NULL OR until_on >= from_on)
);
CREATE INDEX personnel_records_of_person ON personnel_records (organisation_id, person_id, kind, from_on);

-- What the partner asked the vendor for: dedicated status, or its end.
CREATE TABLE personnel_applications (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('APPLY', 'CANCEL')),
    path text NOT NULL CHECK (path IN ('SERVICE', 'SYSTEM_INTEGRATOR', 'LEARNING')),
    -- Why the status is to end (R-DED-12).
    reason text,
    document_ids uuid[] NOT NULL CHECK (cardinality(document_ids) >= 1),
    state text NOT NULL CHECK (state IN ('UNDER_REVIEW', 'APPROVED', 'REJECTED', 'WITHDRAWN', 'ENDED')),
    submitted_at timestamptz NOT NULL,
    submitted_by text NOT NULL,
    decided_at timestamptz,
    decided_by text,
    decision_reason text,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id),
    FOREIGN KEY (organisation_id, person_id) REFERENCES dedicated_personnel (organisation_id, id),
    CHECK ((state = 'UNDER_REVIEW') = (decided_at IS NULL)),
    CHECK ((kind = 'CANCEL') = (reason IS NOT NULL))
);
CREATE UNIQUE INDEX personnel_applications_one_pending ON personnel_applications (organisation_id, person_id)
    WHERE state = 'UNDER_REVIEW';

-- From when until when a person was dedicated, and for which path: what claims ask (R-DED-16).
CREATE TABLE personnel_dedications (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    path text NOT NULL CHECK (path IN ('SERVICE', 'SYSTEM_INTEGRATOR', 'LEARNING')),
    from_at timestamptz NOT NULL,
    -- Exclusive; null: still.
    until_at timestamptz,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id),
    FOREIGN KEY (organisation_id, person_id) REFERENCES dedicated_personnel (organisation_id, id),
    CHECK (until_at IS NULL OR until_at >= from_at)
);
CREATE UNIQUE INDEX personnel_dedications_one_open ON personnel_dedications (organisation_id, person_id) WHERE until_at IS NULL;

ALTER TABLE personnel_sendings ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE personnel_consents ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE personnel_records ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE personnel_applications ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE personnel_dedications ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON personnel_sendings TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_all ON personnel_consents TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_all ON personnel_records TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_all ON personnel_applications TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_all ON personnel_dedications TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY own_all ON personnel_sendings TO portico_app
    USING (organisation_id = (SELECT portico_organisation())) WITH CHECK (organisation_id = (SELECT portico_organisation()));
CREATE POLICY own_all ON personnel_consents TO portico_app
    USING (organisation_id = (SELECT portico_organisation())) WITH CHECK (organisation_id = (SELECT portico_organisation()));
-- After the association has ended the partner's transactions do not even find the person's record (R-DED-9).
CREATE POLICY own_while_shared ON personnel_records TO portico_app
    USING (organisation_id = (SELECT portico_organisation()) AND EXISTS (
        SELECT FROM dedicated_personnel person
        WHERE person.organisation_id = personnel_records.organisation_id AND person.id = person_id
          AND person.state NOT IN ('INVITED', 'UNBOUND')))
    WITH CHECK (organisation_id = (SELECT portico_organisation()));
CREATE POLICY own_all ON personnel_applications TO portico_app
    USING (organisation_id = (SELECT portico_organisation())) WITH CHECK (organisation_id = (SELECT portico_organisation()));
CREATE POLICY own_all ON personnel_dedications TO portico_app
    USING (organisation_id = (SELECT portico_organisation())) WITH CHECK (organisation_id = (SELECT portico_organisation()));
CREATE POLICY staff_all ON personnel_sendings TO portico_staff USING (true) WITH CHECK (true);
CREATE POLICY staff_all ON personnel_consents TO portico_staff USING (true) WITH CHECK (true);
CREATE POLICY staff_all ON personnel_records TO portico_staff USING (true) WITH CHECK (true);
CREATE POLICY staff_all ON personnel_applications TO portico_staff USING (true) WITH CHECK (true);
CREATE POLICY staff_all ON personnel_dedications TO portico_staff USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON personnel_sendings, personnel_consents TO portico_app, portico_staff;
GRANT SELECT, INSERT, UPDATE ON personnel_records, personnel_applications, personnel_dedications TO portico_app, portico_staff;

-- Whoever is dedicated already is so from the beginning of the record.
INSERT INTO personnel_dedications (organisation_id, id, person_id, path, from_at)
    SELECT organisation_id, gen_random_uuid(), id, 'SERVICE', coalesce(started_on, '2020-01-01')::timestamp AT TIME ZONE 'Asia/Shanghai'
    FROM dedicated_personnel WHERE state IN ('DEDICATED', 'CANCEL_UNDER_REVIEW');
UPDATE dedicated_personnel SET path = 'SERVICE' WHERE state NOT IN ('INVITED', 'BOUND', 'UNBOUND');

-- The accounts that have this name, address or number; asked by who has one of them already.
CREATE FUNCTION portico_personal_accounts(kind text, value text) RETURNS SETOF personal_accounts
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT * FROM personal_accounts
        WHERE (kind = 'ACCOUNT_NAME' AND lower(account_name) = lower(value))
           OR (kind = 'EMAIL' AND email = lower(value))
           OR (kind = 'MOBILE' AND mobile = value)
           OR (kind = 'ID' AND id::text = value)
        ORDER BY account_name
    $$;

-- The account of a person who has signed in.
CREATE FUNCTION portico_account_of_identity(identity uuid) RETURNS SETOF personal_accounts
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT personal_accounts.* FROM federated_identities
        JOIN identity_providers ON identity_providers.id = federated_identities.idp_id
        JOIN personal_accounts ON identity_provider = identity_providers.entity_id
            AND personal_accounts.subject = federated_identities.subject
        WHERE federated_identities.id = identity
    $$;

-- A person's own associations and invitations, with whatever partner; nobody else's.
CREATE FUNCTION portico_own_personnel(identity uuid) RETURNS SETOF dedicated_personnel
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT * FROM dedicated_personnel WHERE identity_id = identity
        UNION
        SELECT person.* FROM dedicated_personnel person
        WHERE person.state = 'INVITED'
          AND person.account_id IN (SELECT id FROM portico_account_of_identity(identity))
    $$;

CREATE FUNCTION portico_own_personnel_records(identity uuid) RETURNS SETOF personnel_records
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT personnel_records.* FROM personnel_records
        JOIN dedicated_personnel person
            ON person.organisation_id = personnel_records.organisation_id AND person.id = person_id
        WHERE person.identity_id = identity
    $$;

-- Whose invitation a link is.
CREATE FUNCTION portico_personnel_of_token(token bytea) RETURNS TABLE (organisation_id uuid, person_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT organisation_id, person_id FROM personnel_sendings WHERE token_hash = token $$;

REVOKE ALL ON FUNCTION portico_personal_accounts(text, text), portico_account_of_identity(uuid),
    portico_own_personnel(uuid), portico_own_personnel_records(uuid), portico_personnel_of_token(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portico_personal_accounts(text, text), portico_account_of_identity(uuid),
    portico_own_personnel(uuid), portico_own_personnel_records(uuid), portico_personnel_of_token(bytea)
    TO portico_app, portico_staff;

-- Inviting and unbinding is the administrator's alone (R-DED-1).
UPDATE roles SET permissions = permissions || '{personnel.read}'
    WHERE code IN ('SYSTEM_ADMIN', 'FINANCE', 'SA_SPECIALIST', 'OPERATOR', 'VENDOR_ADMIN', 'VENDOR_REVIEWER',
        'VENDOR_ECOSYSTEM_MANAGER', 'VENDOR_INCENTIVE_OPERATOR', 'VENDOR_FINANCE', 'VENDOR_AUDITOR');
UPDATE roles SET permissions = permissions || '{personnel.invite,personnel.manage}' WHERE code = 'SYSTEM_ADMIN';
UPDATE roles SET permissions = permissions || '{personnel.review}'
    WHERE code IN ('VENDOR_ADMIN', 'VENDOR_REVIEWER', 'VENDOR_ECOSYSTEM_MANAGER');

INSERT INTO rules (id, name, site, programme, effective_from, value, source) VALUES
    ('018c0000-0000-7000-8000-000000014001', 'personnel.invitation', 'CN', 'PORTAL', '2020-01-01', '{"valid_days": 7, "daily_limit": 100, "personal_real_name": true}', 'R-DED-2, R-DED-3, R-DED-7'),
    ('018c0000-0000-7000-8000-000000014002', 'personnel.invitation', 'INTL', 'PORTAL', '2020-01-01', '{"valid_days": 7, "daily_limit": 100, "personal_real_name": false}', 'R-DED-2, R-DED-3, R-DED-7'),
    ('018c0000-0000-7000-8000-000000014003', 'personnel.dedication', 'CN', 'PORTAL', '2020-01-01', '{"paths": ["SERVICE", "SYSTEM_INTEGRATOR", "LEARNING"]}', 'R-DED-10, R-DED-11'),
    ('018c0000-0000-7000-8000-000000014004', 'personnel.dedication', 'INTL', 'PORTAL', '2020-01-01', '{"paths": ["SERVICE", "SYSTEM_INTEGRATOR", "LEARNING"]}', 'R-DED-10, R-DED-11');
