-- What people are told and what they have put aside: hints of the other site, and when something is near enough for the
-- inbox.

-- A person wants to read no more that the account belongs to another site (R-GEN-10). Kept for the person: no browser
-- and no organisation has a part in it, so it is a global table, like the identity itself.
CREATE TABLE site_hint_dismissals (
    identity_id uuid NOT NULL REFERENCES federated_identities (id),
    -- The site that the account belongs to.
    site text NOT NULL CHECK (site IN ('CN', 'INTL')),
    dismissed_at timestamptz NOT NULL,
    PRIMARY KEY (identity_id, site)
);
GRANT SELECT, INSERT ON site_hint_dismissals TO portico_app, portico_staff;

INSERT INTO rules (id, name, site, programme, effective_from, value, source) VALUES
    ('018c0000-0000-7000-8000-0000000000e3', 'inbox.attention', 'CN', 'PORTAL', '2020-01-01', '{"invitation_days": 2}', 'schema guide, idea 4'),
    ('018c0000-0000-7000-8000-0000000000e4', 'inbox.attention', 'INTL', 'PORTAL', '2020-01-01', '{"invitation_days": 2}', 'schema guide, idea 4');

-- The inbox asks for what is open, in the order of its end.
CREATE INDEX incentives_to_confirm ON incentives (organisation_id, due_until, id) WHERE state = 'PENDING_CONFIRM';
CREATE INDEX resellers_without_manager ON resellers (distributor_id, associated_at, id)
    WHERE account_manager_id IS NULL AND state <> 'ENDED';

-- Files go on in a frozen organisation, under the names that their mutations have.
UPDATE rules SET value = '{"allowed": ["documentUploadPrepare", "documentUploadComplete"]}' WHERE name = 'organisation.frozen';
