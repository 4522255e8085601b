//! What an object says of itself is what the mutations do: for every state, viewer and action.

use chrono::{DateTime, TimeDelta, Utc};

use super::super::super::model::moves::Action;
use super::*;
use crate::db::Change;
use crate::viewer::Permission;

/// A row in a state, with and without a base location, whose invitation ends at `ends`.
async fn insert(
    world: &World,
    person: &Individual,
    (state, place, ends): (PersonState, Option<&str>, DateTime<Utc>),
) -> PersonId {
    let id: PersonId = IdSource.fresh();
    let stored = if state == PersonState::Expired {
        PersonState::Invited
    } else {
        state
    };
    sqlx::query(
        "INSERT INTO dedicated_personnel (organisation_id, id, state, account_id, identity_id, sent_at, expires_at, name,
             base_location, path)
         VALUES ($1, $2, $3, $4, $5, $6, $6, 'N', $7, 'SERVICE')",
    )
    .bind(world.partner.0)
    .bind(id.0)
    .bind(stored.as_str())
    .bind(person.account.0)
    .bind(person.signed_in.identity.0)
    .bind(ends)
    .bind(place)
    .execute(&mut world.owner().await)
    .await
    .unwrap();
    if matches!(
        state,
        PersonState::Dedicated | PersonState::CancelUnderReview
    ) {
        let begun = "INSERT INTO personnel_dedications (organisation_id, id, person_id, path, from_at)
            SELECT organisation_id, id, id, 'SERVICE', changed_at FROM dedicated_personnel WHERE id = $1";
        world.change_behind(&[begun], id.0).await;
    }
    id
}

/// What the mutation answers, without a trace: the transaction is dropped.
async fn try_out<C: Change>(
    world: &World,
    viewer: &Viewer,
    prepared: Result<C, Failure>,
) -> Result<C::Outcome, Failure> {
    let change = prepared?;
    let scope = change.scope(viewer)?;
    let acting = Acting {
        actor: change.actor(viewer),
        correlation_id: "c".to_owned(),
    };
    let mut tx = world.db.begin(&scope, &acting).await?;
    change.apply(&mut tx, &scope).await
}

/// An item's refusals as those of the call.
fn flat(result: Result<Vec<ItemResult>, Failure>) -> Option<&'static str> {
    match result {
        Ok(results) => told(&results[0]).first().copied(),
        Err(failure) => first(Err::<(), _>(failure)),
    }
}

fn first<T>(result: Result<T, Failure>) -> Option<&'static str> {
    match result {
        Ok(_) => None,
        Err(Failure::Refused(refusals)) => Some(refusals.first.reason.0),
        Err(Failure::Internal(error)) => panic!("{error}"),
    }
}

async fn attempt(
    world: &World,
    (action, viewer): (Action, &Viewer),
    (target, file): (Target, DocumentId),
) -> Option<&'static str> {
    let token = RandomToken::fresh().unwrap();
    let documents = vec![file];
    match action {
        Action::Resend => first(try_out(world, viewer, Ok(Resend { target, token })).await),
        Action::Accept => {
            let found = Found::Own(target.id);
            let accept = Accept::prepare(&world.db, viewer, &found, (1, "en")).await;
            first(try_out(world, viewer, accept).await)
        }
        Action::Update => {
            let edit = record::RecordEdit {
                position: Some("Another".to_owned()),
                ..record::RecordEdit::default()
            };
            let update = Update::prepare(&world.db, viewer, (target, edit)).await;
            first(try_out(world, viewer, update).await)
        }
        Action::Apply => {
            let items = vec![ApplyItem { target, documents }];
            let path = Some(DedicatedPath::Service);
            flat(try_out(world, viewer, Ok(Apply { path, items })).await)
        }
        Action::Cancel => {
            let reason = "Because".to_owned();
            let cancel = Cancel {
                target,
                reason,
                documents,
            };
            first(try_out(world, viewer, Ok(cancel)).await)
        }
        Action::CancelWithdraw => {
            first(try_out(world, viewer, Ok(CancelWithdraw { target })).await)
        }
        Action::Decide => {
            let decision = Decision::Approve;
            let decide = Decide(vec![DecideItem { target, decision }]);
            flat(try_out(world, viewer, Ok(decide)).await)
        }
        Action::Disqualify => {
            let reason = "Because".to_owned();
            first(try_out(world, viewer, Ok(Disqualify { target, reason })).await)
        }
        Action::Unbind => first(try_out(world, viewer, Ok(Unbind { target })).await),
        Action::Leave => {
            let leave = Leave::prepare(&world.db, viewer, target).await;
            first(try_out(world, viewer, leave).await)
        }
    }
}

#[tokio::test]
async fn what_an_object_allows_is_what_the_mutation_does() {
    let world = World::new().await;
    on_path(&world).await;
    let file = document(&world, world.partner).await;
    let later = world.now() + TimeDelta::days(1);
    let vendor = vendor_of(&world).await;
    let Viewer::Member(reader) = &vendor else {
        unreachable!("a member")
    };
    let mut reader = reader.clone();
    reader.permissions = [Permission::ReadPersonnel].into();
    let (mut asked, mut open) = (0, 0);
    for (number, &state) in PersonState::ALL.iter().enumerate() {
        for place in [Some("杭州"), None] {
            let name = format!("p{number}{}", place.is_some());
            let person = individual(&world, &name, "PERSONAL").await;
            let ends = if state == PersonState::Expired {
                world.now()
            } else {
                later
            };
            let id = insert(&world, &person, (state, place, ends)).await;
            let viewers = [
                world.admin.viewer(),
                world.admin.with(&[Permission::ReadPersonnel]),
                world
                    .admin
                    .with(&[Permission::ReadPersonnel, Permission::ManagePersonnel]),
                vendor.clone(),
                Viewer::Member(reader.clone()),
                person.viewer(),
            ];
            for viewer in &viewers {
                let snapshot = world.db.snapshot(viewer.read_scope());
                let found = by_id(viewer, &snapshot, &[id]).await.unwrap();
                let found = found.into_values().next().unwrap();
                assert_eq!(found.person.state, state);
                let target = Target {
                    id,
                    expected_version: 1,
                };
                for &action in Action::ALL {
                    let relation = (viewer, found.relation);
                    let verdict = policy::verdict(action, relation, &found.person);
                    let told = verdict.blockers.first().map(|it| it.refusal.reason.0);
                    let answered = attempt(&world, (action, viewer), (target, file)).await;
                    assert_eq!(
                        told, answered,
                        "{action:?} in {state:?} with {place:?} by {viewer:?}"
                    );
                    asked += 1;
                    open += usize::from(answered.is_none());
                }
            }
        }
    }
    assert!(asked >= 1_000 && open > 80, "{asked} asked, {open} open");
}
