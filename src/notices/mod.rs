//! Notices: what happened, told to the people whom it concerns, in the portal, by e-mail and by text message.
//!
//! | Word | Meaning |
//! | --- | --- |
//! | notice | one sentence for one member about one entry of the feed, or about a deadline that comes near |
//! | announcer | a domain's answer to "who is told what" ([`Announces`]); `app.rs` registers them |
//! | audience | whom a draft is for: a member, members with a permission, the main account |
//! | topic | what a member can ask for or do without, per channel |
//! | delivery | the way of one notice through one channel: pending, sent, or failed for good |
//!
//! A notice is made in the transaction that moves the position in the feed, and is unique per person, kind and cause:
//! never lost, never double; an entry whose announcer fails is parked, tried again, and holds up no other. A delivery is
//! leased, sent, and marked: after a crash between the last two it is sent again, under the same Message-ID.

mod channels;
mod consumer;
mod delivery;
mod error;
mod graphql;
mod message;
mod model;
mod reminders;
mod retention;
mod retrying;
mod seam;
mod service;
mod store;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub(crate) use channels::{Channels, Mail, MailTransport, SendError, SmsFolder};
pub(crate) use consumer::Making;
pub(crate) use delivery::Delivering;
pub use delivery::Outstanding;
pub(crate) use graphql::{NoticeMutation, NoticeObject, NoticeQuery};
pub(crate) use message::{Letter, Link};
pub(crate) use model::{DeliveryRule, NoticeKind, Params, ReminderRule, RetentionRule};
pub(crate) use reminders::Reminding;
pub(crate) use retention::PruningNotices;
pub(crate) use seam::{Announcers, Announces, Audience, Happening, NearDeadline, NoticeDraft};
pub(crate) use service::count;
