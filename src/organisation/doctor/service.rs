//! Who is told what of an identity (R-ORG-22).

use super::model::{Cause, Diagnosis, Facts};
use crate::db::{Scope, Snapshot, Tx};
use crate::error::Failure;
use crate::identity::identities::{self, Wanted};
use crate::identity::{self, links};
use crate::ids::{IdentityId, OrganisationId};
use crate::organisation::members::{self, Matching};
use crate::organisation::model::Organisation;
use crate::organisation::{directory, invitations};
use crate::viewer::{Permission, Viewer};

/// The longest address, in bytes; account names are shorter.
const LONGEST: usize = 256;

/// What is asked about.
#[derive(Debug, Clone)]
pub(super) enum Subject {
    Email(String),
    AccountName(String),
    Identity(IdentityId),
}

impl Subject {
    fn email(&self) -> Option<&str> {
        match self {
            Self::Email(email) => Some(email),
            Self::AccountName(_) | Self::Identity(_) => None,
        }
    }

    fn account_name(&self) -> Option<&str> {
        match self {
            Self::AccountName(name) => Some(name),
            Self::Email(_) | Self::Identity(_) => None,
        }
    }

    fn identity(&self) -> Option<IdentityId> {
        match self {
            Self::Identity(id) => Some(*id),
            Self::Email(_) | Self::AccountName(_) => None,
        }
    }

    /// PostgreSQL refuses the whole statement for a NUL, and no row holds one, or a longer text.
    fn is_storable(&self) -> bool {
        let text = self.email().or(self.account_name()).unwrap_or_default();
        text.len() <= LONGEST && !text.contains('\0')
    }
}

/// Answers to the person itself, to the vendor's operators, and to the administrators of an organisation for what their
/// organisation has to do with; to everybody else as for an identity that does not exist.
pub(super) async fn diagnose(
    viewer: &Viewer,
    snapshot: &Snapshot,
    (subject, organisation): (&Subject, Option<OrganisationId>),
) -> Result<Diagnosis, Failure> {
    if !subject.is_storable() {
        return Ok(Diagnosis::unknown());
    }
    let mut reading = snapshot.read().await?;
    let asked = (subject.identity(), subject.email());
    if let Some(acts) = identity::of_oneself(viewer, &mut reading, asked).await? {
        return Ok(of_person(&acts));
    }
    if viewer.is_vendor() && viewer.may(Permission::ManageOrganisations) {
        return to_operator(viewer, &mut reading, (subject, organisation)).await;
    }
    // Of another organisation nobody else is told anything, by whatever permission.
    let own = viewer
        .organisation()
        .filter(|_| viewer.may(Permission::ManageMembers))
        .filter(|own| organisation.is_none_or(|asked| asked == *own));
    let Some(own) = own else {
        return Ok(Diagnosis::unknown());
    };
    let scope = viewer.read_scope();
    let Some(own) = crate::organisation::service::seen(&mut reading, &scope, own).await? else {
        return Ok(Diagnosis::unknown());
    };
    of_organisation(&mut reading, &scope, (&own, subject), Knows::Related).await
}

fn of_person(acts: &identity::Acts) -> Diagnosis {
    Diagnosis {
        cause: Cause::of_person(acts),
        ..Diagnosis::unknown()
    }
}

/// The vendor's operators see every identity, and each organisation's point of view when they name one.
async fn to_operator(
    viewer: &Viewer,
    tx: &mut Tx,
    (subject, organisation): (&Subject, Option<OrganisationId>),
) -> Result<Diagnosis, Failure> {
    let scope = viewer.read_scope();
    if let Some(id) = organisation {
        return match crate::organisation::service::seen(tx, &scope, id).await? {
            Some(organisation) => {
                of_organisation(tx, &scope, (&organisation, subject), Knows::All).await
            }
            None => Ok(Diagnosis::unknown()),
        };
    }
    let asked = (subject.identity(), subject.email());
    let acts = identity::of_anybody(tx, asked).await?;
    Ok(acts.map_or_else(Diagnosis::unknown, |acts| of_person(&acts)))
}

/// Which identities may be found at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Knows {
    /// Those whose IAM tenant, invitation or link, former ones included, the organisation has.
    Related,
    All,
}

/// One organisation's point of view. The statements are the same ones whatever is found: what does not exist and what is
/// somebody else's cannot be told apart by their number.
async fn of_organisation(
    tx: &mut Tx,
    scope: &Scope,
    (organisation, subject): (&Organisation, &Subject),
    knows: Knows,
) -> Result<Diagnosis, Failure> {
    let asked = Matching {
        id: None,
        account_name: subject.account_name(),
        email: subject.email(),
    };
    let by_name = members::matching(tx, scope, (organisation.id, asked)).await?;
    let wanted = Wanted {
        identity: subject.identity(),
        email: subject.email().map(str::to_owned),
        member: by_name.as_ref().map(|member| member.id),
        organisation: organisation.id,
        only_related: knows == Knows::Related,
    };
    let identity = identities::find_related(tx, &wanted).await?;
    let found = identity.as_ref();
    let address = subject
        .email()
        .or(found.and_then(|found| found.email.as_deref()));
    let of_identity = Matching {
        id: found.and_then(|found| found.link).map(|(member, _)| member),
        account_name: None,
        email: address,
    };
    let by_identity = members::matching(tx, scope, (organisation.id, of_identity)).await?;
    let member = by_name.or(by_identity);
    let names = (subject.account_name(), address);
    let links = links::identities_of_members(tx, &member_ids(member.as_ref())).await?;
    let linked = member.as_ref().and_then(|it| links.get(&it.id).copied());
    let now = tx.now();
    let invitation = invitations::latest(tx, (organisation.id, names), now).await?;
    let is_in_directory = directory::known(tx, organisation.id, names).await?;
    Ok(Diagnosis::of(Facts {
        organisation: organisation.state(),
        identity,
        member,
        linked,
        invitation,
        is_in_directory,
    }))
}

fn member_ids(member: Option<&members::Member>) -> Vec<crate::ids::MemberId> {
    member.iter().map(|member| member.id).collect()
}
