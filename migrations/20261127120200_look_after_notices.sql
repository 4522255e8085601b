-- Notices: dead letters can be tried again, an entry that nobody can be told of holds up no other, and what is old goes.

-- One more with each retry by a person; attempts to send make none.
ALTER TABLE notice_deliveries ADD COLUMN version bigint NOT NULL DEFAULT 1;

-- Entries of the feed, by their numbers, whose announcer failed. They are tried again until somebody could be told.
CREATE TABLE notice_parked (
    seq bigint PRIMARY KEY,
    attempts integer NOT NULL DEFAULT 1 CHECK (attempts > 0),
    parked_at timestamptz NOT NULL,
    next_attempt_at timestamptz NOT NULL
);
CREATE INDEX notice_parked_due ON notice_parked (next_attempt_at, seq);
GRANT SELECT, INSERT, UPDATE, DELETE ON notice_parked TO portico_staff;

CREATE INDEX notices_by_age ON notices (made_at, id);
GRANT DELETE ON notices, notice_deliveries TO portico_staff;

INSERT INTO rules (id, name, site, programme, effective_from, value, source) VALUES
    ('018c0000-0000-7000-8000-000000000505', 'notice.retention', 'CN', 'PORTAL', '2020-01-01', '{"kept_days": 400}', 'data retention of notices'),
    ('018c0000-0000-7000-8000-000000000506', 'notice.retention', 'INTL', 'PORTAL', '2020-01-01', '{"kept_days": 400}', 'data retention of notices');

UPDATE roles SET permissions = permissions || '{notice.retry}' WHERE code = 'VENDOR_ADMIN';
