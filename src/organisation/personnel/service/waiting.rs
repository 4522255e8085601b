//! What of dedicated personnel waits on whom, for the inbox.

use chrono::TimeDelta;

use super::super::store::waiting as store;
use crate::db::Tx;
use crate::error::Failure;
use crate::ids::{PersonId, Tagged as _};
use crate::rules::{self, InboxAttention, Ruled};
use crate::viewer::{OrganisationKind, Permission, Viewer};
use crate::waiting::{Bounds, Kind, Rows, Source};

/// A partner's refused applications and invitations that expire soon; for the vendor, what partners asked for.
pub(crate) async fn waiting(viewer: &Viewer, tx: &mut Tx) -> Result<Vec<Source>, Failure> {
    let Some(acting) = viewer.acting_for() else {
        return Ok(Vec::new());
    };
    let now = tx.now();
    let bounds = Bounds {
        organisation: Some(acting.organisation.0),
        now,
        limit: now,
        number: 0,
    };
    match acting.kind {
        OrganisationKind::Vendor => {
            let bounds = Bounds {
                organisation: None,
                ..bounds
            };
            let review = (Kind::ReviewDedicatedPerson, Permission::ReviewPersonnel);
            Ok(vec![source(review, store::push_in_review, bounds)])
        }
        OrganisationKind::Partner => {
            let attention: Ruled<InboxAttention> =
                rules::of_organisation(tx, acting.organisation, now).await?;
            let soon = Bounds {
                limit: now + TimeDelta::days(attention.value.invitation_days),
                ..bounds
            };
            let apply = (Kind::MendDedicatedApplication, Permission::ManagePersonnel);
            let resend = (Kind::RenewDedicatedInvitation, Permission::InvitePersonnel);
            Ok(vec![
                source(apply, store::push_rejected, bounds),
                source(resend, store::push_expiring, soon),
            ])
        }
        OrganisationKind::Customer => Ok(Vec::new()),
    }
}

fn source((kind, act): (Kind, Permission), rows: Rows, bounds: Bounds) -> Source {
    Source {
        kind,
        object_kind: PersonId::TAG,
        read: Permission::ReadPersonnel,
        act,
        rows,
        bounds,
    }
}
