-- Organisations manage their machines themselves: each account has versions, a maker and its last use, and its numbers
-- are rules.

ALTER TABLE service_accounts
    ADD COLUMN version bigint NOT NULL DEFAULT 1,
    -- Null: made by the operator of the deployment.
    ADD COLUMN created_by uuid,
    -- Known to the hour.
    ADD COLUMN last_used_at timestamptz,
    ADD CONSTRAINT service_accounts_maker FOREIGN KEY (organisation_id, created_by) REFERENCES members (organisation_id, id);
CREATE INDEX service_accounts_by_organisation ON service_accounts (organisation_id, created_at, id);

UPDATE roles SET permissions = permissions || '{service_account.manage}' WHERE code IN ('SYSTEM_ADMIN', 'VENDOR_ADMIN');

INSERT INTO rules (id, name, site, programme, effective_from, value, source) VALUES
    ('018c0000-0000-7000-8000-000000017001', 'service_account.limits', 'CN', 'PORTAL', '2020-01-01',
        '{"maximum": 20, "maximum_days": 365}', 'Portico: no machine without an end'),
    ('018c0000-0000-7000-8000-000000017002', 'service_account.limits', 'INTL', 'PORTAL', '2020-01-01',
        '{"maximum": 20, "maximum_days": 365}', 'Portico: no machine without an end');

-- By what a person knows a browser again in the list of sessions.
ALTER TABLE sessions ADD COLUMN user_agent text CHECK (length(user_agent) <= 256);
