//! As whom a session acts, and what ends or changes that.

use std::time::Duration;

use chrono::TimeDelta;

use super::{is_invalid, valid};
use crate::identity::links;
use crate::identity::sessions::{self, RevokedBecause, SessionToken, Sessions};
use crate::identity::testing::{Scene, eventually};
use crate::ids::MemberId;
use crate::viewer::{Permission, Viewer};

/// Within this a revocation holds everywhere.
const A_SECOND: Duration = Duration::from_secs(1);

async fn acts_as(replica: &Sessions, token: &SessionToken) -> Option<MemberId> {
    match &valid(replica, token).await.viewer {
        Viewer::Member(member) => Some(member.member),
        Viewer::Federated(_) => None,
        Viewer::Service(_) => panic!("a session is no service account's"),
    }
}

#[tokio::test]
async fn a_person_without_a_link_is_signed_in_as_nobody() {
    let scene = Scene::new().await;
    let token = scene.sign_in(scene.person("zhang").await).await;
    let replica = scene.replica(None).await;
    assert_eq!(acts_as(&replica, &token).await, None);
}

#[tokio::test]
async fn a_member_acts_with_the_permissions_of_its_roles() {
    let scene = Scene::new().await;
    let (identity, organisation, member) = scene.linked_person("zhang").await;
    let token = scene.sign_in(identity).await;
    let replica = scene.replica(None).await;

    let state = valid(&replica, &token).await;
    assert_eq!(state.viewer.organisation(), Some(organisation));
    assert_eq!(acts_as(&replica, &token).await, Some(member));
    assert!(state.viewer.may(Permission::ReadIncentives));
    assert!(!state.viewer.may(Permission::SubmitOpportunities));
}

#[tokio::test]
async fn the_membership_of_the_session_before_is_resumed() {
    let scene = Scene::new().await;
    let (identity, _, oldest) = scene.linked_person("zhang").await;
    scene.clock.advance(TimeDelta::minutes(1));
    let second = scene.organisation("second").await;
    let newer = scene.member(second).await;
    scene.link(identity, second, newer).await;
    let replica = scene.replica(None).await;

    let first = scene.sign_in(identity).await;
    assert_eq!(acts_as(&replica, &first).await, Some(oldest));

    scene.clock.advance(TimeDelta::minutes(1));
    let Viewer::Member(acting) = valid(&replica, &first).await.viewer.clone() else {
        panic!("not a member")
    };
    let mut tx = scene.begin().await;
    let switched = SessionToken::fresh().unwrap();
    sessions::rotate(&mut tx, acting.session, Some((second, newer)), &switched)
        .await
        .unwrap();
    tx.commit().await.unwrap();

    scene.clock.advance(TimeDelta::minutes(1));
    let next = scene.sign_in(identity).await;
    assert_eq!(acts_as(&replica, &next).await, Some(newer));
}

#[tokio::test]
async fn a_disabled_member_is_signed_out_everywhere_within_a_second() {
    let scene = Scene::new().await;
    let (identity, _, member) = scene.linked_person("zhang").await;
    let token = scene.sign_in(identity).await;
    let replicas = [scene.replica(None).await, scene.replica(None).await];
    for replica in &replicas {
        valid(replica, &token).await;
    }

    let mut tx = scene.begin().await;
    sessions::revoke_of_member(&mut tx, member, RevokedBecause::MemberDisabled)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    for replica in &replicas {
        eventually(A_SECOND, async || is_invalid(replica, &token).await).await;
    }
}

#[tokio::test]
async fn an_ended_link_ends_the_sessions_that_act_through_it() {
    let scene = Scene::new().await;
    let (identity, _, member) = scene.linked_person("zhang").await;
    let token = scene.sign_in(identity).await;
    let replica = scene.replica(None).await;
    valid(&replica, &token).await;

    let mut tx = scene.begin().await;
    assert_eq!(
        links::end_of_member(&mut tx, member).await.unwrap(),
        Some(identity)
    );
    tx.commit().await.unwrap();
    eventually(A_SECOND, async || is_invalid(&replica, &token).await).await;
    let again = scene.sign_in(identity).await;
    assert_eq!(acts_as(&replica, &again).await, None);
}

#[tokio::test]
async fn new_roles_hold_within_a_second_and_the_session_stays() {
    let scene = Scene::new().await;
    let (identity, _, member) = scene.linked_person("zhang").await;
    let token = scene.sign_in(identity).await;
    let replica = scene.replica(None).await;
    assert!(
        !valid(&replica, &token)
            .await
            .viewer
            .may(Permission::SubmitOpportunities)
    );

    scene
        .execute(
            "UPDATE member_roles SET role = 'ACCOUNT_MANAGER' WHERE member_id = $1",
            member.0,
        )
        .await;
    let mut tx = scene.begin().await;
    sessions::forget_viewers_of_member(&mut tx, member)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let may = async || {
        valid(&replica, &token)
            .await
            .viewer
            .may(Permission::SubmitOpportunities)
    };
    eventually(A_SECOND, may).await;
}

#[tokio::test]
async fn nobody_acts_for_a_closed_organisation() {
    let scene = Scene::new().await;
    let (identity, organisation, _) = scene.linked_person("zhang").await;
    let token = scene.sign_in(identity).await;
    let replica = scene.replica(None).await;
    valid(&replica, &token).await;

    scene
        .execute(
            "UPDATE organisations SET state = 'CLOSED' WHERE id = $1",
            organisation.0,
        )
        .await;
    let mut tx = scene.begin().await;
    sessions::forget_viewers_of_organisation(&mut tx, organisation)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    eventually(A_SECOND, async || is_invalid(&replica, &token).await).await;
}

#[tokio::test]
async fn a_member_disabled_behind_our_back_is_invalid_for_who_reads_the_truth() {
    let scene = Scene::new().await;
    let (identity, _, member) = scene.linked_person("zhang").await;
    let token = scene.sign_in(identity).await;
    scene
        .execute(
            "UPDATE members SET state = 'DISABLED', disabled_at = created_at WHERE id = $1",
            member.0,
        )
        .await;
    let replica = scene.replica(None).await;
    assert!(is_invalid(&replica, &token).await);
}
