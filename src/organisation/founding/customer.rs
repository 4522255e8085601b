//! The first day of a customer: the organisation that an account is in the portal from its first association on.
//!
//! Like the vendor's first administrator, the first member is made by nobody of the organisation (R-ORG-2): it is the
//! person who accepted a partner's invitation with an account that the vendor says is theirs.

use std::collections::BTreeSet;

use chrono::Datelike as _;

use super::store;
use crate::db::Tx;
use crate::error::Failure;
use crate::identity::identities;
use crate::identity::links::{self, MadeBy};
use crate::ids::{IdentityId, MemberId, OrganisationId};
use crate::organisation::members::{self, Member, MemberRole, MemberState};
use crate::rules::Site;
use crate::timeline::Event;
use crate::viewer::OrganisationKind;

/// Who comes into the portal as a customer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewCustomer<'a> {
    pub(crate) organisation: OrganisationId,
    /// The account's name.
    pub(crate) name: &'a str,
    pub(crate) site: Site,
    pub(crate) business_area: &'a str,
    pub(crate) identity: IdentityId,
    /// As the person released it; IAM's address where there is none.
    pub(crate) email: Option<&'a str>,
}

/// Makes the organisation with one member, who administers it and holds its main account (R-ORG-20). Runs in the scope
/// of the new organisation.
pub(crate) async fn found_customer(
    tx: &mut Tx,
    customer: NewCustomer<'_>,
) -> Result<MemberId, Failure> {
    let organisation = customer.organisation;
    let number = tx.ids().number("ORG", tx.now().year());
    store::insert_customer(tx, &number, &customer).await?;
    let member = first_member(tx, customer).await?;
    members::create(tx, &member).await?;
    store::record_main_account(tx, organisation, member.id).await?;
    let founded = Event::new(organisation, organisation, 1, "organisation.founded");
    tx.record(founded).await?;
    let by = MadeBy::Invitation;
    links::make(tx, customer.identity, organisation, member.id, by).await?;
    Ok(member.id)
}

/// As whom the person acts in an organisation that was founded before; `None` when the link was ended since.
pub(crate) async fn member_of(
    tx: &mut Tx,
    organisation: OrganisationId,
    identity: IdentityId,
) -> Result<Option<MemberId>, Failure> {
    let links = links::of_identity(tx, identity).await?;
    Ok(links
        .into_iter()
        .find(|link| link.organisation == organisation)
        .map(|link| link.member))
}

async fn first_member(tx: &mut Tx, customer: NewCustomer<'_>) -> Result<Member, Failure> {
    let known = identities::find_all(tx, &[customer.identity]).await?;
    let known = known.get(&customer.identity);
    let email = customer
        .email
        .or_else(|| known.and_then(|known| known.email.as_deref()))
        .map(str::to_owned);
    let name = known.and_then(|known| known.display_name.as_deref());
    let name: Option<String> = name.map(|name| name.chars().take(100).collect());
    Ok(Member {
        organisation: customer.organisation,
        id: tx.fresh_id(),
        account_name: customer.name.to_owned(),
        name: name.unwrap_or_else(|| customer.name.to_owned()),
        // A member has an address; this one reaches nobody.
        email: email.unwrap_or_else(|| "unknown@customer.invalid".to_owned()),
        mobile: None,
        state: MemberState::Active,
        roles: [MemberRole::administrator_of(OrganisationKind::Customer)].into(),
        custom_roles: BTreeSet::new(),
        director: None,
        created_at: tx.now(),
        version: 1,
    })
}
