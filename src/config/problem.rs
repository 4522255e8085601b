//! What is wrong with the settings, said so that the reader knows which line to change.

use std::fmt;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub kind: Kind,
    /// The whole key, or the file when the file itself cannot be read.
    pub key: String,
    /// The file or the variable that set it; `None` if nothing did.
    pub source: Option<String>,
    /// Never holds the value of a secret.
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Wrong,
    /// A file that has to be there before the gateway serves; a machine that only checks settings may not have it.
    MissingFile,
}

impl Problem {
    pub(super) fn wrong(key: String, source: Option<String>, message: String) -> Self {
        Self {
            kind: Kind::Wrong,
            key,
            source,
            message,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.message)?;
        match &self.source {
            Some(source) => write!(f, " (set in {source})"),
            None => Ok(()),
        }
    }
}

/// Everything that is wrong, in the order of the sections.
#[derive(Debug)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// What a command ends with that was stopped by its settings.
    pub const EXIT_CODE: u8 = 2;

    pub(super) fn of(problem: Problem) -> Self {
        Self(vec![problem])
    }

    pub(super) fn check(problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Self(problems))
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.0 {
            writeln!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
