//! A member keeps its own particulars, and nobody else's (R-ORG-18).

use super::super::error::MemberRefusal;
use super::super::store;
use crate::db::{Change, Scope, Tx};
use crate::error::{Failure, Faults};
use crate::ids::MemberId;
use crate::timeline::Event;
use crate::viewer::Viewer;

/// What becomes of the mobile number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Mobile {
    Keep,
    Remove,
    Set(String),
}

/// Changes the acting member's own name and mobile number. There is no member to name: it is one's own by construction.
#[derive(Debug, Clone)]
pub(in super::super) struct UpdateProfile {
    pub(in super::super) member: Option<MemberId>,
    pub(in super::super) expected_version: i64,
    pub(in super::super) name: Option<String>,
    pub(in super::super) mobile: Mobile,
}

impl UpdateProfile {
    /// Of whoever asks.
    pub(in super::super) fn of(
        viewer: &Viewer,
        expected_version: i64,
        (name, mobile): (Option<String>, Mobile),
    ) -> Self {
        let member = match viewer {
            Viewer::Member(acting) => Some(acting.member),
            Viewer::Federated(_) | Viewer::Service(_) => None,
        };
        Self {
            member,
            expected_version,
            name,
            mobile,
        }
    }

    fn check(&self) -> Result<(), Failure> {
        let mut faults = Faults::default();
        if self
            .name
            .as_deref()
            .is_some_and(|name| !is_line(name, 1, 100))
        {
            faults.add(MemberRefusal::NameInvalid);
        }
        let is_number = |mobile: &str| {
            let allowed = |byte: u8| byte.is_ascii_digit() || b"+- ".contains(&byte);
            is_line(mobile, 5, 32) && mobile.bytes().all(allowed)
        };
        if let Mobile::Set(mobile) = &self.mobile
            && !is_number(mobile)
        {
            faults.add(MemberRefusal::MobileInvalid);
        }
        faults.check()
    }
}

fn is_line(text: &str, least: usize, most: usize) -> bool {
    let length = text.chars().count();
    (least..=most).contains(&length) && text.trim() == text && !text.contains(char::is_control)
}

impl Change for UpdateProfile {
    type Outcome = MemberId;
    const NAME: &'static str = "members.update_profile";
    const ACTION: &'static str = "memberProfileUpdate";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        match viewer {
            Viewer::Member(acting) => Ok(Scope::Own(acting.acting_for.organisation)),
            Viewer::Federated(_) | Viewer::Service(_) => Err(MemberRefusal::MembersOnly.into()),
        }
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<MemberId, Failure> {
        self.check()?;
        let id = self.member.ok_or(MemberRefusal::MembersOnly)?;
        let member = store::lock(tx, scope, id).await?;
        let mut member = member.ok_or(MemberRefusal::NotFound)?;
        member.expect_version(self.expected_version)?;
        let before = member.clone();
        if let Some(name) = &self.name {
            member.name.clone_from(name);
        }
        match &self.mobile {
            Mobile::Keep => {}
            Mobile::Remove => member.mobile = None,
            Mobile::Set(mobile) => member.mobile = Some(mobile.clone()),
        }
        if member == before {
            return Ok(member.id);
        }
        let version = store::record_profile(tx, &member).await?;
        let action = "member.profile_updated";
        let mut updated = Event::new(member.organisation, member.id, version, action);
        let mut changed = Vec::new();
        if member.name != before.name {
            changed.push("name");
            updated = updated.personal("name", &member.name);
        }
        if member.mobile != before.mobile {
            changed.push("mobile");
            if let Some(mobile) = &member.mobile {
                updated = updated.personal("mobile", mobile);
            }
        }
        tx.record(updated.detail(serde_json::json!({ "changed": changed })))
            .await?;
        Ok(member.id)
    }
}
