//! What an invitation is, and who may accept it until when. Pure: no SQL, GraphQL or clock.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::error::InvitationRefusal;
use crate::ids::{InvitationId, MemberId, OrganisationId};
use crate::organisation::members::MemberRole;

/// An offer to one e-mail address to become a member, with these roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invitation {
    pub(crate) id: InvitationId,
    pub(crate) organisation: OrganisationId,
    pub(crate) invitee: Invitee,
    pub(crate) invited_by: MemberId,
    pub(crate) sent_at: DateTime<Utc>,
    /// The first instant at which it is too late.
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) answer: Answer,
    pub(crate) version: i64,
}

/// Whom an administrator wants as a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invitee {
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) account_name: String,
    pub(crate) roles: BTreeSet<MemberRole>,
}

/// What became of an invitation; that time ran out is not written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    None,
    Accepted {
        member: MemberId,
    },
    /// Taken back, or voided by a newer one to the same address.
    Revoked,
}

/// What an invitation is worth at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InvitationState {
    Open,
    Expired,
    Accepted,
    Revoked,
}

impl InvitationState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Expired => "EXPIRED",
            Self::Accepted => "ACCEPTED",
            Self::Revoked => "REVOKED",
        }
    }
}

impl Invitation {
    pub(crate) fn state(&self, now: DateTime<Utc>) -> InvitationState {
        match self.answer {
            Answer::None if now < self.expires_at => InvitationState::Open,
            Answer::None => InvitationState::Expired,
            Answer::Accepted { .. } => InvitationState::Accepted,
            Answer::Revoked => InvitationState::Revoked,
        }
    }

    /// Whether the person whom IAM gave this address can accept it now; without an address the token alone decides.
    pub(super) fn expect_acceptable(
        &self,
        now: DateTime<Utc>,
        email: Option<&str>,
    ) -> Result<(), InvitationRefusal> {
        match self.state(now) {
            InvitationState::Open => {}
            InvitationState::Expired => return Err(InvitationRefusal::Expired),
            InvitationState::Accepted => return Err(InvitationRefusal::Used),
            InvitationState::Revoked => return Err(InvitationRefusal::Revoked),
        }
        // Not by Unicode's lower case: the Kelvin sign would pass for a k.
        if email.is_some_and(|email| !email.eq_ignore_ascii_case(&self.invitee.email)) {
            return Err(InvitationRefusal::ForAnotherPerson);
        }
        Ok(())
    }
}

impl Invitee {
    /// Everything wrong with the texts themselves.
    pub(super) fn faults(&self) -> Vec<InvitationRefusal> {
        let mut faults = Vec::new();
        if !is_address(&self.email) {
            faults.push(InvitationRefusal::EmailInvalid);
        }
        if !is_line(&self.name, 100) {
            faults.push(InvitationRefusal::NameInvalid);
        }
        if !is_line(&self.account_name, 64) || self.account_name.contains(char::is_whitespace) {
            faults.push(InvitationRefusal::AccountNameInvalid);
        }
        faults
    }
}

/// One address and nothing else; ASCII only, so that no look-alike is invited.
fn is_address(text: &str) -> bool {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !b"<>()[],;:\"\\".contains(&byte));
    let parts = text.split_once('@');
    plain
        && text.len() <= 254
        && parts.is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !domain.contains('@')
        })
}

fn is_line(text: &str, longest: usize) -> bool {
    let length = text.chars().count();
    (1..=longest).contains(&length) && text.trim() == text && !text.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::super::policy;
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
    }

    fn invitation(answer: Answer) -> Invitation {
        Invitation {
            id: InvitationId(Uuid::nil()),
            organisation: OrganisationId(Uuid::nil()),
            invitee: invitee("Li.Hua@example.com", "李华", "lihua"),
            invited_by: MemberId(Uuid::nil()),
            sent_at: at(0),
            expires_at: at(100),
            answer,
            version: 1,
        }
    }

    fn invitee(email: &str, name: &str, account_name: &str) -> Invitee {
        Invitee {
            email: email.to_owned(),
            name: name.to_owned(),
            account_name: account_name.to_owned(),
            roles: BTreeSet::from([MemberRole::Finance]),
        }
    }

    #[test]
    fn an_invitation_ends_at_its_second() {
        let open = invitation(Answer::None);
        let email = Some("li.hua@EXAMPLE.com");

        assert_eq!(open.expect_acceptable(at(99), email), Ok(()));
        assert_eq!(
            open.expect_acceptable(at(100), email),
            Err(InvitationRefusal::Expired)
        );
    }

    #[test]
    fn an_invitation_is_for_one_address() {
        let open = invitation(Answer::None);

        for other in [
            "li.hua@example.org",
            "",
            "li.hua@example.com ",
            "li.hua@exam\u{440}le.com",
        ] {
            assert_eq!(
                open.expect_acceptable(at(1), Some(other)),
                Err(InvitationRefusal::ForAnotherPerson),
                "{other}"
            );
        }
        assert_eq!(open.expect_acceptable(at(1), None), Ok(()));
    }

    #[test]
    fn a_kelvin_sign_is_no_k() {
        let mut open = invitation(Answer::None);
        open.invitee.email = "kate@example.com".to_owned();

        assert_eq!(
            open.expect_acceptable(at(1), Some("\u{212A}ate@example.com")),
            Err(InvitationRefusal::ForAnotherPerson)
        );
    }

    #[test]
    fn an_answered_invitation_is_neither_accepted_nor_revoked_again() {
        let member = MemberId(Uuid::nil());
        for (answer, refusal) in [
            (Answer::Accepted { member }, InvitationRefusal::Used),
            (Answer::Revoked, InvitationRefusal::Revoked),
        ] {
            let answered = invitation(answer);
            let accepted = answered.expect_acceptable(at(1), None);
            assert_eq!(accepted.as_ref(), Err(&refusal));
            let blockers = policy::of_invitation(&answered).blockers;
            assert_eq!(blockers[0].refusal, refusal.into());
        }
    }

    #[test]
    fn an_invitee_has_one_address_and_plain_names() {
        assert_eq!(invitee("a@b", "李 华", "li-hua").faults(), []);
        for email in [
            "", "a", "@b", "a@", "a@b@c", "a b@c", "a@b,c@d", "<a@b>", "a\n@b", "李@b",
        ] {
            assert_eq!(
                invitee(email, "n", "a").faults(),
                [InvitationRefusal::EmailInvalid],
                "{email}"
            );
        }
        for name in ["", " n", "a\nb", &"n".repeat(101)] {
            assert_eq!(
                invitee("a@b", name, "a").faults(),
                [InvitationRefusal::NameInvalid],
                "{name}"
            );
        }
        for account in ["", "a b", "a\u{7}", &"n".repeat(65)] {
            let faults = invitee("a@b", "n", account).faults();
            assert_eq!(faults, [InvitationRefusal::AccountNameInvalid], "{account}");
        }
    }
}
