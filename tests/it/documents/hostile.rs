//! Uploads that must leave nothing: whoever sends them, and whatever they send.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

/// Nothing is on the disk, and the row waits as before.
async fn assert_untouched(app: &TestApp, what: &str) {
    assert_eq!(state(app).await, ["PREPARED"], "{what}");
    assert_eq!(files(app), [""; 0].map(std::path::PathBuf::from), "{what}");
}

#[tokio::test]
async fn d6_a_leaked_or_altered_link_stores_nothing() {
    let app = TestApp::start().await;
    let caller = a_caller(&app).await;
    let rival = partner(&app, "对手").await;
    let rival = app.member(rival, "admin", &["SYSTEM_ADMIN"]).await;
    let reader = app.member(caller.organisation, "reader", &[]).await;
    let announced = prepared(&caller, "a.pdf", "application/pdf", PDF).await;
    let url = upload_url(&announced).to_owned();
    let (before, signature) = url.split_once("&signature=").unwrap();
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    let altered = format!("{before}&signature={flipped}{}", &signature[1..]);
    let origin = url.split("/documents/").next().unwrap();

    // The rival's own link, with our document in it, and the other way round.
    let theirs = {
        let input = announcement("a.pdf", "application/pdf", PDF);
        let payload = rival.change("documentUploadPrepare", DOCUMENT, input).await;
        upload_url(&payload).to_owned()
    };
    sqlx::query("DELETE FROM documents WHERE organisation_id = $1")
        .bind(rival.organisation.0)
        .execute(&mut app.owner().await)
        .await
        .unwrap();
    let swapped = format!(
        "{}?{}",
        url.split('?').next().unwrap(),
        theirs.split('?').nth(1).unwrap()
    );
    let later = url.replace("expires=1", "expires=2");
    for (who, url) in [
        (&rival, &url),
        (&rival, &theirs),
        (&rival, &swapped),
        (&caller, &swapped),
        (&caller, &altered),
        (&caller, &later),
    ] {
        let (status, body) = put(who, url, PDF).await;
        assert_eq!(
            (status, reason(&body)),
            (StatusCode::FORBIDDEN, "DOCUMENT_LINK_INVALID"),
            "{url}"
        );
        assert_untouched(&app, url).await;
    }
    for url in [
        &*before.to_string(),
        &*format!("{origin}/documents/doc_x?expires=1&signature=a"),
        &*format!("{url}&x=1"),
    ] {
        let (status, _) = put(&caller, url, PDF).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{url}");
    }
    let (status, body) = put(&reader, &url, PDF).await;
    assert_eq!(
        (status, reason(&body)),
        (StatusCode::FORBIDDEN, "PERMISSION_MISSING")
    );
    assert_untouched(&app, "everybody").await;
}

#[tokio::test]
async fn a_page_of_another_site_cannot_send_with_a_persons_session() {
    let app = TestApp::start().await;
    let caller = a_caller(&app).await;
    let announced = prepared(&caller, "a.pdf", "application/pdf", PDF).await;
    let url = upload_url(&announced);
    let origin = url.split("/documents/").next().unwrap();
    let send = async |headers: &[(&str, &str)]| {
        let mut request = Client::new().put(url).body(PDF);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        said(request.send().await.unwrap()).await
    };
    let cookie = ("cookie", &*caller.cookie);

    let nobody = send(&[("origin", origin), ("x-portico-csrf", "1")]).await;
    assert_eq!(nobody.0, StatusCode::UNAUTHORIZED);
    for headers in [
        vec![cookie],
        vec![cookie, ("origin", origin)],
        vec![cookie, ("x-portico-csrf", "1")],
        vec![
            cookie,
            ("x-portico-csrf", "1"),
            ("origin", "https://evil.example"),
        ],
        vec![
            cookie,
            ("x-portico-csrf", "1"),
            ("sec-fetch-site", "cross-site"),
        ],
    ] {
        let (status, body) = send(&headers).await;
        assert_eq!(
            (status, reason(&body)),
            (StatusCode::FORBIDDEN, "CSRF_BLOCKED"),
            "{headers:?}"
        );
    }
    assert_untouched(&app, "all").await;
}

#[tokio::test]
async fn d2_another_content_than_announced_is_refused_and_can_be_sent_again() {
    let app = TestApp::start().await;
    let caller = a_caller(&app).await;
    let announced = prepared(&caller, "a.pdf", "application/pdf", PDF).await;
    let url = upload_url(&announced);
    let other = [b"%PDF-1.4\n".as_slice(), &PDF[9..]].concat();
    let cases = [
        (PDF[..9].to_vec(), "DOCUMENT_SIZE_DIFFERS"),
        ([PDF, b"x"].concat(), "DOCUMENT_SIZE_DIFFERS"),
        (Vec::new(), "DOCUMENT_SIZE_DIFFERS"),
        (other, "DOCUMENT_DIGEST_DIFFERS"),
    ];
    for (body, expected) in cases {
        let (status, answer) = put(&caller, url, body).await;
        assert_eq!(
            (status, reason(&answer)),
            (StatusCode::UNPROCESSABLE_ENTITY, expected)
        );
        assert_untouched(&app, expected).await;
    }

    assert_eq!(put(&caller, url, PDF).await.0, StatusCode::NO_CONTENT);
    // Once the bytes are there, they stay.
    for body in [PDF, b"else"] {
        let (status, answer) = put(&caller, url, body).await;
        assert_eq!(
            (status, reason(&answer)),
            (StatusCode::CONFLICT, "DOCUMENT_ALREADY_STORED")
        );
    }
    assert_eq!(files(&app).len(), 1);
    assert_eq!(std::fs::read(&files(&app)[0]).unwrap(), PDF);
}

#[tokio::test]
async fn d2_a_program_under_the_name_of_a_document_is_refused() {
    let app = TestApp::start().await;
    let caller = a_caller(&app).await;
    let exe = [b"MZ\x90\x00\x03".as_slice(), &[0; 200]].concat();
    let script = b"#!/bin/sh\nrm -rf /\n".to_vec();
    let html = b"<!DOCTYPE html><script>alert(1)</script>".to_vec();
    let zip = [b"PK\x05\x06".as_slice(), &[0; 18]].concat();
    let office = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    for (name, media_type, bytes) in [
        ("a.pdf", "application/pdf", &exe),
        ("a.png", "image/png", &exe),
        ("a.txt", "text/plain", &exe),
        ("a.txt", "text/plain", &script),
        ("a.txt", "text/plain", &html),
        ("a.pdf", "application/pdf", &html),
        ("a.docx", office, &zip),
        ("a.csv", "text/csv", &zip),
    ] {
        let announced = prepared(&caller, name, media_type, bytes).await;
        let (status, answer) = put(&caller, upload_url(&announced), bytes.clone()).await;
        assert_eq!(
            (status, reason(&answer)),
            (StatusCode::UNPROCESSABLE_ENTITY, "DOCUMENT_TYPE_DIFFERS"),
            "{name}"
        );
    }
    assert_eq!(files(&app).len(), 0);
}

/// Sends headers and a part of the body by hand; `then` says whether the client hangs up or waits for an answer.
async fn half(app: &TestApp, caller: &Caller, url: &str, length: &str) -> tokio::net::TcpStream {
    let (origin, path) = url.split_once("/documents/").unwrap();
    let address = (app.base.host_str().unwrap(), app.base.port().unwrap());
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "PUT /documents/{path} HTTP/1.1\r\nhost: x\r\ncookie: {}\r\norigin: {origin}\r\nx-portico-csrf: 1\r\n{length}\r\n\r\n",
        caller.cookie
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket
}

#[tokio::test]
async fn r6_a_client_that_hangs_up_in_the_middle_leaves_nothing() {
    let app = TestApp::start().await;
    let caller = a_caller(&app).await;
    let announced = prepared(&caller, "a.pdf", "application/pdf", PDF).await;
    let url = upload_url(&announced);

    let length = format!("content-length: {}", PDF.len());
    let mut socket = half(&app, &caller, url, &length).await;
    socket.write_all(&PDF[..10]).await.unwrap();
    while files(&app).is_empty() {
        tokio::task::yield_now().await;
    }
    // As long as it is slow, its file has no name of a document, and another one can be faster.
    let unfinished = files(&app).remove(0);
    assert_eq!(unfinished.extension().unwrap(), "part");
    assert_eq!(state(&app).await, ["PREPARED"]);
    drop(socket);
    while unfinished.exists() {
        tokio::task::yield_now().await;
    }
    assert_untouched(&app, "hung up").await;

    let mut slow = half(&app, &caller, url, &length).await;
    slow.write_all(&PDF[..10]).await.unwrap();
    assert_eq!(put(&caller, url, PDF).await.0, StatusCode::NO_CONTENT);
    slow.write_all(&PDF[10..]).await.unwrap();
    let mut answer = [0; 12];
    slow.read_exact(&mut answer).await.unwrap();
    assert_eq!(std::str::from_utf8(&answer).unwrap(), "HTTP/1.1 409");
    while files(&app).len() > 1 {
        tokio::task::yield_now().await;
    }
    assert_eq!(std::fs::read(&files(&app)[0]).unwrap(), PDF);
    assert_eq!(state(&app).await, ["STORED"]);
}

#[tokio::test]
async fn d1_a_body_without_a_length_ends_at_the_first_byte_too_many() {
    let app = TestApp::start().await;
    let caller = a_caller(&app).await;
    let announced = prepared(&caller, "a.pdf", "application/pdf", PDF).await;

    let mut socket = half(
        &app,
        &caller,
        upload_url(&announced),
        "transfer-encoding: chunked",
    )
    .await;
    let chunk = [format!("{:x}\r\n", PDF.len() + 1).as_bytes(), PDF, b"x\r\n"].concat();
    socket.write_all(&chunk).await.unwrap();

    // No end of the body was ever sent.
    let mut answer = [0; 12];
    socket.read_exact(&mut answer).await.unwrap();
    assert_eq!(std::str::from_utf8(&answer).unwrap(), "HTTP/1.1 422");
    assert_untouched(&app, "too many").await;
}

#[tokio::test]
async fn two_uploads_of_one_document_at_once_store_it_once() {
    let app = TestApp::start().await;
    let caller = a_caller(&app).await;
    let announced = prepared(&caller, "a.pdf", "application/pdf", PDF).await;
    let url = upload_url(&announced);

    let attempts = futures_util::future::join_all((0..6).map(|_| put(&caller, url, PDF))).await;

    let stored = attempts
        .iter()
        .filter(|(status, _)| *status == StatusCode::NO_CONTENT);
    assert_eq!(stored.count(), 1);
    for (_, body) in attempts
        .iter()
        .filter(|(status, _)| *status != StatusCode::NO_CONTENT)
    {
        assert_eq!(reason(body), "DOCUMENT_ALREADY_STORED");
    }
    assert_eq!(files(&app).len(), 1);
    let entries = "SELECT count(*) FROM timeline_entries WHERE action = 'document.stored'";
    assert_eq!(app.count(entries).await, 1);
}

#[tokio::test]
async fn a_document_is_completed_once_and_only_with_its_bytes() {
    let app = TestApp::start().await;
    let caller = a_caller(&app).await;
    let rival = partner(&app, "对手").await;
    let rival = app.member(rival, "admin", &["SYSTEM_ADMIN"]).await;
    let announced = prepared(&caller, "a.pdf", "application/pdf", PDF).await;
    let id = id(&announced);

    assert_eq!(
        reasons(&complete(&caller, id).await),
        ["DOCUMENT_NOT_STORED"]
    );
    put(&caller, upload_url(&announced), PDF).await;
    assert_eq!(reasons(&complete(&rival, id).await), ["DOCUMENT_NOT_FOUND"]);
    let stale = json!({ "documentId": id, "expectedVersion": "v1" });
    let stale = caller
        .change("documentUploadComplete", COMPLETED, stale)
        .await;
    assert_eq!(reasons(&stale), ["VERSION_CONFLICT"]);
    let file = files(&app).remove(0);
    std::fs::rename(&file, file.with_extension("away")).unwrap();
    assert_eq!(
        reasons(&complete(&caller, id).await),
        ["DOCUMENT_STORE_UNAVAILABLE"]
    );
    assert_eq!(state(&app).await, ["STORED"]);
    std::fs::rename(file.with_extension("away"), &file).unwrap();
    assert_eq!(complete(&caller, id).await["document"]["state"], "COMPLETE");
    assert_eq!(
        reasons(&complete(&caller, id).await),
        ["DOCUMENT_NOT_STORED"]
    );
}
