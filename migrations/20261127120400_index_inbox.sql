-- The queues of the inbox in their order, the most money first: a page reads as many rows as it shows, however long
-- the queue is.
CREATE INDEX opportunities_to_review ON opportunities ((-coalesce(expected_revenue, 0)), submitted_at, id)
    WHERE review_state = 'UNDER_REVIEW';
CREATE INDEX opportunities_to_mend ON opportunities (organisation_id, (-coalesce(expected_revenue, 0)))
    WHERE review_state IN ('REVIEW_REJECTED', 'VALIDATION_REJECTED', 'UNDER_VALIDATION');
CREATE INDEX opportunities_to_report ON opportunities
        (organisation_id, (-coalesce(expected_revenue, 0)), (coalesce(last_progress_at, settled_at)), id)
    WHERE review_state IN ('VALIDATED', 'ACCEPTED') AND coalesce(progress_stage, '') NOT IN ('DELIVERED', 'LOST');
-- What runs of one kind and has time left, of everybody and of one organisation.
CREATE INDEX deadlines_running ON deadlines (kind, organisation_id, due_until, object_id) WHERE ended_at IS NULL;
