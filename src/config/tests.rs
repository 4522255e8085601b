use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;
use broken::BROKEN;

mod broken;

const EXAMPLE: &str = include_str!("../../deploy/portico.example.toml");

/// A folder with good keys, and a good configuration that names them.
struct Site(PathBuf);

impl Site {
    fn new(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("portico-config-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let site = Self(folder);
        for (pair, subject) in [
            ("saml", "/CN=portal.example.com"),
            ("dev", "/CN=portico-development"),
        ] {
            let made = Command::new("openssl")
                .args([
                    "req",
                    "-x509",
                    "-newkey",
                    "ec",
                    "-pkeyopt",
                    "ec_paramgen_curve:P-256",
                    "-nodes",
                ])
                .args(["-subj", subject, "-keyout"])
                .arg(site.path(&format!("{pair}.key")))
                .arg("-out")
                .arg(site.path(&format!("{pair}.pem")))
                .output()
                .unwrap();
            assert!(made.status.success());
            fs::set_permissions(
                site.path(&format!("{pair}.key")),
                fs::Permissions::from_mode(0o600),
            )
            .unwrap();
        }
        site.write("cookie.key", &"5".repeat(64), 0o600);
        site.write("short.key", "5555", 0o600);
        site.write(
            "dev-cookie.key",
            &format!("portico-development-{}", "5".repeat(64)),
            0o600,
        );
        site.write("open.key", &"5".repeat(64), 0o644);
        site.write(
            "database.url",
            "postgres://portico_app:hunter2@db/portico\n",
            0o600,
        );
        site.write(
            "database-staff.url",
            "postgres://portico_staff:hunter2@db/portico",
            0o600,
        );
        site.write(
            "portico.toml",
            &EXAMPLE.replace("/etc/portico", site.0.to_str().unwrap()),
            0o600,
        );
        site
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }

    fn write(&self, file: &str, text: &str, mode: u32) {
        fs::write(self.path(file), text).unwrap();
        fs::set_permissions(self.path(file), fs::Permissions::from_mode(mode)).unwrap();
    }

    /// The problems of the good configuration with one value set from the environment.
    fn with(&self, variable: &str, value: &str) -> Vec<Problem> {
        let value = value.replace("SITE", self.0.to_str().unwrap());
        let environment = HashMap::from([(variable.to_owned(), value)]);
        let layers = Layers {
            defaults: None,
            file: Some(self.path("portico.toml")),
            environment,
        };
        problems(Config::load(&layers, Purpose::Serve))
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn problems(loaded: Result<Config, Problems>) -> Vec<Problem> {
    loaded
        .err()
        .map_or_else(Vec::new, |problems| problems.iter().cloned().collect())
}

fn keys(problems: &[Problem]) -> Vec<&str> {
    problems
        .iter()
        .map(|problem| problem.key.as_str())
        .collect()
}

/// Every key that the example names, commented out or not.
fn keys_of_the_example() -> BTreeSet<String> {
    let mut section = String::new();
    let mut keys = BTreeSet::new();
    for line in EXAMPLE.lines().map(|line| line.trim_start_matches("# ")) {
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|line| line.strip_suffix(']'))
        {
            name.clone_into(&mut section);
        } else if let Some((key, _)) = line.split_once(" = ")
            && key.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        {
            keys.insert(format!("{section}.{key}"));
        }
    }
    keys
}

#[test]
fn the_example_names_every_setting_and_no_other() {
    let mut reader = Reader::new(&Layers::default(), Purpose::Serve).unwrap();
    Config::read(&mut reader);

    assert_eq!(keys_of_the_example(), reader.into_asked());
}

#[test]
fn the_example_is_accepted() {
    let site = Site::new("example");
    let layers = Layers {
        file: Some(site.path("portico.toml")),
        ..Layers::default()
    };

    assert_eq!(problems(Config::load(&layers, Purpose::Serve)), []);
}

#[test]
fn what_the_example_shows_as_default_is_the_default() {
    let site = Site::new("defaults");
    let shown: String = fs::read_to_string(site.path("portico.toml"))
        .unwrap()
        .lines()
        .map(|line| {
            if line.contains("_file") || line.contains("://") {
                line
            } else {
                line.strip_prefix("# ").unwrap_or(line)
            }
        })
        .filter(|line| {
            line.is_empty()
                || line.starts_with('[')
                || line
                    .split_once(" = ")
                    .is_some_and(|(key, _)| !key.contains(' '))
        })
        .filter(|line| !line.starts_with("[server.tls]"))
        .collect::<Vec<_>>()
        .join("\n");
    site.write("shown.toml", &shown, 0o600);
    let given = |file: &str| {
        let layers = Layers {
            file: Some(site.path(file)),
            ..Layers::default()
        };
        Config::load(&layers, Purpose::Serve).unwrap_or_else(|problems| panic!("{problems}"))
    };

    let (plain, shown) = (given("portico.toml"), given("shown.toml"));

    assert_eq!(plain.graphql.cost, shown.graphql.cost);
    assert_eq!(plain.graphql.body_bytes, shown.graphql.body_bytes);
    assert_eq!(plain.graphql.introspection, shown.graphql.introspection);
    assert_eq!(plain.session.idle, shown.session.idle);
    assert_eq!(plain.session.absolute, shown.session.absolute);
    assert_eq!(
        plain.database.statement_timeout,
        shown.database.statement_timeout
    );
    assert_eq!(
        plain.database.max_connections,
        shown.database.max_connections
    );
    assert_eq!(plain.server.connection_cap, shown.server.connection_cap);
    assert_eq!(plain.redis.timeout, shown.redis.timeout);
    assert_eq!(
        plain.documents.unfinished_retention,
        shown.documents.unfinished_retention
    );
    assert_eq!(plain.programme.site, shown.programme.site);
    assert_eq!(plain.jobs.enabled, shown.jobs.enabled);
    assert_eq!(plain.jobs.tick, shown.jobs.tick);
    assert_eq!(
        plain.jobs.idempotency_retention,
        shown.jobs.idempotency_retention
    );
    assert_eq!(plain.jobs.session_retention, shown.jobs.session_retention);
    assert_eq!(plain.log.filter, shown.log.filter);
}

#[test]
fn every_broken_setting_is_named_with_its_source() {
    let site = Site::new("broken");
    for &(variable, value, key) in BROKEN {
        let variable = format!("PORTICO_{variable}");

        let found = site.with(&variable, value);

        assert!(keys(&found).contains(&key), "{variable}={value}: {found:?}");
        let named = found.iter().any(|problem| {
            problem.source.as_deref() == Some(&*variable) || key == "database.staff_url"
        });
        assert!(named, "{variable}={value}: {found:?}");
    }
}

#[test]
fn all_problems_are_told_at_once() {
    let layers = Layers {
        defaults: Some("server.public_url = 'http://a.example'".to_owned()),
        ..Layers::default()
    };

    let found = problems(Config::load(&layers, Purpose::Serve));

    let all = [
        "server.public_url",
        "server.trusted_proxies",
        "database.url",
        "database.staff_url",
        "saml.certificate_file",
        "saml.key_file",
        "session.cookie_key_file",
        "documents.folder",
    ];
    assert_eq!(keys(&found), all);
}

#[test]
fn a_role_that_passes_row_level_security_is_refused_and_its_password_is_never_shown() {
    let site = Site::new("roles");
    for role in ["portico_owner", "postgres"] {
        site.write(
            "database.url",
            &format!("postgres://{role}:hunter2@db/portico"),
            0o600,
        );

        let found = site.with("PORTICO_LOG__FILTER", "info");

        assert_eq!(keys(&found), ["database.url"]);
        assert!(!found[0].to_string().contains("hunter2"));
    }
    site.write("database.url", "mysql://root:hunter2@db/portico", 0o600);
    let found = site.with("PORTICO_LOG__FILTER", "info");
    assert_eq!(keys(&found), ["database.url"]);
    assert!(!found[0].to_string().contains("hunter2"));
}

#[test]
fn keys_of_a_development_machine_are_refused_in_production_only() {
    let site = Site::new("dev");
    let text = fs::read_to_string(site.path("portico.toml"))
        .unwrap()
        .replace("saml.pem", "dev.pem")
        .replace("saml.key", "dev.key");
    site.write("portico.toml", &text, 0o600);
    let layers = Layers {
        file: Some(site.path("portico.toml")),
        ..Layers::default()
    };

    assert_eq!(
        keys(&problems(Config::load(&layers, Purpose::Serve))),
        ["saml.certificate_file"]
    );
    assert_eq!(
        keys(&problems(Config::load(&layers, Purpose::Dev))),
        [""; 0]
    );
}

#[test]
fn a_file_that_is_no_toml_is_named_with_the_line() {
    let site = Site::new("syntax");
    site.write("portico.toml", "[server]\nlisten = \n", 0o600);
    let layers = Layers {
        file: Some(site.path("portico.toml")),
        ..Layers::default()
    };

    let found = problems(Config::load(&layers, Purpose::Serve));

    assert_eq!(found.len(), 1);
    assert!(Path::new(&found[0].key).ends_with("portico.toml"));
    assert!(found[0].message.contains("line 2"), "{}", found[0].message);
}
