//! Machines, against a real database.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use secrecy::ExposeSecret as _;

use super::{Check, NewServiceAccount, ServiceToken, store};
use crate::identity::service_accounts;
use crate::identity::testing::{Scene, noon};
use crate::viewer::Permission;

#[tokio::test]
async fn a_service_account_has_its_scopes_until_it_expires_or_is_revoked() {
    let scene = Scene::new().await;
    let organisation = scene.organisation("Acme").await;
    let account = NewServiceAccount {
        organisation,
        name: "Export",
        permissions: BTreeSet::from([Permission::ReadIncentives]),
        created_by: None,
        expires_at: noon() + TimeDelta::days(1),
    };
    let (one, other) = (
        ServiceToken::fresh().unwrap(),
        ServiceToken::fresh().unwrap(),
    );
    let mut tx = scene.begin_for(organisation).await;
    service_accounts::create(&mut tx, account.clone(), &one)
        .await
        .unwrap();
    let revoked = service_accounts::create(&mut tx, account, &other)
        .await
        .unwrap();
    tx.commit().await.unwrap();

    assert!(one.text().expose_secret().starts_with("pst_"));
    let read = ServiceToken::parse(one.text().expose_secret()).unwrap();
    let Check::Valid(service) = service_accounts::check(&scene.db, &read).await else {
        panic!("refused")
    };
    assert_eq!(service.acting_for.organisation, organisation);
    assert_eq!(
        service.permissions,
        BTreeSet::from([Permission::ReadIncentives])
    );

    let mut tx = scene.begin_for(organisation).await;
    store::revoke(&mut tx, revoked).await.unwrap();
    tx.commit().await.unwrap();
    let unknown = ServiceToken::fresh().unwrap();
    for token in [&other, &unknown] {
        assert!(matches!(
            service_accounts::check(&scene.db, token).await,
            Check::Invalid
        ));
    }
    scene.clock.advance(TimeDelta::days(1));
    assert!(matches!(
        service_accounts::check(&scene.db, &one).await,
        Check::Invalid
    ));
}

#[tokio::test]
async fn a_service_account_of_a_closed_organisation_is_refused() {
    let scene = Scene::new().await;
    let organisation = scene.organisation("Acme").await;
    let token = ServiceToken::fresh().unwrap();
    let mut tx = scene.begin_for(organisation).await;
    let account = NewServiceAccount {
        organisation,
        name: "Export",
        permissions: BTreeSet::new(),
        created_by: None,
        expires_at: noon() + TimeDelta::days(1),
    };
    service_accounts::create(&mut tx, account, &token)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    scene
        .execute(
            "UPDATE organisations SET state = 'CLOSED' WHERE id = $1",
            organisation.0,
        )
        .await;
    assert!(matches!(
        service_accounts::check(&scene.db, &token).await,
        Check::Invalid
    ));
}
