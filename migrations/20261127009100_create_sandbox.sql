-- A sandbox: a database whose clock can be moved, and whose vendor answers by a script. Everywhere else these are empty.

-- One row, which only the owner can make: it marks the database as a sandbox's, for ever.
CREATE TABLE sandbox_clock (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    began_at timestamptz NOT NULL,
    moves bigint NOT NULL DEFAULT 0 CHECK (moves >= 0),
    -- While the clock runs: how far it is ahead of the server's, in microseconds; behind when negative.
    ahead_micros bigint NOT NULL,
    -- While it stands: where.
    standing_at timestamptz
);

-- Each travel, so that one which was interrupted is known and can be taken to its end.
CREATE TABLE sandbox_travels (
    id uuid PRIMARY KEY,
    asked_by text NOT NULL,
    from_at timestamptz NOT NULL,
    to_at timestamptz NOT NULL CHECK (to_at > from_at),
    -- What the clock does afterwards.
    pace text NOT NULL CHECK (pace IN ('RUNS', 'STANDS')),
    state text NOT NULL DEFAULT 'UNDER_WAY' CHECK (state IN ('UNDER_WAY', 'ARRIVED')),
    stops integer NOT NULL DEFAULT 0 CHECK (stops >= 0),
    deadlines_expired bigint NOT NULL DEFAULT 0,
    vendor_answers bigint NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX sandbox_travels_one_under_way ON sandbox_travels (state) WHERE state = 'UNDER_WAY';
CREATE INDEX sandbox_travels_by_arrival ON sandbox_travels (to_at);

-- What the vendor answers to one organisation's opportunities; without a row, the script that Portico brings along.
CREATE TABLE sandbox_scripts (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    id uuid NOT NULL,
    rules jsonb NOT NULL CHECK (jsonb_typeof(rules) = 'array'),
    set_at timestamptz NOT NULL,
    set_by text NOT NULL,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id),
    UNIQUE (organisation_id)
);

ALTER TABLE sandbox_scripts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON sandbox_scripts TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY own_all ON sandbox_scripts TO portico_app
    USING (organisation_id = (SELECT portico_organisation())) WITH CHECK (organisation_id = (SELECT portico_organisation()));
CREATE POLICY staff_all ON sandbox_scripts TO portico_staff USING (true) WITH CHECK (true);

-- Nobody but the owner inserts a clock, so no application can turn its database into a sandbox.
GRANT SELECT, UPDATE ON sandbox_clock TO portico_app, portico_staff;
GRANT SELECT, INSERT, UPDATE ON sandbox_travels TO portico_app, portico_staff;
GRANT SELECT, INSERT, UPDATE, DELETE ON sandbox_scripts TO portico_app, portico_staff;
