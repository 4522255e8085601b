-- Opportunities, dedicated personnel and incentives.

CREATE TABLE opportunities (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    id uuid NOT NULL,
    number text NOT NULL,
    origin text NOT NULL CHECK (origin IN ('PARTNER', 'VENDOR')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    description text NOT NULL DEFAULT '' CHECK (length(description) <= 2000),
    customer_name text NOT NULL DEFAULT '' CHECK (length(customer_name) <= 200),
    customer_region text NOT NULL DEFAULT '' CHECK (length(customer_region) <= 100),
    customer_industry text NOT NULL DEFAULT '' CHECK (length(customer_industry) <= 100),
    expected_revenue numeric(18, 4) CHECK (expected_revenue >= 0),
    budget numeric(18, 4) CHECK (budget >= 0),
    -- Of both amounts: a deal is reckoned in one currency.
    currency text NOT NULL DEFAULT 'CNY' CHECK (currency ~ '^[A-Z]{3}$'),
    decision_maker text NOT NULL DEFAULT '' CHECK (length(decision_maker) <= 100),
    need text NOT NULL DEFAULT '' CHECK (length(need) <= 2000),
    purchase_on date,
    -- [{"name": text, "phone": text or null, "email": text or null}, …]
    contacts jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(contacts) = 'array'),
    customer_consent_confirmed boolean NOT NULL DEFAULT false,
    external_reference text CHECK (length(external_reference) BETWEEN 1 AND 64),
    owner_member_id uuid NOT NULL,
    reseller_id uuid,
    review_state text NOT NULL CHECK (review_state IN ('DRAFT', 'UNDER_REVIEW', 'REVIEW_REJECTED', 'UNDER_VALIDATION',
        'VALIDATION_REJECTED', 'VALIDATED', 'PENDING_ACCEPTANCE', 'ACCEPTED', 'REJECTED', 'AUTO_REJECTED')),
    -- The round that runs or ran last: one more with each submission (R-OPP-26).
    review_round integer NOT NULL DEFAULT 0 CHECK (review_round >= 0),
    -- Rounds that the vendor refused; one that ended by its time-out is not among them (R-OPP-35).
    refused_rounds integer NOT NULL DEFAULT 0 CHECK (refused_rounds BETWEEN 0 AND review_round),
    -- Why the last decision was a refusal.
    review_reason text CHECK (length(review_reason) <= 500),
    progress_stage text CHECK (progress_stage IN ('QUALIFYING', 'SOLUTION', 'NEGOTIATION', 'SIGNED', 'DELIVERING', 'DELIVERED', 'LOST')),
    created_at timestamptz NOT NULL,
    -- Of the last round.
    submitted_at timestamptz,
    -- When the review of the last round was decided.
    reviewed_at timestamptz,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id),
    CONSTRAINT opportunities_number UNIQUE (number),
    CONSTRAINT opportunities_external_reference UNIQUE (organisation_id, external_reference),
    CONSTRAINT opportunities_owner FOREIGN KEY (organisation_id, owner_member_id) REFERENCES members (organisation_id, id),
    -- The partner sells through one of its own resellers, as the distributor named in that relation.
    CONSTRAINT opportunities_reseller FOREIGN KEY (organisation_id, reseller_id) REFERENCES resellers (distributor_id, id),
    -- The partner's and the vendor's opportunities never share a state (R-OPP-32).
    CHECK ((origin = 'PARTNER') = (review_state IN ('DRAFT', 'UNDER_REVIEW', 'REVIEW_REJECTED', 'UNDER_VALIDATION',
        'VALIDATION_REJECTED', 'VALIDATED'))),
    CHECK (origin = 'VENDOR' OR review_state = 'DRAFT' OR (submitted_at IS NOT NULL AND review_round > 0)),
    CHECK (review_state NOT IN ('REVIEW_REJECTED', 'UNDER_VALIDATION', 'VALIDATION_REJECTED', 'VALIDATED')
        OR reviewed_at IS NOT NULL),
    CHECK (review_state NOT IN ('REVIEW_REJECTED', 'VALIDATION_REJECTED', 'REJECTED')
        OR (review_reason IS NOT NULL AND length(btrim(review_reason)) > 0)),
    -- Progress begins when the deal is settled between both (R-OPP-7, R-OPP-8).
    CHECK (progress_stage IS NULL OR review_state IN ('VALIDATED', 'ACCEPTED'))
);
CREATE INDEX opportunities_by_creation ON opportunities (organisation_id, created_at, id);
CREATE INDEX opportunities_by_update ON opportunities (organisation_id, updated_at, id);
CREATE INDEX opportunities_by_name ON opportunities (organisation_id, name, id);
CREATE INDEX opportunities_all_by_creation ON opportunities (created_at, id);
CREATE INDEX opportunities_all_by_update ON opportunities (updated_at, id);
CREATE INDEX opportunities_all_by_name ON opportunities (name, id);
CREATE INDEX opportunities_review_queue ON opportunities (submitted_at, id) WHERE review_state = 'UNDER_REVIEW';

-- An individual who works for the partner with the vendor's approval; not a member (domain.md 2.1).
CREATE TABLE dedicated_personnel (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    id uuid NOT NULL,
    name text NOT NULL,
    position text NOT NULL,
    base_location text,
    state text NOT NULL CHECK (state IN ('INVITED', 'EXPIRED', 'BOUND', 'UNBOUND', 'APPLY_UNDER_REVIEW', 'APPLY_REJECTED',
        'DEDICATED', 'CANCEL_UNDER_REVIEW', 'CANCEL_APPROVED', 'DISQUALIFIED')),
    started_on date,
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id)
);
CREATE INDEX dedicated_personnel_by_name ON dedicated_personnel (organisation_id, name, id);

CREATE TABLE incentives (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    id uuid NOT NULL,
    number text NOT NULL UNIQUE,
    variant text NOT NULL CHECK (variant IN ('SERVICE_EXPERT', 'CCOE', 'SI_PRE_SALES', 'INSTRUCTOR_CULTIVATION', 'OPPORTUNITY')),
    service_month date NOT NULL CHECK (extract(day FROM service_month) = 1),
    amount numeric(18, 4) NOT NULL,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    state text NOT NULL CHECK (state IN ('PENDING_CONFIRM', 'LAPSED', 'FIRST_REVIEW', 'FIRST_REJECTED', 'FIRST_PASSED', 'FINALISED')),
    opportunity_id uuid,
    generated_at timestamptz NOT NULL,
    -- Exclusive: the first instant at which it is too late. The day before it is last_day_on.
    due_until timestamptz NOT NULL,
    last_day_on date NOT NULL,
    working_days integer NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id),
    FOREIGN KEY (organisation_id, opportunity_id) REFERENCES opportunities (organisation_id, id)
);
CREATE INDEX incentives_by_due ON incentives (organisation_id, due_until, id);
CREATE INDEX incentives_by_generation ON incentives (organisation_id, generated_at, id);
CREATE INDEX incentives_all_by_due ON incentives (due_until, id);
CREATE INDEX incentives_all_by_generation ON incentives (generated_at, id);

CREATE TABLE incentive_specialists (
    organisation_id uuid NOT NULL,
    incentive_id uuid NOT NULL,
    person_id uuid NOT NULL,
    PRIMARY KEY (organisation_id, incentive_id, person_id),
    FOREIGN KEY (organisation_id, incentive_id) REFERENCES incentives (organisation_id, id),
    FOREIGN KEY (organisation_id, person_id) REFERENCES dedicated_personnel (organisation_id, id)
);

ALTER TABLE opportunities ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE dedicated_personnel ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE incentives ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE incentive_specialists ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY owner_all ON opportunities TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_all ON dedicated_personnel TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_all ON incentives TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_all ON incentive_specialists TO portico_owner USING (true) WITH CHECK (true);

CREATE POLICY own_all ON opportunities TO portico_app
    USING (organisation_id = (SELECT portico_organisation())) WITH CHECK (organisation_id = (SELECT portico_organisation()));
CREATE POLICY own_all ON dedicated_personnel TO portico_app
    USING (organisation_id = (SELECT portico_organisation())) WITH CHECK (organisation_id = (SELECT portico_organisation()));
CREATE POLICY own_all ON incentives TO portico_app
    USING (organisation_id = (SELECT portico_organisation())) WITH CHECK (organisation_id = (SELECT portico_organisation()));
CREATE POLICY own_all ON incentive_specialists TO portico_app
    USING (organisation_id = (SELECT portico_organisation())) WITH CHECK (organisation_id = (SELECT portico_organisation()));

-- A partner's draft is nobody else's business, the vendor's included (R-OPP-10).
CREATE POLICY staff_but_drafts ON opportunities TO portico_staff
    USING (review_state <> 'DRAFT') WITH CHECK (review_state <> 'DRAFT');
CREATE POLICY staff_all ON dedicated_personnel TO portico_staff USING (true) WITH CHECK (true);
CREATE POLICY staff_all ON incentives TO portico_staff USING (true) WITH CHECK (true);
CREATE POLICY staff_all ON incentive_specialists TO portico_staff USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE ON opportunities TO portico_app, portico_staff;
GRANT SELECT ON dedicated_personnel, incentives, incentive_specialists TO portico_app, portico_staff;
