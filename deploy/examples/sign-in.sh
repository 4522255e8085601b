#!/bin/sh
# Signs a demo person in at a development gateway, with nothing but curl: the three steps of a SAML sign-in, as a browser
# does them. Writes the cookie jar to standard output.
#
#   deploy/examples/sign-in.sh http://127.0.0.1:8080 admin@partner PASSWORD > jar.txt
set -eu

base=${1:?the address of the gateway} user=${2:?a user} password=${3:?a password}
jar=$(mktemp)
trap 'rm -f "$jar"' EXIT

# The value of a hidden field of a page.
field() { tr '\n' ' ' | sed -n "s/.*name=\"$1\" value=\"\([^\"]*\)\".*/\1/p" | sed 's/&#x2f;/\//g; s/&#x3d;/=/g; s/&amp;/\&/g; s/&#43;/+/g'; }

# 1. The gateway sends the browser to IAM with a signed SAMLRequest; IAM answers with its form.
form=$(curl -sS -L -b "$jar" -c "$jar" "$base/saml/login?return_to=/schema.graphql")
# 2. The form goes back with the name and the password, and with the request that it carries.
request=$(printf '%s' "$form" | field request)
answer=$(curl -sS -b "$jar" -c "$jar" "$base/dev/iam/sso" -H "origin: $base" \
    --data-urlencode "request=$request" --data-urlencode "username=$user" --data-urlencode "password=$password")
# 3. IAM's page posts the signed SAMLResponse to the gateway, which makes the session.
response=$(printf '%s' "$answer" | field SAMLResponse)
[ -n "$response" ] || { echo "IAM did not accept $user with this password." >&2; exit 1; }
curl -sS -o /dev/null -b "$jar" -c "$jar" "$base/saml/acs" -H "origin: $base" --data-urlencode "SAMLResponse=$response"
cat "$jar"
