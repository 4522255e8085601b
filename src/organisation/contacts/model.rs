//! What a contact is, and why one is refused. Pure.

use crate::error::{Code, Refusal, RefusalData};
use crate::ids::{CustomerContactId, OrganisationId};

/// A person or a desk that customers turn to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CustomerContact {
    pub(crate) organisation: OrganisationId,
    pub(crate) id: CustomerContactId,
    pub(crate) particulars: Particulars,
    pub(crate) is_removed: bool,
    pub(crate) version: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Particulars {
    pub(crate) name: String,
    pub(crate) phone: Option<String>,
    pub(crate) email: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ContactRefusal {
    NotFound,
    VersionConflict { current: i64 },
    Removed,
    NameInvalid,
    PhoneInvalid,
    EmailInvalid,
    WayRequired,
    TooMany { limit: i64, used: i64 },
}

impl From<ContactRefusal> for Refusal {
    fn from(refusal: ContactRefusal) -> Self {
        use ContactRefusal as R;
        let invalid = |reason, field| Self::new(Code::InvalidInput, reason).at(field);
        let of = "customerContactId";
        match refusal {
            R::NotFound => Self::new(Code::NotFound, "CUSTOMER_CONTACT_NOT_FOUND").at(of),
            R::VersionConflict { current } => Self::version_conflict(current),
            R::Removed => Self::new(Code::Conflict, "CUSTOMER_CONTACT_REMOVED").at(of),
            R::NameInvalid => invalid("NAME_INVALID", "name"),
            R::PhoneInvalid => invalid("PHONE_INVALID", "phone"),
            R::EmailInvalid => invalid("EMAIL_INVALID", "email"),
            R::WayRequired => invalid("CONTACT_WAY_REQUIRED", "phone"),
            R::TooMany { limit, used } => Self::new(Code::Limited, "TOO_MANY_CUSTOMER_CONTACTS")
                .with("maximum", limit)
                .data(RefusalData::Quota { limit, used }),
        }
    }
}

impl Particulars {
    /// Everything that is wrong with it.
    pub(super) fn faults(&self) -> Vec<ContactRefusal> {
        let is_line = |text: &str, least: usize, most: usize| {
            let length = text.chars().count();
            (least..=most).contains(&length)
                && text.trim() == text
                && !text.contains(char::is_control)
        };
        let mut faults = Vec::new();
        if !is_line(&self.name, 1, 100) {
            faults.push(ContactRefusal::NameInvalid);
        }
        if self.phone.as_deref().is_some_and(|it| !is_line(it, 3, 32)) {
            faults.push(ContactRefusal::PhoneInvalid);
        }
        let is_address = |it: &str| is_line(it, 3, 254) && it.contains('@');
        if self.email.as_deref().is_some_and(|it| !is_address(it)) {
            faults.push(ContactRefusal::EmailInvalid);
        }
        if self.phone.is_none() && self.email.is_none() {
            faults.push(ContactRefusal::WayRequired);
        }
        faults
    }
}

impl CustomerContact {
    pub(super) fn expect_present(&self) -> Result<(), ContactRefusal> {
        if self.is_removed {
            Err(ContactRefusal::Removed)
        } else {
            Ok(())
        }
    }
}
