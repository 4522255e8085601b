-- The vendor's operators schedule rules for a day to come, and may withdraw one until that day.

ALTER TABLE rules
    -- NULL for rows that came with the program.
    ADD COLUMN scheduled_at timestamptz,
    ADD COLUMN scheduled_by text,
    -- Withdrawn before its day: it never held. The row stays.
    ADD COLUMN withdrawn_at timestamptz,
    ADD COLUMN version bigint NOT NULL DEFAULT 1;

ALTER TABLE rules DROP CONSTRAINT rules_name_site_programme_effective_from_key;
CREATE UNIQUE INDEX rules_one_a_day ON rules (name, site, programme, effective_from) WHERE withdrawn_at IS NULL;

-- What a row says is never changed.
GRANT INSERT, UPDATE (withdrawn_at, version) ON rules TO portico_staff;
