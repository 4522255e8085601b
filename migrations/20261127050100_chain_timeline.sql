-- Entries know who acted for whom and through what, hang together in one chain per object, and can be numbered.

ALTER TABLE timeline_entries
    -- What kind of actor it was; SYSTEM is what nobody of this deployment did.
    ADD COLUMN actor_kind text NOT NULL DEFAULT 'SYSTEM'
        CHECK (actor_kind IN ('MEMBER', 'VENDOR_STAFF', 'IDENTITY', 'SERVICE_ACCOUNT', 'JOB', 'SYSTEM')),
    -- The organisation for which the actor acted, where it is not the one whose record it is.
    ADD COLUMN on_behalf_of uuid REFERENCES organisations (id),
    ADD COLUMN source text NOT NULL DEFAULT 'JOB' CHECK (source IN ('UI', 'API', 'JOB')),
    -- {field: hex of the salted digest}; the values are in timeline_personal_values and can be erased.
    ADD COLUMN personal jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(personal) = 'object'),
    -- The hash of the object's entry before this one; null in its first.
    ADD COLUMN previous_hash bytea,
    ADD COLUMN hash bytea;

-- Where each chain ends, so that a cut at the end is found; written by the trigger below only.
CREATE TABLE timeline_heads (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    object_id uuid NOT NULL,
    object_kind text NOT NULL,
    entries bigint NOT NULL,
    object_version bigint NOT NULL,
    hash bytea,
    PRIMARY KEY (organisation_id, object_id),
    UNIQUE (object_id)
);

-- What a person could ask to have erased. Without a row the chain stays whole: it holds the digest only.
CREATE TABLE timeline_personal_values (
    organisation_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    field text NOT NULL,
    salt bytea NOT NULL CHECK (octet_length(salt) = 16),
    value text NOT NULL,
    PRIMARY KEY (organisation_id, entry_id, field),
    FOREIGN KEY (organisation_id, entry_id) REFERENCES timeline_entries (organisation_id, id)
);
CREATE INDEX timeline_personal_values_by_entry ON timeline_personal_values (entry_id);

-- A value with its length in front, so that two values never run into each other; absent differs from empty.
CREATE FUNCTION portico_framed(value text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT coalesce(octet_length(value) || ':' || value, '-') $$;

-- Encoding 1 of an entry. A change of it needs another first word, and old entries keep theirs.
CREATE FUNCTION portico_timeline_hash(entry timeline_entries) RETURNS bytea
    LANGUAGE sql STABLE
    AS $$
        SELECT sha256(convert_to(concat(
            'portico-timeline-1',
            portico_framed(encode(entry.previous_hash, 'hex')),
            portico_framed(entry.organisation_id::text),
            portico_framed(entry.id::text),
            portico_framed(entry.object_kind),
            portico_framed(entry.object_id::text),
            portico_framed(entry.object_version::text),
            portico_framed((extract(epoch FROM entry.at) * 1000000)::bigint::text),
            portico_framed(entry.actor),
            portico_framed(entry.actor_kind),
            portico_framed(entry.on_behalf_of::text),
            portico_framed(entry.source),
            portico_framed(entry.action),
            portico_framed(entry.from_state),
            portico_framed(entry.to_state),
            portico_framed(entry.reason),
            portico_framed(entry.correlation_id),
            portico_framed(entry.details::text),
            portico_framed(entry.personal::text)
        ), 'UTF8'))
    $$;

-- Hangs an entry onto its object's chain, whatever the writer said of the hashes. It runs as the owner: the roles of
-- the application can add to a chain and have no means to write another one. Two writers of one object that do not
-- hold its row meet at the head; the second one's version is taken then, and its transaction has to begin again.
CREATE FUNCTION portico_chain_entry() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    DECLARE
        head timeline_heads;
    BEGIN
        -- The policies and the table's own constraints refuse it a moment later, with a better word.
        IF NEW.organisation_id IS NULL OR NEW.object_id IS NULL OR NEW.object_kind IS NULL OR NEW.object_version IS NULL THEN
            RETURN NEW;
        END IF;
        INSERT INTO timeline_heads (organisation_id, object_id, object_kind, entries, object_version)
            VALUES (NEW.organisation_id, NEW.object_id, NEW.object_kind, 0, 0) ON CONFLICT DO NOTHING;
        SELECT * INTO head FROM timeline_heads WHERE object_id = NEW.object_id FOR UPDATE;
        IF head.organisation_id <> NEW.organisation_id OR head.object_kind <> NEW.object_kind THEN
            RAISE EXCEPTION 'the history of % belongs to another record', NEW.object_id USING ERRCODE = '42501';
        END IF;
        IF head.object_version >= NEW.object_version THEN
            RAISE EXCEPTION 'version % of % has its entry', NEW.object_version, NEW.object_id USING ERRCODE = '40001';
        END IF;
        NEW.previous_hash := head.hash;
        NEW.hash := portico_timeline_hash(NEW);
        UPDATE timeline_heads SET entries = entries + 1, object_version = NEW.object_version, hash = NEW.hash
            WHERE object_id = NEW.object_id;
        RETURN NEW;
    END
    $$;
REVOKE ALL ON FUNCTION portico_chain_entry() FROM PUBLIC;

-- Entries from before: who acted is read off the actor, then each object's are chained in the order of its versions.
UPDATE timeline_entries SET
    actor_kind = CASE split_part(actor, '_', 1)
        WHEN 'mem' THEN 'MEMBER' WHEN 'fid' THEN 'IDENTITY' WHEN 'sva' THEN 'SERVICE_ACCOUNT'
        ELSE CASE WHEN actor LIKE 'job:%' THEN 'JOB' ELSE 'SYSTEM' END END,
    source = CASE split_part(actor, '_', 1) WHEN 'mem' THEN 'UI' WHEN 'fid' THEN 'UI' WHEN 'sva' THEN 'API' ELSE 'JOB' END;
DO $$
    DECLARE
        entry timeline_entries;
        head bytea;
        object uuid;
    BEGIN
        FOR entry IN SELECT * FROM timeline_entries ORDER BY object_id, object_version LOOP
            IF object IS DISTINCT FROM entry.object_id THEN
                object := entry.object_id;
                head := NULL;
            END IF;
            entry.previous_hash := head;
            head := portico_timeline_hash(entry);
            UPDATE timeline_entries SET previous_hash = entry.previous_hash, hash = head
                WHERE organisation_id = entry.organisation_id AND id = entry.id;
        END LOOP;
    END
    $$;
INSERT INTO timeline_heads (organisation_id, object_id, object_kind, entries, object_version, hash)
    SELECT DISTINCT ON (object_id) organisation_id, object_id, object_kind,
        count(*) OVER (PARTITION BY object_id), object_version, hash
    FROM timeline_entries ORDER BY object_id, object_version DESC;
ALTER TABLE timeline_entries ALTER COLUMN hash SET NOT NULL;
CREATE TRIGGER chain BEFORE INSERT ON timeline_entries FOR EACH ROW EXECUTE FUNCTION portico_chain_entry();

ALTER TABLE timeline_heads ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE timeline_personal_values ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON timeline_heads TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_all ON timeline_personal_values TO portico_owner USING (true) WITH CHECK (true);

-- A relation's history is read by both parties that it names (decision 3).
DROP POLICY own_reads ON timeline_entries;
CREATE POLICY party_reads ON timeline_entries FOR SELECT TO portico_app
    USING (
        organisation_id = (SELECT portico_organisation())
        OR (object_kind = 'rsl' AND EXISTS (
            SELECT FROM resellers
            WHERE resellers.id = timeline_entries.object_id AND resellers.distributor_id = (SELECT portico_organisation())
        ))
    );
CREATE POLICY own_reads ON timeline_heads FOR SELECT TO portico_app
    USING (organisation_id = (SELECT portico_organisation()));
-- Personal values are the record owner's; the other party of a relation writes them and does not read them back.
CREATE POLICY own_reads ON timeline_personal_values FOR SELECT TO portico_app
    USING (organisation_id = (SELECT portico_organisation()));
CREATE POLICY acting_inserts ON timeline_personal_values FOR INSERT TO portico_app
    WITH CHECK (
        organisation_id = (SELECT portico_organisation())
        OR EXISTS (
            SELECT FROM timeline_entries JOIN resellers ON resellers.id = timeline_entries.object_id
            WHERE timeline_entries.id = timeline_personal_values.entry_id
              AND resellers.distributor_id = (SELECT portico_organisation())
        )
    );

-- What a draft's history says is nobody else's business either (R-OPP-10): it shows with the opportunity itself.
DROP POLICY staff_all ON timeline_entries;
CREATE POLICY staff_but_drafts ON timeline_entries TO portico_staff
    USING (object_kind <> 'opp' OR EXISTS (
        SELECT FROM opportunities
        WHERE opportunities.organisation_id = timeline_entries.organisation_id AND opportunities.id = timeline_entries.object_id
    ));
CREATE POLICY staff_but_drafts ON timeline_heads FOR SELECT TO portico_staff
    USING (object_kind <> 'opp' OR EXISTS (
        SELECT FROM opportunities
        WHERE opportunities.organisation_id = timeline_heads.organisation_id AND opportunities.id = timeline_heads.object_id
    ));
CREATE POLICY staff_but_drafts ON timeline_personal_values TO portico_staff
    USING (EXISTS (
        SELECT FROM timeline_entries
        WHERE timeline_entries.organisation_id = timeline_personal_values.organisation_id
          AND timeline_entries.id = timeline_personal_values.entry_id
    ));

GRANT SELECT ON timeline_heads TO portico_app, portico_staff;
GRANT SELECT, INSERT ON timeline_personal_values TO portico_app, portico_staff;
