-- What the partner offers and asks for in a deal, who the customer is by code and domain, and which deals are for one need.

ALTER TABLE opportunities
    -- Of the partner's own offerings, which are never deleted; its demand tags are theirs and are not kept here.
    ADD COLUMN offering_ids uuid[] NOT NULL DEFAULT '{}' CHECK (cardinality(offering_ids) <= 20),
    ADD COLUMN pre_sales_activities text[] NOT NULL DEFAULT '{}' CHECK (pre_sales_activities <@ ARRAY['CUSTOMER_VISIT',
        'REQUIREMENT_ALIGNMENT', 'SOLUTION_TALK', 'DEMONSTRATION', 'PROOF_OF_CONCEPT', 'QUOTATION']),
    ADD COLUMN cloud_services text[] NOT NULL DEFAULT '{}' CHECK (cardinality(cloud_services) <= 50),
    ADD COLUMN requested_support text[] NOT NULL DEFAULT '{}' CHECK (requested_support <@ ARRAY['ARCHITECTURE_VALIDATION',
        'BUSINESS_DEMO', 'TECHNICAL_CONSULTING', 'STRATEGY_SUPPORT', 'RESOURCE_CONFIGURATION', 'VISIBILITY_ONLY']),
    ADD COLUMN unified_social_credit_code text CHECK (unified_social_credit_code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'),
    ADD COLUMN customer_domain text CHECK (length(customer_domain) BETWEEN 3 AND 253),
    -- Under which the customer is compared; two deals that share one are with the same customer.
    ADD COLUMN customer_keys text[] NOT NULL DEFAULT '{}',
    -- The vendor's office for the customer's region when the deal was handed in or shared (R-OPP-27).
    ADD COLUMN office_code text REFERENCES offices (code);

CREATE INDEX opportunities_by_offering ON opportunities USING gin (offering_ids);
CREATE INDEX opportunities_by_customer ON opportunities USING gin (customer_keys)
    WHERE review_state IN ('UNDER_VALIDATION', 'VALIDATED', 'PENDING_ACCEPTANCE', 'ACCEPTED');

-- Whoever decides over deals with one customer takes its row first, so that two decisions never pass each other. A
-- digest of a customer's key, so that it tells nothing; the partners' role has no privilege on it.
CREATE TABLE customer_turns (
    key bytea PRIMARY KEY CHECK (length(key) = 32)
);
GRANT SELECT, INSERT, UPDATE ON customer_turns TO portico_staff;

-- The deals that stand in the way of this one, by what the caller may see (R-OPP-24, R-OPP-25). The same customer need:
-- the customers share a key and do not differ in their codes, and the demand tags meet, or one side has none.
-- A validated deal of another partner stands in the way of a partner's; so does one that the vendor shared before this
-- one passed its review. A partner's that passed its review stands in the way of one that the vendor is to share.
-- What is lost or cancelled does not, nor what was delivered before `delivered_since`.
CREATE FUNCTION portico_duplicates(opportunity uuid, asked_at timestamptz, delivered_since timestamptz)
    RETURNS TABLE (organisation_id uuid, id uuid)
    LANGUAGE sql STABLE SET search_path = public, pg_temp
    AS $$
        SELECT other.organisation_id, other.id
        FROM opportunities AS mine
        JOIN opportunities AS other ON other.customer_keys && mine.customer_keys AND other.id <> mine.id
        WHERE mine.id = opportunity
          AND other.review_state IN ('UNDER_VALIDATION', 'VALIDATED', 'PENDING_ACCEPTANCE', 'ACCEPTED')
          AND (mine.unified_social_credit_code IS NULL OR other.unified_social_credit_code IS NULL
              OR mine.unified_social_credit_code = other.unified_social_credit_code)
          AND coalesce(other.progress_stage, '') <> 'LOST'
          AND (coalesce(other.progress_stage, '') <> 'DELIVERED' OR other.updated_at >= delivered_since)
          AND CASE
              WHEN mine.origin = 'VENDOR' THEN other.review_state IN ('UNDER_VALIDATION', 'VALIDATED')
                  AND other.reviewed_at <= mine.created_at
              WHEN other.origin = 'PARTNER' THEN other.review_state = 'VALIDATED'
                  AND other.organisation_id <> mine.organisation_id
              ELSE other.created_at < CASE WHEN mine.review_state IN ('UNDER_VALIDATION', 'VALIDATED')
                      THEN mine.reviewed_at ELSE asked_at END
                  AND NOT EXISTS (SELECT FROM deadlines
                      WHERE deadlines.object_id = other.id AND other.review_state = 'PENDING_ACCEPTANCE'
                        AND deadlines.kind = 'ACCEPT_SHARED_OPPORTUNITY' AND deadlines.due_until <= asked_at)
          END
          AND (NOT EXISTS (SELECT FROM offerings, unnest(demand_tags) WHERE offerings.id = ANY(mine.offering_ids))
              OR NOT EXISTS (SELECT FROM offerings, unnest(demand_tags) WHERE offerings.id = ANY(other.offering_ids))
              OR EXISTS (
                  SELECT FROM offerings AS ours, offerings AS theirs
                  WHERE ours.id = ANY(mine.offering_ids) AND theirs.id = ANY(other.offering_ids)
                    AND ours.demand_tags && theirs.demand_tags))
        ORDER BY other.created_at, other.id
    $$;

-- Whether something stands in the way of one deal of the asking organisation, and nothing else: neither what nor whose.
-- The partner would learn as much by handing it in. It runs as the owner, who sees all.
CREATE FUNCTION portico_has_duplicate(opportunity uuid, asked_at timestamptz, delivered_since timestamptz)
    RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT EXISTS (SELECT FROM opportunities WHERE id = opportunity AND organisation_id = portico_organisation())
            AND EXISTS (SELECT FROM portico_duplicates(opportunity, asked_at, delivered_since))
    $$;
REVOKE ALL ON FUNCTION portico_has_duplicate(uuid, timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portico_has_duplicate(uuid, timestamptz, timestamptz) TO portico_app;

INSERT INTO rules (id, name, site, programme, effective_from, value, source) VALUES
    ('018c0000-0000-7000-8000-000000000041', 'opportunity.access', 'CN', 'CO_SELL', '2020-01-01', '{"policy": "PERMISSION"}', 'R-OPP-2'),
    ('018c0000-0000-7000-8000-000000000042', 'opportunity.access', 'INTL', 'CO_SELL', '2020-01-01', '{"policy": "PERMISSION"}', 'R-OPP-2'),
    ('018c0000-0000-7000-8000-000000000043', 'opportunity.eligibility', 'CN', 'CO_SELL', '2020-01-01', '{"minimum_delivered": 3, "within_months": 12}', 'R-OPP-28'),
    ('018c0000-0000-7000-8000-000000000044', 'opportunity.eligibility', 'INTL', 'CO_SELL', '2020-01-01', '{"minimum_delivered": 3, "within_months": 12}', 'R-OPP-28'),
    ('018c0000-0000-7000-8000-000000000045', 'opportunity.duplicates', 'CN', 'CO_SELL', '2020-01-01', '{"delivered_months": 12}', 'R-OPP-24'),
    ('018c0000-0000-7000-8000-000000000046', 'opportunity.duplicates', 'INTL', 'CO_SELL', '2020-01-01', '{"delivered_months": 12}', 'R-OPP-24');
