-- What crosses organisations by nature: a person's memberships, before one of them is chosen and beside the chosen one.

-- Row-level security shows a transaction one organisation. These two functions run as their owner, who sees all, and
-- each answers for one key only: no role gets a list of organisations or members out of them.

-- Every link that an identity has or had, with what the membership is worth now.
CREATE FUNCTION portico_memberships(identity uuid)
    RETURNS TABLE (
        organisation_id uuid,
        organisation_name text,
        organisation_kind text,
        organisation_state text,
        member_id uuid,
        member_state text,
        permissions text[],
        linked_at timestamptz,
        ended_at timestamptz
    )
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT organisations.id, organisations.name, organisations.kind, organisations.state,
            members.id, members.state,
            ARRAY(
                SELECT DISTINCT unnest(roles.permissions)
                FROM member_roles JOIN roles ON roles.code = member_roles.role
                WHERE member_roles.organisation_id = members.organisation_id AND member_roles.member_id = members.id
            ),
            identity_links.linked_at, identity_links.ended_at
        FROM identity_links
        JOIN members ON members.organisation_id = identity_links.organisation_id AND members.id = identity_links.member_id
        JOIN organisations ON organisations.id = identity_links.organisation_id
        WHERE identity_links.identity_id = identity
    $$;

-- The organisation that a service account acts for, or that an invitation is from.
CREATE FUNCTION portico_organisation_facts(organisation uuid)
    RETURNS TABLE (name text, kind text, state text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT name, kind, state FROM organisations WHERE id = organisation $$;

REVOKE ALL ON FUNCTION portico_memberships(uuid), portico_organisation_facts(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portico_memberships(uuid), portico_organisation_facts(uuid) TO portico_app, portico_staff;

-- Links are looked up from the person's side too, and a sign-in resumes the membership of the session before.
CREATE INDEX identity_links_by_identity ON identity_links (identity_id, linked_at);
CREATE INDEX sessions_latest_of_identity ON sessions (identity_id, created_at) WHERE member_id IS NOT NULL;
