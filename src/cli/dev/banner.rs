//! What a person reads when the gateway is up: where it is, who can sign in, and one request to paste.

use chrono::{SecondsFormat, TimeDelta};

use super::Prepared;
use super::kind::Kind;
use crate::cli::output;
use crate::ids::SandboxTravelId;
use crate::seed::DEMO_USERS;

const QUERY: &str = "{ viewer { __typename } opportunities(first: 3) { nodes { number } } }";

const TRAVEL: &str = "mutation($at: DateTime!, $key: UUID!) { sandboxAdvanceTo(input: {at: $at, idempotencyKey: $key}) { travel { before after deadlinesExpired } errors { message } } }";

pub(super) fn show(prepared: &Prepared, kind: Kind) {
    let url = prepared
        .app
        .config
        .server
        .public_url
        .as_str()
        .trim_end_matches('/');
    output::line(&format!("\nPortico is ready: {url}\n"));
    let is_sandbox = prepared.app.db.clock().is_sandbox();
    if is_sandbox {
        let now = prepared.app.db.clock().process();
        output::line(&format!(
            "  This is a sandbox: in it, it is {}, people are made up, and the vendor answers by a script.\n",
            now.to_rfc3339_opts(SecondsFormat::Secs, true)
        ));
    }
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
    let folder = kind.folder();
    output::line(&format!(
        "\nMail is written to {folder}/mail/*.eml, text messages to {folder}/sms/*.txt."
    ));
    if is_sandbox && !prepared.token.is_empty() {
        output::line(&format!(
            "\nThe same a week later, with every deadline in between kept or missed:\n\n  \
             curl -s {url}/graphql -H 'authorization: Bearer {}' -H 'content-type: application/json' \\\n    \
             -d '{{\"query\":\"{TRAVEL}\",\"variables\":{{\"at\":\"{}\",\"key\":\"{}\"}}}}'",
            prepared.token,
            (prepared.app.db.clock().process() + TimeDelta::days(7))
                .to_rfc3339_opts(SecondsFormat::Secs, true),
            prepared.app.db.ids().fresh::<SandboxTravelId>().0,
        ));
    }
    output::line("\nCtrl-C stops it; the data stays.");
}
