# shellcheck shell=bash
# What the tests talk to: a PostgreSQL and a Redis of this clone's own. Sourced by ./test.
#
# Both live under one folder in the temporary directory, because a socket's path may have 107 bytes only and because
# PostgreSQL refuses to run as root and its own user cannot enter root's home. The folder's name holds the clone's
# path and the user, so that two clones, and root and a normal user, never meet.

services_paths() {
    local mark
    mark=$(printf '%s' "$ROOT" | sha256sum | cut -c1-10)
    SERVICES_DIR="${TMPDIR:-/tmp}/portico-test-$(id -u)-$mark"
    PG_DATA=$SERVICES_DIR/data
    PG_SOCKETS=$SERVICES_DIR/sockets
    REDIS_DIR=$SERVICES_DIR/redis
    SERVICES_LOCK=$ROOT/var/test/services.lock
}

# Prints the folder of the newest PostgreSQL server programs; newest by number, so that 9 comes before 15.
postgres_bin() {
    local dir
    if [ -n "${PG_BIN:-}" ]; then
        printf '%s\n' "$PG_BIN"
        return
    fi
    dir=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -t/ -k5 -n | tail -n 1)
    if [ -x "$dir/initdb" ]; then
        printf '%s\n' "$dir"
    elif command -v initdb >/dev/null 2>&1; then
        dirname "$(readlink -f "$(command -v initdb)")"
    else
        fail "No PostgreSQL server programs found (looked at PG_BIN, PATH and /usr/lib/postgresql)."
    fi
}

# Runs a command as the user who owns the cluster: ourselves, unless we are root.
as_postgres() {
    if [ "$(id -u)" -ne 0 ]; then
        "$@"
    elif getent passwd postgres >/dev/null; then
        (cd / && exec runuser -u postgres -- "$@")
    else
        (cd / && exec runuser -u nobody -- "$@")
    fi
}

admin_psql() { "$PG_BIN_DIR/psql" -X -q -v ON_ERROR_STOP=1 -h "$PG_SOCKETS" -U postgres "$@"; }
owner_psql() { "$PG_BIN_DIR/psql" -X -q -v ON_ERROR_STOP=1 -h "$PG_SOCKETS" -U portico_owner "$@"; }

postgres_is_up() { [ -S "$PG_SOCKETS/.s.PGSQL.5432" ] && admin_psql -d postgres -c 'SELECT 1' >/dev/null 2>&1; }

make_services_dir() {
    # In a shared folder a name that can be guessed may have been taken by somebody else: -O asks whose it is.
    mkdir -p -m 0711 "$SERVICES_DIR"
    [ -O "$SERVICES_DIR" ] || fail "$SERVICES_DIR belongs to another user."
    chmod 0711 "$SERVICES_DIR"
}

start_postgres() {
    if postgres_is_up; then
        return
    fi
    local owner
    owner=$(as_postgres id -un)
    if [ ! -d "$PG_DATA" ]; then
        rm -rf "$PG_DATA.tmp"
        install -d -m 0700 -o "$owner" "$PG_DATA.tmp"
        as_postgres "$PG_BIN_DIR/initdb" -D "$PG_DATA.tmp" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync \
            >"$SERVICES_DIR/initdb.log" 2>&1 || fail "initdb failed: $(tail -n 5 "$SERVICES_DIR/initdb.log")"
        mv "$PG_DATA.tmp" "$PG_DATA"
    fi
    install -d -m 0700 -o "$owner" "$PG_SOCKETS"
    # Durability is switched off: these clusters are thrown away. `portico dev` keeps it on.
    as_postgres "$PG_BIN_DIR/pg_ctl" -D "$PG_DATA" -w -t 60 -s -l "$PG_DATA/server.log" \
        -o "-c listen_addresses='' -c unix_socket_directories='$PG_SOCKETS' -c unix_socket_permissions=0700" \
        -o "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=400" \
        -o "-c shared_buffers=64MB -c max_wal_size=512MB -c autovacuum_naptime=10min" \
        start || fail "PostgreSQL did not start: $(tail -n 5 "$PG_DATA/server.log")"
    postgres_is_up || fail "PostgreSQL started and does not answer on $PG_SOCKETS."
}

stop_postgres() {
    if [ -f "$PG_DATA/postmaster.pid" ]; then
        as_postgres "$PG_BIN_DIR/pg_ctl" -D "$PG_DATA" -m immediate -s -w stop || true
    fi
}

# The database that queries are checked against at build time: bootstrapped and migrated, made anew when a migration
# changes.
prepare_database() {
    local now before=
    now=$({ find src/db/bootstrap migrations -name '*.sql' || true; } | sort | xargs cat | sha256sum)
    [ -f "$SERVICES_DIR/prepared" ] && before=$(cat "$SERVICES_DIR/prepared")
    if [ "$now" = "$before" ]; then
        return
    fi
    rm -f "$SERVICES_DIR/prepared"
    admin_psql -d postgres -f src/db/bootstrap/roles.sql
    # Tests clone databases from a template; in production the owner may not create any.
    admin_psql -d postgres -c 'ALTER ROLE portico_owner CREATEDB'
    admin_psql -d postgres -c 'DROP DATABASE IF EXISTS portico_prepare WITH (FORCE)' 2>/dev/null
    admin_psql -d postgres -c 'CREATE DATABASE portico_prepare OWNER portico_owner'
    admin_psql -d portico_prepare -f src/db/bootstrap/database.sql
    local file
    for file in migrations/*.sql; do
        [ -e "$file" ] || continue
        if head -n 1 "$file" | grep -q '^-- no-transaction'; then
            owner_psql -d portico_prepare -f "$file" || fail "Migration $file failed."
        else
            owner_psql -d portico_prepare -1 -f "$file" || fail "Migration $file failed."
        fi
    done
    printf '%s\n' "$now" >"$SERVICES_DIR/prepared"
}

redis_is_up() {
    [ -f "$REDIS_DIR/port" ] && [ -f "$REDIS_DIR/pid" ] || return 1
    [ "$(redis-cli -h 127.0.0.1 -p "$(cat "$REDIS_DIR/port")" CONFIG GET dir 2>/dev/null | tail -n 1)" = "$REDIS_DIR" ]
}

start_redis() {
    command -v redis-server >/dev/null 2>&1 || { say 'No redis-server: tests that need Redis will say so.'; return; }
    if redis_is_up; then
        return
    fi
    mkdir -p -m 0700 "$REDIS_DIR"
    local try port
    for try in 1 2 3 4 5 6 7 8; do
        port=$((20000 + RANDOM % 12000))
        rm -f "$REDIS_DIR/pid"
        redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --dir "$REDIS_DIR" --daemonize yes \
            --pidfile "$REDIS_DIR/pid" --logfile "$REDIS_DIR/log" >/dev/null
        printf '%s\n' "$port" >"$REDIS_DIR/port"
        for _ in 1 2 3 4 5 6 7 8 9 10; do
            redis_is_up && return
            sleep 0.1
        done
    done
    fail "Redis did not start after $try tries: $(tail -n 3 "$REDIS_DIR/log")"
}

stop_redis() {
    if redis_is_up; then
        kill "$(cat "$REDIS_DIR/pid")" || true
    fi
    rm -f "$REDIS_DIR/pid" "$REDIS_DIR/port"
}

# Starts what is not running yet. SERVICES_STARTED tells whether there was anything to start, hence to stop.
services_start() {
    services_paths
    mkdir -p "$ROOT/var/test"
    exec 9>"$SERVICES_LOCK"
    flock 9
    PG_BIN_DIR=$(postgres_bin)
    make_services_dir
    SERVICES_STARTED=no
    postgres_is_up || SERVICES_STARTED=yes
    # Started programs must not inherit the lock.
    start_postgres 9>&-
    prepare_database 9>&-
    start_redis 9>&-
    exec 9>&-
    export PORTICO_TEST_PG=$PG_SOCKETS
    export DATABASE_URL="postgres://portico_owner@localhost/portico_prepare?host=$PG_SOCKETS"
    if [ -f "$REDIS_DIR/port" ]; then
        export PORTICO_TEST_REDIS="redis://127.0.0.1:$(cat "$REDIS_DIR/port")"
    fi
}

services_print() {
    printf 'export PORTICO_TEST_PG=%q\n' "$PORTICO_TEST_PG"
    printf 'export DATABASE_URL=%q\n' "$DATABASE_URL"
    if [ -n "${PORTICO_TEST_REDIS:-}" ]; then
        printf 'export PORTICO_TEST_REDIS=%q\n' "$PORTICO_TEST_REDIS"
    fi
}

services_stop() {
    services_paths
    PG_BIN_DIR=$(postgres_bin)
    stop_redis
    stop_postgres
    rm -rf "$SERVICES_DIR"
}
