//! The ways out of the portal. Each takes a finished message and says whether it went, can go later, or never will.

mod mail;
mod sms;

use std::collections::BTreeSet;
use std::sync::Arc;

pub(crate) use mail::{Mail, MailTransport};
pub(crate) use sms::{Sms, SmsFolder};

use super::model::Channel;

/// Why a message did not go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SendError {
    /// The way is blocked at the moment.
    Later(&'static str),
    /// This message can never go this way.
    Never(&'static str),
}

/// The channels of a deployment; one that is not configured leaves nothing waiting. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Channels {
    pub(crate) mail: Option<Mail>,
    pub(crate) sms: Option<Arc<dyn Sms>>,
}

impl Channels {
    pub(crate) fn open(&self) -> BTreeSet<Channel> {
        let mail = self.mail.as_ref().map(|_| Channel::Email);
        let sms = self.sms.as_ref().map(|_| Channel::Sms);
        mail.into_iter().chain(sms).collect()
    }
}
