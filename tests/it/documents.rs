//! Documents as a client meets them: announced in the graph, sent by PUT, completed, and fetched by a signed link.

mod hostile;
mod leftovers;

use chrono::{DateTime, TimeDelta, Utc};
use portico::identity::service_accounts::{self, NewServiceAccount, ServiceToken};
use portico::ids::OrganisationId;
use portico::viewer::Permission;
use reqwest::{Client, Response, StatusCode};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::support::app::{Caller, TestApp, reasons};
use crate::support::builders::{a_partner, the_vendor};

const DOCUMENT: &str =
    "document { id fileName mediaType size sha256 state version downloadUrl uploadUntil }
    upload { url method headers { name value } expiresAt }";
const COMPLETED: &str = "document { id state downloadUrl downloadExpiresAt completedAt version }";
const READ: &str =
    "query($id: ID!) { document(id: $id) { id state downloadUrl } node(id: $id) { id } }";
const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n";

fn sha256(bytes: &[u8]) -> String {
    let digest = openssl::sha::sha256(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn announcement(name: &str, media_type: &str, bytes: &[u8]) -> Value {
    json!({ "fileName": name, "mediaType": media_type, "size": bytes.len(), "sha256": sha256(bytes) })
}

/// Announces a file that is to be taken.
async fn prepared(caller: &Caller, name: &str, media_type: &str, bytes: &[u8]) -> Value {
    let input = announcement(name, media_type, bytes);
    let payload = caller
        .change("documentUploadPrepare", DOCUMENT, input)
        .await;
    assert_eq!(payload["errors"], json!([]), "{payload:#}");
    payload
}

fn upload_url(payload: &Value) -> &str {
    payload["upload"]["url"].as_str().unwrap()
}

fn id(payload: &Value) -> &str {
    payload["document"]["id"].as_str().unwrap()
}

/// Sends a body as a page of ours does.
async fn put(caller: &Caller, url: &str, body: impl Into<Vec<u8>>) -> (StatusCode, Value) {
    let request = Client::new()
        .put(url)
        .header("cookie", &caller.cookie)
        .header("origin", url.split("/documents/").next().unwrap())
        .header("x-portico-csrf", "1")
        .header("accept-language", "en")
        .body(body.into());
    said(request.send().await.unwrap()).await
}

async fn said(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

fn reason(body: &Value) -> &str {
    let extensions = &body["errors"][0]["extensions"];
    let reason = extensions["reason"].as_str();
    reason.or(extensions["code"].as_str()).unwrap_or_default()
}

async fn complete(caller: &Caller, id: &str) -> Value {
    let input = json!({ "documentId": id });
    caller
        .change("documentUploadComplete", COMPLETED, input)
        .await
}

/// A document that is complete.
async fn completed(caller: &Caller, name: &str, bytes: &[u8]) -> Value {
    let announced = prepared(caller, name, "application/pdf", bytes).await;
    let (status, body) = put(caller, upload_url(&announced), bytes).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{body:#}");
    complete(caller, id(&announced)).await
}

async fn get(caller: &Caller, url: &str) -> Response {
    let request = Client::new().get(url).header("cookie", &caller.cookie);
    request.send().await.unwrap()
}

async fn state(app: &TestApp) -> Vec<String> {
    sqlx::query_scalar("SELECT state FROM documents ORDER BY id")
        .fetch_all(&mut app.owner().await)
        .await
        .unwrap()
}

/// Every file below the folder of documents.
fn files(app: &TestApp) -> Vec<std::path::PathBuf> {
    fn walk(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(app.documents(), &mut found);
    found
}

async fn partner(app: &TestApp, name: &str) -> OrganisationId {
    a_partner(name).insert(&mut app.owner().await).await
}

async fn a_caller(app: &TestApp) -> Caller {
    let partner = partner(app, "伙伴").await;
    app.member(partner, "finance", &["FINANCE"]).await
}

async fn bearer(app: &TestApp, organisation: OrganisationId) -> String {
    let token = ServiceToken::fresh().unwrap();
    let acting = portico::db::Acting {
        actor: "test".to_owned(),
        correlation_id: "test".to_owned(),
    };
    let mut tx = app
        .app
        .db
        .begin(&portico::db::Scope::Job("test"), &acting)
        .await
        .unwrap();
    let account = NewServiceAccount {
        organisation,
        name: "uploader",
        permissions: [Permission::WriteDocuments].into(),
        created_by: None,
        expires_at: tx.now() + TimeDelta::days(1),
    };
    service_accounts::create(&mut tx, account, &token)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    token.text().expose_secret().to_owned()
}

#[tokio::test]
async fn a_document_is_announced_sent_completed_and_fetched() {
    let app = TestApp::start().await;
    let caller = a_caller(&app).await;

    let announced = prepared(&caller, "验收报告 (终).pdf", "application/pdf", PDF).await;
    assert_eq!(announced["document"]["state"], "PREPARED");
    assert_eq!(announced["document"]["downloadUrl"], Value::Null);
    assert_eq!(announced["document"]["sha256"], json!(sha256(PDF)));
    assert_eq!(announced["upload"]["method"], "PUT");
    let (status, body) = put(&caller, upload_url(&announced), PDF).await;
    assert_eq!((status, body), (StatusCode::NO_CONTENT, Value::Null));
    assert_eq!(state(&app).await, ["STORED"]);

    let done = complete(&caller, id(&announced)).await;

    assert_eq!(done["document"]["state"], "COMPLETE", "{done:#}");
    let fetched = get(&caller, done["document"]["downloadUrl"].as_str().unwrap()).await;
    let headers = fetched.headers().clone();
    assert_eq!(fetched.status(), StatusCode::OK);
    assert_eq!(fetched.bytes().await.unwrap(), PDF);
    let header = |name: &str| headers[name].to_str().unwrap();
    assert_eq!(header("content-type"), "application/pdf");
    assert_eq!(
        header("content-disposition"),
        "attachment; filename=\"________.pdf\"; filename*=UTF-8''%E9%AA%8C%E6%94%B6%E6%8A%A5%E5%91%8A%20%28%E7%BB%88%29.pdf"
    );
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert!(header("content-security-policy").starts_with("sandbox; default-src 'none'"));
    assert_eq!(header("cache-control"), "private, no-store");
    assert_eq!(header("cross-origin-resource-policy"), "same-origin");
    let actions: Vec<String> = sqlx::query_scalar(
        "SELECT action FROM timeline_entries WHERE object_kind = 'doc' ORDER BY object_version",
    )
    .fetch_all(&mut app.owner().await)
    .await
    .unwrap();
    assert_eq!(
        actions,
        ["document.prepared", "document.stored", "document.completed"]
    );
}

#[tokio::test]
async fn a_machine_sends_with_its_bearer_token_and_needs_no_header_of_a_page() {
    let app = TestApp::start().await;
    let caller = a_caller(&app).await;
    let announced = prepared(&caller, "a.csv", "text/csv", "名称,金额\n".as_bytes()).await;
    let token = bearer(&app, caller.organisation).await;

    let request = Client::new()
        .put(upload_url(&announced))
        .bearer_auth(token)
        .body("名称,金额\n");

    assert_eq!(
        request.send().await.unwrap().status(),
        StatusCode::NO_CONTENT
    );
    assert_eq!(state(&app).await, ["STORED"]);
}

#[tokio::test]
async fn everything_wrong_with_an_announcement_is_said_at_once() {
    let app = TestApp::start().await;
    let caller = a_caller(&app).await;
    let refused = async |name: &str, media_type: &str, size: i64, digest: &str| {
        let input =
            json!({ "fileName": name, "mediaType": media_type, "size": size, "sha256": digest });
        let payload = caller
            .change("documentUploadPrepare", DOCUMENT, input)
            .await;
        assert_eq!(payload["document"], Value::Null);
        reasons(&payload).join(" ")
    };
    let digest = sha256(PDF);

    assert_eq!(
        refused("a/b.exe", "application/pdf", 0, "zz").await,
        "FILE_NAME_UNREADABLE FILE_TYPE_NOT_ALLOWED FILE_EMPTY DIGEST_UNREADABLE"
    );
    for name in [
        "..\\a.pdf",
        "a\0.pdf",
        "fdp.\u{202E}a.pdf",
        "a\n.pdf",
        "a\u{200B}.pdf",
    ] {
        assert_eq!(
            refused(name, "application/pdf", 1, &digest).await,
            "FILE_NAME_UNREADABLE",
            "{name:?}"
        );
    }
    let long = format!("{}.pdf", "长".repeat(4096));
    assert_eq!(
        refused(&long, "application/pdf", 1, &digest).await,
        "FILE_NAME_TOO_LONG"
    );
    assert_eq!(
        refused("a.pdf", "image/png", 1, &digest).await,
        "MEDIA_TYPE_DIFFERS"
    );
    for name in [
        ".pdf",
        "pdf",
        "a.html",
        "a.svg",
        "a.zip",
        "a.docm",
        "a.pdf.exe",
    ] {
        assert_eq!(
            refused(name, "application/pdf", 1, &digest).await,
            "FILE_TYPE_NOT_ALLOWED",
            "{name}"
        );
    }
    assert_eq!(
        refused("a.pdf", "application/pdf", 20_971_521, &digest).await,
        "FILE_TOO_LARGE"
    );
    assert_eq!(state(&app).await, [""; 0]);
}

/// D1 and R-GEN-6: the numbers of the rule document.limits are asked, at the time of each announcement.
#[tokio::test]
async fn r_gen_6_a_quota_is_a_rule_and_holds_between_two_announcements_at_once() {
    let app = TestApp::start().await;
    let caller = a_caller(&app).await;
    let limits = async |from: &'static str, value: Value| {
        sqlx::query(
            "INSERT INTO rules (id, name, site, programme, effective_from, value, source)
             VALUES ($1, 'document.limits', 'CN', 'PORTAL', $2::text::date, $3, 'test')",
        )
        .bind(uuid::Uuid::now_v7())
        .bind(from)
        .bind(value)
        .execute(&mut app.owner().await)
        .await
        .unwrap();
    };
    let value = |files: i64, bytes: i64| {
        json!({ "maximum_bytes": 100, "organisation_bytes": bytes,
        "organisation_files": files, "upload_minutes": 5, "download_minutes": 5 })
    };
    let announce = async || {
        let input = announcement("a.pdf", "application/pdf", PDF);
        let payload = caller
            .change("documentUploadPrepare", DOCUMENT, input)
            .await;
        reasons(&payload).join(" ")
    };

    limits("2026-01-01", value(3, 1_000)).await;
    let four = futures_util::future::join_all((0..4).map(|_| announce())).await;
    let mut four = four;
    four.sort_unstable();
    assert_eq!(four, ["", "", "", "DOCUMENT_FILES_USED_UP"]);

    limits(
        "2026-01-02",
        value(9, 3 * i64::try_from(PDF.len()).unwrap()),
    )
    .await;
    assert_eq!(announce().await, "DOCUMENT_BYTES_USED_UP");
    assert_eq!(state(&app).await.len(), 3);

    // What was announced and never sent makes room by itself.
    app.clock.advance(TimeDelta::minutes(5));
    assert_eq!(announce().await, "");
}

#[tokio::test]
async fn d6_the_vendor_fetches_what_is_complete_and_a_rival_nothing() {
    let app = TestApp::start().await;
    let caller = a_caller(&app).await;
    let rival = partner(&app, "对手").await;
    let rival = app.member(rival, "admin", &["SYSTEM_ADMIN"]).await;
    let vendor = the_vendor().insert(&mut app.owner().await).await;
    let vendor = app.member(vendor, "bd", &["VENDOR_BD"]).await;
    let unfinished = prepared(&caller, "b.pdf", "application/pdf", PDF).await;
    let done = completed(&caller, "a.pdf", PDF).await;
    let read = async |reader: &Caller, id: &str| reader.ask(READ, json!({ "id": id })).await;

    let seen = read(&vendor, id(&done)).await;
    let theirs = seen.text("/document/downloadUrl");
    assert_eq!(get(&vendor, &theirs).await.status(), StatusCode::OK);
    assert_eq!(
        read(&vendor, id(&unfinished)).await.at("/document"),
        &Value::Null
    );
    for document in [&done, &unfinished] {
        let answer = read(&rival, id(document)).await;
        assert_eq!(answer.at("/document"), &Value::Null);
        assert_eq!(answer.at("/node"), &Value::Null);
    }
    // Each link works for the organisation that it was made for and no other, though they may both read the document.
    let ours = done["document"]["downloadUrl"].as_str().unwrap();
    for (reader, url) in [
        (&rival, ours),
        (&rival, &theirs),
        (&vendor, ours),
        (&caller, &theirs),
    ] {
        let (status, body) = said(get(reader, url).await).await;
        assert_eq!(
            (status, reason(&body)),
            (StatusCode::FORBIDDEN, "DOCUMENT_LINK_INVALID")
        );
    }
    let (status, _) = said(Client::new().get(ours).send().await.unwrap()).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_link_works_in_its_last_second_and_not_in_the_one_after() {
    let app = TestApp::start().await;
    let caller = a_caller(&app).await;
    let announced = prepared(&caller, "b.pdf", "application/pdf", PDF).await;
    let done = completed(&caller, "a.pdf", PDF).await;
    let url = done["document"]["downloadUrl"].as_str().unwrap();
    let until: DateTime<Utc> = done["document"]["downloadExpiresAt"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();

    app.clock
        .advance(until - app.now() - TimeDelta::microseconds(1));
    assert_eq!(get(&caller, url).await.status(), StatusCode::OK);
    app.clock.advance(TimeDelta::microseconds(1));
    let (status, body) = said(get(&caller, url).await).await;
    assert_eq!(
        (status, reason(&body)),
        (StatusCode::FORBIDDEN, "DOCUMENT_LINK_EXPIRED")
    );
    let (status, body) = put(&caller, upload_url(&announced), PDF).await;
    assert_eq!(
        (status, reason(&body)),
        (StatusCode::FORBIDDEN, "DOCUMENT_LINK_EXPIRED")
    );
    assert_eq!(state(&app).await, ["PREPARED", "COMPLETE"]);

    // Whoever followed the link in a browser reads a page, in both languages.
    let page = Client::new()
        .get(url)
        .header("cookie", &caller.cookie)
        .header("accept", "text/html,*/*;q=0.8");
    let page = page.send().await.unwrap();
    assert_eq!(page.status(), StatusCode::FORBIDDEN);
    let text = page.text().await.unwrap();
    assert!(
        text.contains("该链接已过期") && text.contains("The time of this link is over"),
        "{text}"
    );
}
