//! Inviting and accepting against PostgreSQL, under the roles and policies of production.

mod manage;

use chrono::TimeDelta;
use secrecy::ExposeSecret as _;

use super::super::model::{InvitationState, Invitee};
use super::*;
use crate::db::{Applied, Scope};
use crate::error::{Code, Refusal};
use crate::identity::RandomToken;
use crate::ids::{IdSource, MemberId};
use crate::organisation::members::MemberRole as R;
use crate::organisation::testing::{World, reasons, refusals, roles};
use crate::viewer::Permission;

fn invite(email: &str, account_name: &str) -> Invite {
    Invite {
        invitee: Invitee {
            email: email.to_owned(),
            name: "李华".to_owned(),
            account_name: account_name.to_owned(),
            roles: roles(&[R::Operator]),
        },
        token: RandomToken::fresh().unwrap(),
    }
}

/// Sends an invitation of the partner to li@x.example.
async fn sent(world: &World) -> (InvitationId, String) {
    let change = invite("li@x.example", "lihua");
    let applied = world.apply(&world.admin.viewer(), &change).await.unwrap();
    (
        applied.outcome,
        change.token.text().expose_secret().to_owned(),
    )
}

async fn accept(
    world: &World,
    viewer: &Viewer,
    token: &str,
) -> Result<Applied<super::accept::Accepted>, Failure> {
    let change = Accept::prepare(&world.db, viewer, token).await?;
    world.apply(viewer, &change).await
}

async fn visitor(world: &World, email: Option<&str>) -> Viewer {
    Viewer::Federated(world.visitor(email).await)
}

#[tokio::test]
async fn an_invited_person_becomes_a_member_and_the_session_with_it() {
    let world = World::new().await;
    let (invitation, token) = sent(&world).await;
    let person = world.visitor(Some("LI@X.example")).await;

    let accepted = accept(&world, &Viewer::Federated(person.clone()), &token)
        .await
        .unwrap()
        .outcome;

    assert_eq!(
        (accepted.organisation, accepted.invitation),
        (world.partner, invitation)
    );
    let made = "SELECT count(*) FROM members
        JOIN member_roles ON member_id = members.id AND role = 'OPERATOR'
        JOIN identity_links ON identity_links.member_id = members.id AND made_by = 'INVITATION'
        JOIN invitations ON accepted_member_id = members.id AND invitations.state = 'ACCEPTED'
        JOIN sessions ON sessions.member_id = members.id AND revoked_at IS NULL
        WHERE members.account_name = 'lihua' AND members.email = 'li@x.example'";
    assert_eq!(world.count(made).await, 1);
    let old = "SELECT count(*) FROM sessions WHERE member_id IS NULL AND revoked_at IS NULL";
    assert_eq!(world.count(old).await, 0);
    let traces = "SELECT count(*) FROM timeline_entries WHERE action IN ('member.created', 'invitation.accepted')
        AND actor LIKE 'fid\\_%'";
    assert_eq!(world.count(traces).await, 2);
}

#[tokio::test]
async fn a_token_is_kept_as_a_digest_only() {
    let world = World::new().await;

    let (_, token) = sent(&world).await;

    assert_eq!(token.len(), 43);
    assert!(!world.everything().await.contains(&token));
}

#[tokio::test]
async fn a_token_that_nobody_got_is_unknown() {
    let world = World::new().await;
    let person = visitor(&world, None).await;
    let before = world.everything().await;

    for token in [
        "",
        "x",
        &"A".repeat(43),
        RandomToken::fresh().unwrap().text().expose_secret(),
    ] {
        assert_eq!(
            reasons(accept(&world, &person, token).await),
            ["INVITATION_UNKNOWN"]
        );
    }
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn an_invitation_is_good_for_seven_days_to_the_second() {
    let world = World::new().await;
    let (_, in_time) = sent(&world).await;
    let late = invite("late@x.example", "late");
    world.apply(&world.admin.viewer(), &late).await.unwrap();
    let (one, other) = (visitor(&world, None).await, visitor(&world, None).await);
    world
        .clock
        .advance(TimeDelta::days(7) - TimeDelta::microseconds(1));
    // Sessions are not what this is about.
    let longer =
        "WITH longer AS (UPDATE sessions SET absolute_until = absolute_until + '9 days'::interval,
        idle_until = idle_until + '9 days'::interval RETURNING 1) SELECT count(*) FROM longer";
    world.count(longer).await;

    assert!(accept(&world, &one, &in_time).await.is_ok());
    world.clock.advance(TimeDelta::microseconds(1));
    let before = world.everything().await;
    let refused = accept(&world, &other, late.token.text().expose_secret()).await;

    assert_eq!(reasons(refused), ["INVITATION_EXPIRED"]);
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn an_invitation_is_used_once() {
    let world = World::new().await;
    let (_, token) = sent(&world).await;
    let first = visitor(&world, None).await;
    accept(&world, &first, &token).await.unwrap();

    let refused = accept(&world, &visitor(&world, None).await, &token).await;

    assert_eq!(reasons(refused), ["INVITATION_USED"]);
}

#[tokio::test]
async fn of_two_who_accept_at_once_one_wins() {
    let world = World::new().await;
    let (_, token) = sent(&world).await;
    let (one, other) = (visitor(&world, None).await, visitor(&world, None).await);

    let (first, second) =
        tokio::join!(accept(&world, &one, &token), accept(&world, &other, &token));

    let refused: Vec<_> = [first, second]
        .into_iter()
        .filter(Result::is_err)
        .flat_map(reasons)
        .collect();
    assert_eq!(refused, ["INVITATION_USED"]);
    assert_eq!(
        world
            .count("SELECT count(*) FROM members WHERE account_name = 'lihua'")
            .await,
        1
    );
}

#[tokio::test]
async fn a_repeated_acceptance_answers_the_same_member() {
    let world = World::new().await;
    let (_, token) = sent(&world).await;
    let (person, key) = (visitor(&world, None).await, IdSource.fresh::<MemberId>().0);
    let first = Accept::prepare(&world.db, &person, &token).await.unwrap();
    let again = Accept::prepare(&world.db, &person, &token).await.unwrap();

    let first = world.apply_under(key, &person, &first).await.unwrap();
    let again = world.apply_under(key, &person, &again).await.unwrap();

    assert_eq!((first.replayed, again.replayed), (false, true));
    assert_eq!(first.outcome, again.outcome);
    let sessions = "SELECT count(*) FROM sessions WHERE revoked_at IS NULL";
    assert_eq!(world.count(sessions).await, 4);
}

#[tokio::test]
async fn an_invitation_to_another_address_is_refused() {
    let world = World::new().await;
    let (_, token) = sent(&world).await;
    let stranger = visitor(&world, Some("li@y.example")).await;
    let before = world.everything().await;

    let refused = accept(&world, &stranger, &token).await;

    assert_eq!(reasons(refused), ["INVITATION_FOR_ANOTHER_PERSON"]);
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn a_newer_invitation_voids_the_older() {
    let world = World::new().await;
    let (_, older) = sent(&world).await;
    let again = invite("Li@X.Example", "lihua");
    world.apply(&world.admin.viewer(), &again).await.unwrap();
    let person = visitor(&world, None).await;

    let refused = accept(&world, &person, &older).await;

    assert_eq!(reasons(refused), ["INVITATION_REVOKED"]);
    assert!(
        accept(&world, &person, again.token.text().expose_secret())
            .await
            .is_ok()
    );
    let trace = "SELECT count(*) FROM timeline_entries WHERE action = 'invitation.revoked' AND reason = 'REPLACED'";
    assert_eq!(world.count(trace).await, 1);
}

#[tokio::test]
async fn a_revoked_invitation_is_refused() {
    let world = World::new().await;
    let (invitation, token) = sent(&world).await;
    let (viewer, revoke) = (
        world.admin.viewer(),
        Revoke {
            invitation,
            expected_version: 1,
        },
    );
    let stale = Revoke {
        invitation,
        expected_version: 9,
    };
    assert_eq!(
        reasons(world.apply(&viewer, &stale).await),
        ["VERSION_CONFLICT"]
    );

    world.apply(&viewer, &revoke).await.unwrap();

    let again = Revoke {
        invitation,
        expected_version: 2,
    };
    assert_eq!(
        reasons(world.apply(&viewer, &again).await),
        ["INVITATION_REVOKED"]
    );
    let person = visitor(&world, None).await;
    assert_eq!(
        reasons(accept(&world, &person, &token).await),
        ["INVITATION_REVOKED"]
    );
}

#[tokio::test]
async fn a_name_given_away_meanwhile_is_not_given_twice() {
    let world = World::new().await;
    let (_, token) = sent(&world).await;
    world.member(world.partner, &[R::Finance], "lihua").await;
    let person = visitor(&world, None).await;
    let before = world.everything().await;

    assert_eq!(
        reasons(accept(&world, &person, &token).await),
        ["ACCOUNT_NAME_TAKEN"]
    );
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn who_is_a_member_already_is_not_made_one_again() {
    let world = World::new().await;
    let (_, token) = sent(&world).await;
    // IAM tells no address of hers any more, so only the link says who she is.
    let nameless = "WITH nameless AS (UPDATE federated_identities SET email = NULL RETURNING 1) SELECT count(*) FROM nameless";
    world.count(nameless).await;
    let before = world.everything().await;

    let refused = accept(&world, &world.finance.viewer(), &token).await;

    assert_eq!(reasons(refused), ["IDENTITY_ALREADY_LINKED"]);
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn a_member_of_another_organisation_can_accept() {
    let world = World::new().await;
    let change = invite("rob@iam.example", "rob");
    world.apply(&world.admin.viewer(), &change).await.unwrap();

    let token = change.token.text();
    let accepted = accept(&world, &world.rivals_admin.viewer(), token.expose_secret())
        .await
        .unwrap();

    assert_eq!(accepted.outcome.organisation, world.partner);
    let links =
        "SELECT count(*) FROM identity_links JOIN federated_identities f ON f.id = identity_id
        WHERE f.email = 'rob@iam.example' AND ended_at IS NULL";
    assert_eq!(world.count(links).await, 2);
}

#[tokio::test]
async fn a_frozen_organisation_takes_nobody_in() {
    let world = World::new().await;
    let (_, token) = sent(&world).await;
    world.freeze(world.partner).await;
    let person = visitor(&world, None).await;
    let before = world.everything().await;

    assert_eq!(
        reasons(accept(&world, &person, &token).await),
        ["ORGANISATION_FROZEN"]
    );
    let invited = world
        .apply(&world.admin.viewer(), &invite("new@x.example", "new"))
        .await;
    assert_eq!(reasons(invited), ["ORGANISATION_FROZEN"]);
    assert_eq!(world.everything().await, before);
}
