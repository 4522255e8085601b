//! A customer's people, masked; and reading them in full. Translation only.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use uuid::Uuid;

use super::super::model;
use super::super::service::RevealContacts;
use crate::graphql::{ContextExt as _, Result, UserError, global_id, loaded, payload};
use crate::ids::OpportunityId;
use crate::masking;

/// A person at the customer.
#[derive(SimpleObject)]
pub(crate) struct OpportunityContact {
    /// How the person is called; may be empty in a draft.
    name: String,
    /// A telephone number, as the partner wrote it; masked, such as 138****5678, unless the viewer writes opportunities
    /// of this organisation.
    phone: Option<String>,
    /// An e-mail address; masked like the number.
    email: Option<String>,
}

impl OpportunityContact {
    pub(super) fn full(contact: &model::Contact) -> Self {
        Self {
            name: contact.name.clone(),
            phone: contact.phone.clone(),
            email: contact.email.clone(),
        }
    }

    pub(super) fn masked(contact: &model::Contact) -> Self {
        Self {
            name: contact.name.clone(),
            phone: contact.phone.as_deref().map(masking::phone),
            email: contact.email.as_deref().map(masking::email),
        }
    }
}

/// A value of a customer's person that is masked by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::ContactField")]
enum OpportunityContactField {
    /// The telephone number.
    Phone,
    /// The e-mail address.
    Email,
}

/// Reads values of an opportunity's contacts in full.
#[derive(InputObject)]
struct OpportunityContactRevealInput {
    /// The opportunity whose contacts are read.
    opportunity_id: ID,
    /// Which values; at least one.
    fields: Vec<OpportunityContactField>,
    /// What for; stands in the opportunity's history. 1 to 500 characters that are not only spaces.
    purpose: String,
    /// A fresh UUID for each reading; the same one again records nothing and shows nothing.
    idempotency_key: Uuid,
}

/// What was asked for, once.
#[derive(SimpleObject)]
struct OpportunityContactRevealPayload {
    /// The contacts with what was asked for in full and the rest masked; null when nothing is shown.
    contacts: Option<Vec<OpportunityContact>>,
    /// Why nothing is shown; empty when it is.
    errors: Vec<UserError>,
    /// Whether the idempotency key was used before: the values were shown then and are not shown again.
    replayed: bool,
}

#[derive(Default)]
pub(crate) struct OpportunityRevealMutation;

#[Object]
impl OpportunityRevealMutation {
    /// Reads the masked values of an opportunity's contacts in full, and records who read which and what for. Needs
    /// personal.reveal.
    async fn opportunity_contact_reveal(
        &self,
        ctx: &Context<'_>,
        input: OpportunityContactRevealInput,
    ) -> Result<OpportunityContactRevealPayload> {
        let id: OpportunityId = global_id(&input.opportunity_id);
        let change = RevealContacts {
            id,
            fields: input.fields.iter().map(|&field| field.into()).collect(),
            purpose: input.purpose,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (revealed, errors, replayed) = payload(ctx, applied)?;
        let opportunity = match revealed {
            Some(_) if !replayed => loaded(ctx, id).await?,
            Some(_) | None => None,
        };
        let asks = |field| input.fields.contains(&field);
        let show = |contact: &model::Contact| {
            let (full, masked) = (
                OpportunityContact::full(contact),
                OpportunityContact::masked(contact),
            );
            OpportunityContact {
                phone: if asks(OpportunityContactField::Phone) {
                    full.phone
                } else {
                    masked.phone
                },
                email: if asks(OpportunityContactField::Email) {
                    full.email
                } else {
                    masked.email
                },
                name: full.name,
            }
        };
        let contacts = opportunity.map(|one| one.content.contacts.iter().map(show).collect());
        Ok(OpportunityContactRevealPayload {
            contacts,
            errors,
            replayed,
        })
    }
}
