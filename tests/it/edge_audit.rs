//! GraphQL over HTTP as its specification has it, asked by the specification's own audits (reliability R74).

use std::path::Path;

use chrono::TimeDelta;
use portico::db::{Acting, Scope};
use portico::identity::service_accounts::{self, NewServiceAccount, ServiceToken};
use secrecy::ExposeSecret as _;

use crate::support::app::TestApp;
use crate::support::builders::the_vendor;

const AUDITS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/audit");

#[tokio::test]
async fn every_audit_of_graphql_over_http_passes() {
    if !Path::new(AUDITS).join("node_modules").exists() {
        // `./test` installs it wherever there is Node.js.
        eprintln!("not audited: npm --prefix tests/audit ci");
        return;
    }
    let app = TestApp::start().await;
    let token = a_service_token(&app).await;

    let audit = tokio::process::Command::new("node")
        .arg("graphql-http.mjs")
        .current_dir(AUDITS)
        .env("GRAPHQL_URL", app.base.join("/graphql").unwrap().as_str())
        .env("GRAPHQL_TOKEN", token)
        .output()
        .await
        .unwrap();

    let said = String::from_utf8_lossy(&audit.stdout);
    assert!(
        audit.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&audit.stderr)
    );
    assert!(said.contains("61 of 61 audits passed"), "{said}");
}

async fn a_service_token(app: &TestApp) -> String {
    let organisation = the_vendor().insert(&mut app.owner().await).await;
    let acting = Acting {
        actor: "test".to_owned(),
        correlation_id: "test".to_owned(),
    };
    let token = ServiceToken::fresh().unwrap();
    let mut tx = app.app.db.begin(&Scope::Vendor, &acting).await.unwrap();
    let account = NewServiceAccount {
        organisation,
        name: "audit",
        permissions: [].into(),
        created_by: None,
        expires_at: app.now() + TimeDelta::days(1),
    };
    service_accounts::create(&mut tx, account, &token)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    token.text().expose_secret().to_owned()
}
