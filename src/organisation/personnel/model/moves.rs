//! The one table of moves: what can be done in which state, by whom, and where it leads. Pure.

use super::PersonState;
use crate::organisation::personnel::error::PersonnelRefusal;
use crate::viewer::Permission;

/// What can be done with a dedicated person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Action {
    Resend,
    Accept,
    Update,
    Apply,
    Cancel,
    CancelWithdraw,
    Decide,
    Disqualify,
    Unbind,
    Leave,
}

/// Who does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Partner(Permission),
    /// The person, or the partner with this permission.
    Both(Permission),
    Vendor(Permission),
    Person,
}

impl Action {
    pub(crate) const ALL: &'static [Self] = &[
        Self::Resend,
        Self::Accept,
        Self::Update,
        Self::Apply,
        Self::Cancel,
        Self::CancelWithdraw,
        Self::Decide,
        Self::Disqualify,
        Self::Unbind,
        Self::Leave,
    ];

    pub(crate) fn mutation(self) -> &'static str {
        match self {
            Self::Resend => "dedicatedPersonInvitationResend",
            Self::Accept => "dedicatedPersonInvitationAccept",
            Self::Update => "dedicatedPersonUpdate",
            Self::Apply => "dedicatedPersonApply",
            Self::Cancel => "dedicatedPersonCancel",
            Self::CancelWithdraw => "dedicatedPersonCancelWithdraw",
            Self::Decide => "dedicatedPersonDecide",
            Self::Disqualify => "dedicatedPersonDisqualify",
            Self::Unbind => "dedicatedPersonUnbind",
            Self::Leave => "dedicatedPersonLeave",
        }
    }

    /// The administrator alone invites and unbinds (R-DED-1).
    pub(crate) fn side(self) -> Side {
        match self {
            Self::Resend | Self::Unbind => Side::Partner(Permission::InvitePersonnel),
            Self::Update => Side::Both(Permission::ManagePersonnel),
            Self::Apply | Self::Cancel | Self::CancelWithdraw => {
                Side::Partner(Permission::ManagePersonnel)
            }
            Self::Decide | Self::Disqualify => Side::Vendor(Permission::ReviewPersonnel),
            Self::Accept | Self::Leave => Side::Person,
        }
    }

    /// The states in which it can be done.
    pub(crate) fn from(self) -> &'static [PersonState] {
        use PersonState as S;
        match self {
            // R-DED-4.
            Self::Resend => &[S::Invited, S::Expired, S::Unbound],
            Self::Accept => &[S::Invited],
            Self::Update => &[
                S::Bound,
                S::ApplyUnderReview,
                S::ApplyRejected,
                S::Dedicated,
                S::CancelUnderReview,
                S::CancelApproved,
                S::Disqualified,
            ],
            // R-DED-10.
            Self::Apply => &[
                S::Bound,
                S::ApplyRejected,
                S::CancelApproved,
                S::Disqualified,
            ],
            Self::Cancel => &[S::Dedicated],
            // R-DED-13.
            Self::CancelWithdraw => &[S::CancelUnderReview],
            Self::Decide => &[S::ApplyUnderReview, S::CancelUnderReview],
            Self::Disqualify => &[S::Dedicated, S::CancelUnderReview],
            // R-DED-15.
            Self::Unbind => &[
                S::Bound,
                S::ApplyRejected,
                S::Disqualified,
                S::CancelApproved,
            ],
            // R-DED-17; who is only invited declines.
            Self::Leave => &[
                S::Invited,
                S::Bound,
                S::ApplyUnderReview,
                S::ApplyRejected,
                S::Dedicated,
                S::CancelUnderReview,
                S::CancelApproved,
                S::Disqualified,
            ],
        }
    }

    /// Where it leads from a state.
    pub(crate) fn to(self, from: PersonState) -> &'static [PersonState] {
        use PersonState as S;
        match self {
            Self::Resend => &[S::Invited],
            Self::Accept => &[S::Bound],
            Self::Update => &[],
            Self::Apply => &[S::ApplyUnderReview],
            Self::Cancel => &[S::CancelUnderReview],
            Self::CancelWithdraw => &[S::Dedicated],
            Self::Decide if from == S::ApplyUnderReview => &[S::Dedicated, S::ApplyRejected],
            Self::Decide => &[S::CancelApproved, S::Dedicated],
            Self::Disqualify => &[S::Disqualified],
            Self::Unbind | Self::Leave => &[S::Unbound],
        }
    }

    pub(crate) fn required_fields(self) -> &'static [&'static str] {
        match self {
            Self::Resend | Self::CancelWithdraw | Self::Unbind | Self::Leave | Self::Update => &[],
            Self::Accept => &["consentVersion"],
            Self::Apply => &["path", "documentIds"],
            Self::Cancel => &["reason", "documentIds"],
            Self::Decide => &["decision"],
            Self::Disqualify => &["reason"],
        }
    }

    /// Why it cannot be done in this state.
    pub(crate) fn refusal(self, state: PersonState) -> Option<PersonnelRefusal> {
        use PersonState as S;
        use PersonnelRefusal as R;
        if self.from().contains(&state) {
            return None;
        }
        let (from, allowed) = (state, self.from());
        Some(match (self, state) {
            (Self::Accept, S::Expired) => R::InvitationExpired,
            (Self::Accept, S::Unbound) => R::InvitationVoided,
            (Self::Accept, _) => R::InvitationUsed,
            // R-DED-14.
            (Self::Unbind, S::Dedicated | S::CancelUnderReview) => R::MustCancelFirst,
            (Self::Apply, S::ApplyUnderReview | S::CancelUnderReview) => R::ApplicationPending,
            (Self::Apply, S::Invited | S::Expired | S::Unbound) => R::NotBound,
            (Self::Resend, _) => R::AlreadyAssociated,
            (_, _) => R::StateForbids { from, allowed },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(action: Action) -> Vec<&'static str> {
        let states = PersonState::ALL.iter();
        let open = states.filter(|&&state| action.refusal(state).is_none());
        open.map(|state| state.as_str()).collect()
    }

    #[test]
    fn r_ded_15_the_partner_unbinds_in_four_states() {
        let four = ["BOUND", "APPLY_REJECTED", "CANCEL_APPROVED", "DISQUALIFIED"];
        assert_eq!(open(Action::Unbind), four);
    }

    #[test]
    fn r_ded_14_who_is_dedicated_is_not_unbound() {
        for state in [PersonState::Dedicated, PersonState::CancelUnderReview] {
            let refusal = Action::Unbind.refusal(state);
            assert_eq!(refusal, Some(PersonnelRefusal::MustCancelFirst));
        }
    }

    #[test]
    fn r_ded_17_the_person_leaves_in_every_state_with_an_association() {
        for &state in PersonState::ALL {
            if state.is_associated() {
                assert_eq!(Action::Leave.refusal(state), None, "{state:?}");
            }
        }
    }

    #[test]
    fn r_ded_4_who_never_came_or_has_gone_is_invited_again() {
        assert_eq!(open(Action::Resend), ["INVITED", "EXPIRED", "UNBOUND"]);
    }

    #[test]
    fn r_ded_13_a_request_to_cancel_is_withdrawn_only_before_its_decision() {
        assert_eq!(open(Action::CancelWithdraw), ["CANCEL_UNDER_REVIEW"]);
    }

    #[test]
    fn every_move_leads_into_a_state_that_it_is_not_in() {
        for &action in Action::ALL {
            for &state in action.from() {
                let stays = action == Action::Resend;
                let to = action.to(state);
                assert!(stays || !to.contains(&state), "{action:?} from {state:?}");
            }
        }
    }
}
