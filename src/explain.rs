//! Why an action is not open to a viewer right now: the same answer for the flag on an object and for the mutation.
//!
//! A domain's policy makes a [`Verdict`]; its mutation asks [`Verdict::check`], and its object shows the blockers.

use chrono::{DateTime, Utc};

use crate::db::Scope;
use crate::error::{Code, Failure, Faults, Refusal};
use crate::standing::Standing;
use crate::viewer::Permission;

/// Whether one action on one object is open to one viewer, at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// The mutation, as the graph calls it: `opportunitySubmit`.
    pub(crate) action: &'static str,
    /// What stands in the way, in the order in which it has to be removed; empty when nothing does.
    pub(crate) blockers: Vec<Blocker>,
}

/// A move of an object out of the state that it is in, and whether it is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Move {
    pub(crate) verdict: Verdict,
    /// The state that it leads to, spelled as in the graph.
    pub(crate) to: &'static str,
    /// What the mutation's input must hold beside the object, its version and the key.
    pub(crate) required_fields: &'static [&'static str],
    /// The first instant that is too late.
    pub(crate) due_until: Option<DateTime<Utc>>,
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

    /// Adds why the viewer may not do it at all, as [`crate::viewer::Viewer::own`] and its kin answer.
    #[must_use]
    pub(crate) fn granted(mut self, asked: Result<Scope, Failure>, removable_by: Remover) -> Self {
        if let Err(Failure::Refused(refusals)) = asked {
            for refusal in refusals.iter() {
                self = self.unless(Some(refusal.clone()), removable_by);
            }
        }
        self
    }

    /// Adds what the viewer's organisation may not do now, in the place where the change is refused for it: after what
    /// the viewer may not do at all, before the object is looked at (R-GEN-9).
    #[must_use]
    pub(crate) fn under(mut self, standing: &Standing) -> Self {
        if let Some(refusal) = standing.refusal(self.action) {
            let of_viewer = |blocker: &Blocker| blocker.refusal.code == Code::Forbidden;
            let place = self.blockers.iter().take_while(|it| of_viewer(it)).count();
            let blocker = Blocker {
                refusal,
                removable_by: match standing {
                    Standing::Active | Standing::Frozen(_) => Remover::Vendor,
                    Standing::Closed => Remover::Nobody,
                },
                until: None,
            };
            self.blockers.insert(place, blocker);
        }
        self
    }

    pub(crate) fn is_allowed(&self) -> bool {
        self.blockers.is_empty()
    }

    /// Refuses with the first blocker alone, where the later ones are only worth knowing once it is gone.
    pub(crate) fn check_first(self) -> Result<(), Failure> {
        match self.blockers.into_iter().next() {
            None => Ok(()),
            Some(blocker) => Err(blocker.refusal.into()),
        }
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
    use crate::standing::Freeze;

    #[test]
    fn a_frozen_organisation_stands_between_the_viewer_and_the_object() {
        let standing = Standing::Frozen(Freeze {
            cause: "Bills are overdue.".to_owned(),
            release: "The bills are paid.".to_owned(),
            allowed: vec!["documentComplete".to_owned()],
        });
        let verdict = |action| {
            Verdict::new(action)
                .unless(
                    Some(Refusal::new(Code::Forbidden, "FORBIDDEN")),
                    Remover::Nobody,
                )
                .unless(
                    Some(Refusal::new(Code::NotFound, "UNKNOWN")),
                    Remover::Nobody,
                )
                .under(&standing)
        };
        let reasons = |verdict: Verdict| -> Vec<&str> {
            let blockers = verdict.blockers.iter();
            blockers.map(|it| it.refusal.reason.0).collect()
        };

        assert_eq!(
            reasons(verdict("opportunitySubmit")),
            ["FORBIDDEN", "ORGANISATION_FROZEN", "UNKNOWN"]
        );
        assert_eq!(
            reasons(verdict("documentComplete")),
            ["FORBIDDEN", "UNKNOWN"]
        );
    }

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
