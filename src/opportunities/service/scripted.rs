//! What a sandbox's script does in the vendor's place, with the very changes that people use.

use chrono::{DateTime, Utc};

use super::{
    Cancel, ReviewApprove, ReviewReject, Share, Target, ValidationApprove, ValidationReject,
};
use crate::db::{Db, IdempotencyKey, StoreError, Tx};
use crate::error::Failure;
use crate::ids::{OfferingId, OrganisationId};
use crate::opportunities::model::{ContentEdit, Edit, ParticularsEdit, ReviewState};
use crate::opportunities::store;
use crate::viewer::{Permission, Viewer};

/// An opportunity on which the vendor can act, with what a script looks at.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    pub(crate) target: Target,
    pub(crate) organisation: OrganisationId,
    pub(crate) name: String,
    pub(crate) customer_name: String,
    pub(crate) state: ReviewState,
    /// When it came into this state.
    pub(crate) since: DateTime<Utc>,
}

/// What the vendor can do to it.
#[derive(Debug, Clone)]
pub(crate) enum VendorAct {
    Approve,
    Reject(String),
    Validate,
    RejectValidation(String),
    Cancel(String),
}

impl VendorAct {
    pub(crate) fn permission(&self) -> Permission {
        match self {
            Self::Approve | Self::Reject(_) => Permission::ReviewOpportunities,
            Self::Validate | Self::RejectValidation(_) => Permission::ValidateOpportunities,
            Self::Cancel(_) => Permission::CancelOpportunities,
        }
    }
}

/// Everything on which the vendor can act, whosever it is; for a job.
pub(crate) async fn waiting_for_vendor(tx: &mut Tx) -> Result<Vec<Waiting>, StoreError> {
    store::waiting_for_vendor(tx).await
}

/// Acts in the name of `person`.
pub(crate) async fn act_as_vendor(
    (db, person): (&Db, &Viewer),
    (correlation_id, key): (&str, IdempotencyKey),
    (target, act): (Target, VendorAct),
) -> Result<(), Failure> {
    match act {
        VendorAct::Approve => {
            let change = ReviewApprove { target };
            db.apply(person, correlation_id, key, &change).await?;
        }
        VendorAct::Reject(reason) => {
            let change = ReviewReject { target, reason };
            db.apply(person, correlation_id, key, &change).await?;
        }
        VendorAct::Validate => {
            let change = ValidationApprove { target };
            db.apply(person, correlation_id, key, &change).await?;
        }
        VendorAct::RejectValidation(reason) => {
            let change = ValidationReject { target, reason };
            db.apply(person, correlation_id, key, &change).await?;
        }
        VendorAct::Cancel(reason) => {
            let change = Cancel { target, reason };
            db.apply(person, correlation_id, key, &change).await?;
        }
    }
    Ok(())
}

/// What a script shares with a partner.
#[derive(Debug, Clone)]
pub(crate) struct SharedDeal {
    pub(crate) partner: OrganisationId,
    pub(crate) name: String,
    pub(crate) customer_name: String,
    pub(crate) customer_region: String,
    pub(crate) offering: OfferingId,
}

/// Shares in the name of `person`; of the deal no more is known than its name.
pub(crate) async fn share_as_vendor(
    (db, person): (&Db, &Viewer),
    (correlation_id, key): (&str, IdempotencyKey),
    deal: SharedDeal,
) -> Result<(), Failure> {
    let change = Share {
        partner: deal.partner,
        content: ContentEdit {
            description: Edit::Set(deal.name.clone()),
            need: Edit::Set(deal.name.clone()),
            name: Edit::Set(deal.name),
            customer_name: Edit::Set(deal.customer_name),
            customer_region: Edit::Set(deal.customer_region),
            particulars: ParticularsEdit {
                offerings: Edit::Set(vec![deal.offering]),
                ..ParticularsEdit::default()
            },
            ..ContentEdit::default()
        },
    };
    db.apply(person, correlation_id, key, &change).await?;
    Ok(())
}
