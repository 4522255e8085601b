#!/bin/sh
# A year of an opportunity in seconds: submits one in a sandbox, lets weeks pass, and reads what the vendor made of it.
#
#   portico sandbox                                    # in another terminal; it prints the address and the passwords
#   deploy/examples/sandbox.sh http://127.0.0.1:8080 manager@partner PASSWORD
set -eu

base=${1:?the address of the sandbox} user=${2:?a user} password=${3:?a password}
here=$(dirname "$0")
jar=$(mktemp)
trap 'rm -f "$jar"' EXIT
"$here/sign-in.sh" "$base" "$user" "$password" > "$jar"

key() { cat /proc/sys/kernel/random/uuid; }
# Sends an operation and its variables, as JSON.
graph() {
    curl -sS -b "$jar" "$base/graphql" -H 'content-type: application/json' -H 'x-portico-csrf: 1' -H "origin: $base" \
        -H 'accept-language: en' -d "{\"query\":\"$1\",\"variables\":$2}"
    echo
}
# The first value of a field in an answer.
value() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p" | head -n 1; }
say() { printf '\n%s\n' "$1"; }

say "1. The vendor's answers: review passes after an hour, validation two working days later."
graph 'mutation($i: SandboxVendorScriptInput!) { sandboxVendorScript(input: $i) { script { on answer afterWorkingDays afterMinutes } errors { message path } } }' \
    "{\"i\":{\"idempotencyKey\":\"$(key)\",\"rules\":[{\"on\":\"SUBMISSION\",\"answer\":\"APPROVE\",\"afterMinutes\":60},{\"on\":\"REVIEW_PASSED\",\"answer\":\"VALIDATE\",\"afterWorkingDays\":2}]}}"

say '2. A draft, and its submission.'
now=$(graph '{ sandbox { now } }' '{}' | value now)
day=$(date -u -d "$now + 300 days" +%F)
offering=$(graph '{ viewer { ... on Member { organisation { offerings(first: 1, state: ACTIVE) { nodes { id } } } } } }' '{}' | value id)
made=$(graph 'mutation($i: OpportunityCreateInput!) { opportunityCreate(input: $i) { opportunity { id number version } errors { message path } } }' \
    "{\"i\":{\"idempotencyKey\":\"$(key)\",\"name\":\"A shop in the cloud\",\"description\":\"A shop that moves to the cloud.\",\"customerName\":\"Great Lake Shipping $$\",\"customerRegion\":\"华东\",\"customerIndustry\":\"零售\",\"expectedRevenue\":{\"amount\":\"800000\",\"currency\":\"CNY\"},\"budget\":{\"amount\":\"900000\",\"currency\":\"CNY\"},\"decisionMaker\":\"The owner\",\"need\":\"A shop that stays up.\",\"purchaseOn\":\"$day\",\"contacts\":[{\"name\":\"Robin\",\"email\":\"robin@lake.example\"}],\"customerConsentConfirmed\":true,\"offeringIds\":[\"$offering\"],\"preSalesActivities\":[\"CUSTOMER_VISIT\"]}}")
echo "$made"
id=$(printf '%s' "$made" | value id)
[ -n "$id" ] || exit 1
graph 'mutation($i: OpportunitySubmitInput!) { opportunitySubmit(input: $i) { opportunity { reviewState version } errors { message path } } }' \
    "{\"i\":{\"idempotencyKey\":\"$(key)\",\"opportunityId\":\"$id\",\"expectedVersion\":\"$(printf '%s' "$made" | value version)\"}}"

# Moves the clock so many seconds ahead of the time in the sandbox.
travel() {
    now=$(graph '{ sandbox { now } }' '{}' | value now)
    to=$(date -u -d "@$(($(date -u -d "$now" +%s) + $1))" +%FT%TZ)
    graph 'mutation($i: SandboxAdvanceToInput!) { sandboxAdvanceTo(input: $i) { travel { before after stops deadlinesExpired vendorAnswers } errors { message } } }' \
        "{\"i\":{\"idempotencyKey\":\"$(key)\",\"at\":\"$to\"}}"
    graph 'query($id: ID!) { opportunity(id: $id) { reviewState progressStage version } }' "{\"id\":\"$id\"}"
}
say '3. Two hours later.'
travel 7200
say '4. Three weeks later.'
travel 1814400
say '5. A year later.'
travel 31536000
