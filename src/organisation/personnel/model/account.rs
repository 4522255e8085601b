//! Personal accounts as the vendor knows them, and who of them may accept. Pure.

use crate::ids::PersonalAccountId;
use crate::organisation::personnel::error::PersonnelRefusal;
use crate::rules::PersonnelInvitation;
use crate::words::words;

words! {
    /// How a personal account is authenticated by its holder's real name.
    RealName {
        None = "NONE",
        Personal = "PERSONAL",
        Enterprise = "ENTERPRISE",
    }
}

/// A personal account; facts of the vendor's, read when they are needed and kept by no partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PersonalAccount {
    pub(crate) id: PersonalAccountId,
    pub(crate) account_name: String,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    pub(crate) mobile: Option<String>,
    pub(crate) real_name: RealName,
}

/// By what an administrator looks for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    Mobile(String),
    Email(String),
    AccountName(String),
}

impl Target {
    /// As it was typed, without what people put around it.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Mobile(text) | Self::Email(text) | Self::AccountName(text) => text.trim(),
        }
    }

    /// The kind of the value, and the value as facts have it.
    pub(crate) fn key(&self) -> (&'static str, String) {
        let text = self.text();
        match self {
            Self::Mobile(_) => ("MOBILE", mobile_key(text)),
            Self::Email(_) => ("EMAIL", text.to_lowercase()),
            Self::AccountName(_) => ("ACCOUNT_NAME", text.to_owned()),
        }
    }

    /// Whether it can be anybody's at all.
    pub(crate) fn check(&self) -> Result<(), PersonnelRefusal> {
        let length = self.key().1.chars().count();
        let possible = match self {
            Self::Mobile(_) => (5..=20).contains(&length),
            Self::Email(_) => (3..=254).contains(&length) && self.text().contains('@'),
            Self::AccountName(_) => (1..=64).contains(&length),
        };
        if possible {
            Ok(())
        } else {
            Err(PersonnelRefusal::TargetInvalid)
        }
    }
}

/// Digits alone; a mainland number without its country gets it.
pub(crate) fn mobile_key(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if digits.len() == 11 && digits.starts_with('1') {
        format!("86{digits}")
    } else {
        digits
    }
}

impl PersonalAccount {
    /// Everything that keeps the account's holder from accepting (R-DED-5, R-DED-6, R-DED-7).
    pub(crate) fn guards(
        &self,
        rule: PersonnelInvitation,
        elsewhere: Elsewhere,
    ) -> Vec<PersonnelRefusal> {
        let mut faults = Vec::new();
        match self.real_name {
            RealName::Enterprise => faults.push(PersonnelRefusal::InviteeEnterprise),
            RealName::None if rule.personal_real_name => {
                faults.push(PersonnelRefusal::InviteeNotRealName);
            }
            RealName::None | RealName::Personal => {}
        }
        if elsewhere == Elsewhere::Associated {
            faults.push(PersonnelRefusal::InviteeOtherPartner);
        }
        faults
    }
}

/// Whether a person is associated with another partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Elsewhere {
    Free,
    Associated,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guards(real_name: RealName, personal_real_name: bool) -> Vec<PersonnelRefusal> {
        let account = PersonalAccount {
            id: PersonalAccountId(uuid::Uuid::nil()),
            account_name: "lihua".to_owned(),
            name: "李华".to_owned(),
            email: None,
            mobile: None,
            real_name,
        };
        let rule = PersonnelInvitation {
            valid_days: 7,
            daily_limit: 100,
            personal_real_name,
        };
        account.guards(rule, Elsewhere::Free)
    }

    #[test]
    fn r_ded_5_an_enterprise_account_is_refused_on_both_sites() {
        let refused = [PersonnelRefusal::InviteeEnterprise];
        assert_eq!(guards(RealName::Enterprise, true), refused);
        assert_eq!(guards(RealName::Enterprise, false), refused);
    }

    #[test]
    fn r_ded_7_an_account_without_a_real_name_is_refused_where_the_rule_asks_for_one() {
        let refused = [PersonnelRefusal::InviteeNotRealName];
        assert_eq!(guards(RealName::None, true), refused);
        assert_eq!(guards(RealName::None, false), []);
        assert_eq!(guards(RealName::Personal, true), []);
    }

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        for text in ["13812345678", "+86 138-1234-5678", " 138 1234 5678 "] {
            let target = Target::Mobile(text.to_owned());
            assert_eq!(target.key(), ("MOBILE", "8613812345678".to_owned()));
        }
        assert!(Target::Email("li".to_owned()).check().is_err());
        assert!(Target::Mobile("12".to_owned()).check().is_err());
    }
}
