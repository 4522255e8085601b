//! A preflight tells what the submission would refuse, and of others' deals no more than that there are some.

use super::catalogue::target;
use super::*;
use crate::opportunities::service::preflight;

/// R-OPP-15, R-OPP-24: whatever was left out, a submission right after a preflight is refused exactly for what it told.
#[tokio::test]
async fn a_submission_is_refused_exactly_for_what_the_preflight_told() {
    let world = World::new().await;
    let clears: [fn(&mut ContentEdit); 7] = [
        |edit| edit.description = Edit::Leave,
        |edit| edit.budget = Edit::Leave,
        |edit| edit.need = Edit::Leave,
        |edit| edit.contacts = Edit::Leave,
        |edit| edit.customer_consent_confirmed = Edit::Leave,
        |edit| edit.particulars.offerings = Edit::Leave,
        |edit| edit.particulars.pre_sales = Edit::Leave,
    ];
    for mask in 0..1_u32 << clears.len() {
        let mut content = complete();
        for (bit, clear) in clears.iter().enumerate() {
            if mask & (1 << bit) != 0 {
                clear(&mut content);
            }
        }
        let draft = world.draft(content).await;
        let snapshot = world.db.snapshot(world.seller().read_scope());
        let told = preflight::read(&world.seller(), &snapshot, draft.id).await;
        let told: Vec<_> = told.unwrap().unwrap().submission.blockers;
        let told: Vec<_> = told
            .iter()
            .map(|one| (one.refusal.reason.0, one.refusal.path.join(".")))
            .collect();
        let submit = Submit {
            target: target(draft),
        };
        match world.apply(&world.seller(), &submit).await {
            Ok(_) => assert!(told.is_empty(), "{mask:b}: {told:?}"),
            refused @ Err(_) => assert_eq!(refusals(refused), told, "{mask:b}"),
        }
    }
}

/// R-OPP-31: a partner's preflight tells that there is a duplicate, and neither which nor whose.
#[tokio::test]
async fn a_preflight_tells_of_a_duplicate_and_not_whose() {
    let world = World::new().await;
    let first = world.under_validation(&world.seller(), complete()).await;
    world.validate(first).await.unwrap();
    let create = Create {
        content: World::rivals(),
    };
    let draft = world.apply(&world.rival(), &create).await.unwrap().outcome;
    let snapshot = world.db.snapshot(world.rival().read_scope());
    let told = preflight::read(&world.rival(), &snapshot, draft.id)
        .await
        .unwrap()
        .unwrap();
    let duplicate = told
        .doubts
        .iter()
        .find(|one| one.reason.0 == "PO_DUPLICATE")
        .unwrap();
    assert_eq!(
        duplicate.data,
        Some(RefusalData::Duplicate { existing: None })
    );
    assert!(
        preflight::read(
            &world.seller(),
            &world.db.snapshot(world.seller().read_scope()),
            draft.id
        )
        .await
        .unwrap()
        .is_none()
    );
    // The function answers for the asking organisation's own deals alone.
    let mut app = world.test.connect("portico_app").await;
    let mut tx = sqlx::Connection::begin(&mut app).await.unwrap();
    let probed: bool = sqlx::query_scalar(
        "SELECT portico_has_duplicate($1, $2, $2) FROM set_config('portico.organisation_id', $3, true)",
    )
    .bind(draft.id.0)
    .bind(now())
    .bind(world.partner.0.to_string())
    .fetch_one(&mut *tx)
    .await
    .unwrap();
    assert!(!probed);
}
