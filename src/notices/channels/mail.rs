//! Mail: over SMTP, or into a folder from which a person or another program takes it.

use std::path::Path;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{
    Address, AsyncFileTransport, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
};

use super::SendError;
use crate::notices::message::Letter;

/// How long one exchange with the mail server may take.
const PATIENCE: Duration = Duration::from_secs(15);

#[derive(Clone)]
pub(crate) enum MailTransport {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(Arc<AsyncFileTransport<Tokio1Executor>>),
}

impl MailTransport {
    /// An address such as `smtps://user:password@smtp.example.com`; nothing is connected yet.
    pub(crate) fn smtp(url: &str) -> Result<Self, lettre::transport::smtp::Error> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)?;
        Ok(Self::Smtp(builder.timeout(Some(PATIENCE)).build()))
    }

    /// One `.eml` file per message.
    pub(crate) fn folder(folder: &Path) -> Self {
        Self::Folder(Arc::new(AsyncFileTransport::new(folder)))
    }
}

/// The channel of this deployment.
#[derive(Clone)]
pub(crate) struct Mail {
    pub(crate) transport: MailTransport,
    pub(crate) from: Mailbox,
    /// The host of the portal's public address: message ids and the list are named after it.
    pub(crate) host: String,
}

/// Tells mail programs that this is a list, so that people can sort by it.
#[derive(Clone)]
struct ListId(String);

impl Header for ListId {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Id")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}

/// Tells mail programs to send no holiday answers.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

impl Mail {
    /// Sends one letter; `id` stays the same when it is sent again, so that a repetition can be told from a second one.
    pub(crate) async fn send(
        &self,
        (id, to): (&str, &str),
        letter: &Letter,
        now: DateTime<Utc>,
    ) -> Result<(), SendError> {
        let message = self.message((id, to), letter, now)?;
        match &self.transport {
            MailTransport::Smtp(transport) => match transport.send(message).await {
                Ok(_accepted) => Ok(()),
                Err(error) => Err(verdict(&error)),
            },
            MailTransport::Folder(transport) => match transport.send(message).await {
                Ok(_file) => Ok(()),
                Err(error) => {
                    tracing::warn!(%error, "a mail could not be written");
                    Err(SendError::Later("FOLDER_UNWRITABLE"))
                }
            },
        }
    }

    /// An address that is none, a line break in it included, makes no message at all.
    fn message(
        &self,
        (id, to): (&str, &str),
        letter: &Letter,
        now: DateTime<Utc>,
    ) -> Result<Message, SendError> {
        let to = Address::from_str(to).map_err(|_not_one| SendError::Never("ADDRESS_INVALID"))?;
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(letter.subject.as_str())
            .date(now.into())
            .message_id(Some(format!("<{id}@{}>", self.host)))
            .header(ListId(format!("<notices.{}>", self.host)))
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(
                letter.text.clone(),
                letter.html.clone(),
            ))
            .map_err(|error| {
                tracing::warn!(%error, "a mail could not be put together");
                SendError::Never("MESSAGE_INVALID")
            })
    }
}

/// Only what the server says about this message or its address is final; everything else may pass.
fn verdict(error: &lettre::transport::smtp::Error) -> SendError {
    use lettre::transport::smtp::response::Category;
    tracing::warn!(%error, "a mail did not go out");
    if error.is_permanent() {
        // 53x is about our own password or the encryption: an operator mends that.
        let is_about_us = error
            .status()
            .is_some_and(|status| status.category == Category::Unspecified3);
        return if is_about_us {
            SendError::Later("SMTP_SIGN_IN_REFUSED")
        } else {
            SendError::Never("REFUSED_BY_SERVER")
        };
    }
    if error.is_transient() {
        SendError::Later("REFUSED_FOR_NOW")
    } else if error.is_timeout() {
        SendError::Later("SERVER_SILENT")
    } else {
        SendError::Later("SERVER_UNREACHABLE")
    }
}
