//! One newtype per entity, the registry of tags that global ids begin with, and where new ids come from.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

/// What the id on the wire begins with. A tag is never used twice and never changes.
pub trait Tagged: Copy {
    const TAG: &'static str;
    fn from_uuid(uuid: Uuid) -> Self;
    fn uuid(self) -> Uuid;

    /// The global id: `opp_` and the base64url of the sixteen bytes.
    fn global(self) -> String {
        global_of(Self::TAG, self.uuid())
    }

    /// Reads a global id. Anything else, another entity's tag included, is simply unknown.
    fn parse(text: &str) -> Option<Self> {
        let (tag, rest) = text.split_once('_')?;
        if tag != Self::TAG {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(rest).ok()?;
        Uuid::from_slice(&bytes).ok().map(Self::from_uuid)
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $tag:literal;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
            #[serde(transparent)]
            pub struct $name(pub Uuid);

            impl Tagged for $name {
                const TAG: &'static str = $tag;
                fn from_uuid(uuid: Uuid) -> Self {
                    Self(uuid)
                }
                fn uuid(self) -> Uuid {
                    self.0
                }
            }
        )*

        /// Every tag, for the test that none is used twice.
        pub const TAGS: &[&str] = &[$($tag),*];
    };
}

ids! {
    OrganisationId = "org";
    MemberId = "mem";
    /// A user of an organisation's IAM tenant, never a member.
    IamUserId = "iam";
    InvitationId = "inv";
    MainAccountOfferId = "mao";
    /// Preset roles have fixed ids, custom ones ids of their own.
    RoleId = "rol";
    CustomerContactId = "cct";
    /// That the vendor reviews a member's qualification.
    QualificationReviewId = "qrv";
    /// A federated identity: a person as IAM knows them, never a member.
    IdentityId = "fid";
    IdpId = "idp";
    LinkId = "lnk";
    SessionId = "ses";
    ServiceAccountId = "sva";
    ResellerId = "rsl";
    OpportunityId = "opp";
    PersonId = "ded";
    /// One of the vendor's personal accounts; no account of ours.
    PersonalAccountId = "pac";
    PersonnelRecordId = "prc";
    PersonnelApplicationId = "pap";
    IncentiveId = "inc";
    TimelineEntryId = "tml";
    DeadlineId = "ddl";
    /// The working-day calendar; there is one.
    CalendarId = "cal";
    SandboxTravelId = "trv";
    SandboxScriptId = "scr";
    DocumentId = "doc";
    RuleId = "rul";
    NoticeId = "ntc";
    NoticeDeliveryId = "ndl";
    ProgrammeMembershipId = "prg";
    PathMembershipId = "pth";
    /// The vendor's invitation to a programme or path.
    ProgrammeInvitationId = "pgi";
    AgreementSignatureId = "sig";
    /// What the vendor states of an account.
    AccountFactsId = "acf";
    OfferingId = "off";
    ProgressEntryId = "prs";
    /// One table of facts that the vendor imported.
    FactsImportId = "fim";
    /// That somebody read personal values in full.
    RevealId = "rvl";
    /// The relation of a customer to its partner.
    CustomerId = "cus";
    CustomerInvitationId = "cin";
    ConsentId = "cns";
}

impl CalendarId {
    /// By which the history knows the calendar; its versions are the calendar's.
    pub const THE: Self = Self(Uuid::from_u128(0x01ca_1e4d_a700_7000_8000_0000_0000_0001));
}

/// The global id of an object whose kind only its stored tag tells.
pub fn global_of(tag: &str, id: Uuid) -> String {
    format!("{tag}_{}", URL_SAFE_NO_PAD.encode(id.as_bytes()))
}

/// Reads a global id of any entity: its tag and its id.
pub(crate) fn parse_any(text: &str) -> Option<(&'static str, Uuid)> {
    let (tag, rest) = text.split_once('_')?;
    let tag = TAGS.iter().find(|known| **known == tag)?;
    let bytes = URL_SAFE_NO_PAD.decode(rest).ok()?;
    Some((tag, Uuid::from_slice(&bytes).ok()?))
}

/// Where new ids come from, so that nothing else calls for time or chance in the middle of a rule.
#[derive(Debug, Clone, Copy, Default)]
pub struct IdSource;

impl IdSource {
    #[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
    pub fn fresh<I: Tagged>(self) -> I {
        I::from_uuid(Uuid::now_v7())
    }

    /// A number for people, `OPP-2026-7F3K9Q`. The suffix is random: a running number tells the volume.
    pub fn number(self, prefix: &str, year: i32) -> String {
        /// Crockford's alphabet: no I, L, O or U to misread.
        const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        // The low 62 bits of a version 7 id are random.
        #[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
        let random = Uuid::now_v7().as_u128();
        let suffix: String = (0..6)
            .filter_map(|digit| ALPHABET.get(usize::try_from((random >> (digit * 5)) & 31).ok()?))
            .map(|&byte| char::from(byte))
            .collect();
        format!("{prefix}-{year}-{suffix}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tag_is_used_once() {
        let mut tags = TAGS.to_vec();
        tags.sort_unstable();
        tags.dedup();
        assert_eq!(tags.len(), TAGS.len());
    }

    #[test]
    fn an_id_of_another_entity_is_unknown() {
        let id: OpportunityId = IdSource.fresh();
        assert_eq!(OpportunityId::parse(&id.global()), Some(id));
        assert_eq!(ResellerId::parse(&id.global()), None);
        assert_eq!(OpportunityId::parse("opp_"), None);
        assert_eq!(OpportunityId::parse("opp_AAAA"), None);
        assert_eq!(OpportunityId::parse(""), None);
    }
}
