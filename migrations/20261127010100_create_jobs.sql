-- What the clock starts, once per period over any number of replicas.

-- A period is claimed in the transaction of its effect: both are there or neither is.
CREATE TABLE job_runs (
    kind text NOT NULL CHECK (length(kind) BETWEEN 1 AND 60),
    -- What must happen once: a month (2026-11), an hour (2026-11-27T01), or whatever the job counts by.
    period text NOT NULL CHECK (length(period) BETWEEN 1 AND 100),
    claimed_at timestamptz NOT NULL,
    correlation_id text NOT NULL,
    PRIMARY KEY (kind, period)
);

-- A job that touches drafts runs per organisation under portico_app.
GRANT SELECT, INSERT ON job_runs TO portico_app, portico_staff;
GRANT DELETE ON job_runs TO portico_staff;

CREATE INDEX sessions_by_end ON sessions (absolute_until);
