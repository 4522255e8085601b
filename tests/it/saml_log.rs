//! What the log says of a refused sign-in: the exact reason, and nothing that a person or a key would give away.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use reqwest::StatusCode;
use tracing_subscriber::fmt::MakeWriter;

use crate::support::app::TestApp;
use crate::support::idp::TestIdp;

/// Keeps everything that is logged in this process.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Kept {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn the_reason_is_logged_and_the_answer_never_is() {
    let log = Kept::default();
    let everything = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
    everything
        .with_writer(log.clone())
        .try_init()
        .expect("no other test has a log");
    let app = TestApp::start().await;
    let idp = TestIdp::register(&app, "iam").await;
    let jar = reqwest::Client::builder().cookie_store(true);
    let client = jar
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let start = client
        .get(app.base.join("/saml/login").unwrap())
        .send()
        .await
        .unwrap();
    let redirect = start.headers()["location"].to_str().unwrap().to_owned();
    let answer = idp.answer(&redirect, "subject-of-this-test");
    let post = || {
        let acs = app.base.join("/saml/acs").unwrap();
        client
            .post(acs)
            .form(&[("SAMLResponse", answer.as_str())])
            .send()
    };

    let accepted = post().await.unwrap();
    let replayed = post().await.unwrap();

    assert_eq!(accepted.status(), StatusCode::SEE_OTHER);
    assert_eq!(replayed.status(), StatusCode::FORBIDDEN);
    let session = accepted.headers()["set-cookie"].to_str().unwrap();
    let (_, token) = session.split(';').next().unwrap().split_once('=').unwrap();
    let reference = replayed.headers()["x-request-id"].to_str().unwrap();
    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    let said = log
        .lines()
        .find(|line| line.contains("Replayed"))
        .expect(&log);
    assert!(said.contains(reference), "{said}");
    let ours: Vec<_> = log
        .lines()
        .filter(|line| line.contains("portico::"))
        .collect();
    for secret in [&answer[..200], "subject-of-this-test", "林梅", token] {
        assert!(
            !ours.iter().any(|line| line.contains(secret)),
            "{secret} is in the log"
        );
    }
}
