-- The whole life of an opportunity: both vendor checks, sharing by the vendor, cancellation, rounds (domain.md 1).

ALTER TABLE opportunities
    -- When what follows the review was decided: the validation, or the partner's answer to what the vendor shared.
    ADD COLUMN settled_at timestamptz,
    ADD COLUMN cancelled_at timestamptz,
    -- The refusal is nobody's decision but that of the clock; it is no refused round (R-OPP-35) and has no reason.
    ADD COLUMN timed_out boolean NOT NULL DEFAULT false,
    -- A draft that was never handed in can go (R-OPP-10); its row stays for its history and for nobody's eyes.
    ADD COLUMN deleted_at timestamptz CHECK (deleted_at IS NULL OR review_state = 'DRAFT'),
    -- Fields that the partner changed since it last handed the opportunity in.
    ADD COLUMN edited_fields text[] NOT NULL DEFAULT '{}',
    -- Who of the vendor's people is to decide next; a member of the vendor's organisation.
    ADD COLUMN reviewer_organisation_id uuid,
    ADD COLUMN reviewer_member_id uuid,
    ADD CONSTRAINT opportunities_reviewer FOREIGN KEY (reviewer_organisation_id, reviewer_member_id)
        REFERENCES members (organisation_id, id) MATCH FULL,
    ADD COLUMN loss_reason text CHECK (loss_reason ~ '^[A-Z_]{2,40}$'),
    ADD COLUMN loss_note text CHECK (length(loss_note) BETWEEN 1 AND 500),
    -- Of the newest progress entry, for lists and for stalling.
    ADD COLUMN last_progress_at timestamptz,
    ADD COLUMN win_probability integer CHECK (win_probability BETWEEN 0 AND 100);

UPDATE opportunities SET settled_at = updated_at
    WHERE review_state IN ('VALIDATED', 'VALIDATION_REJECTED', 'ACCEPTED', 'REJECTED', 'AUTO_REJECTED');
UPDATE opportunities SET timed_out = true WHERE review_state = 'AUTO_REJECTED';
UPDATE opportunities SET loss_reason = 'OTHER' WHERE progress_stage = 'LOST';

-- The checks of the first migration have no names of their own; each is found by what it says.
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT conname FROM pg_constraint
        WHERE conrelid = 'opportunities'::regclass AND contype = 'c'
          AND pg_get_constraintdef(oid) LIKE '%review_state%' AND pg_get_constraintdef(oid) NOT LIKE '%deleted_at%'
    LOOP
        EXECUTE format('ALTER TABLE opportunities DROP CONSTRAINT %I', found.conname);
    END LOOP;
END $$;

ALTER TABLE opportunities
    ADD CONSTRAINT opportunities_state CHECK (review_state IN ('DRAFT', 'UNDER_REVIEW', 'REVIEW_REJECTED',
        'UNDER_VALIDATION', 'VALIDATION_REJECTED', 'VALIDATED', 'PENDING_ACCEPTANCE', 'ACCEPTED', 'REJECTED',
        'AUTO_REJECTED', 'CANCELLED_BY_VENDOR')),
    -- The partner's and the vendor's opportunities share no state but the end that the vendor makes (R-OPP-32, R-OPP-34).
    ADD CONSTRAINT opportunities_state_of_origin CHECK (review_state = 'CANCELLED_BY_VENDOR' OR (origin = 'PARTNER') =
        (review_state IN ('DRAFT', 'UNDER_REVIEW', 'REVIEW_REJECTED', 'UNDER_VALIDATION', 'VALIDATION_REJECTED', 'VALIDATED'))),
    ADD CONSTRAINT opportunities_submitted CHECK (origin = 'VENDOR' OR review_state = 'DRAFT'
        OR (submitted_at IS NOT NULL AND review_round > 0)),
    ADD CONSTRAINT opportunities_reviewed CHECK (review_state NOT IN ('REVIEW_REJECTED', 'UNDER_VALIDATION',
        'VALIDATION_REJECTED', 'VALIDATED') OR reviewed_at IS NOT NULL),
    ADD CONSTRAINT opportunities_settled CHECK (review_state NOT IN ('VALIDATED', 'VALIDATION_REJECTED', 'ACCEPTED',
        'REJECTED', 'AUTO_REJECTED', 'CANCELLED_BY_VENDOR') OR settled_at IS NOT NULL),
    ADD CONSTRAINT opportunities_timed_out CHECK (CASE review_state WHEN 'AUTO_REJECTED' THEN timed_out
        WHEN 'VALIDATION_REJECTED' THEN true ELSE NOT timed_out END),
    ADD CONSTRAINT opportunities_reason CHECK (timed_out OR review_state NOT IN ('REVIEW_REJECTED', 'VALIDATION_REJECTED',
        'REJECTED', 'CANCELLED_BY_VENDOR') OR (review_reason IS NOT NULL AND length(btrim(review_reason)) > 0)),
    ADD CONSTRAINT opportunities_cancelled CHECK ((review_state = 'CANCELLED_BY_VENDOR') = (cancelled_at IS NOT NULL)),
    -- Progress begins when the deal is settled between both (R-OPP-7, R-OPP-8), and stays readable when it is cancelled.
    ADD CONSTRAINT opportunities_progress CHECK (progress_stage IS NULL
        OR review_state IN ('VALIDATED', 'ACCEPTED', 'CANCELLED_BY_VENDOR')),
    ADD CONSTRAINT opportunities_loss CHECK ((coalesce(progress_stage, '') = 'LOST') = (loss_reason IS NOT NULL));

-- The reference of a deleted draft is free again.
ALTER TABLE opportunities DROP CONSTRAINT opportunities_external_reference;
CREATE UNIQUE INDEX opportunities_external_reference ON opportunities (organisation_id, external_reference)
    WHERE deleted_at IS NULL;

CREATE INDEX opportunities_validation_queue ON opportunities (reviewed_at, id) WHERE review_state = 'UNDER_VALIDATION';
CREATE INDEX opportunities_by_reviewer ON opportunities (reviewer_member_id)
    WHERE review_state IN ('UNDER_REVIEW', 'UNDER_VALIDATION');

-- One submission and what the vendor decided on it.
CREATE TABLE opportunity_rounds (
    organisation_id uuid NOT NULL,
    opportunity_id uuid NOT NULL,
    round integer NOT NULL CHECK (round > 0),
    submitted_at timestamptz NOT NULL,
    submitted_by text NOT NULL,
    -- What was handed in, by field; nothing of a person.
    content jsonb NOT NULL CHECK (jsonb_typeof(content) = 'object'),
    -- Fields that differ from the round before.
    changed_fields text[] NOT NULL DEFAULT '{}',
    outcome text NOT NULL DEFAULT 'RUNNING' CHECK (outcome IN ('RUNNING', 'REVIEW_REJECTED', 'VALIDATION_REJECTED',
        'TIMED_OUT', 'VALIDATED')),
    reviewed_at timestamptz,
    reviewed_by text,
    validated_at timestamptz,
    validated_by text,
    reason text CHECK (length(reason) <= 500),
    PRIMARY KEY (organisation_id, opportunity_id, round),
    FOREIGN KEY (organisation_id, opportunity_id) REFERENCES opportunities (organisation_id, id),
    CHECK ((outcome IN ('REVIEW_REJECTED', 'VALIDATION_REJECTED')) = (reason IS NOT NULL))
);
CREATE INDEX opportunity_rounds_by_opportunity ON opportunity_rounds (opportunity_id, round);

-- What the partner reported of the deal: appended, never changed (R-OPP-30).
CREATE TABLE opportunity_progress (
    organisation_id uuid NOT NULL,
    id uuid NOT NULL,
    opportunity_id uuid NOT NULL,
    stage text NOT NULL CHECK (stage IN ('QUALIFYING', 'SOLUTION', 'NEGOTIATION', 'SIGNED', 'DELIVERING', 'DELIVERED')),
    win_probability integer NOT NULL CHECK (win_probability BETWEEN 0 AND 100),
    note text NOT NULL CHECK (length(note) BETWEEN 1 AND 2000),
    technical_exchange text CHECK (length(technical_exchange) BETWEEN 1 AND 2000),
    test_details text CHECK (length(test_details) BETWEEN 1 AND 2000),
    -- The day on which what the entry reports happened.
    occurred_on date,
    document_ids uuid[] NOT NULL DEFAULT '{}',
    -- The global id of who wrote it.
    author text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id),
    FOREIGN KEY (organisation_id, opportunity_id) REFERENCES opportunities (organisation_id, id)
);
CREATE INDEX opportunity_progress_by_opportunity ON opportunity_progress (opportunity_id, at, id);

-- How the vendor itself sees the deal, beside the partner's view.
CREATE TABLE opportunity_vendor_views (
    organisation_id uuid NOT NULL,
    opportunity_id uuid NOT NULL,
    expected_close_on date,
    next_step text CHECK (length(next_step) BETWEEN 1 AND 500),
    -- Of the vendor's organisation: who answers for the customer.
    customer_owner_organisation_id uuid,
    customer_owner_id uuid,
    -- For the vendor alone, as is the note.
    forecast text CHECK (forecast IN ('PIPELINE', 'BEST_CASE', 'COMMIT', 'OMITTED')),
    internal_note text CHECK (length(internal_note) BETWEEN 1 AND 2000),
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, opportunity_id),
    UNIQUE (opportunity_id),
    FOREIGN KEY (organisation_id, opportunity_id) REFERENCES opportunities (organisation_id, id),
    FOREIGN KEY (customer_owner_organisation_id, customer_owner_id) REFERENCES members (organisation_id, id) MATCH FULL
);

ALTER TABLE opportunity_rounds ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE opportunity_progress ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE opportunity_vendor_views ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY owner_all ON opportunity_rounds TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_all ON opportunity_progress TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_all ON opportunity_vendor_views TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY own_all ON opportunity_rounds TO portico_app
    USING (organisation_id = (SELECT portico_organisation())) WITH CHECK (organisation_id = (SELECT portico_organisation()));
CREATE POLICY own_all ON opportunity_progress TO portico_app
    USING (organisation_id = (SELECT portico_organisation())) WITH CHECK (organisation_id = (SELECT portico_organisation()));
CREATE POLICY own_reads ON opportunity_vendor_views FOR SELECT TO portico_app
    USING (organisation_id = (SELECT portico_organisation()));
CREATE POLICY staff_all ON opportunity_rounds TO portico_staff USING (true) WITH CHECK (true);
CREATE POLICY staff_all ON opportunity_progress TO portico_staff USING (true) WITH CHECK (true);
CREATE POLICY staff_all ON opportunity_vendor_views TO portico_staff USING (true) WITH CHECK (true);

-- A round is written with the submission; afterwards only its decision is, and never the submission.
GRANT SELECT, INSERT ON opportunity_rounds TO portico_app, portico_staff;
GRANT UPDATE (outcome, reviewed_at, reviewed_by, validated_at, validated_by, reason) ON opportunity_rounds
    TO portico_app, portico_staff;
-- Append-only by privilege: nobody but the owner can change or remove an entry.
GRANT SELECT, INSERT ON opportunity_progress TO portico_app, portico_staff;
-- What is the vendor's alone, the partner's role cannot read.
GRANT SELECT (organisation_id, opportunity_id, expected_close_on, next_step, customer_owner_organisation_id,
        customer_owner_id, updated_at)
    ON opportunity_vendor_views TO portico_app;
GRANT SELECT, INSERT, UPDATE ON opportunity_vendor_views TO portico_staff;

INSERT INTO rules (id, name, site, programme, effective_from, value, source) VALUES
    ('018c0000-0000-7000-8000-000000000031', 'opportunity.checks', 'CN', 'CO_SELL', '2020-01-01', '{"validation": true, "validation_working_days": 10}', 'R-OPP-8, R-OPP-13'),
    ('018c0000-0000-7000-8000-000000000032', 'opportunity.checks', 'INTL', 'CO_SELL', '2020-01-01', '{"validation": true, "validation_working_days": 10}', 'R-OPP-8, R-OPP-13'),
    ('018c0000-0000-7000-8000-000000000033', 'opportunity.sharing', 'CN', 'CO_SELL', '2020-01-01', '{"acceptance_working_days": 3}', 'R-OPP-3'),
    ('018c0000-0000-7000-8000-000000000034', 'opportunity.sharing', 'INTL', 'CO_SELL', '2020-01-01', '{"acceptance_working_days": 3}', 'R-OPP-3'),
    ('018c0000-0000-7000-8000-000000000035', 'opportunity.progress', 'CN', 'CO_SELL', '2020-01-01', '{"stall_working_days": 20}', 'R-OPP-33'),
    ('018c0000-0000-7000-8000-000000000036', 'opportunity.progress', 'INTL', 'CO_SELL', '2020-01-01', '{"stall_working_days": 20}', 'R-OPP-33');
