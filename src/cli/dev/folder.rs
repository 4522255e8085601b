//! `var/dev/` or `var/sandbox/`: what belongs to one gateway of this clone and is made at its first start.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::clock::Clock;
use crate::config::DEVELOPMENT_MARK;
use crate::saml::SigningKey;

/// Where mail and text messages are put, for whoever tries what others would be told.
pub(super) const MAIL: &str = "mail";
pub(super) const SMS: &str = "sms";
const MAIL_FROM: &str = "Portico <no-reply@portico.example>";

/// The folder, held by this process until it ends.
pub(super) struct Folder {
    path: PathBuf,
    lock: File,
}

/// Connection strings of the three roles.
pub(super) struct Urls {
    pub(super) app: String,
    pub(super) staff: String,
    pub(super) owner: String,
}

impl Folder {
    /// Takes the folder `name` of the clone at `root`; refused while another gateway of that clone has it.
    pub(super) fn take(root: &Path, name: &str) -> anyhow::Result<Self> {
        let path = root.join(name);
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&path)
            .with_context(|| format!("cannot make {}", path.display()))?;
        let file = path.join("lock");
        let mut lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .mode(0o600)
            .open(&file)
            .with_context(|| format!("cannot open {}", file.display()))?;
        match lock.try_lock() {
            Ok(()) => {
                for inner in [MAIL, SMS] {
                    let inner = path.join(inner);
                    DirBuilder::new()
                        .recursive(true)
                        .mode(0o700)
                        .create(&inner)
                        .with_context(|| format!("cannot make {}", inner.display()))?;
                }
                Ok(Self { path, lock })
            }
            Err(TryLockError::WouldBlock) => {
                let mut says = String::new();
                lock.read_to_string(&mut says)?;
                bail!("it runs already in this folder: {}", says.trim())
            }
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {name}"))
            }
        }
    }

    /// Leaves word for a second start in the same folder.
    pub(super) fn announce(&mut self, url: &str) -> io::Result<()> {
        self.lock.set_len(0)?;
        self.lock.rewind()?;
        writeln!(self.lock, "{url}, process {}", std::process::id())
    }

    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.path.join(file)
    }

    /// The text of a file that only we may read, made by `make` when there is none.
    pub(super) fn keep(
        &self,
        file: &str,
        make: impl FnOnce() -> anyhow::Result<Vec<u8>>,
    ) -> anyhow::Result<Vec<u8>> {
        let path = self.path(file);
        match fs::read(&path) {
            Ok(text) => return Ok(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
        }
        let text = make()?;
        self.write(file, &text)
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(text)
    }

    /// A crash leaves the whole file or none.
    pub(super) fn write(&self, file: &str, text: &[u8]) -> io::Result<()> {
        let unfinished = self.path(&format!("{file}.new"));
        let mut out = OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&unfinished)?;
        out.write_all(text)?;
        out.sync_all()?;
        fs::rename(&unfinished, self.path(file))
    }

    /// A signing key and its certificate under this name, as `<name>.key` and `<name>.pem`.
    pub(super) fn signing_key(&self, name: &str) -> anyhow::Result<SigningKey> {
        let (key_file, certificate_file) = (format!("{name}.key"), format!("{name}.pem"));
        // Both or none: after half of a first start the pair is made anew.
        if !(self.path(&key_file).exists() && self.path(&certificate_file).exists()) {
            let made = SigningKey::generate(DEVELOPMENT_MARK, Clock::default().process())?;
            let (key, certificate) = made.to_pem()?;
            self.write(&key_file, &key)?;
            self.write(&certificate_file, &certificate)?;
        }
        let key = fs::read(self.path(&key_file))?;
        let certificate = fs::read(self.path(&certificate_file))?;
        Ok(SigningKey::from_pem(&key, &certificate)?)
    }

    /// Random text under this name.
    pub(super) fn random(&self, file: &str) -> anyhow::Result<String> {
        let text = self.keep(file, || {
            Ok(format!("{DEVELOPMENT_MARK}-{}", random_hex::<32>()?).into_bytes())
        })?;
        Ok(String::from_utf8(text)?)
    }

    /// The settings of a development gateway, for whatever the environment leaves unsaid.
    pub(super) fn settings(
        &self,
        listen: SocketAddr,
        urls: Option<&Urls>,
    ) -> anyhow::Result<String> {
        let path = |file: &str| self.path(file).to_string_lossy().into_owned();
        let mut settings = vec![
            ("server.listen", listen.to_string()),
            ("server.public_url", format!("http://{listen}")),
            ("server.drain_delay", "1ms".to_owned()),
            ("server.drain_limit", "10s".to_owned()),
            ("saml.certificate_file", path("saml.pem")),
            ("saml.key_file", path("saml.key")),
            ("session.cookie_key_file", path("cookie.key")),
            ("documents.folder", path("documents")),
            ("graphql.introspection", "everyone".to_owned()),
            ("mail.transport", "file".to_owned()),
            ("mail.folder", path(MAIL)),
            ("mail.from", MAIL_FROM.to_owned()),
            ("sms.transport", "file".to_owned()),
            ("sms.folder", path(SMS)),
        ];
        if let Some(urls) = urls {
            settings.extend([
                ("database.url", urls.app.clone()),
                ("database.staff_url", urls.staff.clone()),
                ("database.owner_url", urls.owner.clone()),
            ]);
        }
        settings
            .iter()
            // A JSON string is a TOML string, whatever characters the path has.
            .map(|(key, value)| Ok(format!("{key} = {}\n", serde_json::to_string(value)?)))
            .collect()
    }
}

/// `N` random bytes, as twice as many characters.
pub(super) fn random_hex<const N: usize>() -> anyhow::Result<String> {
    use std::fmt::Write as _;
    let mut bytes = [0_u8; N];
    openssl::rand::rand_bytes(&mut bytes)?;
    Ok(bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    }))
}
