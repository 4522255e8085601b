//! A real SimpleSAMLphp of Debian's package, configured for one gateway and one test, on loopback.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use portico::clock::Clock;
use portico::saml::SigningKey;

use super::app::TestApp;
use super::idp;

const WWW: &str = "/usr/share/simplesamlphp/www";
const TRIES: u32 = 400;

pub(crate) struct SimpleSamlPhp {
    server: Child,
    folder: PathBuf,
    /// Its own description of itself.
    pub(crate) metadata: String,
}

/// Which of its messages SimpleSAMLphp signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signs {
    Response,
    Assertion,
    Both,
}

impl SimpleSamlPhp {
    /// Starts it with one user, makes it trust the gateway's metadata, and registers it with the gateway.
    pub(crate) async fn start(app: &TestApp, person: (&str, &str), signs: Signs) -> Self {
        let started = Self::start_for(&app.app.sign_in.service.metadata(), person, signs).await;
        let entity_id = started
            .metadata
            .split("entityID=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        idp::register(app, &started.metadata, entity_id, "SimpleSAMLphp").await;
        started
    }

    /// Starts it with one user, and makes it trust the service of this metadata.
    pub(crate) async fn start_for(
        service: &str,
        (user, password): (&str, &str),
        signs: Signs,
    ) -> Self {
        assert!(
            Path::new(WWW).is_dir(),
            "SimpleSAMLphp is missing: ./test installs the Debian package simplesamlphp"
        );
        // Free for now; another process could take it in between, and then the start below fails.
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}/", free.local_addr().unwrap());
        drop(free);
        let folder = std::env::temp_dir().join(format!("portico-ssp-{}", uuid::Uuid::now_v7()));
        for below in ["cert", "metadata", "work"] {
            std::fs::create_dir_all(folder.join(below)).unwrap();
        }
        let key = SigningKey::generate("simplesamlphp", Clock::default().process()).unwrap();
        let (private, certificate) = key.to_pem().unwrap();
        let write = |name: &str, text: &[u8]| std::fs::write(folder.join(name), text).unwrap();
        write("cert/idp.pem", &private);
        write("cert/idp.crt", &certificate);
        write("sp.xml", service.as_bytes());
        write("config.php", config(&folder, &base).as_bytes());
        write("authsources.php", people(user, password).as_bytes());
        write(
            "metadata/saml20-idp-hosted.php",
            hosted(&base, signs).as_bytes(),
        );
        let server = Command::new("php")
            .args(["-d", "error_reporting=0", "-S"])
            .arg(base.trim_start_matches("http://").trim_end_matches('/'))
            .args(["-t", WWW])
            .env("SIMPLESAMLPHP_CONFIG_DIR", &folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("php starts");
        let mut started = Self {
            server,
            folder,
            metadata: String::new(),
        };
        started.metadata = metadata(&base).await;
        started
    }
}

impl Drop for SimpleSamlPhp {
    fn drop(&mut self) {
        self.server.kill().ok();
        self.server.wait().ok();
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

/// Its own description of itself, as soon as it answers.
async fn metadata(base: &str) -> String {
    for _ in 0..TRIES {
        if let Ok(answer) = reqwest::get(format!("{base}saml2/idp/metadata.php")).await {
            assert!(
                answer.status().is_success(),
                "SimpleSAMLphp answers {}",
                answer.status()
            );
            return answer.text().await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("SimpleSAMLphp does not answer at {base}");
}

fn config(folder: &Path, base: &str) -> String {
    let folder = folder.display();
    format!(
        "<?php $config = [
            'baseurlpath' => '{base}',
            'certdir' => '{folder}/cert/', 'metadatadir' => '{folder}/metadata/', 'datadir' => '{folder}/work/',
            'tempdir' => '{folder}/work/', 'loggingdir' => '{folder}/work/',
            'attributenamemapdir' => '/etc/simplesamlphp/attributemap/',
            'secretsalt' => 'only for this test', 'auth.adminpassword' => 'never used',
            'technicalcontact_email' => 'test@portico.example', 'timezone' => 'UTC', 'admin.checkforupdates' => false,
            'logging.handler' => 'file', 'logging.logfile' => 'log', 'enable.saml20-idp' => true,
            'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true],
            'store.type' => 'phpsession', 'session.phpsession.savepath' => '{folder}/work',
            'session.cookie.secure' => false, 'session.cookie.samesite' => null,
            'language.available' => ['en'], 'language.cookie.secure' => false, 'language.cookie.samesite' => null,
            'metadata.sources' => [['type' => 'flatfile'], ['type' => 'xml', 'file' => '{folder}/sp.xml']],
        ];"
    )
}

fn people(user: &str, password: &str) -> String {
    format!(
        "<?php $config = ['people' => ['exampleauth:UserPass', '{user}:{password}' => [
            'uid' => ['{user}'], 'displayName' => ['林梅'], 'mail' => ['{user}@partner.example'],
        ]]];"
    )
}

fn hosted(base: &str, signs: Signs) -> String {
    let response = signs != Signs::Assertion;
    let assertion = signs != Signs::Response;
    format!(
        "<?php $metadata['{base}idp'] = [
            'host' => '__DEFAULT__', 'privatekey' => 'idp.pem', 'certificate' => 'idp.crt', 'auth' => 'people',
            'redirect.validate' => true, 'saml20.sign.response' => {response}, 'saml20.sign.assertion' => {assertion},
            'signature.algorithm' => 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
            'NameIDFormat' => ['urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'],
            'authproc' => [1 => ['class' => 'saml:AttributeNameID', 'attribute' => 'uid',
                'Format' => 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent']],
        ];"
    )
}
