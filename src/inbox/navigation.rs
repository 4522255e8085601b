//! The areas of the portal for one viewer: the menu of an application. Each is one root field of the graph, and it is
//! open to whom that field answers.

use super::service::{self, Asked};
use crate::db::Snapshot;
use crate::error::Failure;
use crate::explain::{Remover, Verdict};
use crate::viewer::{OrganisationKind, Permission, Viewer};
use crate::waiting::Kind;

/// A part of the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Area {
    Opportunities,
    Customers,
    Resellers,
    Incentives,
    Members,
    DedicatedPersonnel,
    Programmes,
    Organisations,
    ServiceAccounts,
    Rules,
    Calendar,
    Facts,
}

/// What an area is: the root field that shows it, to whom it is of use at all, what it takes, and what of the inbox
/// belongs to it.
struct Entry {
    field: &'static str,
    parties: &'static [OrganisationKind],
    /// Absent: whoever acts for the organisation reads it.
    permission: Option<Permission>,
    kinds: &'static [Kind],
}

const VENDOR: &[OrganisationKind] = &[OrganisationKind::Vendor];
const NETWORK: &[OrganisationKind] = &[OrganisationKind::Partner, OrganisationKind::Vendor];
const ALL: &[OrganisationKind] = &[
    OrganisationKind::Partner,
    OrganisationKind::Vendor,
    OrganisationKind::Customer,
];

impl Area {
    pub(super) const ALL: [Self; 12] = [
        Self::Opportunities,
        Self::Customers,
        Self::Resellers,
        Self::Incentives,
        Self::Members,
        Self::DedicatedPersonnel,
        Self::Programmes,
        Self::Organisations,
        Self::ServiceAccounts,
        Self::Rules,
        Self::Calendar,
        Self::Facts,
    ];

    #[rustfmt::skip]
    fn entry(self) -> Entry {
        use Kind as K;
        use Permission as P;
        let (field, parties, permission, kinds): (_, _, _, &'static [Kind]) = match self {
            Self::Opportunities => ("opportunities", NETWORK, Some(P::ReadOpportunities), &[
                K::AnswerSharedOpportunity, K::MendOpportunity, K::UpdateStalledOpportunity,
                K::ReviewOpportunity, K::ValidateOpportunity,
            ]),
            Self::Customers => ("customers", NETWORK, Some(P::ReadCustomers), &[K::AssignCustomerAccountManager]),
            Self::Resellers => ("resellers", NETWORK, Some(P::ReadResellers), &[K::AssignAccountManager]),
            Self::Incentives => ("incentives", NETWORK, Some(P::ReadIncentives), &[K::ConfirmIncentive]),
            Self::Members => ("members", ALL, Some(P::ReadMembers), &[K::RenewInvitation, K::AcceptMainAccount]),
            Self::DedicatedPersonnel => ("dedicatedPersonnel", NETWORK, Some(P::ReadPersonnel), &[
                K::ReviewDedicatedPerson, K::MendDedicatedApplication, K::RenewDedicatedInvitation,
            ]),
            Self::Programmes => ("programmes", NETWORK, None, &[K::ReviewProgrammeApplication]),
            Self::Organisations => ("organisations", VENDOR, Some(P::ReadOrganisations), &[]),
            Self::ServiceAccounts => ("serviceAccounts", ALL, Some(P::ManageServiceAccounts), &[]),
            Self::Rules => ("rules", VENDOR, Some(P::ManageRules), &[]),
            Self::Calendar => ("workCalendar", VENDOR, Some(P::ManageCalendar), &[]),
            Self::Facts => ("factsImport", VENDOR, Some(P::ImportFacts), &[]),
        };
        Entry { field, parties, permission, kinds }
    }

    #[cfg(test)]
    pub(super) fn field(self) -> &'static str {
        self.entry().field
    }
}

/// An area as it is open, or why not, to one viewer.
#[derive(Debug, Clone)]
pub(super) struct Open {
    pub(super) area: Area,
    pub(super) verdict: Verdict,
    /// What of it waits on the viewer.
    pub(super) waiting: i64,
}

/// The areas that are of use to the viewer's kind of organisation, in the order of a menu; none for a person without one.
pub(super) async fn areas(viewer: &Viewer, snapshot: &Snapshot) -> Result<Vec<Open>, Failure> {
    let Some(acting) = viewer.acting_for() else {
        return Ok(Vec::new());
    };
    let asked = Asked::count(service::mine(viewer));
    let counts = service::counts(viewer, snapshot, &asked).await?;
    let areas = Area::ALL.into_iter();
    Ok(areas
        .map(|area| (area, area.entry()))
        .filter(|(_, entry)| entry.parties.contains(&acting.kind))
        .map(|(area, entry)| {
            let waiting = counts
                .iter()
                .filter(|(kind, _)| entry.kinds.contains(kind))
                .map(|(_, count)| count);
            let verdict = Verdict::new(entry.field);
            Open {
                area,
                verdict: match entry.permission {
                    Some(permission) => {
                        let asked = viewer.require(permission).map(|_| viewer.read_scope());
                        verdict.granted(asked, Remover::Colleague(permission))
                    }
                    None => verdict,
                },
                waiting: waiting.sum(),
            }
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_area_is_a_root_field_and_every_kind_of_the_inbox_has_one_area() {
        let contract = crate::graphql::sdl();
        for area in Area::ALL {
            assert!(
                contract.contains(&format!("\t{}", area.field())),
                "{area:?}"
            );
        }
        for kind in Kind::ALL {
            let areas = Area::ALL.iter();
            let homes = areas.filter(|area| area.entry().kinds.contains(kind));
            assert_eq!(homes.count(), 1, "{kind:?}");
        }
    }
}
