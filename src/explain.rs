//! Why an action is not open to a viewer right now: the same answer for the flag on an object and for the mutation.
//!
//! A domain's policy makes a [`Verdict`]; its mutation asks [`Verdict::check`], and its object shows the blockers.

use chrono::{DateTime, Utc};

use crate::error::{Failure, Faults, Refusal};
use crate::viewer::Permission;

/// Whether one action on one object is open to one viewer, at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// The mutation, as the graph calls it: `opportunitySubmit`.
    pub(crate) action: &'static str,
    /// What stands in the way, in the order in which it has to be removed; empty when nothing does.
    pub(crate) blockers: Vec<Blocker>,
}

/// One thing that stands in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Blocker {
    /// What the mutation would answer.
    pub(crate) refusal: Refusal,
    pub(crate) removable_by: Remover,
    /// By when it can still be removed, or when it goes by itself.
    pub(crate) until: Option<DateTime<Utc>>,
}

/// Who can remove a blocker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Remover {
    /// The viewer, by doing something else first.
    Viewer,
    /// A member of the viewer's own organisation with this permission.
    Colleague(Permission),
    /// The holder of the organisation's main account.
    MainAccount,
    /// The partner, for a viewer of the vendor.
    Partner,
    /// The vendor.
    Vendor,
    /// The vendor's people with this permission, for a viewer of the vendor.
    VendorColleague(Permission),
    /// Nobody: it is final, or only time removes it.
    Nobody,
}

impl Verdict {
    pub(crate) fn new(action: &'static str) -> Self {
        Self {
            action,
            blockers: Vec::new(),
        }
    }

    /// Adds a blocker when `refusal` is one.
    #[must_use]
    pub(crate) fn unless(
        mut self,
        refusal: Option<impl Into<Refusal>>,
        removable_by: Remover,
    ) -> Self {
        if let Some(refusal) = refusal {
            self.blockers.push(Blocker {
                refusal: refusal.into(),
                removable_by,
                until: None,
            });
        }
        self
    }

    pub(crate) fn is_allowed(&self) -> bool {
        self.blockers.is_empty()
    }

    /// Refuses with every blocker, the first one first.
    pub(crate) fn check(self) -> Result<(), Failure> {
        let mut faults = Faults::default();
        for blocker in self.blockers {
            faults.add(blocker.refusal);
        }
        faults.check()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn a_verdict_without_blockers_allows_and_any_other_refuses_with_all_of_them() {
        let refusal = |reason| Refusal::new(Code::Precondition, reason);
        let open = Verdict::new("opportunitySubmit").unless(None::<Refusal>, Remover::Nobody);
        assert!(open.is_allowed());
        assert!(open.check().is_ok());

        let closed = Verdict::new("opportunitySubmit")
            .unless(Some(refusal("FIRST")), Remover::Viewer)
            .unless(Some(refusal("SECOND")), Remover::Vendor);
        assert!(!closed.is_allowed());
        let Err(Failure::Refused(refusals)) = closed.check() else {
            panic!("a blocked action is refused");
        };
        let reasons: Vec<&str> = refusals.iter().map(|one| one.reason.0).collect();
        assert_eq!(reasons, ["FIRST", "SECOND"]);
    }
}
