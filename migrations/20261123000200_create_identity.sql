-- Who signed in and how that was bound to a member. Global: it is read before any organisation is known, so no row
-- of it is under row-level security; only its own store functions touch it.

CREATE TABLE identity_providers (
    id uuid PRIMARY KEY,
    entity_id text NOT NULL UNIQUE CHECK (length(entity_id) BETWEEN 1 AND 1024),
    display_name text NOT NULL,
    metadata text NOT NULL CHECK (length(metadata) <= 1048576),
    -- Null: the persistent NameID is the subject. Else the name of the attribute that is.
    subject_attribute text,
    state text NOT NULL DEFAULT 'ACTIVE' CHECK (state IN ('ACTIVE', 'DISABLED')),
    created_at timestamptz NOT NULL
);

-- A person as IAM knows them. Owns nothing and belongs to no organisation (R-ORG-1).
CREATE TABLE federated_identities (
    id uuid PRIMARY KEY,
    idp_id uuid NOT NULL REFERENCES identity_providers (id),
    subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 1024),
    display_name text,
    email text,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    UNIQUE (idp_id, subject)
);

CREATE TABLE invitations (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    email text NOT NULL,
    name text NOT NULL,
    account_name text NOT NULL,
    roles text[] NOT NULL,
    token_hash bytea NOT NULL UNIQUE,
    state text NOT NULL CHECK (state IN ('SENT', 'ACCEPTED', 'REVOKED')),
    sent_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    invited_by uuid NOT NULL,
    accepted_by uuid REFERENCES federated_identities (id),
    accepted_member_id uuid,
    version bigint NOT NULL DEFAULT 1,
    FOREIGN KEY (organisation_id, invited_by) REFERENCES members (organisation_id, id),
    FOREIGN KEY (organisation_id, accepted_member_id) REFERENCES members (organisation_id, id),
    CHECK ((state = 'ACCEPTED') = (accepted_by IS NOT NULL AND accepted_member_id IS NOT NULL))
);
CREATE INDEX invitations_by_organisation ON invitations (organisation_id, sent_at, id);
-- A new invitation voids the older one: two can never be open for one address.
CREATE UNIQUE INDEX invitations_one_open ON invitations (organisation_id, lower(email)) WHERE state = 'SENT';
CREATE INDEX invitations_by_email ON invitations (lower(email)) WHERE state = 'SENT';

-- The wall between IAM users and members has one door: this row.
CREATE TABLE identity_links (
    id uuid PRIMARY KEY,
    identity_id uuid NOT NULL REFERENCES federated_identities (id),
    organisation_id uuid NOT NULL,
    member_id uuid NOT NULL,
    made_by text NOT NULL CHECK (made_by IN ('INVITATION', 'ADMINISTRATOR', 'BOOTSTRAP')),
    actor text NOT NULL,
    linked_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_by text,
    FOREIGN KEY (organisation_id, member_id) REFERENCES members (organisation_id, id),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX identity_links_one_member ON identity_links (identity_id, organisation_id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX identity_links_one_identity ON identity_links (member_id) WHERE ended_at IS NULL;

CREATE TABLE sessions (
    id_hash bytea PRIMARY KEY CHECK (length(id_hash) = 32),
    id uuid NOT NULL UNIQUE,
    identity_id uuid NOT NULL REFERENCES federated_identities (id),
    organisation_id uuid,
    member_id uuid,
    idp_session_index text,
    created_at timestamptz NOT NULL,
    authenticated_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    idle_until timestamptz NOT NULL,
    absolute_until timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_because text,
    FOREIGN KEY (organisation_id, member_id) REFERENCES members (organisation_id, id),
    CHECK ((organisation_id IS NULL) = (member_id IS NULL))
);
CREATE INDEX sessions_by_member ON sessions (member_id) WHERE revoked_at IS NULL;
CREATE INDEX sessions_by_identity ON sessions (identity_id) WHERE revoked_at IS NULL;

-- Each SAML id is accepted once, on every replica and over every restart (R-SSO-7).
CREATE TABLE saml_consumed (
    kind text NOT NULL CHECK (kind IN ('REQUEST', 'RESPONSE', 'ASSERTION')),
    issuer text NOT NULL,
    saml_id text NOT NULL,
    keep_until timestamptz NOT NULL,
    PRIMARY KEY (kind, issuer, saml_id)
);
CREATE INDEX saml_consumed_by_age ON saml_consumed (keep_until);

-- An organisation's machine. The token is shown once; only its digest is kept.
CREATE TABLE service_accounts (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    name text NOT NULL,
    token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);

-- The outcome of each mutation, kept so that a repeated request changes nothing.
CREATE TABLE idempotency_keys (
    actor text NOT NULL,
    mutation text NOT NULL,
    key uuid NOT NULL,
    input_hash bytea NOT NULL,
    outcome jsonb,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (actor, mutation, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- Numbers of a programme, each with the day from which it holds (R-GEN-6).
CREATE TABLE rules (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    site text NOT NULL CHECK (site IN ('CN', 'INTL')),
    programme text NOT NULL,
    effective_from date NOT NULL,
    value jsonb NOT NULL,
    source text NOT NULL,
    UNIQUE (name, site, programme, effective_from)
);

GRANT SELECT, INSERT, UPDATE ON identity_providers, federated_identities, invitations, identity_links, sessions,
    service_accounts, idempotency_keys TO portico_app, portico_staff;
GRANT SELECT, INSERT ON saml_consumed TO portico_app, portico_staff;
GRANT DELETE ON saml_consumed, idempotency_keys, sessions TO portico_staff;
GRANT SELECT ON rules TO portico_app, portico_staff;

INSERT INTO rules (id, name, site, programme, effective_from, value, source) VALUES
    ('018c0000-0000-7000-8000-000000000001', 'member.roles', 'CN', 'PORTAL', '2020-01-01', '{"minimum": 1, "maximum": 3}', 'R-ORG-4'),
    ('018c0000-0000-7000-8000-000000000002', 'member.roles', 'INTL', 'PORTAL', '2020-01-01', '{"minimum": 1, "maximum": 3}', 'R-ORG-4'),
    ('018c0000-0000-7000-8000-000000000003', 'member.invitation', 'CN', 'PORTAL', '2020-01-01', '{"valid_days": 7}', 'R-DED-3, section 8.1'),
    ('018c0000-0000-7000-8000-000000000004', 'member.invitation', 'INTL', 'PORTAL', '2020-01-01', '{"valid_days": 7}', 'R-DED-3, section 8.1'),
    ('018c0000-0000-7000-8000-000000000005', 'opportunity.submission', 'CN', 'CO_SELL', '2020-01-01', '{"minimum_revenue": "1", "round_limit": 3}', 'R-OPP-17, R-OPP-35'),
    ('018c0000-0000-7000-8000-000000000006', 'opportunity.submission', 'INTL', 'CO_SELL', '2020-01-01', '{"minimum_revenue": "1", "round_limit": 3}', 'R-OPP-17, R-OPP-35');
