-- The three roles Portico runs under. Run it as a role that may create roles; running it again changes nothing.
--
--   portico_owner  owns the database and every table in it; migrates and seeds. The gateway never serves under it.
--   portico_app    partners and customers: row-level security shows it one organisation.
--   portico_staff  the vendor's people and the jobs: row-level security shows it everything but drafts.
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['portico_owner', 'portico_app', 'portico_staff'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', role_name);
        -- Only where it differs: to say NOSUPERUSER takes a superuser, which managed services do not hand out.
        ELSIF EXISTS (
            SELECT FROM pg_catalog.pg_roles
            WHERE rolname = role_name AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication)
        ) THEN
            EXECUTE format('ALTER ROLE %I NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION', role_name);
        END IF;
        EXECUTE format('ALTER ROLE %I LOGIN', role_name);
    END LOOP;

    -- A member of the owner passes every policy: row-level security would be decoration.
    FOREACH role_name IN ARRAY ARRAY['portico_app', 'portico_staff'] LOOP
        IF pg_catalog.pg_has_role(role_name, 'portico_owner', 'MEMBER') THEN
            EXECUTE format('REVOKE portico_owner FROM %I', role_name);
        END IF;
    END LOOP;

    -- CREATE DATABASE … OWNER asks for membership, unless a superuser runs it.
    IF NOT pg_catalog.pg_has_role(current_user, 'portico_owner', 'MEMBER') THEN
        EXECUTE format('GRANT portico_owner TO %I', current_user);
    END IF;
END
$$;
