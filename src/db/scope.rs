//! Whose rows a statement may touch.

use uuid::Uuid;

use crate::ids::OrganisationId;

/// Made by the service from the viewer and one permission; every store function on tenant data takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// One organisation's own records, and those that name it as a party.
    Own(OrganisationId),
    /// Records that name this organisation as their distributor.
    Distributor(OrganisationId),
    /// Everything but drafts, for the vendor's people.
    Vendor,
    /// Everything but drafts, for the job of this name.
    Job(&'static str),
    /// Nothing of any organisation: only the global tables.
    Nobody,
}

impl Scope {
    /// The organisation that row-level security confines the transaction to.
    pub fn organisation(&self) -> Option<OrganisationId> {
        match self {
            Self::Own(organisation) | Self::Distributor(organisation) => Some(*organisation),
            Self::Vendor | Self::Job(_) | Self::Nobody => None,
        }
    }

    /// For `($n::uuid IS NULL OR organisation_id = $n)`: the owner to whom rows are narrowed, if to one.
    ///
    /// [`Scope::Nobody`] answers the nil id, which owns nothing.
    pub fn owner(&self) -> Option<Uuid> {
        match self {
            Self::Own(organisation) => Some(organisation.0),
            Self::Distributor(_) | Self::Vendor | Self::Job(_) => None,
            Self::Nobody => Some(Uuid::nil()),
        }
    }

    /// For `($n::uuid IS NULL OR distributor_id = $n)`.
    pub fn distributor(&self) -> Option<Uuid> {
        match self {
            Self::Distributor(organisation) => Some(organisation.0),
            Self::Own(_) | Self::Vendor | Self::Job(_) | Self::Nobody => None,
        }
    }
}
