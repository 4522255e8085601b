//! What a reseller is and what may be done with it. Pure: no SQL, GraphQL or clock.

use chrono::{DateTime, Utc};

use super::error::ResellerRefusal;
use crate::ids::{MemberId, OrganisationId, ResellerId};
use crate::organisation::Member;
use crate::organisation::members::{MemberRole, MemberState};

/// The relation between a reseller's company and the one distributor named in it (R-RES-4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reseller {
    pub id: ResellerId,
    pub number: String,
    /// The reseller's company, whose record it is.
    pub organisation: OrganisationId,
    pub distributor: OrganisationId,
    pub account_manager: Option<MemberId>,
    pub standing: Standing,
    pub business_area: String,
    pub associated_at: DateTime<Utc>,
    pub version: i64,
    /// The company's name, for lists that are sorted by it.
    pub(super) company_name: String,
}

/// How the relation stands, with what is known then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Active,
    Suspended,
    Ended { at: DateTime<Utc> },
}

/// A standing without its date, as filters and the graph name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Active,
    Suspended,
    Ended,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
            Self::Ended => "ENDED",
        }
    }
}

impl Reseller {
    pub fn state(&self) -> State {
        match self.standing {
            Standing::Active => State::Active,
            Standing::Suspended => State::Suspended,
            Standing::Ended { .. } => State::Ended,
        }
    }

    /// Gives the reseller its account manager, or another one: a member of the distributor (R-RES-10, R-RES-11).
    pub(super) fn assign(&mut self, candidate: &Member) -> Result<(), ResellerRefusal> {
        self.require_relation()?;
        if candidate.organisation != self.distributor {
            return Err(ResellerRefusal::CandidateUnknown);
        }
        if candidate.state != MemberState::Active {
            return Err(ResellerRefusal::CandidateDisabled);
        }
        if !candidate.roles.contains(&MemberRole::AccountManager) {
            return Err(ResellerRefusal::CandidateWithoutRole);
        }
        if self.account_manager == Some(candidate.id) {
            return Err(ResellerRefusal::AlreadyAssigned);
        }
        self.account_manager = Some(candidate.id);
        self.version += 1;
        Ok(())
    }

    /// Takes the account manager away (R-RES-10).
    pub(super) fn withdraw(&mut self) -> Result<(), ResellerRefusal> {
        self.require_relation()?;
        self.require_account_manager()?;
        self.account_manager = None;
        self.version += 1;
        Ok(())
    }

    /// A suspended relation still needs somebody who looks after the reseller; an ended one is history.
    pub(super) fn require_relation(&self) -> Result<(), ResellerRefusal> {
        match self.standing {
            Standing::Active | Standing::Suspended => Ok(()),
            Standing::Ended { .. } => Err(ResellerRefusal::Ended),
        }
    }

    pub(super) fn require_account_manager(&self) -> Result<(), ResellerRefusal> {
        match self.account_manager {
            Some(_) => Ok(()),
            None => Err(ResellerRefusal::NobodyAssigned),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::ids::Tagged as _;

    fn member(number: u128) -> MemberId {
        MemberId::from_uuid(uuid::Uuid::from_u128(number))
    }

    fn reseller(standing: Standing, account_manager: Option<MemberId>) -> Reseller {
        let id = uuid::Uuid::from_u128(7);
        Reseller {
            id: ResellerId(id),
            number: "RSL-2026-000001".to_owned(),
            organisation: OrganisationId(id),
            distributor: OrganisationId(uuid::Uuid::from_u128(8)),
            account_manager,
            standing,
            business_area: "North".to_owned(),
            associated_at: DateTime::UNIX_EPOCH,
            version: 4,
            company_name: "Company".to_owned(),
        }
    }

    fn candidate(number: u128) -> Member {
        Member {
            organisation: OrganisationId(uuid::Uuid::from_u128(8)),
            id: member(number),
            account_name: "manager".to_owned(),
            name: "A Manager".to_owned(),
            email: "manager@example.test".to_owned(),
            mobile: None,
            state: MemberState::Active,
            roles: BTreeSet::from([MemberRole::AccountManager]),
            custom_roles: std::collections::BTreeSet::new(),
            director: None,
            created_at: DateTime::UNIX_EPOCH,
            version: 1,
        }
    }

    #[test]
    fn r_res_10_an_account_manager_is_assigned_replaced_and_withdrawn() {
        let mut reseller = reseller(Standing::Active, None);
        reseller.assign(&candidate(1)).unwrap();
        assert_eq!(
            (reseller.account_manager, reseller.version),
            (Some(member(1)), 5)
        );
        reseller.assign(&candidate(2)).unwrap();
        assert_eq!(
            (reseller.account_manager, reseller.version),
            (Some(member(2)), 6)
        );
        reseller.withdraw().unwrap();
        assert_eq!((reseller.account_manager, reseller.version), (None, 7));
    }

    #[test]
    fn r_res_11_only_an_active_member_with_the_role_can_be_assigned() {
        let before = reseller(Standing::Suspended, None);
        let mut after = before.clone();
        let disabled = Member {
            state: MemberState::Disabled,
            ..candidate(1)
        };
        assert_eq!(
            after.assign(&disabled),
            Err(ResellerRefusal::CandidateDisabled)
        );
        let director = Member {
            roles: BTreeSet::from([MemberRole::AccountManagerDirector]),
            ..candidate(1)
        };
        let foreign = Member {
            organisation: before.organisation,
            ..candidate(1)
        };
        assert_eq!(
            after.assign(&director),
            Err(ResellerRefusal::CandidateWithoutRole)
        );
        assert_eq!(
            after.assign(&foreign),
            Err(ResellerRefusal::CandidateUnknown)
        );
        assert_eq!(after, before);
        assert_eq!(after.assign(&candidate(1)), Ok(()));
    }

    #[test]
    fn what_is_so_already_is_refused() {
        let mut assigned = reseller(Standing::Active, Some(member(1)));
        assert_eq!(
            assigned.assign(&candidate(1)),
            Err(ResellerRefusal::AlreadyAssigned)
        );
        let mut nobody = reseller(Standing::Active, None);
        assert_eq!(nobody.withdraw(), Err(ResellerRefusal::NobodyAssigned));
        assert_eq!((assigned.version, nobody.version), (4, 4));
    }

    #[test]
    fn an_ended_relation_takes_no_change() {
        let ended = Standing::Ended {
            at: DateTime::UNIX_EPOCH,
        };
        let mut reseller = reseller(ended, Some(member(1)));
        assert_eq!(reseller.assign(&candidate(2)), Err(ResellerRefusal::Ended));
        assert_eq!(reseller.withdraw(), Err(ResellerRefusal::Ended));
        assert_eq!(reseller.account_manager, Some(member(1)));
    }
}
