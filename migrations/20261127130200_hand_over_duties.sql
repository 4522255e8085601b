-- What a member holds passes to somebody else in one step: the account managers whom he directs, and the main account
-- (R-ORG-9, R-ORG-20, R-ORG-21).

ALTER TABLE members
    -- Of account managers: the member with ACCOUNT_MANAGER_DIRECTOR who directs them.
    ADD COLUMN director_id uuid,
    ADD CONSTRAINT members_director FOREIGN KEY (organisation_id, director_id) REFERENCES members (organisation_id, id),
    ADD CONSTRAINT members_directs_others CHECK (director_id <> id),
    ADD CONSTRAINT members_state_key UNIQUE (organisation_id, id, state);
CREATE INDEX members_by_director ON members (organisation_id, director_id) WHERE director_id IS NOT NULL;

-- One main account for each organisation, and an active member's: a hand-typed UPDATE of either row cannot break it.
ALTER TABLE organisations
    ADD COLUMN main_account_state text NOT NULL DEFAULT 'ACTIVE' CHECK (main_account_state = 'ACTIVE'),
    DROP CONSTRAINT organisations_main_account,
    ADD CONSTRAINT organisations_main_account FOREIGN KEY (id, main_account_id, main_account_state)
        REFERENCES members (organisation_id, id, state);

-- The way to a new holder: by the holder, or by the vendor with a reason, and accepted by whom it is offered to.
CREATE TABLE main_account_offers (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    id uuid NOT NULL,
    -- NULL: nobody held it.
    from_member_id uuid,
    to_member_id uuid NOT NULL,
    offered_by text NOT NULL CHECK (offered_by IN ('HOLDER', 'VENDOR')),
    reason text CHECK (length(btrim(reason)) BETWEEN 1 AND 500),
    offered_at timestamptz NOT NULL,
    -- The first instant at which it is too late.
    expires_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('OPEN', 'ACCEPTED', 'REVOKED')),
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id),
    FOREIGN KEY (organisation_id, from_member_id) REFERENCES members (organisation_id, id),
    FOREIGN KEY (organisation_id, to_member_id) REFERENCES members (organisation_id, id),
    CHECK (offered_by = 'HOLDER' OR reason IS NOT NULL)
);
CREATE UNIQUE INDEX main_account_offers_one_open ON main_account_offers (organisation_id) WHERE state = 'OPEN';

ALTER TABLE main_account_offers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON main_account_offers TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY own_all ON main_account_offers TO portico_app
    USING (organisation_id = (SELECT portico_organisation())) WITH CHECK (organisation_id = (SELECT portico_organisation()));
CREATE POLICY staff_all ON main_account_offers TO portico_staff USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON main_account_offers TO portico_app, portico_staff;

INSERT INTO rules (id, name, site, programme, effective_from, value, source) VALUES
    ('018c0000-0000-7000-8000-000000013001', 'main_account.offer', 'CN', 'PORTAL', '2020-01-01', '{"valid_days": 7}', 'R-ORG-20'),
    ('018c0000-0000-7000-8000-000000013002', 'main_account.offer', 'INTL', 'PORTAL', '2020-01-01', '{"valid_days": 7}', 'R-ORG-20');
