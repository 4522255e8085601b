//! The flag of a document foretells its mutation: in every state of the document and of the organisation, for everybody
//! who may ask.

use std::collections::BTreeSet;

use super::*;
use crate::ids::ServiceAccountId;
use crate::standing;
use crate::viewer::{ActingService, SignedInIdentity};

/// How the document's own organisation stands; the first leaves it as it is.
const STANDINGS: [&str; 3] = [
    "UPDATE organisations SET state = 'ACTIVE', frozen_reason = NULL, frozen_release = NULL",
    "UPDATE organisations SET state = 'FROZEN', frozen_reason = 'Bills are overdue.', frozen_release = 'The bills are paid.'",
    "UPDATE organisations SET state = 'CLOSED', frozen_reason = NULL, frozen_release = NULL",
];
const VIEWERS: usize = 6;

fn viewer(world: &World, number: usize) -> Viewer {
    let Viewer::Member(own) = world.viewer() else {
        unreachable!()
    };
    let acting_for = |kind, organisation| ActingFor {
        organisation,
        kind,
        state: OrganisationState::Active,
    };
    match number {
        0 => Viewer::Member(own),
        1 => Viewer::Member(ActingMember {
            permissions: BTreeSet::from([Permission::ReadOpportunities]),
            ..own
        }),
        2 => Viewer::Member(ActingMember {
            acting_for: acting_for(OrganisationKind::Partner, id()),
            ..own
        }),
        3 => Viewer::Member(ActingMember {
            acting_for: acting_for(OrganisationKind::Vendor, id()),
            ..own
        }),
        4 => Viewer::Service(ActingService {
            account: id::<ServiceAccountId>(),
            acting_for: own.acting_for,
            permissions: own.permissions,
            expires_at: now(),
        }),
        _ => Viewer::Federated(SignedInIdentity {
            identity: own.identity,
            session: own.session,
        }),
    }
}

async fn foretold(world: &World, viewer: &Viewer, document: &Document) -> Option<&'static str> {
    let verdict = policy::complete(viewer, document);
    let standing = match viewer.organisation() {
        Some(own) => standing::of(&mut world.begin().await, own).await.unwrap(),
        None => None,
    };
    let verdict = match standing {
        Some(standing) => verdict.under(&standing),
        None => verdict,
    };
    let first = verdict.blockers.first();
    first.map(|blocker| blocker.refusal.reason.0)
}

/// Brings the document into a state, with its bytes where it has some.
async fn bring_into(world: &World, state: DocumentState) -> Document {
    let document = world.prepared().await;
    world.whole(&document).await.place().await.unwrap();
    sqlx::query(
        "UPDATE documents SET state = $2, completed_at = CASE WHEN $2 = 'COMPLETE' THEN prepared_at END WHERE id = $1",
    )
    .bind(document.id.0)
    .bind(state.as_str())
    .execute(&mut world.test.connect("portico_owner").await)
    .await
    .unwrap();
    world.document(document.id).await
}

#[tokio::test]
async fn the_flag_of_a_document_and_its_mutation_agree_in_every_state() {
    let world = World::new().await;
    let mut owner = world.test.connect("portico_owner").await;
    let mut seen = BTreeSet::new();
    for state in [
        DocumentState::Prepared,
        DocumentState::Stored,
        DocumentState::Complete,
        DocumentState::Discarded,
    ] {
        for standing in STANDINGS {
            for number in 0..VIEWERS {
                sqlx::query(STANDINGS[0]).execute(&mut owner).await.unwrap();
                let document = bring_into(&world, state).await;
                sqlx::query(standing).execute(&mut owner).await.unwrap();
                let viewer = viewer(&world, number);
                let foretold = foretold(&world, &viewer, &document).await;
                let change = Complete {
                    id: document.id,
                    expected_version: None,
                    files: world.files.clone(),
                };

                let answer = world.apply_as(&viewer, &change).await;

                let case = format!("{state:?} {standing} viewer {number}");
                let left = world.document(document.id).await;
                match answer {
                    Ok(_) => assert_eq!(
                        (foretold, left.state),
                        (None, DocumentState::Complete),
                        "{case}"
                    ),
                    refused @ Err(_) => {
                        assert_eq!(foretold, Some(reason(refused)), "{case}");
                        assert_eq!(left, document, "{case}");
                    }
                }
                seen.insert(foretold.unwrap_or("ALLOWED"));
            }
        }
    }

    let expected = [
        "ALLOWED",
        "DOCUMENT_NOT_FOUND",
        "DOCUMENT_NOT_STORED",
        "NOT_A_MEMBER",
        "ORGANISATION_CLOSED",
        "PERMISSION_MISSING",
    ];
    let mut expected = BTreeSet::from(expected);
    // Only when the rule set does not leave it open to the frozen.
    expected.extend(seen.get("ORGANISATION_FROZEN"));
    assert_eq!(seen, expected);
}
