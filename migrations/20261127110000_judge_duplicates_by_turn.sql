-- Of two deals for one customer need the earlier one stands, whoever brought them and whichever clock has run out, and a
-- partner that is to get more of the vendor's deals keeps those that it has up to date.

-- The deals that stand in the way of this one, by what the caller may see (R-OPP-24, R-OPP-25). The same customer need:
-- the customers share a key and do not differ in their codes, and the demand tags meet, or one side has none.
-- * A partner's deal: a validated one of another partner, and one that the vendor shared before this one passed its
--   review. While it has not passed its review, all that the vendor shared is earlier.
-- * A deal that the vendor is about to share: a partner's that passed its review, and one that it shared with another
--   partner. Whoever is about to share has the customer's turn, so all that stands is earlier.
-- What is lost, cancelled or refused does not stand; nor what a deadline has ended, recorded or not (R-GEN-7); nor what
-- was delivered before `delivered_since`.
CREATE OR REPLACE FUNCTION portico_duplicates(opportunity uuid, asked_at timestamptz, delivered_since timestamptz)
    RETURNS TABLE (organisation_id uuid, id uuid)
    LANGUAGE sql STABLE SET search_path = public, pg_temp
    AS $$
        SELECT other.organisation_id, other.id
        FROM opportunities AS mine
        JOIN opportunities AS other ON other.customer_keys && mine.customer_keys AND other.id <> mine.id
        WHERE mine.id = opportunity
          AND other.review_state IN ('UNDER_VALIDATION', 'VALIDATED', 'PENDING_ACCEPTANCE', 'ACCEPTED')
          AND NOT (other.review_state IN ('UNDER_VALIDATION', 'PENDING_ACCEPTANCE') AND EXISTS (
              SELECT FROM deadlines
              WHERE deadlines.object_id = other.id AND deadlines.ended_at IS NULL AND deadlines.state = 'RUNNING'
                AND deadlines.due_until <= asked_at))
          AND (mine.unified_social_credit_code IS NULL OR other.unified_social_credit_code IS NULL
              OR mine.unified_social_credit_code = other.unified_social_credit_code)
          AND coalesce(other.progress_stage, '') <> 'LOST'
          AND (coalesce(other.progress_stage, '') <> 'DELIVERED' OR other.updated_at >= delivered_since)
          AND CASE
              WHEN mine.origin = 'VENDOR' THEN other.origin = 'PARTNER' OR other.organisation_id <> mine.organisation_id
              WHEN other.origin = 'PARTNER' THEN other.review_state = 'VALIDATED'
                  AND other.organisation_id <> mine.organisation_id
              ELSE mine.review_state NOT IN ('UNDER_VALIDATION', 'VALIDATED') OR other.created_at < mine.reviewed_at
          END
          AND (NOT EXISTS (SELECT FROM offerings, unnest(demand_tags) WHERE offerings.id = ANY(mine.offering_ids))
              OR NOT EXISTS (SELECT FROM offerings, unnest(demand_tags) WHERE offerings.id = ANY(other.offering_ids))
              OR EXISTS (
                  SELECT FROM offerings AS ours, offerings AS theirs
                  WHERE ours.id = ANY(mine.offering_ids) AND theirs.id = ANY(other.offering_ids)
                    AND ours.demand_tags && theirs.demand_tags))
        ORDER BY other.created_at, other.id
    $$;

INSERT INTO rules (id, name, site, programme, effective_from, value, source) VALUES
    ('018c0000-0000-7000-8000-000000001101', 'opportunity.updating', 'CN', 'CO_SELL', '2020-01-01', '{"maximum_stalled": 0}', 'R-OPP-33, R-OPP-28'),
    ('018c0000-0000-7000-8000-000000001102', 'opportunity.updating', 'INTL', 'CO_SELL', '2020-01-01', '{"maximum_stalled": 0}', 'R-OPP-33, R-OPP-28');
