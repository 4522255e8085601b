-- Working days by version of the calendar, and the deadlines that are counted with them (R-GEN-1, R-GEN-8).

-- Each import makes a version; a year reads as the newest version that has it.
CREATE TABLE calendar_versions (
    version bigint PRIMARY KEY CHECK (version > 0),
    imported_at timestamptz NOT NULL,
    -- The global id of who imported it, or job:migration.
    imported_by text NOT NULL,
    source text NOT NULL CHECK (length(source) BETWEEN 1 AND 500)
);

CREATE TABLE calendar_years (
    year integer NOT NULL CHECK (year BETWEEN 2000 AND 2100),
    version bigint NOT NULL REFERENCES calendar_versions (version),
    -- PROVISIONAL: the notice of its holidays is not out; weekends alone are counted.
    status text NOT NULL CHECK (status IN ('OFFICIAL', 'PROVISIONAL')),
    PRIMARY KEY (year, version)
);

-- Only the days that differ from Monday to Friday, and weekend days that a holiday covers.
CREATE TABLE calendar_days (
    day date NOT NULL,
    version bigint NOT NULL REFERENCES calendar_versions (version),
    kind text NOT NULL CHECK (kind IN ('WORK', 'OFF')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    PRIMARY KEY (day, version)
);

-- Until when somebody must act, and what happens when nobody does. Computed once and stored; a correction of the
-- calendar may move due_until later and never earlier.
CREATE TABLE deadlines (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    id uuid NOT NULL,
    object_kind text NOT NULL,
    object_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind ~ '^[A-Z_]{3,60}$'),
    outcome text NOT NULL CHECK (outcome IN ('LAPSE', 'AUTO_REJECT', 'AUTO_CONFIRM', 'BLOCK')),
    starts_at timestamptz NOT NULL,
    unit text NOT NULL CHECK (unit IN ('WORKING_DAY', 'CALENDAR_DAY')),
    length integer NOT NULL CHECK (length > 0),
    -- Exclusive: the first instant that is too late. The day before it, in the programme's zone, is last_day_on.
    due_until timestamptz NOT NULL,
    last_day_on date NOT NULL,
    calendar_version bigint NOT NULL REFERENCES calendar_versions (version),
    -- Counted through a year whose holidays are not published.
    provisional boolean NOT NULL,
    -- The row of the rule set that gave the length.
    rule_id uuid REFERENCES rules (id),
    state text NOT NULL DEFAULT 'RUNNING' CHECK (state IN ('RUNNING', 'PAUSED', 'MET', 'EXPIRED')),
    ended_at timestamptz,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id),
    CHECK ((state IN ('RUNNING', 'PAUSED')) = (ended_at IS NULL))
);
CREATE UNIQUE INDEX deadlines_one_open ON deadlines (object_id, kind) WHERE ended_at IS NULL;
CREATE INDEX deadlines_by_object ON deadlines (object_id, starts_at);
CREATE INDEX deadlines_due ON deadlines (due_until, id) WHERE state = 'RUNNING';

ALTER TABLE deadlines ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON deadlines TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY own_all ON deadlines TO portico_app
    USING (organisation_id = (SELECT portico_organisation())) WITH CHECK (organisation_id = (SELECT portico_organisation()));
CREATE POLICY staff_all ON deadlines TO portico_staff USING (true) WITH CHECK (true);

GRANT SELECT ON calendar_versions, calendar_years, calendar_days TO portico_app, portico_staff;
GRANT INSERT ON calendar_versions, calendar_years, calendar_days TO portico_staff;
GRANT SELECT, INSERT, UPDATE ON deadlines TO portico_app, portico_staff;
