//! Where settings come from: built-in values of a purpose, then the file, then the environment.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use config::{Environment, File, FileFormat, Value, ValueKind};

use super::environment;
use super::problem::{Problem, Problems};

/// The sources of settings; a later one wins over an earlier one, key by key.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    /// TOML that stands in for values nobody gave.
    pub defaults: Option<String>,
    pub file: Option<PathBuf>,
    /// Whole variable names and their values.
    pub environment: HashMap<String, String>,
}

impl Layers {
    /// A file and this process's environment.
    pub fn of(file: Option<PathBuf>) -> Self {
        Self {
            defaults: None,
            file,
            environment: environment::settings(),
        }
    }

    /// Whether the environment gives `key`, as such or as a file.
    pub fn sets(&self, key: &str) -> bool {
        let variable = environment::variable(key);
        self.environment.contains_key(&variable)
            || self.environment.contains_key(&format!("{variable}_FILE"))
    }

    /// Every value under its whole key (`server.public_url`).
    pub(super) fn read(&self) -> Result<BTreeMap<String, Value>, Problems> {
        let mut builder = config::Config::builder();
        if let Some(defaults) = &self.defaults {
            builder = builder.add_source(File::from_str(defaults, FileFormat::Toml));
        }
        if let Some(file) = &self.file {
            builder = builder.add_source(File::from(file.clone()).format(FileFormat::Toml));
        }
        let environment = Environment::with_prefix("PORTICO")
            .prefix_separator("_")
            .separator(environment::SEPARATOR)
            .source(Some(self.environment.clone()));
        let tree = builder
            .add_source(environment)
            .build()
            .map_err(|error| Problems::of(self.unreadable(&error.to_string())))?;
        let mut flat = BTreeMap::new();
        flatten(String::new(), tree.cache, &mut flat);
        Ok(flat)
    }

    fn unreadable(&self, error: &str) -> Problem {
        let file = self
            .file
            .as_ref()
            .map_or_else(|| "settings".to_owned(), |file| file.display().to_string());
        Problem::wrong(file, None, error.to_owned())
    }
}

fn flatten(key: String, value: Value, flat: &mut BTreeMap<String, Value>) {
    let origin = value.origin().map(str::to_owned);
    if let ValueKind::Table(table) = value.kind {
        for (name, value) in table {
            let key = if key.is_empty() {
                name
            } else {
                format!("{key}.{name}")
            };
            flatten(key, value, flat);
        }
    } else {
        flat.insert(key, Value::new(origin.as_ref(), value.kind));
    }
}
