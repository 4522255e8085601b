//! Every type of rule that there is. A name that is not in this list is no rule, and a value that its type cannot read
//! is none either: what an operator schedules is checked here before it is written.

use serde_json::Value;

use super::{
    CustomRoles, CustomerContacts, CustomerDissociation, CustomerInviting, DocumentLimits,
    InboxAttention, MainAccountOfferRule, MemberInvitation, MemberRoles, OpportunityAccess,
    OpportunityChecks, OpportunityDuplicates, OpportunityEligibility, OpportunityProgress,
    OpportunitySharing, OpportunitySubmission, OpportunityUpdating, OrganisationFrozen,
    PersonnelDedication, PersonnelInvitation, Rule,
};
use crate::identity::service_accounts::ServiceAccountLimits;
use crate::notices::{DeliveryRule, ReminderRule, RetentionRule};
use crate::organisation::programmes::{ProgrammeCatalogue, ProgrammeInvitationRule, VendorContact};

/// What the graph knows of a type of rule.
#[derive(Debug, Clone, Copy)]
pub(super) struct RuleType {
    pub(super) name: &'static str,
    pub(super) programme: &'static str,
    /// A value of this type, for people.
    pub(super) example: &'static str,
    is_value: fn(Value) -> bool,
}

impl RuleType {
    const fn of<R: Rule>(example: &'static str) -> Self {
        Self {
            name: R::NAME,
            programme: R::PROGRAMME,
            example,
            is_value: |value| {
                serde_json::from_value::<R>(value).is_ok_and(|rule| rule.is_possible())
            },
        }
    }

    /// The value that `text` is, if this type can read it.
    pub(super) fn read(&self, text: &str) -> Option<Value> {
        let value: Value = serde_json::from_str(text).ok()?;
        (value.is_object() && (self.is_value)(value.clone())).then_some(value)
    }
}

pub(super) const TYPES: &[RuleType] = &[
    RuleType::of::<MemberRoles>(r#"{"minimum": 1, "maximum": 3}"#),
    RuleType::of::<MemberInvitation>(r#"{"valid_days": 7}"#),
    RuleType::of::<ServiceAccountLimits>(r#"{"maximum": 20, "maximum_days": 365}"#),
    RuleType::of::<CustomRoles>(r#"{"maximum": 10}"#),
    RuleType::of::<CustomerContacts>(r#"{"maximum": 5}"#),
    RuleType::of::<MainAccountOfferRule>(r#"{"valid_days": 7}"#),
    RuleType::of::<InboxAttention>(r#"{"invitation_days": 2}"#),
    RuleType::of::<OrganisationFrozen>(r#"{"allowed": ["memberUpdate"]}"#),
    RuleType::of::<PersonnelInvitation>(
        r#"{"valid_days": 7, "daily_limit": 100, "personal_real_name": true}"#,
    ),
    RuleType::of::<PersonnelDedication>(r#"{"paths": ["SERVICE", "SYSTEM_INTEGRATOR"]}"#),
    RuleType::of::<OpportunitySubmission>(r#"{"minimum_revenue": "1", "round_limit": 3}"#),
    RuleType::of::<OpportunityChecks>(r#"{"validation": true, "validation_working_days": 10}"#),
    RuleType::of::<OpportunityAccess>(r#"{"policy": "PERMISSION"}"#),
    RuleType::of::<OpportunityEligibility>(r#"{"minimum_delivered": 3, "within_months": 12}"#),
    RuleType::of::<OpportunityUpdating>(r#"{"maximum_stalled": 0}"#),
    RuleType::of::<OpportunityDuplicates>(r#"{"delivered_months": 12}"#),
    RuleType::of::<OpportunitySharing>(r#"{"acceptance_working_days": 3}"#),
    RuleType::of::<OpportunityProgress>(r#"{"stall_working_days": 20}"#),
    RuleType::of::<CustomerInviting>(r#"{"valid_days": 7}"#),
    RuleType::of::<CustomerDissociation>(r#"{"maximum": 1, "within_months": 3}"#),
    RuleType::of::<DeliveryRule>(
        r#"{"retry_seconds": [5, 300, 1800], "jitter_percent": 20, "tell_within_hours": 168}"#,
    ),
    RuleType::of::<RetentionRule>(r#"{"kept_days": 400}"#),
    RuleType::of::<ReminderRule>(r#"{"working_days": {"ACCEPT_SHARED_OPPORTUNITY": 1}}"#),
    RuleType::of::<ProgrammeCatalogue>(
        r#"{"programmes": {"NETWORK": {"agreement": "NETWORK", "terms": ["WITHOUT_NETWORK"]}}, "paths": {}}"#,
    ),
    RuleType::of::<ProgrammeInvitationRule>(r#"{"valid_days": 30}"#),
    RuleType::of::<VendorContact>(
        r#"{"name_zh": "伙伴服务台", "name_en": "Partner desk", "contact": "partners@vendor.example"}"#,
    ),
    RuleType::of::<DocumentLimits>(
        r#"{"maximum_bytes": 20971520, "organisation_bytes": 10737418240, "organisation_files": 20000, "upload_minutes": 5, "download_minutes": 5}"#,
    ),
];

pub(super) fn find(name: &str, programme: &str) -> Option<&'static RuleType> {
    TYPES
        .iter()
        .find(|kind| kind.name == name && kind.programme == programme)
}

/// The key of a rule's description in every language: `RULE_MEMBER_ROLES`.
pub(super) fn description_key(name: &str) -> String {
    format!("RULE_{}", name.replace('.', "_").to_uppercase())
}
