//! Each kind of fact: the columns of its table, and a row of it as typed values. Pure.

use chrono::NaiveDate;

use super::super::error::FactFault;
use super::super::model::{ListState, OfferingKind, region_key};
use super::table::Cells;
use crate::error::Faults;
use crate::organisation::personnel::RealName;
use crate::organisation::programmes::{MembershipState, Path, PathStage, PathState, Programme};
use crate::words::words;

words! {
    /// What a table of facts is about.
    FactKind {
        ProgrammeMemberships = "PROGRAMME_MEMBERSHIPS",
        PathMemberships = "PATH_MEMBERSHIPS",
        Accounts = "ACCOUNTS",
        Offerings = "OFFERINGS",
        Offices = "OFFICES",
        OfficeRegions = "OFFICE_REGIONS",
        CloudServices = "CLOUD_SERVICES",
        PersonalAccounts = "PERSONAL_ACCOUNTS",
        CustomerAccounts = "CUSTOMER_ACCOUNTS",
        IamUsers = "IAM_USERS",
        QualificationReviews = "QUALIFICATION_REVIEWS",
    }

    /// Whether IAM has a user.
    Presence {
        Present = "PRESENT",
        Removed = "REMOVED",
    }

    /// A role that a qualification is for.
    QualifiedRole {
        AccountManager = "ACCOUNT_MANAGER",
        SaSpecialist = "SA_SPECIALIST",
    }

    /// What became of a review.
    ReviewProgress {
        UnderReview = "UNDER_REVIEW",
        Decided = "DECIDED",
    }

    /// A yes or no in a table.
    Answer {
        Yes = "true",
        No = "false",
    }
}

const NUMBER_LENGTH: usize = 64;
const CODE_LENGTH: usize = 64;
const NAME_LENGTH: usize = 200;
const REGION_LENGTH: usize = 100;
const TAGS_LENGTH: usize = 1_000;
const SUBJECT_LENGTH: usize = 1_024;
const EMAIL_LENGTH: usize = 254;
const MOBILE_LENGTH: usize = 20;

/// A row of one kind of table.
pub(super) trait Fact: Sized {
    const COLUMNS: &'static [&'static str];
    /// The column that a repetition is told at.
    const KEY: &'static str;

    /// Reads a row; adds every fault of it.
    fn read(cells: &Cells<'_>, faults: &mut Faults) -> Option<Self>;

    /// What no other row of the table may be about.
    fn key(&self) -> (&str, &str);
}

pub(super) struct ProgrammeRow {
    pub(super) organisation: String,
    pub(super) programme: Programme,
    pub(super) state: MembershipState,
    pub(super) valid_from: NaiveDate,
    pub(super) valid_until: Option<NaiveDate>,
}

impl Fact for ProgrammeRow {
    const COLUMNS: &'static [&'static str] = &[
        "organisation",
        "programme",
        "state",
        "valid_from",
        "valid_until",
    ];
    const KEY: &'static str = "programme";

    fn read(cells: &Cells<'_>, faults: &mut Faults) -> Option<Self> {
        let organisation = cells.text(faults, "organisation", NUMBER_LENGTH);
        let programme = cells.word(
            faults,
            "programme",
            (Programme::ALL, |word: Programme| word.as_str()),
        );
        let state = cells.word(
            faults,
            "state",
            (MembershipState::ALL, |word: MembershipState| word.as_str()),
        );
        let valid_from = cells.day(faults, "valid_from");
        let valid_until = cells.optional_day(faults, "valid_until");
        if let (Some(from), Some(until)) = (valid_from, valid_until)
            && until <= from
        {
            faults.add(FactFault::DaysReversed.at(cells.place("valid_until")));
        }
        Some(Self {
            organisation: organisation?,
            programme: programme?,
            state: state?,
            valid_from: valid_from?,
            valid_until,
        })
    }

    fn key(&self) -> (&str, &str) {
        (&self.organisation, self.programme.as_str())
    }
}

pub(super) struct PathRow {
    pub(super) organisation: String,
    pub(super) path: Path,
    pub(super) stage: PathStage,
    pub(super) state: PathState,
}

impl Fact for PathRow {
    const COLUMNS: &'static [&'static str] = &["organisation", "path", "stage", "state"];
    const KEY: &'static str = "path";

    fn read(cells: &Cells<'_>, faults: &mut Faults) -> Option<Self> {
        let organisation = cells.text(faults, "organisation", NUMBER_LENGTH);
        let path = cells.word(faults, "path", (Path::ALL, |word: Path| word.as_str()));
        let reached = cells.word(
            faults,
            "stage",
            (PathStage::ALL, |word: PathStage| word.as_str()),
        );
        let state = cells.word(
            faults,
            "state",
            (PathState::ALL, |word: PathState| word.as_str()),
        );
        Some(Self {
            organisation: organisation?,
            path: path?,
            stage: reached?,
            state: state?,
        })
    }

    fn key(&self) -> (&str, &str) {
        (&self.organisation, self.path.as_str())
    }
}

pub(super) struct OfferingRow {
    pub(super) organisation: String,
    pub(super) code: String,
    pub(super) name: String,
    pub(super) kind: OfferingKind,
    pub(super) joint_operation: Answer,
    pub(super) demand_tags: Vec<String>,
    pub(super) state: ListState,
}

impl Fact for OfferingRow {
    const COLUMNS: &'static [&'static str] = &[
        "organisation",
        "code",
        "name",
        "kind",
        "joint_operation",
        "demand_tags",
        "state",
    ];
    const KEY: &'static str = "code";

    fn read(cells: &Cells<'_>, faults: &mut Faults) -> Option<Self> {
        let organisation = cells.text(faults, "organisation", NUMBER_LENGTH);
        let code = cells.text(faults, "code", CODE_LENGTH);
        let name = cells.text(faults, "name", NAME_LENGTH);
        let kind = cells.word(
            faults,
            "kind",
            (OfferingKind::ALL, |word: OfferingKind| word.as_str()),
        );
        let joint_operation = cells.word(
            faults,
            "joint_operation",
            (Answer::ALL, |word: Answer| word.as_str()),
        );
        let demand_tags = cells.list(faults, "demand_tags", TAGS_LENGTH);
        let state = list_state(cells, faults);
        if (kind, joint_operation) == (Some(OfferingKind::BaselineSolution), Some(Answer::Yes)) {
            let place = cells.place("joint_operation");
            faults.add(FactFault::NotAMarketplaceProduct.at(place));
        }
        Some(Self {
            organisation: organisation?,
            code: code?,
            name: name?,
            kind: kind?,
            joint_operation: joint_operation?,
            demand_tags: demand_tags?,
            state: state?,
        })
    }

    fn key(&self) -> (&str, &str) {
        (&self.organisation, &self.code)
    }
}

pub(super) struct OfficeRow {
    pub(super) code: String,
    pub(super) name_zh: String,
    pub(super) name_en: String,
}

impl Fact for OfficeRow {
    const COLUMNS: &'static [&'static str] = &["code", "name_zh", "name_en"];
    const KEY: &'static str = "code";

    fn read(cells: &Cells<'_>, faults: &mut Faults) -> Option<Self> {
        let code = cells.text(faults, "code", CODE_LENGTH);
        let name_zh = cells.text(faults, "name_zh", NAME_LENGTH);
        let name_en = cells.text(faults, "name_en", NAME_LENGTH);
        Some(Self {
            code: code?,
            name_zh: name_zh?,
            name_en: name_en?,
        })
    }

    fn key(&self) -> (&str, &str) {
        (&self.code, "")
    }
}

pub(super) struct RegionRow {
    /// As it is kept; see [`region_key`].
    pub(super) region: String,
    pub(super) office: String,
}

impl Fact for RegionRow {
    const COLUMNS: &'static [&'static str] = &["region", "office"];
    const KEY: &'static str = "region";

    fn read(cells: &Cells<'_>, faults: &mut Faults) -> Option<Self> {
        let region = cells.text(faults, "region", REGION_LENGTH);
        let office = cells.text(faults, "office", CODE_LENGTH);
        Some(Self {
            region: region_key(&region?),
            office: office?,
        })
    }

    fn key(&self) -> (&str, &str) {
        (&self.region, "")
    }
}

pub(super) struct ServiceRow {
    pub(super) code: String,
    pub(super) name_zh: String,
    pub(super) name_en: String,
    pub(super) state: ListState,
}

impl Fact for ServiceRow {
    const COLUMNS: &'static [&'static str] = &["code", "name_zh", "name_en", "state"];
    const KEY: &'static str = "code";

    fn read(cells: &Cells<'_>, faults: &mut Faults) -> Option<Self> {
        let code = cells.text(faults, "code", CODE_LENGTH);
        let name_zh = cells.text(faults, "name_zh", NAME_LENGTH);
        let name_en = cells.text(faults, "name_en", NAME_LENGTH);
        let state = list_state(cells, faults);
        Some(Self {
            code: code?,
            name_zh: name_zh?,
            name_en: name_en?,
            state: state?,
        })
    }

    fn key(&self) -> (&str, &str) {
        (&self.code, "")
    }
}

pub(super) struct PersonalAccountRow {
    pub(super) account_name: String,
    pub(super) identity_provider: String,
    pub(super) subject: String,
    pub(super) name: String,
    pub(super) email: Option<String>,
    /// Digits alone, with the country's.
    pub(super) mobile: Option<String>,
    pub(super) real_name: RealName,
}

impl Fact for PersonalAccountRow {
    const COLUMNS: &'static [&'static str] = &[
        "account_name",
        "identity_provider",
        "subject",
        "name",
        "email",
        "mobile",
        "real_name",
    ];
    const KEY: &'static str = "account_name";

    fn read(cells: &Cells<'_>, faults: &mut Faults) -> Option<Self> {
        let account_name = cells.text(faults, "account_name", CODE_LENGTH);
        let identity_provider = cells.text(faults, "identity_provider", SUBJECT_LENGTH);
        let subject = cells.text(faults, "subject", SUBJECT_LENGTH);
        let name = cells.text(faults, "name", REGION_LENGTH);
        let email = cells.optional_text(faults, "email", EMAIL_LENGTH);
        let mobile = cells.optional_text(faults, "mobile", MOBILE_LENGTH);
        let is_number =
            |text: &String| text.len() >= 5 && text.bytes().all(|it| it.is_ascii_digit());
        if mobile.iter().flatten().any(|text| !is_number(text)) {
            faults.add(FactFault::CellUnreadable.at(cells.place("mobile")));
        }
        let real_name = cells.word(
            faults,
            "real_name",
            (RealName::ALL, |word: RealName| word.as_str()),
        );
        Some(Self {
            account_name: account_name?,
            identity_provider: identity_provider?,
            subject: subject?,
            name: name?,
            email: email?.map(|email| email.to_lowercase()),
            mobile: mobile?,
            real_name: real_name?,
        })
    }

    fn key(&self) -> (&str, &str) {
        (&self.account_name, "")
    }
}

fn list_state(cells: &Cells<'_>, faults: &mut Faults) -> Option<ListState> {
    cells.word(
        faults,
        "state",
        (ListState::ALL, |word: ListState| word.as_str()),
    )
}
