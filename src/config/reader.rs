//! Reads one key after the other, remembers what was asked, and collects what is wrong instead of stopping at it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use config::Value;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::Purpose;
use super::environment;
use super::layers::Layers;
use super::problem::{Kind, Problem, Problems};

pub(super) struct Reader {
    values: BTreeMap<String, Value>,
    purpose: Purpose,
    asked: BTreeSet<String>,
    problems: Vec<Problem>,
}

impl Reader {
    pub(super) fn new(layers: &Layers, purpose: Purpose) -> Result<Self, Problems> {
        Ok(Self {
            values: layers.read()?,
            purpose,
            asked: BTreeSet::new(),
            problems: Vec::new(),
        })
    }

    /// Whether people will sign in over a network with these settings.
    pub(super) fn is_for_serving(&self) -> bool {
        self.purpose == Purpose::Serve
    }

    /// Ends the reading; a key that nobody asked for is a spelling mistake.
    pub(super) fn finish(mut self) -> Result<(), Problems> {
        let unknown: Vec<String> = self
            .values
            .keys()
            .filter(|key| !self.asked.contains(*key))
            .cloned()
            .collect();
        for key in unknown {
            self.refuse(&key, "there is no such setting");
        }
        Problems::check(self.problems)
    }

    /// Ends the reading of a command that needs only some of the settings.
    pub(super) fn finish_partly(self) -> Result<(), Problems> {
        Problems::check(self.problems)
    }

    pub(super) fn refuse(&mut self, key: &str, message: impl Into<String>) {
        let problem = Problem::wrong(key.to_owned(), self.source(key), message.into());
        self.problems.push(problem);
    }

    /// Where the value of `key` comes from.
    fn source(&self, key: &str) -> Option<String> {
        let value = self.values.get(key)?;
        Some(match value.origin() {
            Some("the environment") => environment::variable(key),
            Some(file) => file.to_owned(),
            None => "the built-in values".to_owned(),
        })
    }

    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        self.asked.insert(key.to_owned());
        let value = self.values.get(key)?.clone();
        if let Ok(text) = value.into_string() {
            Some(text)
        } else {
            self.refuse(key, "must be one value, not a list");
            None
        }
    }

    /// The value of `key` by `parse`, or `default`; `what` completes "must be".
    pub(super) fn parsed<T>(
        &mut self,
        key: &str,
        default: T,
        what: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> T {
        let Some(text) = self.text(key) else {
            return default;
        };
        parse(&text).unwrap_or_else(|| {
            self.refuse(key, format!("must be {what}, not `{text}`"));
            default
        })
    }

    /// A whole number of at least one.
    pub(super) fn count<T: FromStr + From<u8> + PartialOrd>(&mut self, key: &str, default: T) -> T {
        self.parsed(key, default, "a whole number above zero", |text| {
            text.replace('_', "")
                .parse()
                .ok()
                .filter(|n| *n >= T::from(1))
        })
    }

    pub(super) fn duration(&mut self, key: &str, default: Duration) -> Duration {
        self.parsed(
            key,
            default,
            "a duration such as 500ms, 30s, 5m or 12h",
            duration,
        )
    }

    pub(super) fn path(&mut self, key: &str) -> Option<PathBuf> {
        self.text(key).map(PathBuf::from)
    }

    /// Every element of a list; a variable gives it as one text with commas.
    pub(super) fn list<T>(
        &mut self,
        key: &str,
        what: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Vec<T> {
        self.asked.insert(key.to_owned());
        let Some(value) = self.values.get(key).cloned() else {
            return Vec::new();
        };
        let items: Vec<String> = match value.clone().into_array() {
            Ok(items) => items
                .into_iter()
                .filter_map(|item| item.into_string().ok())
                .collect(),
            Err(_not_a_list) => value
                .into_string()
                .unwrap_or_default()
                .split(',')
                .map(str::to_owned)
                .collect(),
        };
        let mut list = Vec::new();
        for item in items
            .iter()
            .map(|item| item.trim())
            .filter(|item| !item.is_empty())
        {
            match parse(item) {
                Some(parsed) => list.push(parsed),
                None => self.refuse(key, format!("each entry must be {what}, not `{item}`")),
            }
        }
        list
    }

    /// An absolute http(s) URL without query or fragment.
    pub(super) fn url(&mut self, key: &str) -> Option<Url> {
        let text = self.text(key)?;
        let url = Url::parse(&text).ok().filter(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.query().is_none()
                && url.fragment().is_none()
        });
        if url.is_none() {
            self.refuse(
                key,
                format!("must be a URL such as https://portal.example.com, not `{text}`"),
            );
        }
        url
    }

    pub(super) fn missing(&mut self, key: &str) {
        self.refuse(
            key,
            format!(
                "must be set, in the file or as {}",
                environment::variable(key)
            ),
        );
    }

    /// A secret, given as such or as a file that holds nothing else (`<key>_file`).
    pub(super) fn secret(&mut self, key: &str) -> Option<SecretString> {
        let file_key = format!("{key}_file");
        match (self.text(key), self.path(&file_key)) {
            (Some(_), Some(_)) => {
                self.refuse(
                    &file_key,
                    format!("is set beside `{key}`; give only one of them"),
                );
                None
            }
            (Some(secret), None) => Some(secret.into()),
            (None, Some(_)) => self.private_file(&file_key),
            (None, None) => None,
        }
    }

    /// Like [`Self::secret`]; empty, with the problem noted, when it is absent.
    pub(super) fn required_secret(&mut self, key: &str) -> SecretString {
        self.secret(key).unwrap_or_else(|| {
            if !self.values.contains_key(key) && !self.values.contains_key(&format!("{key}_file")) {
                self.missing(key);
            }
            SecretString::default()
        })
    }

    /// The text of a file that only its owner and group may read.
    pub(super) fn private_file(&mut self, key: &str) -> Option<SecretString> {
        use std::os::unix::fs::PermissionsExt;
        let text = self.file(key)?;
        let path = self.path(key)?;
        let mode = fs::metadata(&path).map_or(0, |metadata| metadata.permissions().mode());
        if mode & 0o007 != 0 {
            let shown = path.display();
            self.refuse(
                key,
                format!(
                    "every user of this machine may use {shown} (mode {:03o}): chmod o= it",
                    mode & 0o777
                ),
            );
        }
        Some(text.expose_secret().trim_end().into())
    }

    /// The text of a file.
    pub(super) fn file(&mut self, key: &str) -> Option<SecretString> {
        let path = self.path(key)?;
        match fs::read_to_string(&path) {
            Ok(text) => Some(text.into()),
            Err(error) => {
                self.problems.push(Problem {
                    kind: if error.kind() == std::io::ErrorKind::NotFound {
                        Kind::MissingFile
                    } else {
                        Kind::Wrong
                    },
                    key: key.to_owned(),
                    source: self.source(key),
                    message: format!("cannot read {}: {error}", path.display()),
                });
                None
            }
        }
    }

    #[cfg(test)]
    pub(super) fn into_asked(self) -> BTreeSet<String> {
        self.asked
    }
}

/// `500ms`, `30s`, `5m`, `12h` or `7d`.
fn duration(text: &str) -> Option<Duration> {
    let split = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(split);
    let number: u64 = number.parse().ok()?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    let duration = Duration::from_millis(number.checked_mul(millis)?);
    (!duration.is_zero()).then_some(duration)
}
