-- What people are told: in the portal, by e-mail, by text message (R-GEN-5).

-- In which language a member is written to.
ALTER TABLE members ADD COLUMN language text NOT NULL DEFAULT 'zh-CN' CHECK (language IN ('zh-CN', 'en'));

-- One row per person and cause: making the same notice twice is refused by the key, not by care.
CREATE TABLE notices (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    id uuid NOT NULL,
    -- Whom it is for; an organisation's people do not read each other's.
    member_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind ~ '^[A-Z_]{3,60}$'),
    -- What made it: the global id of a timeline entry, or that of a deadline with its last day.
    cause text NOT NULL CHECK (length(cause) BETWEEN 1 AND 100),
    -- The timeline entry that made it, in whoever's history it stands; a deadline that comes near has none.
    entry_organisation_id uuid,
    entry_id uuid,
    object_kind text NOT NULL,
    object_id uuid NOT NULL,
    -- Numbers of objects, days and states for the sentence; never a name, an address or a number of a person.
    params jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(params) = 'object'),
    -- When it happened, and when the notice was made.
    at timestamptz NOT NULL,
    made_at timestamptz NOT NULL,
    read_at timestamptz,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id),
    UNIQUE (member_id, kind, cause),
    FOREIGN KEY (organisation_id, member_id) REFERENCES members (organisation_id, id),
    FOREIGN KEY (entry_organisation_id, entry_id) REFERENCES timeline_entries (organisation_id, id),
    CHECK ((entry_organisation_id IS NULL) = (entry_id IS NULL))
);
CREATE INDEX notices_by_time ON notices (member_id, at, id);
CREATE INDEX notices_unread ON notices (member_id, at, id) WHERE read_at IS NULL;

-- The way of one notice to its person outside of the portal.
CREATE TABLE notice_deliveries (
    organisation_id uuid NOT NULL,
    id uuid NOT NULL,
    notice_id uuid NOT NULL,
    channel text NOT NULL CHECK (channel IN ('EMAIL', 'SMS')),
    state text NOT NULL DEFAULT 'PENDING' CHECK (state IN ('PENDING', 'SENT', 'FAILED')),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    made_at timestamptz NOT NULL,
    next_attempt_at timestamptz,
    -- The lease of whoever is sending it; in the past, its holder was killed.
    locked_until timestamptz,
    -- What kind of failure the last attempt met; never what a server said.
    last_error text CHECK (last_error ~ '^[A-Z_]{3,40}$'),
    ended_at timestamptz,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id),
    UNIQUE (notice_id, channel),
    FOREIGN KEY (organisation_id, notice_id) REFERENCES notices (organisation_id, id),
    CHECK ((state = 'PENDING') = (next_attempt_at IS NOT NULL)),
    CHECK ((state = 'PENDING') = (ended_at IS NULL)),
    CHECK (state <> 'FAILED' OR last_error IS NOT NULL)
);
CREATE INDEX notice_deliveries_due ON notice_deliveries (next_attempt_at, id) WHERE state = 'PENDING';
CREATE INDEX notice_deliveries_by_age ON notice_deliveries (made_at, id);
CREATE INDEX notice_deliveries_failed ON notice_deliveries (made_at, id) WHERE state = 'FAILED';

-- What a member wants otherwise than it is for everybody.
CREATE TABLE notice_preferences (
    organisation_id uuid NOT NULL,
    member_id uuid NOT NULL,
    topic text NOT NULL CHECK (topic ~ '^[A-Z_]{3,40}$'),
    channel text NOT NULL CHECK (channel IN ('EMAIL', 'SMS')),
    enabled boolean NOT NULL,
    PRIMARY KEY (organisation_id, member_id, topic, channel),
    FOREIGN KEY (organisation_id, member_id) REFERENCES members (organisation_id, id)
);

-- How far of the feed has become notices; moved in the transaction that makes them.
CREATE TABLE notice_position (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    seq bigint NOT NULL
);
INSERT INTO notice_position (seq) VALUES (0);

ALTER TABLE notices ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE notice_deliveries ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE notice_preferences ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON notices TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_all ON notice_deliveries TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_all ON notice_preferences TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY own_all ON notices TO portico_app
    USING (organisation_id = (SELECT portico_organisation())) WITH CHECK (organisation_id = (SELECT portico_organisation()));
CREATE POLICY own_all ON notice_deliveries TO portico_app
    USING (organisation_id = (SELECT portico_organisation())) WITH CHECK (organisation_id = (SELECT portico_organisation()));
CREATE POLICY own_all ON notice_preferences TO portico_app
    USING (organisation_id = (SELECT portico_organisation())) WITH CHECK (organisation_id = (SELECT portico_organisation()));
CREATE POLICY staff_all ON notices TO portico_staff USING (true) WITH CHECK (true);
CREATE POLICY staff_all ON notice_deliveries TO portico_staff USING (true) WITH CHECK (true);
CREATE POLICY staff_all ON notice_preferences TO portico_staff USING (true) WITH CHECK (true);

-- Jobs make notices; people read them and say that they did.
GRANT SELECT ON notices, notice_deliveries TO portico_app;
GRANT UPDATE (read_at) ON notices TO portico_app;
GRANT SELECT, INSERT, UPDATE ON notices, notice_deliveries TO portico_staff;
GRANT SELECT, INSERT, UPDATE ON notice_preferences TO portico_app;
GRANT SELECT ON notice_preferences TO portico_staff;
GRANT SELECT, UPDATE ON notice_position TO portico_staff;

INSERT INTO rules (id, name, site, programme, effective_from, value, source) VALUES
    ('018c0000-0000-7000-8000-000000000501', 'notice.delivery', 'CN', 'PORTAL', '2020-01-01', '{"retry_seconds": [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400], "jitter_percent": 20, "tell_within_hours": 168}', 'R-GEN-5, reliability R29'),
    ('018c0000-0000-7000-8000-000000000502', 'notice.delivery', 'INTL', 'PORTAL', '2020-01-01', '{"retry_seconds": [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400], "jitter_percent": 20, "tell_within_hours": 168}', 'R-GEN-5, reliability R29'),
    ('018c0000-0000-7000-8000-000000000503', 'notice.reminder', 'CN', 'PORTAL', '2020-01-01', '{"working_days": {"ACCEPT_SHARED_OPPORTUNITY": 1}}', 'section 8.4'),
    ('018c0000-0000-7000-8000-000000000504', 'notice.reminder', 'INTL', 'PORTAL', '2020-01-01', '{"working_days": {"ACCEPT_SHARED_OPPORTUNITY": 1}}', 'section 8.4');

-- A frozen organisation's people read what they are told, and say how (R-GEN-9).
UPDATE rules SET value = jsonb_set(value, '{allowed}', value -> 'allowed' || '["noticesMarkRead", "noticePreferencesUpdate"]')
    WHERE name = 'organisation.frozen';
