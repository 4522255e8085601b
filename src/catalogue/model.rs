//! What the vendor's facts are. Pure: no SQL, GraphQL or clock.

use chrono::NaiveDate;

use crate::ids::{OfferingId, OrganisationId, PathMembershipId, ProgrammeMembershipId};
use crate::text::fold;
use crate::words::words;

words! {
    /// A programme that partners join.
    Programme {
        CoSell = "CO_SELL",
        Csp = "CSP",
        Distributor = "DISTRIBUTOR",
        Reseller = "RESELLER",
        MarketplaceSeller = "MARKETPLACE_SELLER",
        Ccoe = "CCOE",
        CompetencyImprovement = "COMPETENCY_IMPROVEMENT",
    }

    /// Where a membership of a programme stands.
    MembershipState {
        Applied = "APPLIED",
        UnderReview = "UNDER_REVIEW",
        Rejected = "REJECTED",
        Active = "ACTIVE",
        Expired = "EXPIRED",
        Left = "LEFT",
    }

    /// A development path.
    Path {
        Software = "SOFTWARE",
        Service = "SERVICE",
        SystemIntegrator = "SYSTEM_INTEGRATOR",
        Learning = "LEARNING",
        Distributor = "DISTRIBUTOR",
    }

    /// How far a partner is on a path; a later one is further (R-PRG-8).
    PathStage {
        Selected = "SELECTED",
        RoleValidated = "ROLE_VALIDATED",
        Differentiated = "DIFFERENTIATED",
    }

    PathState {
        Active = "ACTIVE",
        Exited = "EXITED",
    }

    OfferingKind {
        MarketplaceProduct = "MARKETPLACE_PRODUCT",
        BaselineSolution = "BASELINE_SOLUTION",
    }

    /// Whether something can still be chosen. What was chosen before stays readable.
    ListState {
        Active = "ACTIVE",
        Retired = "RETIRED",
    }
}

/// A partner's membership of a programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProgrammeMembership {
    pub(crate) id: ProgrammeMembershipId,
    pub(crate) organisation: OrganisationId,
    pub(crate) programme: Programme,
    pub(crate) state: MembershipState,
    pub(crate) valid_from: NaiveDate,
    /// The first day on which it does not hold any more.
    pub(crate) valid_until: Option<NaiveDate>,
}

impl ProgrammeMembership {
    /// Whether its rights hold on this day.
    pub(crate) fn holds_on(&self, day: NaiveDate) -> bool {
        self.state == MembershipState::Active
            && self.valid_from <= day
            && self.valid_until.is_none_or(|until| day < until)
    }
}

/// A partner's place on a development path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PathMembership {
    pub(crate) id: PathMembershipId,
    pub(crate) organisation: OrganisationId,
    pub(crate) path: Path,
    pub(crate) stage: PathStage,
    pub(crate) state: PathState,
}

/// What a partner sells and delivers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offering {
    pub(crate) id: OfferingId,
    pub(crate) organisation: OrganisationId,
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) kind: OfferingKind,
    /// On the vendor's list of joint operation; only a marketplace product can be.
    pub(crate) joint_operation: bool,
    pub(crate) demand_tags: Vec<String>,
    pub(crate) state: ListState,
}

impl Offering {
    /// Whether the vendor may link a deal that it shares to it (R-OPP-29).
    pub(crate) fn can_be_shared_for(&self) -> bool {
        match self.kind {
            OfferingKind::BaselineSolution => true,
            OfferingKind::MarketplaceProduct => self.joint_operation,
        }
    }
}

/// One of the vendor's representative offices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Office {
    pub(crate) code: String,
    pub(crate) name_zh: String,
    pub(crate) name_en: String,
}

/// One of the vendor's cloud services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CloudService {
    pub(crate) code: String,
    pub(crate) name_zh: String,
    pub(crate) name_en: String,
    pub(crate) state: ListState,
}

/// What a region of the vendor's list is kept as: the part before words such as 省, so that 江苏省 and 江苏 are one.
pub(crate) fn region_key(region: &str) -> String {
    const KINDS: [&str; 8] = [
        "维吾尔自治区",
        "壮族自治区",
        "回族自治区",
        "特别行政区",
        "自治区",
        "地区",
        "省",
        "市",
    ];
    let folded = fold(region);
    let bare = KINDS.iter().find_map(|kind| folded.strip_suffix(kind));
    match bare {
        Some(bare) if !bare.is_empty() => bare.to_owned(),
        _ => folded,
    }
}

#[cfg(test)]
mod unit {
    use super::*;
    use crate::ids::IdSource;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_membership_holds_from_its_first_day_to_the_one_before_its_end() {
        let mut membership = ProgrammeMembership {
            id: IdSource.fresh(),
            organisation: IdSource.fresh(),
            programme: Programme::CoSell,
            state: MembershipState::Active,
            valid_from: day("2026-03-01"),
            valid_until: Some(day("2026-11-24")),
        };
        for (on, holds) in [
            ("2026-02-28", false),
            ("2026-03-01", true),
            ("2026-11-23", true),
            ("2026-11-24", false),
        ] {
            assert_eq!(membership.holds_on(day(on)), holds, "{on}");
        }
        membership.valid_until = None;
        assert!(membership.holds_on(day("2099-01-01")));
        membership.state = MembershipState::Left;
        assert!(!membership.holds_on(day("2026-03-01")));
    }

    #[test]
    fn a_region_is_one_with_and_without_its_kind() {
        assert_eq!(region_key("江苏省"), region_key("江苏"));
        assert_eq!(region_key("新疆维吾尔自治区"), "新疆");
        assert_eq!(region_key(" 北京 市"), "北京");
        assert_eq!(region_key("市"), "市");
    }
}
