#!/bin/sh
# How long the inbox takes beside a query of one object, with many opportunities in the database.
#
#   eval "$(./test --services)"                          # any PostgreSQL whose administrator comes in over this socket
#   deploy/bench/inbox.sh target/release/portico         # 100,000 opportunities of 40 partners; 300 requests of each kind
#   deploy/bench/inbox.sh target/release/portico 20000 100
#
# It makes a database of its own (portico_bench), fills it with demo data, starts a gateway on loopback, and asks as a
# partner's administrator and as the vendor's reviewer, in turn, so that whatever else the machine does falls on all
# alike. Everything it made is removed at the end. What counts is the ratio: times are this machine's.
set -eu

program=$(readlink -f "${1:?the portico program}") opportunities=${2:-100000} requests=${3:-300}
sockets=${PORTICO_TEST_PG:?the folder of the sockets of PostgreSQL; ./test --services prints it}
here=$(dirname "$(readlink -f "$0")")
work=$(mktemp -d)
gateway=
psql() { command psql -X -q -v ON_ERROR_STOP=1 -h "$sockets" -U postgres "$@"; }
# What is gone already needs no end, so that the rest is cleared whatever stopped before.
clean() {
    [ -z "$gateway" ] || { kill "$gateway" 2>/dev/null || true; wait "$gateway" 2>/dev/null || true; }
    psql -d postgres -c 'DROP DATABASE IF EXISTS portico_bench WITH (FORCE)' 2>/dev/null || true
    rm -rf "$work"
}
trap clean EXIT
trap 'exit 130' INT TERM

psql -d postgres -c 'DROP DATABASE IF EXISTS portico_bench WITH (FORCE)' 2>/dev/null
psql -d postgres -c 'CREATE DATABASE portico_bench OWNER portico_owner'
psql -d portico_bench -f "$here/../../src/db/bootstrap/database.sql"
url() { printf 'postgres://%s@localhost/portico_bench?host=%s' "$1" "$sockets"; }
PORTICO_DATABASE__OWNER_URL=$(url portico_owner)
PORTICO_DATABASE__URL=$(url portico_app)
PORTICO_DATABASE__STAFF_URL=$(url portico_staff)
export PORTICO_DATABASE__OWNER_URL PORTICO_DATABASE__URL PORTICO_DATABASE__STAFF_URL
cd "$work"
"$program" migrate >/dev/null
"$program" seed demo --organisations 40 --opportunities "$opportunities"
psql -d portico_bench -c 'VACUUM ANALYZE'
"$program" dev >out 2>err &
gateway=$!
base=
for _ in $(seq 300); do
    kill -0 "$gateway" || { cat err >&2; exit 1; }
    # Until the gateway has its address there is no such file: ask again.
    base=$(sed -n 's|^\(http[^,]*\)/, process.*|\1|p' var/dev/lock 2>/dev/null || true)
    [ -z "$base" ] || ! curl -fsS -o /dev/null "$base/readyz" 2>/dev/null || break
    sleep 0.2
done

password() { tr -d '\n ' <var/demo-users.json | sed 's/},{/}\n{/g' | sed -n "s/.*\"user\":\"$1\",\"password\":\"\([^\"]*\)\".*/\1/p"; }
for user in admin@partner reviewer@vendor; do
    "$here/../examples/sign-in.sh" "$base" "$user" "$(password "$user")" >"$user.jar"
done

# ask USER QUERY: one answer.
ask() {
    curl -sS -b "$1.jar" "$base/graphql" -H 'content-type: application/json' -H 'x-portico-csrf: 1' -H "origin: $base" \
        -d "{\"query\":\"$2\"}"
}
# once FILE USER QUERY: the seconds of one request, appended to a file. Anything but an answer ends the measurement.
once() {
    curl -sS -b "$2.jar" "$base/graphql" -H 'content-type: application/json' -H 'x-portico-csrf: 1' -H "origin: $base" \
        -d "{\"query\":\"$3\"}" -o answer -w '%{time_total}\n' >>"$1"
    ! grep -q '"errors"' answer || { head -c 2000 answer >&2; exit 1; }
}
# The value that so many per cent of a file's lines do not exceed, in milliseconds.
percentile() { sort -n "$1" | awk -v of="$2" '{ line[NR] = $1 } END { at = int((NR * of + 99) / 100); printf "%.2f", line[at] * 1000 }'; }

page='kind title dueUntil remainingWorkingDays since action object { id }'
inbox="{ inbox(scope: ORGANISATION, first: 20) { nodes { $page } pageInfo { hasNextPage } } }"
counted="{ inbox(scope: ORGANISATION, first: 20) { counts { kind count countIsCapped } nodes { $page } } }"
printf '%-16s %-14s %10s %10s %8s\n' user query 'p50 ms' 'p95 ms' ratio
for user in admin@partner reviewer@vendor; do
    id=$(ask "$user" '{ opportunities(first: 1) { nodes { id } } }' | sed -n 's/.*"id":"\([^"]*\)".*/\1/p')
    plain="{ opportunity(id: \\\"$id\\\") { number name reviewState } }"
    for _ in $(seq "$requests"); do
        once "$user.plain" "$user" "$plain"
        once "$user.inbox" "$user" "$inbox"
        once "$user.counted" "$user" "$counted"
    done
    one=$(percentile "$user.plain" 95)
    for query in plain inbox counted; do
        p95=$(percentile "$user.$query" 95)
        ratio=$(awk -v a="$p95" -v b="$one" 'BEGIN { printf "%.2f", a / b }')
        printf '%-16s %-14s %10s %10s %8s\n' "$user" "$query" "$(percentile "$user.$query" 50)" "$p95" "$ratio"
    done
    printf '  %s\n' "$(ask "$user" "$counted" | sed -n 's/.*"counts":\(\[[^]]*\]\).*/\1/p')"
done
