-- Who has no role but ACCOUNT_MANAGER sees only what is assigned to him (R-ORG-7), so a membership tells its roles too.

DROP FUNCTION portico_memberships(uuid);

-- Every link that an identity has or had, with what the membership is worth now.
CREATE FUNCTION portico_memberships(identity uuid)
    RETURNS TABLE (
        organisation_id uuid,
        organisation_name text,
        organisation_kind text,
        organisation_state text,
        member_id uuid,
        member_state text,
        roles text[],
        permissions text[],
        linked_at timestamptz,
        ended_at timestamptz
    )
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT organisations.id, organisations.name, organisations.kind, organisations.state,
            members.id, members.state,
            ARRAY(
                SELECT member_roles.role FROM member_roles
                WHERE member_roles.organisation_id = members.organisation_id AND member_roles.member_id = members.id
            ),
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

REVOKE ALL ON FUNCTION portico_memberships(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portico_memberships(uuid) TO portico_app, portico_staff;

-- A narrowed list of deals and relations begins with whoever they are assigned to.
CREATE INDEX opportunities_by_owner ON opportunities (organisation_id, owner_member_id);
