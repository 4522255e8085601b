//! Creating and editing, and what a repeated key does.

use super::*;

#[tokio::test]
async fn a_draft_comes_back_as_it_was_written() {
    let world = World::new().await;
    let reseller = world.relation(world.rival, world.partner).await;
    let content = ContentEdit {
        external_reference: text("CRM-1"),
        owner: Edit::Set(world.colleague),
        reseller: Edit::Set(reseller),
        ..complete()
    };

    let draft = world.draft(content.clone()).await;

    let stored = world.stored(draft.id).await;
    let (expected, _) = Content::blank(world.colleague).edited(&content).unwrap();
    assert_eq!(stored.content, expected);
    assert_eq!(
        (stored.review, stored.version, stored.created_at),
        (Review::Draft, 1, now())
    );
    assert!(stored.number.starts_with("OPP-2026-"), "{}", stored.number);
    assert_eq!(
        world.history(draft.id).await,
        [("opportunity.created".to_owned(), 1)]
    );
}

#[tokio::test]
async fn whoever_opens_a_draft_owns_it_and_a_machine_has_to_name_one() {
    let world = World::new().await;
    let draft = world.draft(named("A")).await;
    assert_eq!(world.stored(draft.id).await.content.owner, world.seller);

    let Viewer::Member(member) = world.seller() else {
        unreachable!()
    };
    let machine = Viewer::Service(crate::viewer::ActingService {
        account: IdSource.fresh(),
        acting_for: member.acting_for,
        permissions: member.permissions,
        expires_at: now(),
    });
    let refused = world
        .apply(
            &machine,
            &Create {
                content: named("B"),
            },
        )
        .await;
    assert_eq!(refusals(refused), one("OWNER_REQUIRED", "ownerId"));
}

#[tokio::test]
async fn a_draft_names_only_people_and_resellers_of_its_own_organisation() {
    let world = World::new().await;
    let foreign = world.relation(world.partner, world.rival).await;
    let ended = world.relation(world.rival, world.partner).await;
    world
        .run(
            "UPDATE resellers SET state = 'ENDED', ended_at = associated_at WHERE id = $1",
            ended.0,
        )
        .await;
    world
        .run(
            "UPDATE members SET state = 'DISABLED', disabled_at = created_at WHERE id = $1",
            world.colleague.0,
        )
        .await;

    let expected = vec![
        ("OWNER_NOT_FOUND", "ownerId".to_owned()),
        ("RESELLER_NOT_FOUND", "resellerId".to_owned()),
    ];
    for (owner, reseller) in [
        (world.rivals_seller, foreign),
        (world.colleague, ended),
        (IdSource.fresh(), IdSource.fresh()),
    ] {
        let content = ContentEdit {
            owner: Edit::Set(owner),
            reseller: Edit::Set(reseller),
            ..named("A")
        };
        assert_eq!(
            refusals(world.apply(&world.seller(), &Create { content }).await),
            expected
        );
    }
    assert_eq!(world.drafts().await, 0);
}

#[tokio::test]
async fn an_owner_who_was_disabled_later_does_not_stop_other_edits() {
    let world = World::new().await;
    let content = ContentEdit {
        owner: Edit::Set(world.colleague),
        ..named("A")
    };
    let draft = world.draft(content).await;
    world
        .run(
            "UPDATE members SET state = 'DISABLED', disabled_at = created_at WHERE id = $1",
            world.colleague.0,
        )
        .await;
    let update = Update {
        target: Target {
            id: draft.id,
            expected_version: 1,
        },
        content: named("B"),
    };
    assert_eq!(
        world
            .apply(&world.seller(), &update)
            .await
            .unwrap()
            .outcome
            .version,
        2
    );
}

#[tokio::test]
async fn an_external_reference_is_unique_in_the_organisation() {
    let world = World::new().await;
    let content = || ContentEdit {
        external_reference: text("CRM-1"),
        ..named("A")
    };
    world.draft(content()).await;
    let taken = one("EXTERNAL_REFERENCE_TAKEN", "externalReference");
    assert_eq!(
        refusals(
            world
                .apply(&world.seller(), &Create { content: content() })
                .await
        ),
        taken
    );

    let other = world.draft(named("B")).await;
    let update = Update {
        target: Target {
            id: other.id,
            expected_version: 1,
        },
        content: content(),
    };
    assert_eq!(refusals(world.apply(&world.seller(), &update).await), taken);
    assert_eq!(world.stored(other.id).await.version, 1);

    assert!(
        world
            .apply(&world.rival(), &Create { content: content() })
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_number_that_is_taken_is_drawn_again() {
    let world = World::new().await;
    let draft = world.draft(named("A")).await;
    let scope = Scope::Own(world.partner);
    let acting = crate::db::Acting {
        actor: "a".to_owned(),
        correlation_id: "c".to_owned(),
    };
    let mut tx = world.db.begin(&scope, &acting).await.unwrap();
    let twin = Opportunity {
        id: IdSource.fresh(),
        ..world.stored(draft.id).await
    };
    assert_eq!(
        store::insert(&mut tx, &twin).await.unwrap(),
        Inserted::NumberTaken
    );
    let free = Opportunity {
        number: "OPP-2026-000000".to_owned(),
        ..twin
    };
    assert_eq!(store::insert(&mut tx, &free).await.unwrap(), Inserted::Yes);
}

#[tokio::test]
async fn an_edit_writes_the_fields_that_changed_and_no_more() {
    let world = World::new().await;
    let draft = world.draft(complete()).await;
    let edit = ContentEdit {
        budget: Edit::Clear,
        need: text("More"),
        name: text("仓储系统上云"),
        ..ContentEdit::default()
    };
    let update = Update {
        target: Target {
            id: draft.id,
            expected_version: 1,
        },
        content: edit.clone(),
    };

    let written = world.apply(&world.seller(), &update).await.unwrap().outcome;

    let (expected, _) = Content::blank(world.seller)
        .edited(&complete())
        .unwrap()
        .0
        .edited(&edit)
        .unwrap();
    assert_eq!(
        (world.stored(draft.id).await.content, written.version),
        (expected, 2)
    );
    let mut owner = world.test.connect("portico_owner").await;
    let details: serde_json::Value = sqlx::query_scalar(
        "SELECT details FROM timeline_entries WHERE object_id = $1 AND object_version = 2",
    )
    .bind(draft.id.0)
    .fetch_one(&mut owner)
    .await
    .unwrap();
    assert_eq!(details, json!({ "changed": ["budget", "need"] }));

    let same = Update {
        target: Target {
            id: draft.id,
            expected_version: 2,
        },
        ..update
    };
    assert_eq!(
        world
            .apply(&world.seller(), &same)
            .await
            .unwrap()
            .outcome
            .version,
        2
    );
    assert_eq!(world.history(draft.id).await.len(), 2);
}

#[tokio::test]
async fn a_repeated_key_changes_nothing_and_another_input_under_it_is_refused() {
    let world = World::new().await;
    let key = fresh_key();
    let create = Create {
        content: named("A"),
    };
    let first = world
        .db
        .apply(&world.seller(), "c-1", key, &create)
        .await
        .unwrap();
    let update = Update {
        target: Target {
            id: first.outcome.id,
            expected_version: 1,
        },
        content: named("B"),
    };
    world.apply(&world.seller(), &update).await.unwrap();

    let again = world
        .db
        .apply(&world.seller(), "c-2", key, &create)
        .await
        .unwrap();

    assert_eq!((again.replayed, again.outcome), (true, first.outcome));
    let other = IdempotencyKey {
        input_hash: [8; 32],
        ..key
    };
    let reused = world.db.apply(&world.seller(), "c-3", other, &create).await;
    assert_eq!(
        refusals(reused),
        one("IDEMPOTENCY_KEY_REUSED", "idempotencyKey")
    );
    assert_eq!(world.drafts().await, 1);
}

#[tokio::test]
async fn fifty_parallel_requests_of_one_key_make_one_draft() {
    let world = World::new().await;
    let (key, seller) = (fresh_key(), world.seller());
    let create = Create {
        content: named("A"),
    };
    let requests = (0..50).map(|_| world.db.apply(&seller, "c-1", key, &create));

    let answers = futures_util::future::join_all(requests).await;

    let done: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(done.iter().filter(|applied| !applied.replayed).count(), 1);
    assert!(
        done.windows(2)
            .all(|pair| pair[0].outcome == pair[1].outcome)
    );
    assert_eq!(world.drafts().await, 1);
}

#[tokio::test]
async fn a_frozen_organisation_changes_nothing() {
    let world = World::new().await;
    let mut owner = world.test.connect("portico_owner").await;
    sqlx::query(
        "UPDATE organisations SET state = 'FROZEN', frozen_reason = 'Bills are overdue.',
             frozen_release = 'The bills are paid.' WHERE id = $1",
    )
    .bind(world.seller().organisation().unwrap().0)
    .execute(&mut owner)
    .await
    .unwrap();
    let refused = world
        .apply(
            &world.seller(),
            &Create {
                content: named("A"),
            },
        )
        .await;
    assert_eq!(refusals(refused), one("ORGANISATION_FROZEN", ""));
}
