//! What the vendor's facts are. Pure: no SQL, GraphQL or clock.

use crate::ids::{OfferingId, OrganisationId};
use crate::text::fold;
use crate::words::words;

words! {
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

    #[test]
    fn a_region_is_one_with_and_without_its_kind() {
        assert_eq!(region_key("江苏省"), region_key("江苏"));
        assert_eq!(region_key("新疆维吾尔自治区"), "新疆");
        assert_eq!(region_key(" 北京 市"), "北京");
        assert_eq!(region_key("市"), "市");
    }
}
