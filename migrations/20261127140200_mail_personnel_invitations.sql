-- Letters of invitation to dedicated personnel: the sending is the letter, and says when it is to go.

ALTER TABLE personnel_sendings
    -- When the letter is tried next; whoever sends it moves this on first, so that nobody else does. Null: done.
    ADD COLUMN mail_after timestamptz,
    ADD COLUMN mail_attempts integer NOT NULL DEFAULT 0;
CREATE INDEX personnel_sendings_to_mail ON personnel_sendings (mail_after) WHERE mail_after IS NOT NULL;
GRANT UPDATE (mail_after, mail_attempts) ON personnel_sendings TO portico_staff;

-- A proof in the record of a person who shares nothing any more is not the partner's to read (R-DED-9).
ALTER TABLE documents ADD COLUMN withheld_at timestamptz;
