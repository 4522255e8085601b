//! What can go wrong below the stores. Never shown to a client.

use uuid::Uuid;

use crate::error::Code;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// A row that no constraint should have let in.
    #[error("{column} of {id} holds what the code does not know")]
    Corrupt { column: &'static str, id: Uuid },
    /// A stored outcome that this version of the program cannot read.
    #[error("stored value: {0}")]
    Json(#[from] serde_json::Error),
    /// The source of randomness failed.
    #[error("cryptography: {0}")]
    Crypto(#[from] openssl::error::ErrorStack),
    /// A rule-set value that is missing for this day, or that has another form.
    #[error("no usable value of rule {0}")]
    Rule(&'static str),
}

impl StoreError {
    pub fn corrupt(column: &'static str, id: Uuid) -> Self {
        Self::Corrupt { column, id }
    }

    fn sqlstate(&self) -> Option<String> {
        match self {
            Self::Database(sqlx::Error::Database(error)) => {
                error.code().map(|code| code.to_string())
            }
            Self::Database(_)
            | Self::Corrupt { .. }
            | Self::Json(_)
            | Self::Crypto(_)
            | Self::Rule(_) => None,
        }
    }

    /// Two transactions got in each other's way; the same work done again can succeed.
    pub fn is_retryable(&self) -> bool {
        matches!(self.sqlstate().as_deref(), Some("40001" | "40P01"))
    }

    /// A row that another transaction holds was not released in time.
    pub fn is_lock_timeout(&self) -> bool {
        self.sqlstate().as_deref() == Some("55P03")
    }

    pub fn is_statement_timeout(&self) -> bool {
        self.sqlstate().as_deref() == Some("57014")
    }

    /// The constraint that refused a row, when that is what happened.
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Database(sqlx::Error::Database(error)) => error.constraint(),
            Self::Database(_)
            | Self::Corrupt { .. }
            | Self::Json(_)
            | Self::Crypto(_)
            | Self::Rule(_) => None,
        }
    }

    /// What a client may know of it.
    pub fn code(&self) -> Code {
        if self.is_unavailable() || self.is_lock_timeout() {
            Code::Unavailable
        } else if self.is_statement_timeout() {
            Code::Timeout
        } else {
            Code::Internal
        }
    }

    /// The database cannot be reached or will not serve: the caller may come back later.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Database(
                sqlx::Error::Io(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed,
            ) => true,
            // Shutting down, starting up, out of connections, read-only standby, disk full.
            Self::Database(sqlx::Error::Database(_)) => self.sqlstate().is_some_and(|state| {
                state.starts_with("57P")
                    || state.starts_with("08")
                    || state.starts_with("53")
                    || state == "25006"
            }),
            Self::Database(_)
            | Self::Corrupt { .. }
            | Self::Json(_)
            | Self::Crypto(_)
            | Self::Rule(_) => false,
        }
    }
}
