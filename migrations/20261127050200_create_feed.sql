-- The order in which committed entries are told to whoever follows them: notices, later webhooks and subscriptions.

-- Entries without a number. The ticket is drawn under the object's row lock, so that the versions of one object keep
-- their order; it has gaps and says nothing of the order of commits.
CREATE TABLE feed_pending (
    entry_id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    ticket bigint GENERATED ALWAYS AS IDENTITY
);
CREATE INDEX feed_pending_by_ticket ON feed_pending (ticket);

-- Numbered without a gap, after the commit, by one relay at a time: who has read up to a number has missed nothing
-- below it. No foreign key: an entry that is missing is for the audit to tell, not for a constraint to hide.
CREATE TABLE feed (
    seq bigint PRIMARY KEY,
    organisation_id uuid NOT NULL,
    entry_id uuid NOT NULL UNIQUE
);

-- The last number, and the row that the numbering relay holds.
CREATE TABLE feed_state (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    last_seq bigint NOT NULL
);
INSERT INTO feed_state (last_seq) VALUES (0);

GRANT INSERT ON feed_pending TO portico_app, portico_staff;
GRANT SELECT, DELETE ON feed_pending TO portico_staff;
GRANT SELECT, INSERT ON feed TO portico_staff;
-- To lock a row needs the right to change it.
GRANT SELECT, UPDATE ON feed_state TO portico_staff;
