//! What uploads leave behind is collected; a disk that takes nothing is said, and nothing is half done.

use std::fs::File;
use std::time::SystemTime;

use super::*;

fn age(path: &std::path::Path, at: DateTime<Utc>) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::from(at)).unwrap();
}

#[tokio::test]
async fn r71_a_disk_that_takes_nothing_answers_503_and_nothing_is_half_written() {
    let app = TestApp::start().await;
    let caller = a_caller(&app).await;
    let announced = prepared(&caller, "a.pdf", "application/pdf", PDF).await;
    std::fs::create_dir_all(app.documents()).unwrap();
    std::fs::remove_dir_all(app.documents()).unwrap();
    // A file where the folder should be: not even root can write into it.
    std::fs::write(app.documents(), "").unwrap();

    let (status, body) = put(&caller, upload_url(&announced), PDF).await;

    assert_eq!(
        (status, reason(&body)),
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "DOCUMENT_STORE_UNAVAILABLE"
        )
    );
    assert_eq!(state(&app).await, ["PREPARED"]);
    std::fs::remove_file(app.documents()).unwrap();
    assert_eq!(
        put(&caller, upload_url(&announced), PDF).await.0,
        StatusCode::NO_CONTENT
    );
}

#[tokio::test]
async fn r6_what_nobody_completes_is_collected_after_a_day_and_what_is_complete_stays() {
    let app = TestApp::start().await;
    let caller = a_caller(&app).await;
    let never_sent = prepared(&caller, "a.pdf", "application/pdf", PDF).await;
    let stored = prepared(&caller, "b.pdf", "application/pdf", PDF).await;
    put(&caller, upload_url(&stored), PDF).await;
    let stored_file = files(&app).remove(0);
    completed(&caller, "c.pdf", PDF).await;
    // A process was killed while it wrote, another one between its file's name and its row.
    let unfinished = stored_file.with_extension("0123.part");
    std::fs::write(&unfinished, "half").unwrap();
    let orphan = stored_file.with_file_name(uuid::Uuid::now_v7().simple().to_string());
    std::fs::write(&orphan, "whole").unwrap();
    let foreign = stored_file.with_file_name("README");
    std::fs::write(&foreign, "not ours").unwrap();
    for file in files(&app) {
        age(&file, app.now());
    }
    let all = files(&app).len();

    app.clock.advance(TimeDelta::hours(24));
    assert_eq!(app.app.tick().await, [""; 0]);
    assert_eq!(
        (files(&app).len(), state(&app).await.join(" ")),
        (all, "PREPARED STORED COMPLETE".to_owned())
    );

    app.clock.advance(TimeDelta::hours(1));
    assert_eq!(app.app.tick().await, [""; 0]);
    assert_eq!(state(&app).await, ["DISCARDED", "DISCARDED", "COMPLETE"]);
    assert!(!unfinished.exists() && !orphan.exists() && !stored_file.exists() && foreign.exists());
    assert_eq!(files(&app).len(), 2);
    // The first session is over by then.
    let caller = app.member(caller.organisation, "later", &["FINANCE"]).await;
    for gone in [&never_sent, &stored] {
        assert_eq!(
            reasons(&complete(&caller, id(gone)).await),
            ["DOCUMENT_NOT_STORED"]
        );
    }
    let discarded = "SELECT count(*) FROM timeline_entries WHERE action = 'document.discarded'";
    assert_eq!(app.count(discarded).await, 2);
}
