-- The users of an organisation's IAM tenant, as the vendor's systems know them: they are in no list of members, and an
-- e-mail address of one of them is not given to another member (R-ORG-1, R-ORG-3).

CREATE TABLE iam_users (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    id uuid NOT NULL,
    user_name text NOT NULL CHECK (length(user_name) BETWEEN 1 AND 64),
    email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    -- REMOVED: deleted in IAM; the address is free again.
    state text NOT NULL CHECK (state IN ('PRESENT', 'REMOVED')),
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id),
    UNIQUE (organisation_id, user_name)
);
CREATE INDEX iam_users_by_email ON iam_users (organisation_id, lower(email)) WHERE state = 'PRESENT';

ALTER TABLE iam_users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON iam_users TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY own_reads ON iam_users FOR SELECT TO portico_app USING (organisation_id = (SELECT portico_organisation()));
CREATE POLICY staff_all ON iam_users TO portico_staff USING (true) WITH CHECK (true);
GRANT SELECT ON iam_users TO portico_app;
GRANT SELECT, INSERT, UPDATE ON iam_users TO portico_staff;

-- identityDoctor looks people up by the address that their IAM gave them.
CREATE INDEX federated_identities_by_email ON federated_identities (lower(email));
CREATE INDEX identity_links_by_member ON identity_links (member_id, linked_at);
