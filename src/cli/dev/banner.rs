//! What a person reads when the gateway is up: where it is, who can sign in, and one request to paste.

use super::Prepared;
use crate::cli::output;
use crate::seed::DEMO_USERS;

const QUERY: &str = "{ viewer { __typename } opportunities(first: 3) { nodes { number } } }";

pub(super) fn show(prepared: &Prepared) {
    let url = prepared
        .app
        .config
        .server
        .public_url
        .as_str()
        .trim_end_matches('/');
    output::line(&format!("\nPortico is ready: {url}\n"));
    output::line("  user               password      who");
    for user in DEMO_USERS {
        let password = prepared
            .iam
            .passwords
            .get(user.user)
            .map_or("", String::as_str);
        let who = match user.membership {
            Some(membership) => format!(
                "{}, {} of {}",
                user.display_name,
                membership.role,
                membership.employer.name()
            ),
            None => format!(
                "{}, known to IAM and no member of anything",
                user.display_name
            ),
        };
        output::line(&format!("  {:<18} {password}  {who}", user.user));
    }
    if !prepared.token.is_empty() {
        output::line(&format!(
            "\nOne request, as a machine:\n\n  \
             curl -s {url}/graphql -H 'authorization: Bearer {}' -H 'content-type: application/json' \\\n    \
             -d '{{\"query\":\"{QUERY}\"}}'",
            prepared.token
        ));
    }
    output::line("\nMail is written to var/dev/mail/*.eml, text messages to var/dev/sms/*.txt.");
    output::line("\nCtrl-C stops it; the data stays.");
}
