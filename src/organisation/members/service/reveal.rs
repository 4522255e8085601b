//! Reading a member's masked values in full: per field, for a purpose, and recorded (R-GEN-3).

use super::super::error::MemberRefusal;
use super::super::model::{Member, PersonalField};
use super::super::store;
use crate::db::{Change, Scope, Tx};
use crate::error::{Failure, Faults};
use crate::ids::{MemberId, RevealId};
use crate::timeline::{self, ObjectRef, Reveal};
use crate::viewer::{Permission, Viewer};

/// Records that the viewer reads these values; the caller hands them out once, when this was not a replay.
pub(in super::super) struct RevealMember {
    pub(in super::super) member: MemberId,
    pub(in super::super) fields: Vec<PersonalField>,
    pub(in super::super) purpose: String,
}

impl Change for RevealMember {
    type Outcome = RevealId;
    const NAME: &'static str = "members.reveal";
    const ACTION: &'static str = "memberReveal";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        if viewer.is_vendor() {
            viewer.vendor(Permission::RevealPersonalData)
        } else {
            viewer.own(Permission::RevealPersonalData)
        }
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<RevealId, Failure> {
        let mut faults = Faults::default();
        timeline::check_reveal(&mut faults, self.fields.len(), &self.purpose);
        faults.check()?;
        let found = store::find(tx, scope, &[self.member]).await?;
        // A reseller sees its account manager, whose organisation is another one: masked, and that is all.
        let is_own = |member: &Member| {
            scope
                .organisation()
                .is_none_or(|organisation| organisation == member.organisation)
        };
        let member = found.into_iter().find(is_own);
        let member = member.ok_or(MemberRefusal::NotFound)?;
        let reveal = Reveal {
            organisation: member.organisation,
            subject: ObjectRef::from(member.id),
            fields: self.fields.iter().map(|field| field.as_str()).collect(),
            purpose: self.purpose.clone(),
        };
        Ok(timeline::record_reveal(tx, reveal).await?)
    }
}
