//! Letters of invitation. Whoever is invited is no member yet, so that notices do not reach him: this job writes to the
//! address that the personal account has.
//!
//! The letter leads to the page where the person accepts once signed in with the invited account. The secret of the link
//! is not in it: it is told to the administrator alone, once, and kept nowhere.

use chrono::TimeDelta;
use futures_util::future::BoxFuture;

use super::store::announce::{self as store, Due};
use crate::db::Db;
use crate::error::Failure;
use crate::i18n::{self, Locale};
use crate::ids::Tagged as _;
use crate::jobs::{Job, begin};
use crate::notices::{Letter, Mail, SendError};
use crate::rules::{self, Site};

const NAME: &str = "personnel_mail";
/// Letters of one turn.
const AT_ONCE: i64 = 8;
/// Longer than any exchange with a server: who holds a letter beyond this was killed.
const LEASE: TimeDelta = TimeDelta::minutes(2);
/// After that many tries nobody is written to any more; the administrator has the link.
const ATTEMPTS: i32 = 6;

/// Sends what is due, over all replicas together; after a crash at the wrong moment once more.
pub(crate) struct MailingInvitations {
    pub(crate) mail: Option<Mail>,
    /// Where people reach this portal.
    pub(crate) portal: String,
}

impl Job for MailingInvitations {
    fn name(&self) -> &'static str {
        NAME
    }

    fn run<'a>(&'a self, db: &'a Db) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let Some(mail) = &self.mail else {
                return Ok(());
            };
            loop {
                let due = lease(db).await?;
                if due.is_empty() {
                    return Ok(());
                }
                for due in &due {
                    self.deliver(db, (mail, due)).await?;
                }
            }
        })
    }
}

/// Committed before anything is sent: from here on nobody else has these.
async fn lease(db: &Db) -> Result<Vec<Due>, Failure> {
    let mut tx = begin(db, NAME).await?;
    let until = tx.now() + LEASE;
    let due = store::lease(&mut tx, (until, AT_ONCE)).await?;
    tx.commit().await?;
    Ok(due)
}

impl MailingInvitations {
    async fn deliver(&self, db: &Db, (mail, due): (&Mail, &Due)) -> Result<(), Failure> {
        let sent = mail
            .send(
                (&due.message, &due.email),
                &self.letter(due),
                db.clock().process(),
            )
            .await;
        let mut tx = begin(db, NAME).await?;
        let again = match sent {
            Ok(()) | Err(SendError::Never(_)) => None,
            Err(SendError::Later(_)) => {
                let pause = TimeDelta::minutes(i64::from(due.attempts) * 10);
                (due.attempts < ATTEMPTS).then(|| tx.now() + pause)
            }
        };
        if sent.is_err() && again.is_none() {
            let person = due.person.global();
            tracing::error!(person, "an invitation could not be mailed");
        }
        store::record(&mut tx, due, again).await?;
        tx.commit().await?;
        Ok(())
    }

    fn letter(&self, due: &Due) -> Letter {
        let locale = match due.site {
            Site::Cn => Locale::ZhCn,
            Site::Intl => Locale::En,
        };
        let last = due.expires_at - TimeDelta::microseconds(1);
        let params = [
            ("partner", due.partner.clone()),
            ("lastDay", rules::day_of(last).to_string()),
        ];
        let say = |key: &str| {
            let params = params.iter().cloned().collect();
            i18n::sentence(key, &params, locale).unwrap_or_else(|| key.to_owned())
        };
        let portal = self.portal.trim_end_matches('/');
        let link = format!("{portal}/dedicated-invitation#{}", due.person.global());
        Letter::of(
            locale,
            (
                &say("LETTER_PERSONNEL_INVITATION_SUBJECT"),
                &say("LETTER_PERSONNEL_INVITATION"),
            ),
            &link,
        )
    }
}
