# shellcheck shell=bash
# A `portico dev` of the tests' own, in a folder of its own, on a free port. Sourced by ./test.

# Starts it and waits until it is ready; sets PORTICO_URL and PORTICO_DEV_DIR.
gateway_start() {
    [ -z "${GATEWAY_PID:-}" ] || return 0
    local program
    program=$(cargo_target)/quick/portico
    GATEWAY_DIR=$ROOT/var/test/gateway
    gateway_forget
    mkdir -p "$GATEWAY_DIR"
    say 'Starting a gateway with demo data.'
    (cd "$GATEWAY_DIR" && exec "$program" dev >"$GATEWAY_DIR/out.log" 2>"$GATEWAY_DIR/err.log") &
    GATEWAY_PID=$!
    local try
    for try in $(seq 600); do
        kill -0 "$GATEWAY_PID" 2>/dev/null || break
        PORTICO_URL=$(sed -n 's|^\(http[^,]*\)/, process.*|\1|p' "$GATEWAY_DIR/var/dev/lock" 2>/dev/null || true)
        if [ -n "$PORTICO_URL" ] && curl -fsS -o /dev/null "$PORTICO_URL/readyz" 2>/dev/null; then
            export PORTICO_URL PORTICO_DEMO_USERS=$GATEWAY_DIR/var/demo-users.json
            return 0
        fi
        sleep 0.2
    done
    fail "The gateway was not ready after $try tries: $(tail -n 15 "$GATEWAY_DIR/err.log")"
}

gateway_stop() {
    [ -n "${GATEWAY_PID:-}" ] || return 0
    kill "$GATEWAY_PID" 2>/dev/null || true
    wait "$GATEWAY_PID" || true
    GATEWAY_PID=
    gateway_forget
}

# Root's cluster is not in the folder: PostgreSQL's own user could not get there.
gateway_forget() {
    rm -rf "${GATEWAY_DIR:?}/var"
    [ "$(id -u)" -ne 0 ] || rm -rf "/var/lib/portico/$(printf '%s' "$GATEWAY_DIR" | sha256sum | cut -c1-10)"
}

cargo_target() { cargo metadata --format-version 1 --no-deps --offline | sed 's/.*"target_directory":"\([^"]*\)".*/\1/'; }
