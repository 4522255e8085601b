//! How the vendor itself sees a deal, beside the partner's view.

use chrono::NaiveDate;

use super::{Edit, content};
use crate::error::{Failure, Faults};
use crate::ids::{MemberId, OpportunityId, OrganisationId};
use crate::words::words;

const STEP_LENGTH: usize = 500;
const NOTE_LENGTH: usize = 2000;

words! {
    /// How sure the vendor is that the deal comes.
    Forecast {
        Pipeline = "PIPELINE",
        BestCase = "BEST_CASE",
        Commit = "COMMIT",
        Omitted = "OMITTED",
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VendorView {
    pub(crate) opportunity: OpportunityId,
    pub(crate) expected_close_on: Option<NaiveDate>,
    pub(crate) next_step: Option<String>,
    /// Who of the vendor's people answers for the customer.
    pub(crate) customer_owner: Option<(OrganisationId, MemberId)>,
    /// For the vendor alone, as is the note.
    pub(crate) forecast: Option<Forecast>,
    pub(crate) internal_note: Option<String>,
}

/// A change of the view, field by field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct VendorViewEdit {
    pub(crate) expected_close_on: Edit<NaiveDate>,
    pub(crate) next_step: Edit<String>,
    pub(crate) customer_owner: Edit<MemberId>,
    pub(crate) forecast: Edit<Forecast>,
    pub(crate) internal_note: Edit<String>,
}

/// A field of the view, as clients know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VendorViewField {
    Shared(&'static str),
    Internal(&'static str),
}

impl VendorViewField {
    /// Whether the partner does not even learn that it changed.
    pub(crate) fn is_internal(self) -> bool {
        matches!(self, Self::Internal(_))
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Shared(name) | Self::Internal(name) => name,
        }
    }
}

impl VendorView {
    pub(crate) fn blank(opportunity: OpportunityId) -> Self {
        Self {
            opportunity,
            expected_close_on: None,
            next_step: None,
            customer_owner: None,
            forecast: None,
            internal_note: None,
        }
    }

    /// The view after an edit, and the fields that differ.
    pub(crate) fn edited(
        &self,
        edit: &VendorViewEdit,
    ) -> Result<(Self, Vec<VendorViewField>), Failure> {
        use VendorViewField::{Internal, Shared};
        let mut view = self.clone();
        let mut member = self.customer_owner.map(|(_, member)| member);
        let text = |edit: &Edit<String>| match edit {
            Edit::Set(text) if text.trim().is_empty() => Edit::Clear,
            Edit::Set(text) => Edit::Set(text.trim().to_owned()),
            Edit::Leave => Edit::Leave,
            Edit::Clear => Edit::Clear,
        };
        let fields = [
            (
                Shared("expectedCloseOn"),
                edit.expected_close_on
                    .put_or_clear(&mut view.expected_close_on),
            ),
            (
                Shared("nextStep"),
                text(&edit.next_step).put_or_clear(&mut view.next_step),
            ),
            (
                Shared("customerOwnerId"),
                edit.customer_owner.put_or_clear(&mut member),
            ),
            (
                Internal("forecast"),
                edit.forecast.put_or_clear(&mut view.forecast),
            ),
            (
                Internal("internalNote"),
                text(&edit.internal_note).put_or_clear(&mut view.internal_note),
            ),
        ];
        // The organisation of a new one is found where the member is.
        view.customer_owner = member.map(|member| {
            let organisation = self
                .customer_owner
                .map_or(OrganisationId(uuid::Uuid::nil()), |known| known.0);
            (organisation, member)
        });
        let mut faults = Faults::default();
        for (path, text, maximum) in [
            ("nextStep", &view.next_step, STEP_LENGTH),
            ("internalNote", &view.internal_note, NOTE_LENGTH),
        ] {
            let text = text.as_deref().unwrap_or_default();
            content::check_prose(&mut faults, path, text, maximum);
        }
        if view
            .expected_close_on
            .is_some_and(|day| !content::is_plausible(day))
        {
            faults.add(crate::opportunities::error::Fault::DayOutOfRange.at("expectedCloseOn"));
        }
        faults.check()?;
        let differing = fields.into_iter().filter(|(_, differs)| *differs);
        Ok((view, differing.map(|(field, _)| field).collect()))
    }
}
