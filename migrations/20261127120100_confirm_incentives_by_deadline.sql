-- Until when an incentive must be confirmed is a deadline like any other (R-FH-7, R-GEN-8): a correction of the calendar
-- moves it, the common job records its end, and people are reminded of it.

INSERT INTO deadlines (organisation_id, id, object_kind, object_id, kind, outcome, starts_at, unit, length, due_until,
    last_day_on, calendar_version, checked_version, provisional, state, ended_at)
SELECT organisation_id, gen_random_uuid(), 'inc', id, 'CONFIRM_INCENTIVE', 'LAPSE', generated_at, 'WORKING_DAY',
    greatest(working_days, 1), due_until, last_day_on, calendar_version, calendar_version, provisional,
    CASE state WHEN 'PENDING_CONFIRM' THEN 'RUNNING' WHEN 'LAPSED' THEN 'EXPIRED' ELSE 'MET' END,
    CASE state WHEN 'PENDING_CONFIRM' THEN NULL WHEN 'LAPSED' THEN due_until
        -- When it was confirmed was never recorded; the last moment in which it can have been stands for it.
        ELSE due_until - interval '1 microsecond' END
FROM incentives;

-- due_until stays, as a copy for lists that are sorted by it; the deadline decides. The rest has its home there.
ALTER TABLE incentives
    DROP COLUMN last_day_on,
    DROP COLUMN working_days,
    DROP COLUMN calendar_version,
    DROP COLUMN provisional;

-- The job records what lapsed, and what a correction of the calendar moved.
GRANT UPDATE (state, due_until, version) ON incentives TO portico_staff;

-- Three working days before the end it is called to mind (section 8.4).
UPDATE rules SET value = jsonb_set(value, '{working_days, CONFIRM_INCENTIVE}', '3') WHERE name = 'notice.reminder';
