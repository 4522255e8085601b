-- Who may do what in the database itself. Run it inside that database; running it again changes nothing.
-- What each role may do with a table is granted by the migration that creates the table.
DO $$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO portico_app, portico_staff', current_database());
    EXECUTE format('GRANT ALL ON DATABASE %I TO portico_owner', current_database());
END
$$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT CREATE, USAGE ON SCHEMA public TO portico_owner;
GRANT USAGE ON SCHEMA public TO portico_app, portico_staff;
