//! People at the customer.

use serde::{Deserialize, Serialize};

use super::super::error::Fault;
use crate::error::Faults;

const PHONE_LENGTH: usize = 32;
/// The longest address that mail can be sent to (RFC 5321).
const EMAIL_LENGTH: usize = 254;

/// A person at the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Contact {
    pub(crate) name: String,
    pub(crate) phone: Option<String>,
    pub(crate) email: Option<String>,
}

/// A value of a contact that is masked by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContactField {
    Phone,
    Email,
}

impl ContactField {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
        }
    }
}

impl Contact {
    /// Whether it counts as a contact: a name and a way to reach the person (R-OPP-18).
    pub(super) fn can_be_reached(&self) -> bool {
        let given = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        !self.name.trim().is_empty() && (given(&self.phone) || given(&self.email))
    }
}

pub(super) fn check_phone(faults: &mut Faults, path: &str, phone: &str) {
    let digits = phone.chars().filter(char::is_ascii_digit).count();
    let plain = |character: char| character.is_ascii_digit() || " +-()".contains(character);
    if digits < 5 || phone.len() > PHONE_LENGTH || !phone.chars().all(plain) {
        faults.add(Fault::NotAPhoneNumber.at(path));
    }
}

/// Only what no address can be without; whether it can be reached only a letter can tell.
pub(super) fn check_email(faults: &mut Faults, path: &str, email: &str) {
    let parts = email.rsplit_once('@');
    let formed = parts.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
        && email.len() <= EMAIL_LENGTH
        && !email
            .chars()
            .any(|character| character.is_whitespace() || character.is_control());
    if !formed {
        faults.add(Fault::NotAnEmail.at(path));
    }
}
