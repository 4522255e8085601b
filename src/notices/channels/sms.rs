//! Text messages: a port without a provider. What is shipped writes them into a folder, for reading in development or
//! for an operator's own gateway to pick up.

use std::path::PathBuf;

use futures_util::future::BoxFuture;

use super::SendError;

/// Sends one text to one number; `id` stays the same when it is sent again.
pub(crate) trait Sms: Send + Sync {
    fn send<'a>(
        &'a self,
        id: &'a str,
        to: &'a str,
        text: &'a str,
    ) -> BoxFuture<'a, Result<(), SendError>>;
}

/// One file per text: the number on the first line, then the text.
pub(crate) struct SmsFolder(pub(crate) PathBuf);

impl Sms for SmsFolder {
    fn send<'a>(
        &'a self,
        id: &'a str,
        to: &'a str,
        text: &'a str,
    ) -> BoxFuture<'a, Result<(), SendError>> {
        Box::pin(async move {
            let (unfinished, file) = (self.0.join(format!("{id}.new")), format!("{id}.txt"));
            let written = async {
                tokio::fs::write(&unfinished, format!("{to}\n{text}\n")).await?;
                tokio::fs::rename(&unfinished, self.0.join(file)).await
            };
            written.await.map_err(|error: std::io::Error| {
                tracing::warn!(%error, "a text message could not be written");
                SendError::Later("FOLDER_UNWRITABLE")
            })
        })
    }
}
