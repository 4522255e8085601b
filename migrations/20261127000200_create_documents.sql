-- Files that back a claim or an entry: the row describes, the document store holds the bytes under the id.

CREATE TABLE documents (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    id uuid NOT NULL,
    file_name text NOT NULL CHECK (length(file_name) BETWEEN 1 AND 200),
    media_type text NOT NULL CHECK (length(media_type) BETWEEN 3 AND 127),
    -- Bytes, as announced and, once stored, as counted.
    size bigint NOT NULL CHECK (size > 0),
    -- As announced; the bytes are stored only if they have this digest.
    sha256 bytea NOT NULL CHECK (length(sha256) = 32),
    -- PREPARED: an upload is allowed until upload_until. STORED: the bytes are there, whole and checked.
    -- COMPLETE: its organisation can attach it. DISCARDED: never completed, its bytes are gone.
    state text NOT NULL CHECK (state IN ('PREPARED', 'STORED', 'COMPLETE', 'DISCARDED')),
    prepared_by text NOT NULL,
    prepared_at timestamptz NOT NULL,
    upload_until timestamptz NOT NULL,
    completed_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id),
    CHECK ((state = 'COMPLETE') = (completed_at IS NOT NULL))
);
CREATE INDEX documents_by_age ON documents (prepared_at, id) WHERE state IN ('PREPARED', 'STORED');

ALTER TABLE documents ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON documents TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY own_all ON documents TO portico_app
    USING (organisation_id = (SELECT portico_organisation())) WITH CHECK (organisation_id = (SELECT portico_organisation()));
CREATE POLICY staff_all ON documents TO portico_staff USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON documents TO portico_app, portico_staff;

INSERT INTO rules (id, name, site, programme, effective_from, value, source) VALUES
    ('018c0000-0000-7000-8000-000000000011', 'document.limits', 'CN', 'PORTAL', '2020-01-01', '{"maximum_bytes": 20971520, "organisation_bytes": 10737418240, "organisation_files": 20000, "upload_minutes": 5, "download_minutes": 5}', 'decisions: documents'),
    ('018c0000-0000-7000-8000-000000000012', 'document.limits', 'INTL', 'PORTAL', '2020-01-01', '{"maximum_bytes": 20971520, "organisation_bytes": 10737418240, "organisation_files": 20000, "upload_minutes": 5, "download_minutes": 5}', 'decisions: documents');
