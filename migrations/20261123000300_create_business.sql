-- Opportunities, dedicated personnel and incentives.

CREATE TABLE opportunities (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    id uuid NOT NULL,
    number text NOT NULL UNIQUE,
    origin text NOT NULL CHECK (origin IN ('PARTNER', 'VENDOR')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    description text NOT NULL DEFAULT '' CHECK (length(description) <= 2000),
    customer_name text NOT NULL DEFAULT '' CHECK (length(customer_name) <= 200),
    customer_region text NOT NULL DEFAULT '',
    customer_industry text NOT NULL DEFAULT '',
    expected_revenue numeric(18, 4),
    budget numeric(18, 4),
    currency text NOT NULL DEFAULT 'CNY' CHECK (currency ~ '^[A-Z]{3}$'),
    decision_maker text NOT NULL DEFAULT '',
    need text NOT NULL DEFAULT '' CHECK (length(need) <= 2000),
    purchase_on date,
    contacts jsonb NOT NULL DEFAULT '[]',
    customer_consent_confirmed boolean NOT NULL DEFAULT false,
    external_reference text,
    owner_member_id uuid NOT NULL,
    reseller_id uuid,
    review_state text NOT NULL CHECK (review_state IN ('DRAFT', 'UNDER_REVIEW', 'REVIEW_REJECTED', 'UNDER_VALIDATION',
        'VALIDATION_REJECTED', 'VALIDATED', 'PENDING_ACCEPTANCE', 'ACCEPTED', 'REJECTED', 'AUTO_REJECTED')),
    review_round integer NOT NULL DEFAULT 0,
    review_reason text,
    progress_stage text CHECK (progress_stage IN ('QUALIFYING', 'SOLUTION', 'NEGOTIATION', 'SIGNED', 'DELIVERING', 'DELIVERED', 'LOST')),
    created_at timestamptz NOT NULL,
    submitted_at timestamptz,
    reviewed_at timestamptz,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id),
    UNIQUE (organisation_id, external_reference),
    FOREIGN KEY (organisation_id, owner_member_id) REFERENCES members (organisation_id, id),
    -- The partner sells through one of its own resellers, as the distributor named in that relation.
    FOREIGN KEY (organisation_id, reseller_id) REFERENCES resellers (distributor_id, id),
    CHECK (review_state <> 'REVIEW_REJECTED' OR length(trim(review_reason)) > 0),
    CHECK (review_state = 'DRAFT' OR origin = 'VENDOR' OR submitted_at IS NOT NULL)
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
